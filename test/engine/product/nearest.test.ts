import { expect, it } from 'vitest';
import { nearest } from '../../../electron/engine/product/nearest.ts';

it.each([
  ['tilte', ['title', 'note'], 'title'],
  ['Fate', ['fate', 'at'], 'fate'],
  ['upgarde', ['upgrade', 'uninstall'], 'upgrade'],
  ['zzz', ['title', 'note'], null],
  ['x', [], null],
])('%s among %j is %s', (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected);
});
