/** Exit codes: what a script can rely on. One table, no other place knows a number. */
import { type FailureCode, type FailureGroup, groupOf } from '../api/failure.ts';

export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  drift: 4,
  'rolled-back': 5,
  interrupted: 6,
  cancelled: 130,
} as const satisfies Record<FailureGroup | 'done' | 'drift', number>;

export function exitCodeOf(code: FailureCode): number {
  return exitCodes[groupOf(code)];
}
