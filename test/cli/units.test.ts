import { expect, it } from 'vitest';
import { ago, bytes, count, duration, until } from '../../electron/cli/units.ts';

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1 KiB'],
  [34_816, '34 KiB'],
  [1_048_575, '1 MiB'],
  [3_435_973_837, '3.2 GiB'],
  [150 * 1024 ** 2, '150 MiB'],
])('%i bytes are %s', (number, text) => {
  expect(bytes(number)).toBe(text);
});

it.each([
  [0, '0 s'],
  [0.43, '0.4 s'],
  [9.97, '10 s'],
  [59.4, '59 s'],
  [59.6, '1 min'],
  [185, '3 min 5 s'],
  [7800, '2 h 10 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

const now = new Date('2026-03-06T12:00:00Z');
const before = (seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString();

it.each([
  [10, 'just now'],
  [60, '1 minute ago'],
  [3600, '1 hour ago'],
  [86_400, '1 day ago'],
  [2 * 86_400, '2 days ago'],
  [40 * 86_400, 'on 2026-01-25'],
])('%i seconds before is %s', (seconds, text) => {
  expect(ago(before(seconds), now)).toBe(text);
});

it('tells coming times', () => {
  expect(until(before(-7 * 86_400), now)).toBe('in 7 days');
  expect(until(before(5), now)).toBe('now');
});

it('leaves alone what is no time', () => {
  expect(ago('someday', now)).toBe('someday');
});

it('counts', () => {
  expect([count(0, 'file'), count(1, 'file'), count(2, 'entry', 'entries')]).toEqual(['0 files', '1 file', '2 entries']);
});
