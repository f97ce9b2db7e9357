import type { Client } from '../../electron/api/client.ts';
import type { Status } from '../../electron/api/models.ts';
import { createKeyed, type Keyed } from './keyed.ts';
import { takeTurns } from './take-turns.ts';

export interface StatusInput {
  install: string;
}

/** Feeds are asked over the network: a few at a time are enough, however many installs there are. */
const atOnce = 4;

/** How each install is. */
export function createStatuses(client: Client): Keyed<StatusInput, Status> {
  const inTurn = takeTurns(atOnce);
  return createKeyed(
    ({ install }) => install,
    (input) => inTurn(() => client.call('status', input)),
  );
}
