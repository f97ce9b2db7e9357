import { expect, test } from 'vitest';
import { count, percent } from '../../../renderer/format/numbers.ts';
import { ago, daysSince, until } from '../../../renderer/format/time.ts';

const now = Date.parse('2026-03-06T12:00:00Z');

test.for<[string, string]>([
  ['2026-03-06T11:59:30Z', 'just now'],
  ['2026-03-06T11:59:00Z', '1 minute ago'],
  ['2026-03-06T09:00:00Z', '3 hours ago'],
  ['2026-03-04T12:00:00Z', '2 days ago'],
  ['nonsense', 'nonsense'],
])('%s is %s', ([time, words]) => {
  expect(ago(time, now)).toBe(words);
});

test('what is far away has a date', () => {
  expect(ago('2025-01-02T12:00:00Z', now)).toMatch(/^on .*2025/);
});

test('what comes', () => {
  expect(until('2026-03-13T12:00:00Z', now)).toBe('in 7 days');
  expect(until('2026-03-06T11:00:00Z', now)).toBe('now');
  expect(daysSince('2026-02-20T12:00:00Z', now)).toBe(14);
});

test('numbers', () => {
  expect(count(1, 'file')).toBe('1 file');
  expect(count(12_480, 'file')).toBe('12,480 files');
  expect([percent(0), percent(0.999), percent(1), percent(7)]).toEqual([0, 99, 100, 100]);
});
