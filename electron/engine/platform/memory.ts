/** The heap of the calling thread. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | null = null;

/**
 * Collects the garbage of this thread now (about a millisecond for each MiB that is alive). V8 lets a heap grow to several times of what is
 * alive in it before it looks; a thread that makes much that is forgotten soon, and knows when, keeps small with this. Does nothing where
 * the engine does not let it.
 */
export function collectGarbage(): void {
  collect ??= findCollector();
  collect();
}

function findCollector(): () => void {
  try {
    setFlagsFromString('--expose-gc');
    const found: unknown = runInNewContext('gc');
    return typeof found === 'function' ? (found as () => void) : () => {};
  } catch {
    return () => {};
  }
}
