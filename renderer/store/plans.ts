import type { Client } from '../../electron/api/client.ts';
import type { MethodInput } from '../../electron/api/methods.ts';
import type { Plan } from '../../electron/api/models.ts';
import { createKeyed, type Keyed } from './keyed.ts';

export type PlanInput = MethodInput<'plan'>;

/** What would be done, each under its whole question. A plan is never kept for a second look: it is asked anew when a page opens. */
export function createPlans(client: Client): Keyed<PlanInput, Plan> {
  return createKeyed(
    (input) =>
      JSON.stringify(
        Object.entries(input)
          .filter(([, value]) => value !== undefined)
          .sort(([left], [right]) => left.localeCompare(right)),
      ),
    (input) => client.call('plan', input),
  );
}
