import { expect, test } from 'vitest';
import { exactBytes, percent } from '../../../renderer/format/numbers.ts';
import { agoWords, daysSince, exactTime, shortTime, untilWords } from '../../../renderer/format/time.ts';

test('exact times, in the person’s own zone; what is no time stays as it is', () => {
  const time = new Date(2026, 2, 6, 5, 6, 7).toISOString();
  expect(exactTime(time)).toContain('07');
  expect(shortTime(time)).not.toContain('07');
  expect([exactTime('someday'), shortTime('someday')]).toEqual(['someday', 'someday']);
});

test('what is far away goes by its day, as the person writes days', () => {
  const now = Date.parse('2026-11-20T12:00:00Z');
  const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' }).format(new Date('2026-03-06T12:00:00Z'));
  expect(agoWords('2026-03-06T12:00:00Z', now)).toBe(`on ${day}`);
  expect(agoWords('2026-11-20T11:55:00Z', now)).toBe('5 minutes ago');
  expect(untilWords('2026-11-27T12:00:00Z', now)).toBe('in 7 days');
});

test('whole days', () => {
  expect(daysSince('2026-02-20T12:00:00Z', Date.parse('2026-03-06T12:00:00Z'))).toBe(14);
});

test('numbers', () => {
  expect([exactBytes(1), exactBytes(1536)]).toEqual(['1 byte', '1,536 bytes']);
  expect([percent(0), percent(0.999), percent(1), percent(7)]).toEqual([0, 99, 100, 100]);
});
