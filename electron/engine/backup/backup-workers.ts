/** Starts this room's worker threads, from the sources and from the bundle (where all scripts lie in one folder). */
import { startWorkers, usefulThreads, type WorkerPool } from '../platform/workers.ts';
import type { Jobs } from './worker-jobs.ts';

export function startBackupWorkers(): WorkerPool<Jobs> {
  return startWorkers<Jobs>(
    new URL(import.meta.url.endsWith('.ts') ? './pack-worker.ts' : './pack-worker.js', import.meta.url),
    usefulThreads(),
  );
}
