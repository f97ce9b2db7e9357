import type { Client } from '../../electron/api/client.ts';
import type { Destination, EncryptionState } from '../../electron/api/safekeeping.ts';
import { createKeyed, type Keyed } from './keyed.ts';

/** How the backups of each install are encrypted. */
export function createEncryption(client: Client): Keyed<{ install: string }, EncryptionState> {
  return createKeyed(
    ({ install }) => install,
    (input) => client.call('encryption', input),
  );
}

/** Where second copies of the backups of each install go. */
export function createDestinations(client: Client): Keyed<{ install: string }, Destination[]> {
  return createKeyed(
    ({ install }) => install,
    (input) => client.call('destinations', input),
  );
}
