/**
 * When a scheduled backup is due. Pure: the time is handed in. Times of day are those of this machine, so that "at night" stays at night
 * when clocks are changed.
 */
import type { Schedule } from '../../api/protection.ts';

export interface Due {
  /** The beginning of the window that counts now. */
  since: Date;
  isDue: boolean;
  /** It is due, and its window is over. */
  isMissed: boolean;
  /** When the next is due: `since` itself while it is due. */
  next: Date;
}

/** @param last ISO time of the newest backup that counts; null where there is none */
export function dueOf(schedule: Schedule, last: string | null, now: Date): Due {
  const since = windowBefore(schedule, now);
  const covered = Math.max(Date.parse(schedule.since), last === null ? 0 : Date.parse(last));
  const isDue = covered < since.getTime();
  return {
    since,
    isDue,
    isMissed: isDue && now.getTime() > endOf(schedule, since).getTime(),
    next: isDue ? since : windowAfter(schedule, now),
  };
}

/** The latest beginning of a window that is not in the future. */
function windowBefore(schedule: Schedule, now: Date): Date {
  for (let back = 0; ; back += 1) {
    const start = startOn(schedule, now, -back);
    if (start !== null && start.getTime() <= now.getTime()) return start;
  }
}

function windowAfter(schedule: Schedule, now: Date): Date {
  for (let ahead = 0; ; ahead += 1) {
    const start = startOn(schedule, now, ahead);
    if (start !== null && start.getTime() > now.getTime()) return start;
  }
}

/** The beginning of the window on a day; null on days that have none. */
function startOn({ every, weekday, window }: Schedule, now: Date, days: number): Date | null {
  const [hours, minutes] = window.from.split(':').map(Number);
  const start = new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hours, minutes);
  return every === 'week' && start.getDay() !== weekday ? null : start;
}

/** A window that ends before it begins goes over midnight. */
function endOf({ window }: Schedule, start: Date): Date {
  const [hours, minutes] = window.to.split(':').map(Number);
  const days = window.to <= window.from ? 1 : 0;
  return new Date(start.getFullYear(), start.getMonth(), start.getDate() + days, hours, minutes);
}
