/**
 * Power cuts: the changes of an operation are recorded at the fault seam, the disk is built again as a cut at any point may leave it, and
 * a new process recovers on it. `disk-after-cut.ts` says what may be lost. What SQLite writes counts as durable as soon as it is written.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { always, compare, killServices } from './support/audit.ts';
import { onBenches, type Bench } from './support/cases.ts';
import { readCourse, writeDisk, type Course, type Keeping } from './support/disk-after-cut.ts';
import { amount, isFull, randomFrom, seed, tellCases } from './support/modes.ts';
import { readDisk } from './support/read-disk.ts';
import type { Change } from './support/recorder.ts';
import { useBenches } from './support/suite.ts';
import { modelFor, nameOf, workflows, type Workflow } from './support/workflows.ts';

/** Disks for each workflow. */
const disks = amount(16, 60, 2000);

const benches = useBenches('cuts');
const chosen = workflows.filter(
  (workflow) =>
    !['start', 'stop', 'restart', 'verify'].includes(workflow.action) &&
    (isFull || ['upgrade', 'restore', 'purge', 'undo'].includes(nameOf(workflow))),
);

test('a power cut at any point of an operation', { timeout: 20 * 3600_000 }, async () => {
  const problems: string[] = [];
  let tried = 0;
  await onBenches(benches, chosen, async (bench, workflow) => {
    const course = await record(bench, workflow);
    const random = randomFrom(seed);
    const seen = new Set<string>();
    for (let number = 0; number < disks; number += 1) {
      const at = Math.floor(((number + random()) * (course.length + 1)) / disks);
      const keeping: Keeping = number % 2 === 0 ? 'ordered' : 'loose';
      const cut = course.cut(at, keeping, random);
      if (seen.has(cut.text)) continue;
      seen.add(cut.text);
      tried += 1;
      writeDisk(bench.world.live, cut.disk, cut.contents);
      const found = await judge(bench, workflow);
      for (const problem of found)
        console.error(`${nameOf(workflow)}, cut ${number} (after ${at} of ${course.length} changes, ${keeping}): ${problem}`);
      problems.push(...found);
    }
  });
  tellCases('power cuts', tried, `${disks} cuts for each of ${chosen.length} workflows; those that left the same disk count once`);
  expect(problems).toEqual([]);
  expect(tried).toBeGreaterThan(chosen.length);
});

async function record({ world, lab, models }: Bench, workflow: Workflow): Promise<Course> {
  await modelFor(workflow.state, world, lab, models);
  await modelFor(workflow.end, world, lab, models);
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
  const changes = readFileSync(world.record, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Change);
  return readCourse(disk, contents, changes);
}

async function judge({ world, lab, models }: Bench, workflow: Workflow): Promise<string[]> {
  const problems: string[] = [];
  const before = await modelFor(workflow.state, world, lab, models);
  const after = workflow.after(await modelFor(workflow.end, world, lab, models), false);
  try {
    const answer = await lab.must({ calls: [{ method: 'recover', input: {} }] });
    if (!answer.ok && answer.error?.code !== 'nothing-to-do')
      problems.push(`recovery said ${answer.error?.code}: ${answer.error?.message}`);
    // What was being tidied away may be there again; the next operation tidies it.
    problems.push(...(await always(world, before, { isLeftForLater: true })));
    const asBefore = await compare(world, {
      model: before,
      same: 'all',
      record: before.record,
      schema: before.schema,
      rows: before.rows,
      running: null,
    });
    // Nothing that ran before the cut runs after it, unless recovery started it.
    const asAfter = await compare(world, { ...after, running: null });
    if (asBefore.length > 0 && asAfter.length > 0)
      problems.push(`IN BETWEEN: not old (${asBefore.join('; ')}), not new (${asAfter.join('; ')})`);
  } finally {
    await killServices(world);
  }
  return problems;
}
