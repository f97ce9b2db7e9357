/** Time, so that a test can hold it still. */

/** Now, as ISO 8601 in UTC. */
export function now(): string {
  return new Date().toISOString();
}

/** Milliseconds of a clock that never goes back. */
export function ticks(): number {
  return performance.now();
}

/** Calls `run` once after some milliseconds, unless the function that is answered is called before. No reason for the process to stay. */
export function later(milliseconds: number, run: () => void): () => void {
  const timer = setTimeout(run, milliseconds);
  timer.unref();
  return () => clearTimeout(timer);
}

/** Waits; an abort ends the wait at once with the signal's reason. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
