/** Work on copies of a data folder: a restored one is made consistent, a part of a stopped one is read, and a dump is played into a new one. */
import { basename, join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { ownUser, userName } from '../platform/identity.ts';
import { copyFile, exists, followOrNull, list, makeFolder, namesIn, remove, setMode, setOwner } from '../platform/files.ts';
import { temporaryFolder } from '../platform/environment.ts';
import { randomId } from '../platform/random.ts';
import type { PostgresRow } from '../platform/postgres.ts';
import { startWorkerProcess, withWorkerProcess, WorkerError, type WorkerProcess } from '../platform/worker-process.ts';
import { lookAtCluster, runAs, stateOf, type Cluster } from './postgres-cluster.ts';
import { countTables } from './postgres-count.ts';
import { isSegment, skipHot } from './postgres-files.ts';
import type { AsideInput } from './postgres-server.ts';
import { programsFor, type PostgresStore } from './postgres-store.ts';
import { parseSegment, segmentAt } from './postgres-wal.ts';

export interface Aside {
  /** The folder of its socket. */
  socket: string;
  rows(who: { role: string; database: string }, statement: string): Promise<PostgresRow[]>;
}

/** Runs a server on a copy for as long as `work` takes, then stops it in order, or at once when something failed. */
export async function withServerAside<T>(input: AsideInput, work: (server: Aside) => Promise<T>, signal?: AbortSignal): Promise<T> {
  return withPostgresWorker(async (worker) => {
    const { socket } = await worker.ask<{ socket: string }>('aside', input);
    const done = await work({
      socket,
      rows: (who, statement) => worker.ask<PostgresRow[]>('rows', { ...who, statement }),
    });
    await worker.ask(input.throwaway ? 'kill-aside' : 'stop-aside', {});
    return done;
  }, signal);
}

/** A worker for one piece of work on copies; an abort ends it, and what it runs. */
export async function withPostgresWorker<T>(work: (worker: WorkerProcess) => Promise<T>, signal?: AbortSignal): Promise<T> {
  signal?.throwIfAborted();
  return withWorkerProcess(startWorkerProcess('postgres', import.meta.url), work, { signal, grace: 20_000 });
}

/**
 * Brings a restored copy to a rest: PostgreSQL replays what the backup holds of the log. Throws `unsupported` where there is no PostgreSQL of
 * the copy's version, and `bad-backup` where it cannot be recovered.
 */
export async function recoverCopy(folder: string, store: PostgresStore | null, signal?: AbortSignal): Promise<void> {
  const cluster = await lookAtCluster(folder);
  if (cluster === null) throw new Failure('bad-backup', `${folder} is no data folder of PostgreSQL: PG_VERSION is missing`);
  const isAtRest = stateOf(cluster) === 'stopped' && !(await exists(join(folder, 'backup_label')));
  // PostgreSQL refuses a folder that others may enter.
  if ((((await followOrNull(folder))?.mode ?? 0) & 0o027) !== 0) await setMode(folder, 0o700);
  if (store === null) {
    if (isAtRest) return;
    throw new Failure('internal', 'a copy of PostgreSQL that needs recovery needs its description');
  }
  const as = await runAs(cluster);
  const programs = await programsFor(store, cluster.major, as).catch((error: unknown) => {
    // Its programs may not be there yet: a product may fetch them at its first start.
    if (isAtRest && error instanceof Failure && (error.details?.['programs'] as unknown[] | undefined)?.length === 0) return null;
    throw error;
  });
  if (isAtRest || programs === null) return;
  try {
    await withServerAside(
      { folder: cluster.folder, programs: programs.folder, as, major: cluster.major, throwaway: false },
      async () => {},
      signal,
    );
  } catch (error) {
    signal?.throwIfAborted();
    const { message } = error as Error;
    // As the superuser runs it for somebody else, who may not pass the folders above: that says nothing of the backup.
    if (as.uid !== undefined && message.includes('Permission denied')) throw await closedTo(as.uid, folder, error);
    throw new Failure('bad-backup', `the copy of PostgreSQL in ${folder} cannot be recovered: ${message}`, { cause: error });
  }
  await remove(join(folder, 'backup_label.old'));
  const after = await lookAtCluster(folder);
  if (after === null || stateOf(after) !== 'stopped')
    throw new Failure('bad-backup', `the copy of PostgreSQL in ${folder} was not left in order by its recovery`);
}

async function closedTo(uid: number, folder: string, cause: unknown): Promise<Failure> {
  const name = await userName(uid);
  return new Failure('unsupported', `PostgreSQL runs as ${name}, the owner of the data, who cannot enter ${folder}`, {
    cause,
    remedy: {
      action: 'choose-folder',
      text: `Run Moult as ${name}, or let ${name} pass through the folders above.`,
      command: `sudo -u ${name} moult`,
    },
    details: { folder, user: name },
  });
}

/** Bytes up to which the files of a product's own tables are copied to read one of them; each next size is tried when one was missing. */
export const copiedSizes = [1024 * 1024, 64 * 1024 * 1024] as const;
/** Objects below this number are PostgreSQL's own (FirstNormalObjectId). */
const firstOwn = 16_384;
/** Large objects and their index: they may be most of a cluster, and no catalog. */
const largeObjects = new Set([2613, 2683]);

/** Asks a stopped cluster: of a copy of its catalogs and small tables, in a folder of its own that is gone afterwards. */
export async function askStopped<T>(
  store: PostgresStore,
  cluster: Cluster,
  ask: (server: Aside) => Promise<T>,
  signal?: AbortSignal,
  sizes: readonly number[] = copiedSizes,
): Promise<T> {
  const as = await runAs(cluster);
  const programs = await programsFor(store, cluster.major, as);
  for (const [attempt, most] of sizes.entries()) {
    const scratch = join(temporaryFolder(), `moult-${randomId(4)}-pg`);
    await makeFolder(scratch);
    try {
      await copyForReading(cluster, scratch, most);
      return await withServerAside({ folder: scratch, programs: programs.folder, as, major: cluster.major, throwaway: true }, ask, signal);
    } catch (error) {
      signal?.throwIfAborted();
      // 58P01: a file is missing, because it was too large to be copied.
      const isMissing = error instanceof WorkerError && error.code === '58P01';
      if (!isMissing || attempt === sizes.length - 1) throw error;
    } finally {
      await remove(scratch);
    }
  }
  throw new Error('unreachable');
}

/** Of a copy of its tables; null where one is too large for that. After a stop the product waits, so that only small ones are copied. */
export async function countAtRest(
  store: PostgresStore,
  signal?: AbortSignal,
  sizes: readonly number[] = copiedSizes,
): Promise<Record<string, number> | null> {
  const cluster = await lookAtCluster(store.folder);
  if (cluster === null || stateOf(cluster) !== 'stopped') return null;
  const { role, database } = store.spec;
  const count = (server: Aside) => countTables((statement) => server.rows({ role, database }, statement), signal);
  return askStopped(store, cluster, count, signal, sizes);
}

/** Bytes of a log that is replayed for a look; with more, a start of the product is the better way. */
const replayedForReading = 512 * 1024 * 1024;
/** The first major version that replays a log whose files are not all there (`ignore_invalid_pages`). */
const replaysPartly = 13;

/**
 * Asks a cluster that was not stopped in order: of the same copy with its log, which is replayed there. `isLeftOut` tells what was too large
 * to be copied: its file comes out of the log as scraps, and must not be read. Null where that cannot be done.
 */
export async function askCrashed<T>(
  store: PostgresStore,
  cluster: Cluster,
  ask: (server: Aside, isLeftOut: (file: string) => boolean) => Promise<T>,
  signal?: AbortSignal,
): Promise<{ answer: T } | null> {
  const as = await runAs(cluster);
  const programs = await programsFor(store, cluster.major, as);
  if (Number(cluster.major) < replaysPartly || (await exists(join(cluster.folder, 'backup_label')))) return null;
  if ((await logBytes(cluster)) > replayedForReading) return null;
  const scratch = join(temporaryFolder(), `moult-${randomId(4)}-pg`);
  await makeFolder(scratch);
  try {
    const leftOut = await copyForReading(cluster, scratch, copiedSizes[1]);
    const aside = { folder: scratch, programs: programs.folder, as, major: cluster.major, throwaway: true, partly: true };
    return { answer: await withServerAside(aside, (server) => ask(server, (file) => leftOut.has(file)), signal) };
  } finally {
    await remove(scratch);
  }
}

async function logBytes(cluster: Cluster): Promise<number> {
  let bytes = 0;
  for (const name of await namesIn(join(cluster.folder, 'pg_wal'))) {
    const path = join(cluster.folder, 'pg_wal', name);
    if (await isNeededSegment(`pg_wal/${name}`, cluster, path)) bytes += (await followOrNull(path))?.size ?? 0;
  }
  return bytes;
}

/** Answers the files of the product's own tables that are too large, by what PostgreSQL calls them: `base/16384/16400`. */
async function copyForReading(cluster: Cluster, scratch: string, most: number): Promise<Set<string>> {
  const leftOut = new Set<string>();
  const owner = ownUser() === 0 ? cluster.owner : null;
  if (owner !== null) await setOwner(scratch, owner.uid, owner.gid);
  await copyFolder(
    cluster.folder,
    scratch,
    '',
    async (relative, path) => {
      if (relative === 'global/pg_control') return true;
      if (relative.startsWith('pg_wal/')) return isNeededSegment(relative, cluster, path);
      if (skipHot(relative) || relative === 'log' || relative === 'pg_log') return false;
      const [, name] = /^(?:base\/\d+|global)\/(\d+)(?:_\w+)?(?:\.\d+)?$/.exec(relative) ?? [];
      if (name === undefined) return true;
      if (largeObjects.has(Number(name))) return false;
      if (Number(name) < firstOwn || ((await followOrNull(path))?.size ?? 0) <= most) return true;
      leftOut.add(relative.replace(/(?:_\w+)?(?:\.\d+)?$/, ''));
      return false;
    },
    owner,
  );
  return leftOut;
}

/**
 * The segment with the last checkpoint is all that a cluster at rest needs of its log; one that was killed, all since that checkpoint began.
 * The size tells how segments are counted.
 */
async function isNeededSegment(relative: string, cluster: Cluster, path: string): Promise<boolean> {
  const segmentBytes = (await followOrNull(path))?.size ?? 0;
  const segment = segmentBytes === 0 ? null : parseSegment(basename(relative), segmentBytes);
  if (segment === null) return relative.endsWith('.history');
  const { checkpoint = 0n, redo = 0n } = cluster.control ?? {};
  if (stateOf(cluster) === 'stopped') return segment.number === segmentAt(checkpoint, segmentBytes);
  return segment.number >= segmentAt(redo, segmentBytes) && (await isSegment(path, segmentBytes));
}

async function copyFolder(
  from: string,
  to: string,
  relative: string,
  wants: (relative: string, path: string) => Promise<boolean>,
  owner: { uid: number; gid: number } | null,
): Promise<void> {
  for (const entry of await list(join(from, relative))) {
    const below = relative === '' ? entry.name : `${relative}/${entry.name}`;
    const source = join(from, below);
    // `pg_wal` may be a link; tablespaces are, and hold no catalogs.
    const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && below === 'pg_wal');
    if (!isFolder && !entry.isFile()) continue;
    if (!(await wants(below, source))) continue;
    const target = join(to, below);
    if (isFolder) await makeFolder(target);
    else await copyFile(source, target);
    if (owner !== null) await setOwner(target, owner.uid, owner.gid);
    if (isFolder) await copyFolder(from, to, below, wants, owner);
  }
}
