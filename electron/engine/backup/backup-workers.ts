/** Starts this room's worker threads, from the sources and from the bundle (where all scripts lie in one folder). */
import { startWorkers, usefulThreads, type WorkerPool } from '../platform/workers.ts';
import type { Jobs } from './worker-jobs.ts';

/** Threads for packing and checking, and one more for the hashes that have to see their bytes in order. */
export interface BackupWorkers {
  pool: WorkerPool<Jobs>;
  hasher: WorkerPool<Jobs>;
  /** A number for a hash that nobody else uses. */
  newLane(): number;
  close(): Promise<void>;
}

export function startBackupWorkers(): BackupWorkers {
  const script = new URL(import.meta.url.endsWith('.ts') ? './pack-worker.ts' : './pack-worker.js', import.meta.url);
  const pool = startWorkers<Jobs>(script, usefulThreads());
  const hasher = startWorkers<Jobs>(script, 1);
  let lane = 0;
  return {
    pool,
    hasher,
    newLane: () => (lane += 1),
    close: async () => {
      await Promise.all([pool.close(), hasher.close()]);
    },
  };
}
