/**
 * A datastore in SQLite files. A capture is made by a process of its own for each file, see `sqlite-worker.ts` for why and
 * `sqlite-hold.ts` for how.
 */
import { basename, join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { copyFile, exists, followOrNull, makeFolder, remove } from '../platform/files.ts';
import { companions, databaseFiles } from '../platform/sqlite-reading.ts';
import { Spares } from '../platform/spares.ts';
import { startWorkerProcess, withWorkerProcess, WorkerError, type WorkerProcess } from '../platform/worker-process.ts';
import type { Capture, CaptureFile, CaptureOptions, DatastoreDriver, Store, TableChange } from './capture.ts';
import type { BaseAnswer, CopyProgress, FinishAnswer } from './sqlite-hold.ts';

/** Workers that wait for the next file. */
const spares = new Spares<WorkerProcess>();

export const sqliteDriver: DatastoreDriver = {
  capture,
  check,
  files,
  companions: (paths) => paths.flatMap((path) => companions.map((end) => path + end)),
  prepareRestored,
  compareRows,
  rows,
};

async function capture(options: CaptureOptions): Promise<Capture> {
  await makeFolder(options.scratch);
  const paths = [...new Set(options.paths)];
  const sizes = await Promise.all(paths.map(async (path) => (await followOrNull(path))?.size ?? 0));
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0);
  const parts: Capture[] = [];
  let before = 0;
  try {
    for (const [index, path] of paths.entries()) {
      options.signal?.throwIfAborted();
      const done = before;
      const onProgress = (progress: CopyProgress) =>
        options.onProgress?.({ bytes: done + progress.bytes, totalBytes: Math.max(totalBytes, done + progress.totalBytes) });
      parts.push(await captureOne(path, join(options.scratch, `${index}-${basename(path)}`), onProgress, options.signal));
      before += sizes[index] ?? 0;
    }
  } catch (error) {
    await closeAll(parts);
    throw error;
  }
  return together(parts);
}

/** Captures of several files as one. */
function together(parts: Capture[]): Capture {
  const notes = parts.flatMap((part) => part.notes);
  return {
    base: parts.flatMap((part) => part.base),
    finishing: parts.some((part) => part.finishing === 'whole') ? 'whole' : 'changes',
    notes,
    finish: async () => {
      const added: CaptureFile[] = [];
      for (const part of parts) added.push(...(await part.finish()));
      notes.splice(0, notes.length, ...parts.flatMap((part) => part.notes));
      return added;
    },
    close: () => closeAll(parts),
  };
}

async function closeAll(parts: Capture[]): Promise<void> {
  for (const part of parts) await part.close();
}

type Progress = (progress: CopyProgress) => void;

async function captureOne(path: string, copy: string, onProgress: Progress, signal: AbortSignal | undefined): Promise<Capture> {
  if (!(await exists(path))) return captureLater(path, copy, onProgress, signal);
  const worker = aWorker();
  const stop = () => void worker.end();
  signal?.addEventListener('abort', stop, { once: true });
  const close = async () => {
    signal?.removeEventListener('abort', stop);
    await letGo(worker);
    for (const made of [copy, `${copy}-journal`]) await remove(made);
  };
  try {
    const base = await worker.ask<BaseAnswer>('hold', { path, copy }, onProgress as (report: unknown) => void);
    signal?.throwIfAborted();
    return held(path, copy, worker, base, { onProgress, close, ...(signal && { signal }) });
  } catch (error) {
    await close();
    signal?.throwIfAborted();
    if (isDamaged(error)) return captureDamaged(path, copy, (error as Error).message);
    throw explain(path, error);
  }
}

function held(
  path: string,
  copy: string,
  worker: WorkerProcess,
  base: BaseAnswer,
  more: { onProgress: Progress; close: () => Promise<void>; signal?: AbortSignal },
): Capture {
  const fresh = `${copy}.final`;
  const name = basename(path);
  const notes = [...base.notes];
  return {
    base: [{ path: copy, as: name, of: path }],
    finishing: base.finishing,
    notes,
    finish: async () => {
      try {
        const answer = await worker.ask<FinishAnswer>('finish', { copy: fresh }, more.onProgress as (report: unknown) => void);
        if (answer.add === 'log') return [{ path: `${path}-wal`, as: `${name}-wal`, of: path }];
        if (answer.add === 'nothing') return [];
        notes.push(`${path} was copied a second time: ${answer.why}`);
        return [{ path: fresh, as: name, of: path, replaces: true }];
      } catch (error) {
        more.signal?.throwIfAborted();
        throw explain(path, error);
      }
    },
    close: async () => {
      await more.close();
      for (const made of [fresh, `${fresh}-journal`]) await remove(made);
    },
  };
}

/** A datastore that is not there yet: when the product made one meanwhile, it is taken at the end. */
function captureLater(path: string, copy: string, onProgress: Progress, signal: AbortSignal | undefined): Capture {
  let late: Capture | null = null;
  return {
    base: [],
    finishing: 'whole',
    notes: [],
    finish: async () => {
      late ??= await captureOne(path, copy, onProgress, signal);
      return late.base;
    },
    close: async () => late?.close(),
  };
}

