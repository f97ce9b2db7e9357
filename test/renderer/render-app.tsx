/** The whole app over a fake client, at an address, as a person would meet it. */
import { cleanup, configure, render, screen } from '@testing-library/react';
import { type UserEvent, userEvent } from '@testing-library/user-event';
import { App } from '../../renderer/app.tsx';
import { createStores, followEngine, type Stores } from '../../renderer/store/stores.ts';
import { StoresContext } from '../../renderer/store/use-stores.ts';
import type { Desktop } from '../../electron/api/desktop.ts';
import { fakeClient, type FakeClient } from './fake-client.ts';

// Pages come by themselves when they are first opened, which takes a busy machine a while.
configure({ asyncUtilTimeout: 10_000 });

export interface OpenApp {
  client: FakeClient;
  stores: Stores;
  user: UserEvent;
  /** Calls of one method, their inputs alone. */
  inputs(method: string): unknown[];
}

/** @param prepare changes the client's world before the app sees it */
export async function openApp(
  address: string,
  prepare: (client: FakeClient) => void = () => undefined,
  desktop: Desktop | null = null,
): Promise<OpenApp> {
  cleanup();
  const client = fakeClient();
  prepare(client);
  location.hash = address;
  const kept = new Map<string, string>();
  const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
  const stores = createStores(client, { storage, desktop, schedule: (run) => queueMicrotask(run) });
  followEngine(stores);
  render(
    <StoresContext value={stores}>
      <App />
    </StoresContext>,
  );
  await screen.findByRole('heading', { level: 1 });
  return {
    client,
    stores,
    user: userEvent.setup(),
    inputs: (method) => client.calls.filter((call) => call.method === method).map((call) => call.input),
  };
}
