/** Starts this room's worker threads, from the sources and from the bundle (where all scripts lie in one folder). */
import { Spares } from '../platform/spares.ts';
import { startWorkers, usefulThreads, type WorkerPool } from '../platform/workers.ts';
import type { Jobs } from './worker-jobs.ts';

const spares = new Spares<WorkerPool<Jobs>>();

/** Threads that have finished all they were asked may go on with other work; what went wrong is ended. */
export async function giveBack(pool: WorkerPool<Jobs>, isGood: boolean): Promise<void> {
  if (!isGood) return pool.end();
  await pool.loaded();
  await spares.keep(pool);
}

/** Threads that wait for work, or new ones: those that are started have the priority of the thread that calls. */
export function borrowBackupWorkers(): WorkerPool<Jobs> {
  return spares.take() ?? startBackupWorkers();
}

export function startBackupWorkers(): WorkerPool<Jobs> {
  return startWorkers<Jobs>(
    new URL(import.meta.url.endsWith('.ts') ? './pack-worker.ts' : './pack-worker.js', import.meta.url),
    usefulThreads(),
  );
}
