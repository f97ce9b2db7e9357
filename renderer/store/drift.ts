import type { Client } from '../../electron/api/client.ts';
import type { DriftReport } from '../../electron/api/models.ts';
import { createKeyed, type Keyed } from './keyed.ts';
import { takeTurns } from './take-turns.ts';

/** What differs from what should be. Looking reads every shipped file, so one install is looked at after the other. */
export function createDrift(client: Client): Keyed<{ install: string }, DriftReport> {
  const inTurn = takeTurns(1);
  return createKeyed(
    ({ install }) => install,
    (input) => inTurn(() => client.call('drift', input)),
  );
}
