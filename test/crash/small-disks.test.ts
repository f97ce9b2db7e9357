/** Full disks, real ones: homes, backups and the temporary folder in turn, with less and less left on them. */
import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { always, compare, killServices } from './support/audit.ts';
import type { Bench } from './support/cases.ts';
import { some, tellCases } from './support/modes.ts';
import { fillUp, mayMount, mountOver } from './support/small-disk.ts';
import { useBenches } from './support/suite.ts';
import { modelFor, nameOf, workflows, type Workflow } from './support/workflows.ts';

const benches = useBenches('disks');
const isPossible = mayMount(join(tmpdir(), 'mount-try'));
const chosen = workflows.filter((workflow) =>
  ['upgrade', 'back-up', 'restore', 'roll-back', 'purge', 'fresh-start', 'undo'].includes(nameOf(workflow)),
);
const parts = { homes: 'homes', backups: 'moult/backups', temporary: 'temporary' } as const;
/** KiB that are left. */
const rooms = [0, 4, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048];

test.skipIf(!isPossible)('full disks', { timeout: 40 * 60_000 }, async () => {
  const [bench] = benches;
  if (bench === undefined) throw new Error('no bench');
  const cases = chosen.flatMap((workflow) =>
    Object.keys(parts).flatMap((part) => rooms.map((room) => ({ workflow, part: part as keyof typeof parts, room }))),
  );
  const problems: string[] = [];
  const ends: Record<string, number> = {};
  const ran = some(cases, 2, 63);
  for (const each of ran) {
    const { found, end } = await onSmallDisk(bench, each.workflow, parts[each.part], each.room * 1024);
    ends[end] = (ends[end] ?? 0) + 1;
    problems.push(...found.map((problem) => `${nameOf(each.workflow)} with ${each.room} KiB left for ${each.part}: ${problem}`));
  }
  tellCases('small disks', ran.length, JSON.stringify(ends));
  expect(problems).toEqual([]);
});

async function onSmallDisk(
  { world, lab, models }: Bench,
  workflow: Workflow,
  part: string,
  left: number,
): Promise<{ found: string[]; end: string }> {
  const before = await modelFor(workflow.state, world, lab, models);
  const after = workflow.after(await modelFor(workflow.end, world, lab, models), false);
  world.reset(workflow.state);
  const folder = join(world.live, part);
  const unmount = mountOver(folder, 16);
  try {
    fillUp(folder, left);
    const answer = await lab.must({ calls: [{ method: workflow.method, input: workflow.input(world) }] });
    const found: string[] = [];
    // The disk is emptied again, as a person would do it, and what could not be put in order is.
    rmSync(join(folder, 'filler'), { force: true });
    const recovery = await lab.must({ calls: [{ method: 'recover', input: {} }] });
    if (!recovery.ok && recovery.error?.code !== 'nothing-to-do')
      found.push(`recovery said ${recovery.error?.code}: ${recovery.error?.message}`);
    found.push(...(await always(world, before)));
    const asBefore = await compare(world, {
      model: before,
      same: 'all',
      record: before.record,
      schema: before.schema,
      rows: before.rows,
      running: null,
    });
    const asAfter = await compare(world, { ...after, running: null });
    if (answer.ok) found.push(...asAfter.map((line) => `told new, but ${line}`));
    else if (answer.error?.code === 'undo-failed' || answer.error?.code === 'interrupted')
      found.push(...(asBefore.length > 0 && asAfter.length > 0 ? [`IN BETWEEN: ${asBefore.join('; ')}`] : []));
    else found.push(...asBefore.map((line) => `told old (${answer.error?.code}: ${answer.error?.message}), but ${line}`));
    if (answer.error?.code === 'internal') found.push(`a bug: ${answer.error.message}`);
    return { found, end: answer.ok ? 'done' : (answer.error?.code ?? 'none') };
  } finally {
    await killServices(world);
    await lab.end();
    unmount();
    expect(existsSync(folder)).toBe(true);
  }
}
