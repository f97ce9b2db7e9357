/**
 * Power cuts: the changes of an operation are recorded at the fault seam, the disk is built again as a cut at any point may leave it, and
 * a new process recovers on it. `disk-after-cut.ts` says what may be lost. What SQLite writes counts as durable as soon as it is written.
 */
import { fork } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { killServices, servicesOf } from './support/audit.ts';
import { onBenches, type Bench } from './support/cases.ts';
import type { CutAnswer, CutTask } from './support/cut-process.ts';
import { environmentOf, onCore, quietly, scriptOf } from './support/lab.ts';
import { amount, isFull, seed, tellCases } from './support/modes.ts';
import { readDisk } from './support/read-disk.ts';
import type { Change } from './support/recorder.ts';
import { useBenches } from './support/suite.ts';
import { modelFor, nameOf, workflows, type Workflow } from './support/workflows.ts';

/** Disks for each workflow, no two of them alike. */
const disks = amount(16, 2000, 2000, 10_000);
/** What writes nothing that has to be durable. */
const writesNothing = ['start', 'stop', 'restart', 'verify'];

const benches = useBenches('cuts');
const chosen = workflows.filter(
  (workflow) => !writesNothing.includes(workflow.action) && (isFull || ['upgrade', 'restore', 'purge', 'undo'].includes(nameOf(workflow))),
);

test('a power cut at any point of an operation', { timeout: 20 * 3600_000 }, async () => {
  const problems: string[] = [];
  const answers: CutAnswer[] = [];
  await onBenches(benches, chosen, async (bench, workflow) => {
    const answer = await cutsOf(bench, workflow);
    answers.push(answer);
    const found = answer.problems.map((problem) => `${nameOf(workflow)}, ${problem}`);
    if (servicesOf(bench.world).length > 0) found.push(`${nameOf(workflow)}: recovery started a product that did not run`);
    await killServices(bench.world);
    for (const problem of found) console.error(problem);
    problems.push(...found);
    if (found.length > 0) return;
    const all = answer.isExhausted ? ', which are all there are' : '';
    console.log(`power cuts of ${nameOf(workflow)}: ${answer.tried} disks from ${answer.changes} changes${all}`);
    // Fewer only where many thousands of draws brought no further one.
    if (answer.tried < disks && !answer.isExhausted) problems.push(`${nameOf(workflow)}: only ${answer.tried} disks`);
  });
  tellCases(
    'power cuts',
    answers.reduce((sum, answer) => sum + answer.tried, 0),
    `disks of ${chosen.length} workflows, no two of one alike`,
  );
  expect(problems).toEqual([]);
  expect(answers).toHaveLength(chosen.length);
});

async function cutsOf(bench: Bench, workflow: Workflow): Promise<CutAnswer> {
  const { world, lab, models } = bench;
  const before = await modelFor(workflow.state, world, lab, models);
  const after = workflow.after(await modelFor(workflow.end, world, lab, models), false);
  const { live, home, moultHome, temporary, outside, port, product } = world;
  const recorded = await record(bench, workflow);
  return askCutProcess(bench, {
    world: { live, home, moultHome, temporary, outside, port, product },
    ...recorded,
    before,
    after,
    ...(workflow.goesOn === true && { again: { method: workflow.method, input: workflow.input(world) } }),
    disks,
    seed,
  });
}

async function record({ world, lab }: Bench, workflow: Workflow): Promise<Pick<CutTask, 'begin' | 'contents' | 'changes'>> {
  world.reset(workflow.state);
  const { disk, contents } = readDisk(world.live);
  rmSync(world.record, { force: true });
  // The record is opened by the process that writes it: a new one begins a new record.
  await lab.end();
  const answer = await lab.must({ calls: [{ method: workflow.method, input: workflow.input(world) }], orders: { mode: 'record' } });
  expect(answer.error).toBeNull();
  await lab.end();
  await killServices(world);
  expect(existsSync(world.record)).toBe(true);
  const lines = readFileSync(world.record, 'utf8').split('\n');
  return { begin: disk, contents, changes: lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Change) };
}

/** With less room it spends a sixth of its time on collecting garbage. */
const roomy = ['--min-semi-space-size=32', '--initial-old-space-size=1024'];

/** One process for all disks of a workflow. */
async function askCutProcess({ world, number }: Bench, task: CutTask): Promise<CutAnswer> {
  const child = fork(scriptOf('cut-process'), [], {
    ...onCore(number, [...quietly, ...roomy]),
    env: environmentOf(world),
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  try {
    return await new Promise<CutAnswer>((resolve, reject) => {
      child.once('exit', (code, signal) => reject(new Error(`the process of the cuts ended (${signal ?? code})`)));
      child.on('message', (message: { ready?: true; answer?: CutAnswer; crash?: string }) => {
        if (message.ready === true) child.send(task);
        if (message.answer !== undefined) resolve(message.answer);
        if (message.crash !== undefined) reject(new Error(message.crash));
      });
    });
  } finally {
    child.kill('SIGKILL');
  }
}
