import { describe, expect, test } from 'vitest';
import { continuity } from '../../../electron/engine/datastore/wal-continuity.ts';
import type { WalState } from '../../../electron/engine/platform/sqlite-wal.ts';

const log = (salt: number | null, frames: number, backfilled: number): WalState => ({
  bytes: 100,
  salts: salt === null ? null : [salt, salt * 7],
  frames,
  backfilled,
});
const exact = (state: WalState | null) => ({ log: state, exact: true });
const blurred = (state: WalState | null) => ({ log: state, exact: false });

describe('a log is believed', () => {
  test('when it is the same one and longer', () => {
    expect(continuity(exact(log(5, 10, 3)), log(5, 12, 10))).toBe('continued');
    expect(continuity(blurred(log(5, 10, 3)), log(5, 10, 3))).toBe('continued');
  });
  test('when nothing was written', () => {
    expect(continuity(exact(log(5, 10, 10)), log(5, 10, 10))).toBe('unchanged');
    expect(continuity(exact(log(null, 0, 0)), log(null, 0, 0))).toBe('unchanged');
  });
  test('when it began anew once after all of it was in the main file', () => {
    expect(continuity(exact(log(5, 10, 10)), log(6, 2, 0))).toBe('continued');
    expect(continuity(exact(log(0xffffffff, 10, 10)), log(0, 2, 0))).toBe('continued');
    expect(continuity(exact(log(null, 0, 0)), log(99, 2, 0))).toBe('continued');
  });
});

describe('a log is not believed', () => {
  test('when it began anew twice', () => expect(continuity(exact(log(5, 10, 10)), log(7, 2, 0))).toBe('broken'));
  test('when it began anew although frames of the snapshot were not in the main file', () =>
    expect(continuity(exact(log(5, 10, 9)), log(6, 2, 0))).toBe('broken'));
  test('when something was checkpointed out of it that should have been held', () =>
    expect(continuity(exact(log(5, 10, 10)), log(6, 2, 1))).toBe('broken'));
  test('when it began anew and the moment of the snapshot is not known', () =>
    expect(continuity(blurred(log(5, 10, 10)), log(6, 2, 0))).toBe('broken'));
  test('when it vanished', () => expect(continuity(exact(log(5, 10, 10)), log(null, 0, 0))).toBe('broken'));
  test('when it became shorter', () => expect(continuity(exact(log(5, 10, 10)), log(5, 9, 9))).toBe('broken'));
  test('when it could not be read', () => {
    expect(continuity(exact(null), log(5, 10, 10))).toBe('broken');
    expect(continuity(exact(log(5, 10, 10)), null)).toBe('broken');
  });
});
