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

/** Folders that one job lists; jobs that are under way at once. */
const foldersInJob = 32;
const jobsAtOnce = 4;

interface Folder {
  source: ScannedSource;
  /** The number of the source. */
  number: number;
  /** On disk. */
  folder: string;
  /** Below the source; empty for itself. */
  relative: string;
}

/** All entries of all sources, a folder always before what is in it. Sockets, pipes and devices go to `leaveOut`. */
export async function* scanSources(
  pool: WorkerPool<Jobs>,
  sources: readonly ScannedSource[],
  skip: (source: number, relatives: string[]) => Promise<boolean[]>,
  leaveOut: (entry: LeftOut) => void,
  signal?: AbortSignal,
): AsyncGenerator<Scanned> {
  const waiting: Folder[] = [];
  for (const [number, source] of sources.entries()) {
    if (source.taken === true) continue;
    const root = await scanRoot(pool, source, leaveOut);
    if (!root) continue;
    yield root;
    if (root.kind === 'folder') waiting.push({ source, number, folder: source.readFrom ?? source.path, relative: '' });
  }
  const running: { folders: Folder[]; reply: Promise<ListReply> }[] = [];
  for (;;) {
    signal?.throwIfAborted();
    while (waiting.length > 0 && running.length < jobsAtOnce) {
      const folders = waiting.splice(0, foldersInJob);
      const reply = pool.run('list', { folders: folders.map(({ folder }) => folder) });
      reply.catch(() => {});
      running.push({ folders, reply });
    }
    const next = running.shift();
    if (!next) return;
    const { folders } = await next.reply.catch(explain);
    for (const [index, where] of next.folders.entries()) {
      const list = folders[index];
      if (!list) continue;
      const relatives = list.names.map((name) => (where.relative === '' ? name : `${where.relative}/${name}`));
      const skipped = where.source.hasSkip && relatives.length > 0 ? await skip(where.number, relatives) : [];
      yield* entriesOf(where, list, relatives, skipped, waiting, leaveOut);
    }
  }
}

/** The name in the tar of what is `relative` to a source. */
export function memberPath(source: ScannedSource, relative: string): string {
  return [memberNames.items + source.item, source.as, relative].filter((part) => part !== '').join('/');
}

async function scanRoot(pool: WorkerPool<Jobs>, source: ScannedSource, leaveOut: (entry: LeftOut) => void): Promise<Scanned | null> {
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
  return { path, item: source.item, kind, from: source.readFrom ?? source.path, facts: read.facts, target: read.target, kept, moving: source.moving === true };
}

function* entriesOf(
  where: Folder,
  list: NonNullable<ListReply['folders'][number]>,
  relatives: readonly string[],
  skipped: readonly boolean[],
  waiting: Folder[],
  leaveOut: (entry: LeftOut) => void,
): Generator<Scanned> {
  const { source, number, folder } = where;
  for (const [index, name] of list.names.entries()) {
    if (skipped[index] === true) continue;
    const relative = relatives[index] as string;
    const from = `${folder}/${name}`;
    const facts = factsAt(list.numbers, index);
    const path = memberPath(source, relative);
    if (facts.kind === 'folder') waiting.push({ source, number, folder: from, relative });
    if (facts.kind === 'file' || facts.kind === 'folder' || facts.kind === 'link') {
      yield { path, item: source.item, kind: facts.kind, from, facts, target: list.targets[index] ?? null, kept: null, moving: source.moving === true };
    } else {
      leaveOut({ path, item: source.item, reason: facts.kind });
    }
  }
}

function factsAt(numbers: Float64Array, index: number): FileFacts {
  const [kind, bytes, mode, mtimeMs, ctimeMs, inode, uid, gid] = numbers.subarray(index * factCount, (index + 1) * factCount) as unknown as [
    number, number, number, number, number, number, number, number,
  ];
  return { kind: kinds[kind] ?? 'device', bytes, mode, mtimeMs, ctimeMs, inode, uid, gid };
}

function explain(error: NodeJS.ErrnoException): never {
  if (error.code === undefined) throw error;
  throw new Failure('io', `a folder cannot be read: ${error.message}`, { cause: error });
}
