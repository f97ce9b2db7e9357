import { expect, it } from 'vitest';
import { nearest } from '../../electron/transport/nearest.ts';

it.each([
  ['upgarde', 'upgrade'],
  ['Restore', 'restore'],
  ['rollbak', 'rollback'],
  ['xyzzy', null],
  ['', null],
])('%j is nearest to %j', (word, expected) => {
  expect(nearest(word, ['upgrade', 'restore', 'rollback', 'list'])).toBe(expected);
});
