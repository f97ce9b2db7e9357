import type { Client } from '../../electron/api/client.ts';
import type { Backup } from '../../electron/api/models.ts';
import { createKeyed, type Keyed } from './keyed.ts';

/** The backups of each install. */
export function createBackups(client: Client): Keyed<{ install: string }, Backup[]> {
  return createKeyed(
    ({ install }) => install,
    (input) => client.call('backups', input),
  );
}
