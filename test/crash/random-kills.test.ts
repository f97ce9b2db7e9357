/** Upgrades and restores that are killed at random moments, with the product running and not. `MOULT_SEED` makes a run again. */
import { test } from 'vitest';
import { amount, seed } from './support/modes.ts';
import { randomFrom } from './support/random.ts';
import { courseOf, runCases, useBenches, type Case } from './support/suite.ts';
import { workflows, type Workflow } from './support/workflows.ts';

const benches = useBenches('kills');
const chosen = workflows.filter((workflow) => ['upgrade', 'restore'].includes(workflow.action) && workflow.variant === undefined);

test('killed at random', { timeout: 10 * 3600_000 }, async () => {
  const random = randomFrom(seed);
  const cases: Case[] = [];
  for (let number = 0; number < amount(8, 300, 300, 3000); number += 1) {
    const workflow = chosen[number % chosen.length] as Workflow;
    const [bench] = benches;
    if (bench === undefined) throw new Error('no bench');
    const { changes } = await courseOf(bench, workflow);
    const at = 1 + Math.floor(random() * changes);
    const after = random() * 1500;
    // Half of them at a moment, half at one of the changes, so that the quiet stretches do not take all of them.
    const trouble =
      number % 4 < 2
        ? { name: `seed ${seed}, case ${number}: killed after ${after.toFixed(3)} ms`, killAfter: after, running: number % 3 === 0 }
        : {
            name: `seed ${seed}, case ${number}: killed at change ${at}`,
            orders: { mode: 'kill' as const, at, changesOnly: true },
            running: number % 3 === 0,
          };
    cases.push({ workflow, trouble: { ...trouble, again: number % 5 === 0 } });
  }
  await runCases('random kills', benches, cases);
});
