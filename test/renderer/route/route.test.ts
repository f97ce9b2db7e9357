import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressOf, parseRoute, tabs } from '../../../renderer/route/route.ts';

test.for([
  ['', { page: 'home' }],
  ['#', { page: 'home' }],
  ['#/', { page: 'home' }],
  ['#/add', { page: 'add' }],
  ['#/settings', { page: 'settings' }],
  ['#/set-up/node-red', { page: 'set-up', product: 'node-red' }],
  ['#/install/sprig', { page: 'install', install: 'sprig', tab: 'overview', to: null }],
  ['#/install/sprig/upgrade?to=2.0.0', { page: 'install', install: 'sprig', tab: 'upgrade', to: '2.0.0' }],
  ['#/install/sprig/fresh-start', { page: 'fresh-start', install: 'sprig' }],
  ['#/operation/op-1', { page: 'operation', operation: 'op-1' }],
] as const)('%s', ([hash, route]) => {
  expect(parseRoute(hash)).toEqual(route);
});

test.for(['#/x', '#/install', '#/install/a/b', '#/add/x', '#/install/a/upgrade/c', '#/%E0%A4%A'])('%s is no page', (hash) => {
  expect(parseRoute(hash).page).toBe('unknown');
});

test('every address leads back to its page, whatever an install is called', () => {
  const name = fc.string({ minLength: 1, unit: 'grapheme' });
  const route = fc.oneof(
    fc.record({ page: fc.constant('install' as const), install: name, tab: fc.constantFrom(...tabs), to: fc.option(name, { nil: null }) }),
    fc.record({ page: fc.constant('operation' as const), operation: name }),
    fc.record({ page: fc.constant('set-up' as const), product: name }),
    fc.record({ page: fc.constant('fresh-start' as const), install: name }),
  );
  fc.assert(
    fc.property(route, (each) => {
      expect(parseRoute(addressOf(each))).toEqual(each);
    }),
  );
});

test('no text at all breaks it', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(parseRoute(`#${text}`).page).toBeTypeOf('string');
    }),
  );
});
