import type { Client } from '../../electron/api/client.ts';
import type { MethodInput } from '../../electron/api/methods.ts';
import type { Comparison } from '../../electron/api/models.ts';
import { createKeyed, type Keyed } from './keyed.ts';

export type CompareInput = MethodInput<'compare'>;

/** What was written since a backup, each under its whole question. Asked anew when a question opens, because people go on writing. */
export function createComparisons(client: Client): Keyed<CompareInput, Comparison> {
  return createKeyed(
    (input) => JSON.stringify([input.install, input.input, input.search, input.limit, input.rows]),
    (input) => client.call('compare', input),
  );
}
