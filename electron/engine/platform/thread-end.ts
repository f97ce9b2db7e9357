/**
 * How a worker thread ends: by itself, when it has nothing to do any more. One that is ended from outside (`terminate`) at a moment at which V8 does something
 * else in it, as compiling a module, can take the whole process along (nodejs/node#64500).
 */
import type { Worker } from 'node:worker_threads';

/** In milliseconds: the longest of a thread's jobs takes some 50, unless a disk does not answer. */
const patience = 2000;

/** Asks a thread to end and waits until it has; one that does not is ended from outside. */
export async function letEnd(worker: Worker, ask: () => void): Promise<void> {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  worker.once('exit', () => resolve());
  // It has ended before.
  if (worker.threadId === -1) return;
  // Somebody waits for it now.
  worker.ref();
  ask();
  const timer = setTimeout(() => void worker.terminate(), patience);
  await ended;
  clearTimeout(timer);
}
