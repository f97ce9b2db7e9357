/** Where things stand on the line of time. Pure. */
import type { Backup, HistoryEntry } from '../../../../electron/api/models.ts';

export interface ReleaseSpan {
  release: string;
  /** Milliseconds since 1970. */
  from: number;
  to: number;
}

/** Which release was there from when to when, as far as the history and the backups tell. */
export function releaseSpans(history: readonly HistoryEntry[], backups: readonly Backup[], now: number): ReleaseSpan[] {
  const seen = [
    ...history.flatMap((entry) =>
      entry.outcome === 'done' && entry.to !== null && entry.endedAt !== null ? [{ at: entry.endedAt, release: entry.to }] : [],
    ),
    ...backups.flatMap((backup) => (backup.release === null ? [] : [{ at: backup.at, release: backup.release }])),
  ]
    .map(({ at, release }) => ({ at: Date.parse(at), release }))
    .filter(({ at }) => !Number.isNaN(at))
    .toSorted((left, right) => left.at - right.at);
  const starts = seen.filter((each, index) => each.release !== seen[index - 1]?.release);
  return starts.map(({ at, release }, index) => ({ release, from: at, to: starts[index + 1]?.at ?? now }));
}

/** A time as a share of the line, 0 to 1. A line without length has everything at its end. */
export function placeOnLine(time: number, start: number, end: number): number {
  if (end <= start) return 1;
  return Math.max(0, Math.min(1, (time - start) / (end - start)));
}
