import { expect, it } from 'vitest';
import { ago, count, humanBytes, humanSeconds, parseBytes, until } from '../../electron/api/units.ts';

it.each([
  [0, '0 B'],
  [5, '5 B'],
  [1023, '1023 B'],
  [1024, '1 KiB'],
  [34_816, '34 KiB'],
  [1_048_575, '1 MiB'],
  [3_435_973_837, '3.2 GiB'],
  [150 * 1024 ** 2, '150 MiB'],
])('%i bytes are %s', (number, text) => {
  expect(humanBytes(number)).toBe(text);
});

it.each([
  ['0', 0],
  ['1024', 1024],
  ['500MiB', 500 * 1024 ** 2],
  ['2 GiB', 2 * 1024 ** 3],
  ['1.5g', 1.5 * 1024 ** 3],
  ['7 B', 7],
  ['3kb', 3072],
  ['', null],
  ['-1', null],
  ['1 XiB', null],
  ['many', null],
  ['9999999 PiB', null],
])('%s is so many bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
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
  expect(humanSeconds(seconds)).toBe(text);
});

const now = new Date('2026-03-06T12:00:00Z');
const before = (seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString();

it.each([
  [10, 'just now'],
  [60, '1 minute ago'],
  [300, '5 minutes ago'],
  [3600, '1 hour ago'],
  [86_400, '1 day ago'],
  [2 * 86_400, '2 days ago'],
])('%i seconds before is %s', (seconds, text) => {
  expect(ago(before(seconds), now)).toBe(text);
  expect(ago(before(seconds), now.getTime())).toBe(text);
});

it('tells coming times', () => {
  expect(until(before(-7 * 86_400), now)).toBe('in 7 days');
  expect(until(before(5), now)).toBe('now');
});

it('names the day of what is far away, as the clock on the wall has it', () => {
  const newYear = new Date(2026, 0, 1, 0, 30).toISOString();
  expect(ago(newYear, now)).toBe('on 2026-01-01');
  expect(until(new Date(2026, 11, 31, 23, 30).toISOString(), now)).toBe('on 2026-12-31');
});

it('leaves alone what is no time', () => {
  expect([ago('someday', now), until('someday', now)]).toEqual(['someday', 'someday']);
});

it('counts, in groups of three', () => {
  expect([count(0, 'file'), count(1, 'file'), count(2, 'entry', 'entries')]).toEqual(['0 files', '1 file', '2 entries']);
  expect([999, 1000, 12_480, 1_234_567].map((number) => count(number, 'file'))).toEqual([
    '999 files',
    '1,000 files',
    '12,480 files',
    '1,234,567 files',
  ]);
});
