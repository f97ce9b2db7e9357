/** Whether a write-ahead log that was found later holds everything that was written since a snapshot. */
import type { WalState } from '../platform/sqlite-wal.ts';

export interface Snapshot {
  /** The log at the moment of the snapshot; null where it could not be read. */
  log: WalState | null;
  /** Whether the log was the same just before and just after, so that the snapshot is exactly this state. */
  exact: boolean;
}

/**
 * - `unchanged`: nothing was written.
 * - `continued`: base and the log as it is now are the final state.
 * - `broken`: it cannot be proven; copy again.
 *
 * Why it holds, while the snapshot's read transaction stays open (https://www.sqlite.org/walformat.html, "WAL-Index Locks"):
 * a reader that needs frames of the log holds a read mark, and no log with a used mark begins anew. Frames that are in the snapshot
 * already are put over equal pages. A reader that needs none, because all were checkpointed, holds mark 0: the log may begin anew once,
 * but then nothing may be checkpointed out of it, so it cannot begin anew again. A second restart, a log that vanished, or a checkpoint
 * that should have been impossible mean that locks did not hold (a network folder, a file replaced by hand), and nothing is believed.
 */
export function continuity(snapshot: Snapshot, later: WalState | null): 'unchanged' | 'continued' | 'broken' {
  const { log, exact } = snapshot;
  if (log === null || later === null) return 'broken';
  if (sameSalts(log.salts, later.salts)) {
    if (exact && log.frames === later.frames) return 'unchanged';
    if (log.salts !== null && later.frames >= log.frames && log.frames > 0) return 'continued';
  }
  if (later.salts === null || later.backfilled > 0) return 'broken';
  const allInMainFile = exact && log.backfilled === log.frames;
  if (!allInMainFile) return 'broken';
  const beganOnce = log.frames === 0 || (log.salts !== null && later.salts[0] === (log.salts[0] + 1) >>> 0);
  return beganOnce ? 'continued' : 'broken';
}

function sameSalts(one: WalState['salts'], other: WalState['salts']): boolean {
  return one === null || other === null ? one === other : one[0] === other[0] && one[1] === other[1];
}
