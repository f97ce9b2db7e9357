/** When a backup is due, and which ones stay. Times are local, as a person sets them. */
import { describe, expect, test } from 'vitest';
import type { Backup } from '../../../electron/api/models.ts';
import type { Schedule } from '../../../electron/api/protection.ts';
import { reasonsToKeep } from '../../../electron/engine/backup/retention.ts';
import { usualSchedule } from '../../../electron/api/usual-schedule.ts';
import { dueOf } from '../../../electron/engine/backup/schedule.ts';

const at = (day: number, hour: number, minute = 0) => new Date(2026, 2, day, hour, minute);
const iso = (day: number, hour: number) => at(day, hour).toISOString();
const schedule = (more: Partial<Schedule> = {}): Schedule => ({ ...usualSchedule, since: iso(1, 12), ...more });

describe('a backup is due', () => {
  test('every day from the beginning of its window, until one is there', () => {
    expect(dueOf(schedule(), null, at(1, 20))).toMatchObject({ isDue: false, next: at(2, 2) });
    expect(dueOf(schedule(), null, at(2, 1, 59)).isDue).toBe(false);
    expect(dueOf(schedule(), null, at(2, 2))).toMatchObject({ isDue: true, isMissed: false, next: at(2, 2) });
    expect(dueOf(schedule(), iso(2, 3), at(2, 4))).toMatchObject({ isDue: false, isMissed: false, next: at(3, 2) });
  });

  test('after its window too, and then it was missed; a machine that slept for days misses one, not five', () => {
    expect(dueOf(schedule(), iso(2, 3), at(3, 6))).toMatchObject({ isDue: true, isMissed: true, since: at(3, 2) });
    expect(dueOf(schedule(), iso(2, 3), at(8, 1))).toMatchObject({ isDue: true, isMissed: true, since: at(7, 2) });
    expect(dueOf(schedule(), iso(8, 1), at(8, 1, 30))).toMatchObject({ isDue: false, next: at(8, 2) });
  });

  test('on its day of the week, in a window over midnight', () => {
    const weekly = schedule({ every: 'week', weekday: 6, window: { from: '23:30', to: '01:00' } });
    expect(dueOf(weekly, null, at(7, 23)).isDue).toBe(false);
    expect(dueOf(weekly, null, at(8, 0, 30))).toMatchObject({ isDue: true, isMissed: false, since: at(7, 23, 30) });
    expect(dueOf(weekly, null, at(8, 1, 1)).isMissed).toBe(true);
    expect(dueOf(weekly, iso(8, 2), at(9, 0)).next).toEqual(at(14, 23, 30));
  });

  test('at two in the morning also on the days when clocks are changed', () => {
    for (const month of [2, 9]) {
      for (let day = 1; day < 31; day += 1) {
        const due = dueOf(schedule({ since: new Date(2026, month, 1).toISOString() }), null, new Date(2026, month, day, 12));
        expect([due.since.getDate(), [2, 3].includes(due.since.getHours())]).toEqual([day, true]);
      }
    }
  });
});

function backup(day: number, more: Partial<Backup> = {}): Backup {
  const usual = { reason: 'scheduled', verdict: 'unproven', provenAt: null, foreign: false, missing: false };
  return { id: `d${day}`, at: iso(day, 2), ...usual, ...more } as Backup;
}
const days = (count: number, more: Partial<Backup> = {}) => Array.from({ length: count }, (_, index) => backup(count - index, more));
const nobody = new Map<string, string>();

function kept(backups: Backup[], keep: Schedule['keep'], needed = nobody): string[] {
  const reasons = reasonsToKeep(backups, keep, needed);
  return backups.filter(({ id }) => (reasons.get(id) ?? []).length > 0).map(({ id }) => id);
}

describe('there stay', () => {
  test('the newest, and the newest of each day, week and month', () => {
    expect(kept(days(30), { last: 2, daily: 0, weekly: 0, monthly: 0 })).toEqual(['d30', 'd29']);
    expect(kept(days(30), { last: 1, daily: 4, weekly: 0, monthly: 0 })).toEqual(['d30', 'd29', 'd28', 'd27']);
    // March 2026 begins on a Sunday: 1 | 2–8 | 9–15 | 16–22 | 23–29 | 30
    expect(kept(days(30), { last: 1, daily: 0, weekly: 4, monthly: 0 })).toEqual(['d30', 'd29', 'd22', 'd15']);
    expect(kept(days(30), { last: 1, daily: 0, weekly: 0, monthly: 12 })).toEqual(['d30']);
    const twice = [backup(5, { id: 'late', at: iso(5, 9) }), backup(5), backup(4)];
    expect(kept(twice, { last: 1, daily: 2, weekly: 0, monthly: 0 })).toEqual(['late', 'd4']);
  });

  test('the last proven one, what a way back needs, what was asked for, what is of another machine, however old', () => {
    const backups = days(10);
    Object.assign(backups[9] as Backup, { provenAt: iso(9, 1), verdict: 'proven' });
    Object.assign(backups[8] as Backup, { provenAt: iso(2, 3), verdict: 'proven' });
    Object.assign(backups[7] as Backup, { reason: 'asked' });
    Object.assign(backups[6] as Backup, { foreign: true });
    const keep = { last: 1, daily: 0, weekly: 0, monthly: 0 };
    expect(kept(backups, keep, new Map([['d5', 'a roll back needs it']]))).toEqual(['d10', 'd5', 'd4', 'd3', 'd1']);
  });

  test('good ones in the places of bad ones; and the bad ones as long as there is nothing else', () => {
    const keep = { last: 2, daily: 0, weekly: 0, monthly: 0 };
    const backups = days(5);
    Object.assign(backups[0] as Backup, { verdict: 'bad' });
    expect(kept(backups, keep)).toEqual(['d4', 'd3']);
    expect(kept(days(2, { verdict: 'bad' }), keep)).toEqual(['d2', 'd1']);
  });
});
