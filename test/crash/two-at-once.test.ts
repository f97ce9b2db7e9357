/** Two processes at one install: one does its work, the other is told why not. A live holder's lock is never taken, a dead one's never blocks. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FailureCode } from '../../electron/api/failure.ts';
import { always, compare, killServices, recordOf, servicesOf } from './support/audit.ts';
import { Lab } from './support/lab.ts';
import { some, tellCases } from './support/modes.ts';
import { courseOf, Steady, useBenches } from './support/suite.ts';
import type { World } from './support/stub-world.ts';
import { modelFor, workflows, type Workflow } from './support/workflows.ts';

const benches = useBenches('two');
const racing = workflows.filter((workflow) => workflow.state === 'one' && workflow.action !== 'set-up');
const pairs = racing.flatMap((one, index) => racing.slice(index).map((other) => [one, other] as const));
/** How the second may be told no: it is taken, what it planned is no more, or there is nothing left for it to do. */
const refusals: FailureCode[] = [
  'locked',
  'interrupted',
  'plan-changed',
  'not-an-install',
  'nothing-to-do',
  'service-failed',
  'port-in-use',
  'check-failed',
  'bad-input',
  'downgrade',
  'unknown-install',
  'rolled-back',
];

test('every pair of operations', { timeout: 40 * 60_000 }, async () => {
  const [bench] = benches;
  if (bench === undefined) throw new Error('no bench');
  const { world, lab, models } = bench;
  const second = new Lab(world);
  const problems: string[] = [];
  const chosen = some(pairs, 3, Infinity, Infinity);
  const steady = new Steady(chosen.length);
  let refused = 0;
  try {
    const before = await modelFor('one', world, lab, models);
    for (const [one, other] of chosen) {
      const verdict = await steady.run(async () => {
        const problems: string[] = [];
        world.reset('one');
        await Promise.all([lab.warm(), second.warm()]);
        const run = async (which: Lab, workflow: Workflow) =>
          which.must({ calls: [{ method: workflow.method, input: workflow.input(world) }] });
        const answers = await Promise.all([run(lab, one), run(second, other)]);
        const name = `${one.action} and ${other.action}`;
        for (const { ok, error } of answers) {
          if (!ok) refused += 1;
          if (!ok && !refusals.includes(error?.code ?? 'internal')) problems.push(`${name}: ${error?.code}: ${error?.message}`);
        }
        if (!answers.some((answer) => answer.ok))
          problems.push(`${name}: neither was done: ${answers.map((answer) => answer.error?.message).join(' / ')}`);
        problems.push(...(await always(world, before)).map((line) => `${name}: ${line}`));
        if (servicesOf(world).length > 1) problems.push(`${name}: two products run`);
        if (recordOf(world) === null) problems.push(`${name}: there is no record any more`);
        await killServices(world);
        return { problems };
      });
      problems.push(...verdict.problems);
    }
  } finally {
    await second.end();
  }
  tellCases('two at once', chosen.length, `${refused} refusals${steady.told}`);
  expect(problems).toEqual([]);
  expect(steady.isGood).toBe(true);
  expect(refused).toBeGreaterThan(0);
});

test('a holder that hangs is not robbed, and blocks nobody once it is dead', { timeout: 20 * 60_000 }, async () => {
  const [bench] = benches;
  if (bench === undefined) throw new Error('no bench');
  const { world, lab, models } = bench;
  const second = new Lab(world);
  let cases = 0;
  try {
    for (const workflow of some(
      racing.filter((each) => each.action !== 'start'),
      1,
      10,
      Infinity,
    )) {
      const course = await courseOf(bench, workflow);
      const before = await modelFor('one', world, lab, models);
      world.reset('one');
      await second.warm();
      const step = course.steps[0]?.id ?? '';
      const hanging = lab.run(
        { calls: [{ method: workflow.method, input: workflow.input(world) }], failpoint: `${step}:before:hang` },
        { limit: 25_000 },
      );
      await untilBegun(world);
      const { error } = await second.must({ calls: [{ method: 'stop', input: { install: 'stub' } }] });
      expect(error?.code, workflow.action).toBe('locked');
      lab.kill();
      expect((await hanging).kind).toBe('killed');
      expect((await second.must({ calls: [{ method: 'recover', input: {} }] })).error).toBeNull();
      expect(await always(world, before)).toEqual([]);
      expect(
        await compare(world, {
          model: before,
          same: 'all',
          record: before.record,
          schema: before.schema,
          rows: before.rows,
          running: false,
        }),
      ).toEqual([]);
      cases += 1;
    }
  } finally {
    await second.end();
    await killServices(world);
  }
  tellCases('hanging holders', cases);
});

/** Its journal is there, and so is its lock. Looks only: whoever tried for the lock meanwhile could have it. */
async function untilBegun(world: World): Promise<void> {
  const journals = join(world.home, '.moult', 'journal');
  for (let left = 400; left > 0; left -= 1) {
    if (existsSync(journals) && readdirSync(journals).length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the operation never began');
}
