/** Upgrades and restores that are killed at random moments, with the product running and not. `MOULT_SEED` makes a run again. */
import { test } from 'vitest';
import { amount } from './support/modes.ts';
import { randomKills } from './support/random-kills.ts';
import { runCases, useBenches } from './support/suite.ts';
import { workflows } from './support/workflows.ts';

const benches = useBenches('kills');
const chosen = workflows.filter((workflow) => ['upgrade', 'restore'].includes(workflow.action) && workflow.variant === undefined);

test('killed at random', { timeout: 10 * 3600_000 }, async () => {
  await runCases('random kills', benches, await randomKills(benches[0], chosen, { count: amount(8, 100, 300, 3000), within: 1500 }));
});