/** What SQLite cannot read is copied as it is: a damaged datastore must be kept all the more, and its check will call it damaged. */
async function captureDamaged(path: string, copy: string, why: string): Promise<Capture> {
  const take = async (suffix: string): Promise<CaptureFile[]> => {
    const taken: CaptureFile[] = [];
    for (const file of (await databaseFiles(path)).filter((one) => !one.endsWith('-shm'))) {
      const to = `${copy}${suffix}${file.slice(path.length)}`;
      await copyFile(file, to);
      taken.push({ path: to, as: basename(file), of: path });
    }
    return taken;
  };
  const base = await take('');
  let final: CaptureFile[] = [];
  return {
    base,
    finishing: 'whole',
    notes: [`${path} cannot be read as a SQLite database (${why}); its files are kept as they are`],
    finish: async () => {
      final = (await take('.final')).map((file) => (base.some((first) => first.as === file.as) ? { ...file, replaces: true } : file));
      return final;
    },
    close: async () => {
      for (const file of [...base, ...final]) await remove(file.path);
    },
  };
}

async function check(paths: string[], signal?: AbortSignal): Promise<string[]> {
  return withWorker(signal, async (worker) => {
    const problems: string[] = [];
    for (const path of paths)
      problems.push(...(await worker.ask<string[]>('check', { path }).catch((error: unknown) => Promise.reject(explain(path, error)))));
    return problems;
  });
}

/** Of several files each table is named with its file. */
async function rows(paths: string[], signal?: AbortSignal): Promise<Record<string, number>> {
  return withWorker(signal, async (worker) => {
    const counted: Record<string, number> = {};
    for (const path of paths) {
      const found = await worker
        .ask<Record<string, number>>('count', { path })
        .catch((error: unknown) => Promise.reject(explain(path, error)));
      for (const [table, count] of Object.entries(found)) counted[paths.length === 1 ? table : `${basename(path)}: ${table}`] = count;
    }
    return counted;
  });
}

async function prepareRestored(paths: string[], signal?: AbortSignal): Promise<void> {
  await withWorker(signal, async (worker) => {
    for (const path of paths) await worker.ask('fold', { path }).catch((error: unknown) => Promise.reject(explain(path, error)));
  });
}

async function compareRows(was: string[], live: Store, options: { to: string | null; signal?: AbortSignal }): Promise<TableChange[]> {
  return withWorker(options.signal, async (worker) => {
    const tables: TableChange[] = [];
    for (const copy of was) {
      const is = live.paths.find((path) => basename(path) === basename(copy));
      if (is === undefined || !(await exists(is))) throw new Failure('io', `there is no ${basename(copy)} any more to compare with`);
      const input = { was: copy, is, to: options.to };
      tables.push(...(await worker.ask<TableChange[]>('rows', input).catch((error: unknown) => Promise.reject(explain(is, error)))));
    }
    return tables;
  });
}

async function files(paths: string[]): Promise<string[]> {
  return (await Promise.all(paths.map(databaseFiles))).flat();
}

/** A worker for work on copies, which an abort may kill at once. */
async function withWorker<T>(signal: AbortSignal | undefined, work: (worker: WorkerProcess) => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  return withWorkerProcess(aWorker(), work, { signal, spares });
}

function aWorker(): WorkerProcess {
  return spares.take() ?? startWorkerProcess('sqlite', import.meta.url);
}

async function letGo(worker: WorkerProcess): Promise<void> {
  const isReleased = await worker.ask('release', {}).then(
    () => true,
    () => false,
  );
  await (isReleased ? spares.keep(worker) : worker.end());
}

function isDamaged(error: unknown): boolean {
  return error instanceof WorkerError && /^SQLITE_(?:NOTADB|CORRUPT)/.test(error.code ?? '');
}

/** SQLite's refusals in words. What is not known passes as it is. */
function explain(path: string, error: unknown): unknown {
  if (!(error instanceof WorkerError)) return error;
  const code = error.code ?? '';
  const details = { path, code };
  if (/^(?:SQLITE_FULL|ENOSPC)/.test(code)) {
    return new Failure('no-space', `there is no room for a copy of ${path}`, {
      cause: error,
      details,
      remedy: { action: 'free-space', text: 'Free some space on that volume and try again.' },
    });
  }
  if (/^SQLITE_(?:BUSY|LOCKED)/.test(code)) {
    return new Failure('io', `${path} is locked by another program, which lets nobody else read it`, {
      cause: error,
      details,
      remedy: { action: 'stop-service', text: 'Stop the product, or whatever else has the datastore open, and try again.' },
    });
  }
  return new Failure('io', `${path} cannot be read: ${error.message}`, {
    cause: error,
    details,
    remedy: { action: 'retry', text: 'Look whether the file can be read by you, and try again.' },
  });
}
