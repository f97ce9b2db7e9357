/** Looks at everything that a backup is to hold. Names and facts only; contents are read by the worker threads. */
import { Failure } from '../../api/failure.ts';
import type { FileFacts } from '../platform/blocking-files.ts';
import type { WorkerPool } from '../platform/workers.ts';
import { memberNames } from './backup-constants.ts';
import type { BackupManifest, BackupSource } from './backup-format.ts';
import { factCount, kinds, type Jobs, type KeptFacts, type ListReply } from './worker-jobs.ts';

/** One entry that belongs into the backup. */
export interface Scanned {
  /** Its name in the tar. */
  path: string;
  item: string;
  kind: 'file' | 'folder' | 'link';
  /** The file to read. */
  from: string;
  /** Of the file that is read. */
  facts: FileFacts;
  target: string | null;
  /** Set when the content comes from a snapshot: the facts of the original. */
  kept: KeptFacts | null;
  /** It may change while it is read. */
  moving: boolean;
}

/** A source without its function: whether it has one is told, and asked for elsewhere. */
export type ScannedSource = Omit<BackupSource, 'skip'> & { hasSkip: boolean };

export type LeftOut = BackupManifest['leftOut'][number];

/** Folders that one job lists, and how many are listed ahead of being needed. */
const foldersInJob = 16;
const foldersAhead = 64;

/** A folder whose entries are still to come. */
interface Folder {
  source: ScannedSource;
  /** The number of the source. */
  number: number;
  /** On disk. */
  folder: string;
  /** Below the source; empty for itself. */
  relative: string;
  /** Itself. */
  scanned: Scanned;
  /** What is in it, from when it was asked for. */
  entries: Promise<Listed | null> | null;
}
interface Listed {
  list: NonNullable<ListReply['folders'][number]>;
  relatives: string[];
  skipped: boolean[];
}

/** What a scan needs of others. */
export interface ScanHelp {
  pool: WorkerPool<Jobs>;
  skip: (source: number, relatives: string[]) => Promise<boolean[]>;
  /** Told of sockets, pipes and devices. */
  leaveOut: (entry: LeftOut) => void;
  signal: AbortSignal;
}

/**
 * All entries of all sources. A folder comes before what is in it, and all that is in it comes before anything else: so that plain tar, which
 * gives a folder its mode and time when it leaves it, never comes back to one.
 */
export async function* scanSources(sources: readonly ScannedSource[], help: ScanHelp): AsyncGenerator<Scanned> {
  for (const [number, source] of sources.entries()) {
    if (source.taken === true) continue;
    const root = await scanRoot(source, help);
    if (!root) continue;
    if (root.kind !== 'folder') {
      yield root;
      continue;
    }
    const stack: Folder[] = [{ source, number, folder: source.readFrom ?? source.path, relative: '', scanned: root, entries: null }];
    for (let folder = stack.at(-1); folder; folder = stack.at(-1)) {
      help.signal.throwIfAborted();
      askAhead(stack, help);
      stack.pop();
      yield folder.scanned;
      const listed = await folder.entries;
      if (listed) yield* entriesOf(folder, listed, stack, help.leaveOut);
    }
  }
}

/** Has the next folders listed, many at a time, so that the answer is there when it is needed. */
function askAhead(stack: readonly Folder[], help: ScanHelp): void {
  if (stack.at(-1)?.entries) return;
  const wanted = stack.slice(-foldersAhead).filter(({ entries }) => entries === null);
  for (let end = wanted.length; end > 0; end -= foldersInJob) {
    const folders = wanted.slice(Math.max(0, end - foldersInJob), end);
    const reply = help.pool.run('list', { folders: folders.map(({ folder }) => folder) }).catch(explain);
    folders.forEach((folder, index) => {
      folder.entries = reply.then(async (answer) => {
        const list = answer.folders[index];
        if (!list) return null;
        const relatives = list.names.map((name) => (folder.relative === '' ? name : `${folder.relative}/${name}`));
        const skipped = folder.source.hasSkip && relatives.length > 0 ? await help.skip(folder.number, relatives) : [];
        return { list, relatives, skipped };
      });
      folder.entries.catch(() => {});
    });
  }
}

/** The name in the tar of what is `relative` to a source. */
export function memberPath(source: ScannedSource, relative: string): string {
  return [memberNames.items + source.item, source.as, relative].filter((part) => part !== '').join('/');
}

async function scanRoot(source: ScannedSource, { pool, leaveOut }: ScanHelp): Promise<Scanned | null> {
  const original = await pool.run('look', { path: source.path });
  const read = source.readFrom === undefined ? original : await pool.run('look', { path: source.readFrom });
  const path = memberPath(source, '');
  if (!read) {
    if (source.required !== true && source.readFrom === undefined) return null;
    throw new Failure('io', `${source.readFrom ?? source.path} is missing, so ${source.item} cannot be backed up`, {
      remedy: { action: 'retry', text: 'Look why it is gone, then back up again.' },
      details: { path: source.readFrom ?? source.path, item: source.item },
    });
  }
  const { kind } = read.facts;
  if (kind === 'socket' || kind === 'pipe' || kind === 'device') {
    leaveOut({ path, item: source.item, reason: kind });
    return null;
  }
  // A link whose target is read tells nothing of what is read.
  const facts = original?.facts.kind === kind ? original.facts : read.facts;
  const kept = source.readFrom === undefined ? null : { mode: facts.mode, mtime: facts.mtimeMs, uid: facts.uid, gid: facts.gid };
  return {
    path,
    item: source.item,
    kind,
    from: source.readFrom ?? source.path,
    facts: read.facts,
    target: read.target,
    kept,
    moving: source.moving === true,
  };
}

/** The entries of a folder but its folders, which go onto the stack. */
function* entriesOf(
  where: Folder,
  { list, relatives, skipped }: Listed,
  stack: Folder[],
  leaveOut: (entry: LeftOut) => void,
): Generator<Scanned> {
  const { source, number, folder } = where;
  const folders: Folder[] = [];
  for (const [index, name] of list.names.entries()) {
    if (skipped[index] === true) continue;
    const relative = relatives[index] as string;
    const from = `${folder}/${name}`;
    const facts = factsAt(list.numbers, index);
    const { kind } = facts;
    const path = memberPath(source, relative);
    if (kind === 'socket' || kind === 'pipe' || kind === 'device') {
      leaveOut({ path, item: source.item, reason: kind });
      continue;
    }
    const scanned: Scanned = {
      path,
      item: source.item,
      kind,
      from,
      facts,
      target: list.targets[index] ?? null,
      kept: null,
      moving: source.moving === true,
    };
    if (kind === 'folder') folders.push({ source, number, folder: from, relative, scanned, entries: null });
    else yield scanned;
  }
  // Last in, first out.
  for (const below of folders.toReversed()) stack.push(below);
}

function factsAt(numbers: Float64Array, index: number): FileFacts {
  const [kind, bytes, mode, mtimeMs, ctimeMs, inode, uid, gid] = numbers.subarray(
    index * factCount,
    (index + 1) * factCount,
  ) as unknown as [number, number, number, number, number, number, number, number];
  return { kind: kinds[kind] ?? 'device', bytes, mode, mtimeMs, ctimeMs, inode, uid, gid };
}

function explain(error: NodeJS.ErrnoException): never {
  if (error.code === undefined) throw error;
  throw new Failure('io', `a folder cannot be read: ${error.message}`, { cause: error });
}
