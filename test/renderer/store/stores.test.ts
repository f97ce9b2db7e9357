import { expect, test, vi } from 'vitest';
import { createStores, followEngine } from '../../../renderer/store/stores.ts';
import { install } from '../../support/fake-world.ts';
import { fakeClient } from '../fake-client.ts';

const storage = { getItem: () => null, setItem: () => undefined };

function open() {
  const client = fakeClient();
  const stores = createStores(client, { storage, schedule: (run) => run() });
  const end = followEngine(stores);
  return { client, stores, end };
}

test('state first: the snapshot fills the list before anything is asked', () => {
  const { client, stores } = open();
  expect(stores.installs.getState().installs).toEqual([install]);
  expect(stores.connection.getState()).toMatchObject({ connection: 'connected', hasState: true, version: '0.1.0' });
  expect(client.calls).toEqual([]);
});

test('a change asks again for what is known of that install, and for nothing else', async () => {
  const { client, stores } = open();
  await stores.statuses.load({ install: 'sprig' });
  await stores.statuses.load({ install: 'other' });
  client.calls.length = 0;
  client.say({ kind: 'changed', install: 'sprig' });
  await vi.waitFor(() => expect(client.calls.map((call) => call.method).sort()).toEqual(['installs', 'status']));
  expect(client.calls.find((call) => call.method === 'status')?.input).toEqual({ install: 'sprig' });
});

test('after a loss the snapshot heals everything that is on a screen', async () => {
  const { client, stores } = open();
  await stores.backups.load({ install: 'sprig' });
  client.connect('lost');
  expect(stores.connection.getState().connection).toBe('lost');
  client.connect('connected');
  client.calls.length = 0;
  client.say({ kind: 'snapshot', snapshot: client.snapshot });
  await vi.waitFor(() => expect(client.calls.map((call) => call.method)).toContain('backups'));
});

test('a page whose key is no longer good is told so, instead of waiting for ever', async () => {
  const { client, stores } = open();
  client.refuse('installs', { code: 'not-confirmed', message: 'This page has no key.' });
  client.connect('lost');
  await vi.waitFor(() => expect(stores.connection.getState().shutOut?.message).toBe('This page has no key.'));
  client.connect('connected');
  expect(stores.connection.getState().shutOut).toBeNull();
});

test('statuses are asked for a few at a time', async () => {
  const { client, stores } = open();
  let running = 0;
  let most = 0;
  client.reply('status', async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 2));
    running -= 1;
    return { ok: false, error: { code: 'io', message: 'x' } };
  });
  await Promise.all(Array.from({ length: 20 }, (_, index) => stores.statuses.load({ install: `i${index}` })));
  expect(most).toBe(4);
});

test('nothing is heard after the end', () => {
  const { client, stores, end } = open();
  end();
  client.say({ kind: 'snapshot', snapshot: { version: '9', installs: [], operations: [] } });
  expect(stores.connection.getState().version).toBe('0.1.0');
});
