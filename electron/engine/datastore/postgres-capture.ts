/**
 * A copy of a data folder of PostgreSQL. While its server runs: a physical backup, see `postgres-hold.ts` for how, of which the
 * backup's writer reads the live files itself; nothing is copied twice. After the product has stopped, what was written since is in
 * the log that was streamed meanwhile, so that the time it is down does not grow with its data. At rest: the files as they are.
 */
import { basename, join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { exists, makeFolder, namesIn, openFile, readBytes, remove, setOwner } from '../platform/files.ts';
import { ownUser } from '../platform/identity.ts';
import { pause, ticks } from '../platform/clock.ts';
import { startWorkerProcess, WorkerError, type WorkerProcess } from '../platform/worker-process.ts';
import type { Capture, CaptureFile, CaptureOptions } from './capture.ts';
import { controlBytes, parseControl } from './postgres-control.ts';
import { copiedSizes, countAtRest } from './postgres-aside.ts';
import { lookAtCluster, stateOf, type Cluster } from './postgres-cluster.ts';
import { isSegment, looseFiles, partsElsewhere, skipCold, skipHot } from './postgres-files.ts';
import type { BeginAnswer, CompleteAnswer, FinishAnswer, HoldInput } from './postgres-hold.ts';
import { postgresStore, type PostgresSpec, type PostgresStore } from './postgres-store.ts';
import { segmentAt, segmentName } from './postgres-wal.ts';

/** Bytes of a segment of the log unless `initdb` was told otherwise; a server tells its own. */
const usualSegment = 16 * 1024 * 1024;
/** Milliseconds for which a server that starts or stops is waited for. */
const patience = 60_000;

export async function capturePostgres(options: CaptureOptions): Promise<Capture> {
  const { spec, fill, paths, signal } = options;
  if (spec === undefined || fill === undefined) throw new Failure('internal', 'a capture of PostgreSQL needs its description');
  const store = postgresStore({ spec, fill, paths });
  const cluster = await settled(store.folder, signal);
  if (cluster === null) return { ...captureLater(options, store.folder), rows: () => countAtRest(store, signal) };
  return stateOf(cluster) === 'running'
    ? captureHot(options, store, cluster)
    : { ...(await captureCold(store.folder, cluster)), rows: () => countAtRest(store, signal) };
}

/** The cluster once it neither starts nor stops. */
async function settled(folder: string, signal: AbortSignal | undefined): Promise<Cluster | null> {
  for (const from = ticks(); ; await pause(100, signal)) {
    const cluster = await lookAtCluster(folder);
    const state = cluster === null ? null : stateOf(cluster);
    if (state !== 'starting' && state !== 'stopping') return cluster;
    if (ticks() - from < patience) continue;
    throw new Failure('io', `the PostgreSQL of ${folder} has been ${state} for ${patience / 1000} s`, {
      remedy: { action: 'wait', text: 'Wait until it has done so, or look into its log, then try again.' },
    });
  }
}

/** At rest the files are read as they are; the product must not be started meanwhile, and a second pass would notice. */
async function captureCold(of: string, cluster: Cluster): Promise<Capture> {
  const notes =
    stateOf(cluster) === 'crashed'
      ? [`the PostgreSQL of ${of} was not stopped in order: the backup holds it as it was left, and a restore recovers it`]
      : [];
  return {
    base: await coldFiles(of, cluster),
    finishing: 'changes',
    notes,
    finish: async () => {
      const now = await lookAtCluster(of);
      return now === null ? [] : (await coldFiles(of, now)).map((file) => ({ ...file, replaces: true }));
    },
    close: async () => {},
  };
}

async function coldFiles(of: string, cluster: Cluster, segmentBytes: number = usualSegment): Promise<CaptureFile[]> {
  const elsewhere = await partsElsewhere(cluster);
  const skip = skipCold(cluster, segmentBytes, await exists(join(cluster.folder, 'backup_label')));
  const linked = new Set(elsewhere.filter(({ link }) => link).map(({ relative }) => relative));
  return [
    { path: of, as: basename(of), of, skip: (relative) => linked.has(relative) || skip(relative) },
    ...elsewhere.map(({ relative, target }) => ({
      path: target,
      as: `${basename(of)}/${relative}`,
      of,
      skip: (below: string) => skip(`${relative}/${below}`) && relative === 'pg_wal',
    })),
  ];
}

/** A cluster that is not there yet: when the product made one meanwhile, it is taken at the end. */
function captureLater(options: CaptureOptions, of: string): Capture {
  return {
    base: [],
    finishing: 'whole',
    notes: [],
    finish: async () => {
      const cluster = await settled(of, options.signal);
      return cluster === null ? [] : coldFiles(of, cluster);
    },
    close: async () => {},
  };
}

interface Hot {
  of: string;
  store: PostgresStore;
  cluster: Cluster;
  worker: WorkerProcess;
  scratch: string;
  begun: BeginAnswer;
  notes: string[];
  elsewhere: string;
}

async function captureHot(options: CaptureOptions, store: PostgresStore, cluster: Cluster): Promise<Capture> {
  const { scratch, signal } = options;
  const of = options.paths[0] as string;
  await makeFolder(scratch);
  const worker = startWorkerProcess('postgres', import.meta.url);
  const stop = () => void worker.end();
  signal?.addEventListener('abort', stop, { once: true });
  const close = async () => {
    signal?.removeEventListener('abort', stop);
    await worker.ask('release', {}).catch(() => {});
    await worker.end();
    for (const name of ['pg_wal', 'backup_label', 'pg_control']) await remove(join(scratch, name));
  };
  try {
    const { role, database }: PostgresSpec = store.spec;
    const { folder, server, control } = cluster;
    const asked = { folder, server, control: control && { systemIdentifier: control.systemIdentifier } };
    const begun = await worker.ask<BeginAnswer>('begin', { cluster: asked, spec: { role, database }, scratch } satisfies HoldInput);
    signal?.throwIfAborted();
    const elsewhere = await partsElsewhere(cluster);
    return held(
      { of, store, cluster, worker, scratch, begun, notes: notesOf(begun), elsewhere: JSON.stringify(elsewhere) },
      elsewhere,
      close,
      signal,
    );
  } catch (error) {
    await close();
    signal?.throwIfAborted();
    // "WAL level not sufficient for making an online backup"
    if (error instanceof WorkerError && error.code === '55000') return afterStop(options, of, error);
    throw explain(of, error);
  }
}

function held(
  hot: Hot,
  elsewhere: Awaited<ReturnType<typeof partsElsewhere>>,
  close: () => Promise<void>,
  signal: AbortSignal | undefined,
): Capture {
  const { of, worker } = hot;
  const linked = new Set(elsewhere.map(({ relative }) => relative));
  let completed: CompleteAnswer | null = null;
  let isFinal = false;
  const asked = async <Answer>(work: () => Promise<Answer>): Promise<Answer> =>
    work().catch((error: unknown) => {
      signal?.throwIfAborted();
      throw explain(of, error);
    });
  return {
    base: [
      { path: of, as: basename(of), of, moving: true, skip: (relative) => linked.has(relative) || skipHot(relative) },
      ...elsewhere.map(({ relative, target }) => ({
        path: target,
        as: `${basename(of)}/${relative}`,
        of,
        moving: true,
        skip: (below: string) => relative === 'pg_wal' || skipHot(below),
      })),
    ],
    complete: () =>
      asked(async () => {
        await refuseMovedParts(hot);
        completed = await worker.ask<CompleteAnswer>('complete', {});
        return completion(hot, completed);
      }),
    finishing: hot.begun.notStreamed === null && hot.begun.unlogged.length === 0 ? 'changes' : 'whole',
    notes: hot.notes,
    finish: () =>
      asked(async () => {
        if (completed === null) throw new Failure('internal', 'the backup of PostgreSQL was not completed');
        isFinal = true;
        const finished = await worker.ask<FinishAnswer>('finish', {});
        return final(hot, completed, finished, signal);
      }),
    rows: async () =>
      isFinal ? countAtRest(hot.store, signal, copiedSizes.slice(0, 1)) : worker.ask<Record<string, number> | null>('counts', {}),
    close,
  };
}

/** What makes the base one moment: the label, the control file, and the log from its first to its last position. */
async function completion(hot: Hot, completed: CompleteAnswer): Promise<CaptureFile[]> {
  const { of, cluster, scratch } = hot;
  await copyControl(cluster.folder, join(scratch, 'pg_control'));
  const name = basename(of);
  const files: CaptureFile[] = [
    { path: join(scratch, 'backup_label'), as: `${name}/backup_label`, of },
    { path: join(scratch, 'pg_control'), as: `${name}/global/pg_control`, of },
    ...completed.segments.map((segment) => ({ path: join(scratch, 'pg_wal', segment), as: `${name}/pg_wal/${segment}`, of })),
    ...(await namesIn(join(cluster.folder, 'pg_wal')))
      .filter((file) => file.endsWith('.history'))
      .map((file) => ({ path: join(of, 'pg_wal', file), as: `${name}/pg_wal/${file}`, of })),
  ];
  await giveToOwner(files, scratch, cluster);
  return files;
}

/** What was written since `complete`: the log alone, or, where that cannot be proven to be all, everything again. */
async function final(hot: Hot, completed: CompleteAnswer, finished: FinishAnswer, signal: AbortSignal | undefined): Promise<CaptureFile[]> {
  const { of, cluster, begun } = hot;
  const now = await settled(of, signal);
  if (now === null) return [];
  const reason = begun.unlogged.length > 0 ? `the tables ${begun.unlogged.join(', ')} are in no log` : await brokenBecause(hot, now);
  const since = reason === null ? await logSince(hot, completed, finished, now) : null;
  if (since !== null) {
    await giveToOwner(since, hot.scratch, cluster);
    return [...since, ...(await looseFiles(now, of))];
  }
  if (stateOf(now) === 'running') {
    throw new Failure('io', `the PostgreSQL of ${of} still runs, and what it wrote since the backup was begun cannot be told`, {
      remedy: { action: 'retry', text: 'Stop what uses it, then try again.' },
    });
  }
  hot.notes.push(`${of} was copied a second time: ${reason ?? 'its log does not reach back to the first copy'}`);
  return (await coldFiles(of, now, begun.segmentBytes)).map((file) => ({ ...file, replaces: true }));
}

async function brokenBecause(hot: Hot, now: Cluster): Promise<string | null> {
  if (now.control?.systemIdentifier !== hot.cluster.control?.systemIdentifier) return 'it is another cluster now';
  if (now.control?.timeline !== hot.cluster.control?.timeline) return 'it was recovered meanwhile';
  return JSON.stringify(await partsElsewhere(now)) === hot.elsewhere ? null : 'its tablespaces changed';
}

/**
 * The segments from the end of the base to the end of the log, each from the live folder where it is still there and else as it was
 * streamed. Null where one is missing, or where the log ends before what the control file knows of it.
 */
async function logSince(hot: Hot, completed: CompleteAnswer, finished: FinishAnswer, now: Cluster): Promise<CaptureFile[] | null> {
  const { of, scratch, begun } = hot;
  const { segmentBytes } = begun;
  const streamed = finished.streamedTo === null ? 0n : BigInt(finished.streamedTo);
  const isRunning = stateOf(now) === 'running';
  const checkpoint = now.control?.checkpoint ?? 0n;
  // What stopped in order ends with its last checkpoint; what was killed ends where its segments end.
  const end = now.control?.state === 'clean' && !isRunning ? segmentAt(checkpoint, segmentBytes) : null;
  const files: CaptureFile[] = [];
  const first = segmentAt(BigInt(completed.to) - 1n, segmentBytes) + 1n;
  for (let number = first; end === null || number <= end; number += 1n) {
    const name = segmentName({ timeline: completed.timeline, number }, segmentBytes);
    const live = join(of, 'pg_wal', name);
    const hasStreamed = streamed > number * BigInt(segmentBytes);
    const isWhole = streamed >= (number + 1n) * BigInt(segmentBytes);
    const source =
      !isRunning && (await isSegment(live, segmentBytes))
        ? live
        : hasStreamed && (isWhole || isRunning)
          ? join(scratch, 'pg_wal', name)
          : null;
    if (source === null && end === null) break;
    if (source === null) return null;
    files.push({ path: source, as: `${basename(of)}/pg_wal/${name}`, of });
  }
  const reached = (first + BigInt(files.length)) * BigInt(segmentBytes);
  return reached > checkpoint && reached > (streamed === 0n ? 0n : streamed - 1n) ? files : null;
}

/** A tablespace that comes or goes meanwhile is in the log with its place on this machine; replaying that elsewhere would go wrong. */
async function refuseMovedParts(hot: Hot): Promise<void> {
  if (JSON.stringify(await partsElsewhere(hot.cluster)) === hot.elsewhere) return;
  throw new Failure('io', `tablespaces of ${hot.of} were added or removed while it was backed up`, {
    remedy: { action: 'retry', text: 'Back up again.' },
  });
}

/** The control file is written in one go, but may be read in two: its checksum tells. */
async function copyControl(folder: string, to: string): Promise<void> {
  for (let left = 20; left > 0; left -= 1) {
    const content = await readBytes(join(folder, 'global', 'pg_control'));
    if (parseControl(content.subarray(0, controlBytes)) !== null) {
      const file = await openFile(to, 'wx');
      await file.writeFile(content);
      await file.close();
      return;
    }
    await pause(20);
  }
  throw new Error('its control file cannot be read: it is damaged, or written all the time');
}

/** What the superuser wrote to scratch will have to belong to whom the cluster belongs. */
async function giveToOwner(files: readonly CaptureFile[], scratch: string, { owner }: Cluster): Promise<void> {
  if (ownUser() !== 0) return;
  for (const { path } of files) if (path.startsWith(`${scratch}/`)) await setOwner(path, owner.uid, owner.gid);
}

/** Where its log does not hold enough for a backup while it runs (`wal_level = minimal`), everything is taken at the end. */
function afterStop(options: CaptureOptions, of: string, cause: WorkerError): Capture {
  const why = `the PostgreSQL of ${of} cannot be backed up while it runs: ${cause.message}`;
  return {
    ...captureLater(options, of),
    notes: [why],
    needsStop: new Failure('unsupported', why, {
      cause,
      remedy: { action: 'stop-service', text: 'Stop the product and back up again, or set wal_level to replica in its postgresql.conf.' },
    }),
  };
}

function notesOf({ notStreamed, unlogged }: BeginAnswer): string[] {
  const notes: string[] = [];
  if (notStreamed !== null)
    notes.push(
      `the log of PostgreSQL cannot be streamed (${notStreamed}), so what changed may have to be copied whole once the product has stopped`,
    );
  if (unlogged.length > 0)
    notes.push(`the tables ${unlogged.join(', ')} are unlogged: a backup of the running PostgreSQL holds them empty`);
  return notes;
}

function explain(of: string, error: unknown): unknown {
  if (!(error instanceof WorkerError)) return error;
  if (error.code === 'ENOSPC') {
    return new Failure('no-space', `there is no room for the log of ${of}`, {
      cause: error,
      remedy: { action: 'free-space', text: 'Free some space on that volume and try again.' },
    });
  }
  return new Failure('io', `the PostgreSQL of ${of} cannot be backed up: ${error.message}`, {
    cause: error,
    details: { folder: of, code: error.code },
    remedy: { action: 'retry', text: 'Look whether it runs as it should, and try again.' },
  });
}
