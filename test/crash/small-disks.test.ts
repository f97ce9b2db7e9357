/**
 * Full disks, real ones of 64 MB: homes, backups and the temporary folder in turn. Filled before an operation begins, the plan refuses or it
 * fits; filled to the last blocks when a step begins, whichever, the way back has the space it needs, because the operation holds it.
 */
import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { always, compare, killServices } from './support/audit.ts';
import { onBenches, type Bench } from './support/cases.ts';
import { fillerName, fillUp } from './support/fill-up.ts';
import { isFull, some, tellCases } from './support/modes.ts';
import { mayMount, mountOver } from './support/small-disk.ts';
import { courseOf, Steady, useBenches } from './support/suite.ts';
import { modelFor, nameOf, workflows, type Workflow } from './support/workflows.ts';

const benches = useBenches('disks');
const isPossible = mayMount(join(tmpdir(), 'mount-try'));
const chosen = workflows.filter((workflow) => !['start', 'stop', 'restart', 'verify', 'adopt'].includes(workflow.action));
const parts = { homes: 'homes', backups: 'moult/backups', temporary: 'temporary' } as const;
/** KiB that are left. 32 MiB are what every plan wants beside its own needs. */
const rooms = [0, 4, 64, 512, 2048, 32 * 1024 - 4, 36 * 1024];
const megabytes = 64;

interface Trial {
  workflow: Workflow;
  part: keyof typeof parts;
  room: number;
  /** Filled when this step begins; before everything without one. */
  step?: string;
}

test.skipIf(!isPossible)('full from the beginning', { timeout: 2 * 3600_000 }, async () => {
  const trials = chosen.flatMap((workflow) => places().flatMap((part) => rooms.map((room) => ({ workflow, part, room }))));
  await tryAll('small disks', some(trials, 1, 24, Infinity));
});

test.skipIf(!isPossible)('full when a step begins', { timeout: 5 * 3600_000 }, async () => {
  const trials: Trial[] = [];
  for (const workflow of isFull ? chosen : chosen.filter((each) => nameOf(each) === 'upgrade')) {
    const { steps } = await courseOf(first(), workflow);
    for (const { id } of steps) for (const part of places()) for (const room of [0, 8]) trials.push({ workflow, part, room, step: id });
  }
  await tryAll('disks that fill up', some(trials, 2, 80, Infinity));
});

async function tryAll(name: string, trials: readonly Trial[]): Promise<void> {
  const problems: string[] = [];
  const ends: Record<string, number> = {};
  const steady = new Steady(trials.length);
  await onBenches(benches, trials, async (bench, trial) => {
    const when = trial.step === undefined ? '' : ` when ${trial.step} begins`;
    const verdict = await steady.run(async () => {
      const { found, end } = await onSmallDisk(bench, trial);
      return {
        problems: found.map((each) => `${nameOf(trial.workflow)} with ${trial.room} KiB left for ${trial.part}${when}: ${each}`),
        end,
      };
    });
    ends[verdict.end] = (ends[verdict.end] ?? 0) + 1;
    problems.push(...verdict.problems);
  });
  tellCases(name, trials.length, `${JSON.stringify(ends)}${steady.told}`);
  expect(problems).toEqual([]);
  expect(steady.isGood).toBe(true);
}

async function onSmallDisk(
  { world, lab, models }: Bench,
  { workflow, part, room, step }: Trial,
): Promise<{ found: string[]; end: string }> {
  const before = await modelFor(workflow.state, world, lab, models);
  const after = workflow.after(await modelFor(workflow.end, world, lab, models), false);
  world.reset(workflow.state);
  const folder = join(world.live, parts[part]);
  const unmount = mountOver(folder, megabytes);
  try {
    if (step === undefined) fillUp(folder, room * 1024);
    const fill = step === undefined ? {} : { fill: { step, folder, left: room * 1024 } };
    const answer = await lab.must({ calls: [{ method: workflow.method, input: workflow.input(world) }], ...fill });
    const found: string[] = [];
    const code = answer.error?.code;
    // Whatever is full: what was begun can be taken back on it.
    if (code === 'undo-failed' || code === 'interrupted') found.push(`the way back had no room: ${answer.error?.message}`);
    // The disk is emptied again, as a person would do it, and what could not be put in order is.
    rmSync(join(folder, fillerName), { force: true });
    const recovery = await lab.must({ calls: [{ method: 'recover', input: {} }] });
    if (!recovery.ok && recovery.error?.code !== 'nothing-to-do')
      found.push(`recovery said ${recovery.error?.code}: ${recovery.error?.message}`);
    // Nothing was interrupted: then nobody tidies a home that is not known, and what is left for later waits for the next operation.
    found.push(...(await always(world, before, { isLeftForLater: answer.events.includes('is left for later') })));
    const asBefore = await compare(world, { model: before, same: 'all', ...before, running: null });
    const asAfter = await compare(world, { ...after, running: null });
    if (answer.ok) found.push(...asAfter.map((line) => `told new, but ${line}`));
    else found.push(...asBefore.map((line) => `told old (${code}: ${answer.error?.message}), but ${line}`));
    if (code === 'internal') found.push(`a bug: ${answer.error?.message}`);
    return { found, end: answer.ok ? 'done' : (code ?? 'none') };
  } finally {
    await killServices(world);
    unmount();
    expect(existsSync(folder)).toBe(true);
  }
}

function places(): (keyof typeof parts)[] {
  return Object.keys(parts) as (keyof typeof parts)[];
}

function first(): Bench {
  const [bench] = benches;
  if (bench === undefined) throw new Error('no bench');
  return bench;
}
