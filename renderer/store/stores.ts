/**
 * All slices over one client, and the one place where the stream reaches them.
 *
 * Promises: state first, then the stream; after a loss everything that is on a screen is asked for again. Refuses: to be one great store;
 * every slice stands alone and can be tested alone.
 */
import type { Client, Snapshot, StreamMessage } from '../../electron/api/client.ts';
import type { Desktop } from '../../electron/api/desktop.ts';
import { createBackups } from './backups.ts';
import { createDiscoveries, createProducts } from './catalogue.ts';
import { createComparisons } from './comparisons.ts';
import { createConnection } from './connection.ts';
import { createAppUpdate, createDesktopSettings } from './desktop-state.ts';
import { createDrift } from './drift.ts';
import { createHistory } from './history.ts';
import { createInstalls } from './installs.ts';
import { createOperations, type Schedule } from './operations.ts';
import { createPastOperations } from './past-operations.ts';
import { createPlans } from './plans.ts';
import { createPreferences } from './preferences.ts';
import { createSchedules } from './schedules.ts';
import { createDestinations, createEncryption, createLimits } from './safekeeping.ts';
import { createStatuses } from './statuses.ts';

interface Tools {
  desktop?: Desktop | null;
  schedule?: Schedule;
  storage?: Pick<Storage, 'getItem' | 'setItem'>;
}

export type Stores = ReturnType<typeof createStores>;

export function createStores(client: Client, tools: Tools = {}) {
  const desktop = tools.desktop ?? null;
  return {
    client,
    desktop,
    desktopSettings: createDesktopSettings(desktop),
    appUpdate: createAppUpdate(desktop),
    connection: createConnection(),
    installs: createInstalls(),
    statuses: createStatuses(client),
    plans: createPlans(client),
    operations: createOperations(tools.schedule),
    backups: createBackups(client),
    comparisons: createComparisons(client),
    schedules: createSchedules(client),
    encryption: createEncryption(client),
    destinations: createDestinations(client),
    limits: createLimits(client),
    drift: createDrift(client),
    history: createHistory(client),
    pastOperations: createPastOperations(client),
    products: createProducts(client),
    discoveries: createDiscoveries(client),
    preferences: createPreferences(tools.storage),
  };
}

/** Lets the stream reach the slices. The answer ends it. */
export function followEngine(stores: Stores): () => void {
  return stores.client.subscribe(
    (message) => take(stores, message),
    (connection) => {
      stores.connection.setState({ connection });
      if (connection === 'lost') void askWhy(stores);
      else stores.connection.setState({ shutOut: null });
    },
  );
}

/** A stream does not say why it ended. A call does: a page whose key is no longer good must be opened anew, and waiting will not help. */
async function askWhy({ client, connection }: Stores): Promise<void> {
  const answer = await client.call('installs', {});
  const isShutOut = !answer.ok && answer.error.code === 'not-confirmed';
  if (connection.getState().connection === 'lost') connection.setState({ shutOut: isShutOut ? answer.error : null });
}

function take(stores: Stores, message: StreamMessage): void {
  switch (message.kind) {
    case 'snapshot':
      return takeSnapshot(stores, message.snapshot);
    case 'event':
      return stores.operations.hear(message.event);
    case 'changed':
      return refreshInstall(stores, message.install);
  }
}

function takeSnapshot(stores: Stores, { version, installs, operations }: Snapshot): void {
  const isFirst = !stores.connection.getState().hasState;
  stores.connection.setState({ version, hasState: true });
  stores.installs.setState({ installs });
  stores.operations.reset(operations);
  if (!isFirst) refreshInstall(stores, null);
}

/** Asks again for what is known of one install, or of all with null. */
function refreshInstall(stores: Stores, install: string | null): void {
  const fits = (input: { install?: string | undefined }): boolean => install === null || input.install === install;
  void refreshList(stores);
  const { statuses, backups, schedules, history, drift, encryption, destinations } = stores;
  for (const slice of [statuses, backups, schedules, history, drift, encryption, destinations]) slice.refresh(fits);
  // At most the one that is looked at; whose it is, only its answer says.
  stores.pastOperations.refresh();
  stores.discoveries.forget(() => true);
}

async function refreshList({ client, installs }: Stores): Promise<void> {
  const answer = await client.call('installs', {});
  if (answer.ok) installs.setState({ installs: answer.result });
}
