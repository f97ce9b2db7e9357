import type { Client } from '../../electron/api/client.ts';
import type { HistoryEntry } from '../../electron/api/models.ts';
import { createKeyed, type Keyed } from './keyed.ts';

/** As many operations as a page shows; the command line shows all. */
const longest = 200;

/** What was done with each install. */
export function createHistory(client: Client): Keyed<{ install: string }, HistoryEntry[]> {
  return createKeyed(
    ({ install }) => install,
    ({ install }) => client.call('history', { install, limit: longest }),
  );
}
