/**
 * Each workflow × each of its steps × each way to fail, the list made of the programs themselves: a new step is in it by being there.
 * After each case: old and healthy or new and healthy, nothing lost, nothing outside touched, nothing left behind, and the truth told.
 */
import { expect, test } from 'vitest';
import { programNames } from '../../electron/engine/workflow/programs.ts';
import { isFull, isOnly, seed, some } from './support/modes.ts';
import { randomFrom } from './support/random.ts';
import { courseOf, runCases, useBenches, type Case, type Course } from './support/suite.ts';
import { workflows } from './support/workflows.ts';

const benches = useBenches('matrix');
const limit = 10 * 3600_000;

test.skipIf(isOnly)('every program has a workflow here', () => {
  expect([...new Set(workflows.map((workflow) => workflow.action))].sort()).toEqual([...programNames].sort());
});

test('killed, thrown, cancelled and hung before, in and after every step', { timeout: limit }, async () => {
  const chosen = isFull
    ? workflows
    : workflows.filter((workflow) => ['upgrade', 'purge'].includes(workflow.action) && workflow.variant === undefined);
  const cases: Case[] = [];
  for (const workflow of chosen) cases.push(...casesOf(await courseOf(first(), workflow)));
  const verdicts = await runCases('kill matrix', benches, some(cases, 14, 240, Infinity));
  // A matrix in which nothing was ever hit would say nothing.
  expect(verdicts.some((verdict) => verdict.came === 'old')).toBe(true);
  expect(verdicts.some((verdict) => verdict.end.kind === 'killed')).toBe(true);
});

test('killed while recovering, and again', { timeout: limit }, async () => {
  const random = randomFrom(seed);
  const cases: Case[] = [];
  for (const workflow of isFull ? workflows : workflows.filter((each) => each.action === 'upgrade' && each.variant === undefined)) {
    const course = await courseOf(first(), workflow);
    for (const { id } of course.steps) {
      const recoveries = Array.from({ length: 3 }, () => ({
        orders: { mode: 'kill' as const, at: 1 + Math.floor(random() * 40), changesOnly: true },
      }));
      cases.push({
        workflow,
        trouble: {
          name: `killed after ${id}, then recovery killed at changes ${recoveries.map((each) => each.orders.at).join(', ')}`,
          failpoint: `${id}:after:kill`,
          recoveries,
          running: false,
        },
      });
    }
  }
  await runCases('killed recoveries', benches, some(cases, 2, 30, Infinity));
});

function casesOf({ workflow, steps, commitAt }: Course): Case[] {
  const cases: Case[] = [];
  for (const [index, { id, calls, changes }] of steps.entries()) {
    const add = (name: string, trouble: Omit<Case['trouble'], 'name'>) =>
      cases.push({ workflow, trouble: { name, running: index % 3 === 0, ...trouble } });
    add(`killed before ${id}`, { failpoint: `${id}:before:kill`, again: true });
    add(`killed after ${id}`, { failpoint: `${id}:after:kill` });
    add(`killed in ${id}`, { orders: { mode: 'kill', at: middle(changes), changesOnly: true }, running: false });
    add(`thrown before ${id}`, { failpoint: `${id}:before:throw` });
    add(`thrown after ${id}`, { failpoint: `${id}:after:throw`, again: true, running: false });
    add(`thrown in ${id}`, { orders: { mode: 'fail', at: middle(calls), error: 'EIO' }, running: false });
    add(`cancelled at ${id}`, { cancel: { step: id, after: 0 } });
    add(`cancelled in ${id}`, { cancel: { step: id, after: 20 }, running: false });
    // What hangs ends when a person cancels, and after the commit, where nobody can cancel any more, when its process is ended.
    if (index < commitAt)
      add(`hung before ${id}, cancelled`, { failpoint: `${id}:before:hang`, cancel: { step: id, after: 30 }, running: false });
    add(`hung after ${id}, ended from outside`, { failpoint: `${id}:after:hang`, killsAtHang: true, running: false });
  }
  return cases;
}

function middle([from, to]: [number, number]): number {
  return from + 1 + Math.floor((to - from) / 2);
}

function first(): (typeof benches)[number] {
  const [bench] = benches;
  if (bench === undefined) throw new Error('no bench');
  return bench;
}
