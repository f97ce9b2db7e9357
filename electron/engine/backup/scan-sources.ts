/** Looks at everything that a backup is to hold. Names and facts only; contents are read by the worker threads. */
import { Failure } from '../../api/failure.ts';
import type { FileFacts } from '../platform/blocking-files.ts';
import type { WorkerPool } from '../platform/workers.ts';
import { memberNames } from './backup-constants.ts';
import type { BackupManifest, BackupSource } from './backup-format.ts';
import { factsAt } from './fact-columns.ts';
import { factCount, kinds, type Jobs, type KeptFacts, type ListReply } from './worker-jobs.ts';

/** One entry that belongs into the backup. */
export interface Scanned {
  /** Its name in the tar. */
  readonly path: string;
  readonly item: string;
  readonly kind: 'file' | 'folder' | 'link';
  /** The file to read. */
  readonly from: string;
  /** Of the file that is read. */
  readonly facts: FileFacts;
  readonly target: string | null;
  /** Set when the content comes from a snapshot: the facts of the original. */
  readonly kept: KeptFacts | null;
  /** It may change while it is read. */
  readonly moving: boolean;
}

/** A source without its function: whether it has one is told, and asked for elsewhere. */
export type ScannedSource = Omit<BackupSource, 'skip'> & { hasSkip: boolean };

export type LeftOut = BackupManifest['leftOut'][number];

/** Folders that one job lists, and how many are listed ahead of being needed. */
const foldersInJob = 8;
const foldersAhead = 32;

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
export async function* scanSources(sources: readonly ScannedSource[], help: ScanHelp): AsyncGenerator<readonly Scanned[]> {
  for (const [number, source] of sources.entries()) {
    if (source.taken === true) continue;
    const root = await scanRoot(source, help);
    if (!root) continue;
    if (root.kind !== 'folder') {
      yield [root];
      continue;
    }
    const stack: Folder[] = [{ source, number, folder: source.readFrom ?? source.path, relative: '', scanned: root, entries: null }];
    for (let folder = stack.at(-1); folder; folder = stack.at(-1)) {
      help.signal.throwIfAborted();
      askAhead(stack, help);
      stack.pop();
      yield [folder.scanned];
      const listed = await folder.entries;
      if (listed) yield entriesOf(folder, listed, stack, help.leaveOut);
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
        if (!folder.source.hasSkip || list.names.length === 0) return { list, skipped: [] };
        const relatives = list.names.map((name) => (folder.relative === '' ? name : `${folder.relative}/${name}`));
        return { list, skipped: await help.skip(folder.number, relatives) };
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
function entriesOf(where: Folder, { list, skipped }: Listed, stack: Folder[], leaveOut: (entry: LeftOut) => void): readonly Scanned[] {
  const { source, number, folder } = where;
  const inside = { folder, item: source.item, moving: source.moving === true, numbers: list.numbers };
  const base = memberPath(source, where.relative);
  const found: Scanned[] = [];
  const folders: Folder[] = [];
  for (let index = 0; index < list.names.length; index += 1) {
    if (skipped[index] === true) continue;
    const name = list.names[index] as string;
    const kind = kinds[list.numbers[index * factCount] as number] ?? 'device';
    if (kind === 'socket' || kind === 'pipe' || kind === 'device') {
      leaveOut({ path: `${base}/${name}`, item: source.item, reason: kind });
      continue;
    }
    const scanned = new Entry(inside, index, name, `${base}/${name}`, kind, list.targets[index] ?? null);
    if (kind !== 'folder') found.push(scanned);
    else
      folders.push({
        source,
        number,
        folder: scanned.from,
        relative: where.relative === '' ? name : `${where.relative}/${name}`,
        scanned,
        entries: null,
      });
  }
  // Last in, first out.
  for (const below of folders.toReversed()) stack.push(below);
  return found;
}

/** What all that is in one folder have in common, and their facts: `factCount` numbers for each. */
interface Inside {
  folder: string;
  item: string;
  moving: boolean;
  numbers: Float64Array;
}

/** Many of them live for some time, so what can be told from what is there already is made when it is asked for. */
class Entry implements Scanned {
  readonly path: string;
  readonly kind: Scanned['kind'];
  readonly target: string | null;
  readonly kept = null;
  readonly #inside: Inside;
  readonly #index: number;
  readonly #name: string;

  constructor(inside: Inside, index: number, name: string, path: string, kind: Scanned['kind'], target: string | null) {
    this.path = path;
    this.kind = kind;
    this.target = target;
    this.#inside = inside;
    this.#index = index;
    this.#name = name;
  }

  get item(): string {
    return this.#inside.item;
  }

  get moving(): boolean {
    return this.#inside.moving;
  }

  get from(): string {
    return `${this.#inside.folder}/${this.#name}`;
  }

  get facts(): FileFacts {
    return factsAt(this.kind, this.#inside.numbers, this.#index * factCount + 1);
  }
}

function explain(error: NodeJS.ErrnoException): never {
  if (error.code === undefined) throw error;
  throw new Failure('io', `a folder cannot be read: ${error.message}`, { cause: error });
}
