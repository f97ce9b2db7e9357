import type { Client } from '../../electron/api/client.ts';
import type { Destination, EncryptionState, Limits } from '../../electron/api/safekeeping.ts';
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

/** How fast backups and copies may be. One for all installs. */
export function createLimits(client: Client): Keyed<object, Limits> {
  return createKeyed(
    () => 'all',
    () => client.call('limits', {}),
  );
}
