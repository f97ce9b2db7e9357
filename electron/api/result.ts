import type { FailureData } from './failure.ts';

/** What every call answers, on every wire: the last line of `--json`, an IPC reply, an HTTP body. */
export type Result<T> = { ok: true; result: T } | { ok: false; error: FailureData };

export function succeed<T>(result: T): Result<T> {
  return { ok: true, result };
}

export function fail(error: FailureData): Result<never> {
  return { ok: false, error };
}
