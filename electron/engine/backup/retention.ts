/**
 * Which backups stay: the newest ones, and the newest of each of so many days, weeks and months that have one (grandfather, father, son).
 * Promises: never the newest one that was proven, never the newest good one, never one that a way back needs, never one that a person asked for, never
 * one of another install. A bad one takes nobody's place.
 */
import type { Backup } from '../../api/models.ts';
import type { Schedule } from '../../api/protection.ts';

type Candidate = Pick<Backup, 'id' | 'at' | 'reason' | 'verdict' | 'provenAt' | 'foreign' | 'missing'>;

/** @param needed why each that a way back needs is needed, by id. Answers why each one stays; what has no reason goes. */
export function reasonsToKeep(
  backups: readonly Candidate[],
  keep: Schedule['keep'],
  needed: ReadonlyMap<string, string>,
): Map<string, string[]> {
  const reasons = new Map<string, string[]>(backups.map((backup) => [backup.id, []]));
  const say = (backup: Candidate | undefined, why: string) => backup !== undefined && reasons.get(backup.id)?.push(why);
  for (const backup of backups) {
    const why = needed.get(backup.id);
    if (why !== undefined) say(backup, why);
    if (backup.foreign) say(backup, 'it is of another install');
    if (backup.reason === 'asked') say(backup, 'you asked for it');
    if (backup.missing) say(backup, 'its file is not here');
  }
  const own = backups.filter((backup) => !backup.foreign && !backup.missing).toSorted((one, other) => other.at.localeCompare(one.at));
  const good = own.filter((backup) => backup.verdict !== 'bad');
  const proven = good
    .filter((backup) => backup.provenAt !== null)
    .toSorted((one, other) => (other.provenAt ?? '').localeCompare(one.provenAt ?? ''));
  say(proven[0], 'it is the last one that was proven');
  for (const backup of good.slice(0, Math.max(1, keep.last))) say(backup, 'it is among the newest');
  for (const [limit, periodOf, name] of periods(keep)) {
    const taken = new Set<string>();
    for (const backup of good) {
      const period = periodOf(new Date(backup.at));
      if (taken.has(period)) continue;
      if (taken.size >= limit) break;
      taken.add(period);
      say(backup, `it is the newest of its ${name}`);
    }
  }
  // As long as nothing better is there, a damaged one is all that there is.
  if (good.length === 0) for (const backup of own) say(backup, 'there is no good one');
  return reasons;
}

function periods(keep: Schedule['keep']): [number, (at: Date) => string, string][] {
  return [
    [keep.daily, dayOf, 'day'],
    [keep.weekly, weekOf, 'week'],
    [keep.monthly, (at) => `${at.getFullYear()}-${at.getMonth()}`, 'month'],
  ];
}

function dayOf(at: Date): string {
  return `${at.getFullYear()}-${at.getMonth()}-${at.getDate()}`;
}

/** Weeks begin on Monday. */
function weekOf(at: Date): string {
  return dayOf(new Date(at.getFullYear(), at.getMonth(), at.getDate() - ((at.getDay() + 6) % 7)));
}
