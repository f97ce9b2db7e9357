// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchHealth } from '../../../renderer/store/health-watch.ts';
import { createStores, followEngine } from '../../../renderer/store/stores.ts';
import { status } from '../../support/fake-world.ts';
import { fakeClient } from '../fake-client.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a product that stops by itself is seen, without asking its feed, and what the feed said stays', async () => {
  const client = fakeClient();
  const stores = createStores(client, { storage: { getItem: () => null, setItem: () => undefined } });
  followEngine(stores);
  const end = watchHealth(stores);
  await stores.statuses.load({ install: 'sprig' });
  client.answer('status', {
    ...status,
    health: 'stopped',
    update: { latest: null, notes: null, notesAt: null, held: null, quarantined: [], error: null },
  });
  await vi.advanceTimersByTimeAsync(20_000);
  expect(client.calls.at(-1)).toEqual({ method: 'status', input: { install: 'sprig', offline: true } });
  expect(stores.statuses.store.getState().entries['sprig']?.value).toMatchObject({ health: 'stopped', update: { latest: '2.0.0' } });
  client.connect('lost');
  const before = client.calls.length;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(client.calls.filter((call) => call.method === 'status').length).toBe(
    client.calls.slice(0, before).filter((call) => call.method === 'status').length,
  );
  end();
});
