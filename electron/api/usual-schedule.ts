import type { Schedule } from './protection.ts';

/** What a schedule is when nothing else is said: every night, proven once a week, for half a year. */
export const usualSchedule: Omit<Schedule, 'since'> = {
  every: 'day',
  window: { from: '02:00', to: '05:00' },
  weekday: 0,
  keep: { last: 3, daily: 7, weekly: 4, monthly: 6 },
  drill: 'week',
  readBack: 2 * 1024 ** 3,
  reserve: 1024 ** 3,
};
