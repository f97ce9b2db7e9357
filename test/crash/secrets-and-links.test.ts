/** A canary secret is looked for wherever it has no business; links that lead out are put in the way while operations run. */
import { lstatSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { besideOf, killServices, recordOf } from './support/audit.ts';
import type { Bench } from './support/cases.ts';
import { amount, isFull, seed, tellCases } from './support/modes.ts';
import { randomFrom } from './support/random.ts';
import { leftProcesses } from '../support/left-processes.ts';
import { canary, markOf } from './support/stub-world.ts';
import { courseOf, useBenches } from './support/suite.ts';
import { modelFor, nameOf, workflows, type Workflow } from './support/workflows.ts';

const benches = useBenches('secrets');

test('the canary stays where it was put', { timeout: 40 * 60_000 }, async () => {
  const bench = first();
  const problems: string[] = [];
  let cases = 0;
  for (const workflow of workflows.filter(
    (each) => each.variant === undefined && each.action !== 'set-up' && (isFull || each.action === 'upgrade'),
  )) {
    const { steps } = await courseOf(bench, workflow);
    // Cut off after its last step but one, so that journal and staging are there to be looked into; and whole.
    for (const failpoint of [`${steps.at(-2)?.id ?? steps[0]?.id}:after:kill`, `${steps[0]?.id}:after:throw`, undefined]) {
      cases += 1;
      problems.push(...(await lookFor(bench, workflow, { failpoint, umask: umasks[cases % umasks.length] ?? 0 })));
    }
  }
  tellCases('canary', cases);
  expect(problems).toEqual([]);
});

/** From none at all to the strictest that a person may have; in turn. */
const umasks = [0, 0o002, 0o022, 0o027, 0o077];

async function lookFor(
  bench: Bench,
  workflow: Workflow,
  { failpoint, umask }: { failpoint: string | undefined; umask: number },
): Promise<string[]> {
  const { world, lab, models } = bench;
  await modelFor(workflow.state, world, lab, models);
  world.reset(workflow.state);
  const end = await lab.run({
    calls: [{ method: workflow.method, input: workflow.input(world) }],
    orders: { mode: 'off' },
    umask,
    ...(failpoint !== undefined && { failpoint }),
  });
  const problems: string[] = [];
  const say = (what: string) => problems.push(`${nameOf(workflow)} (${failpoint ?? 'whole'}, umask ${umask.toString(8)}): ${what}`);
  for (const { command } of leftProcesses(markOf, world.folder))
    if (command.includes(canary)) say(`the canary is in the process list: ${command}`);
  if (end.kind === 'answer') {
    const { events, ...rest } = end.answer;
    if (events.includes(canary)) say('the canary is in an event');
    if (JSON.stringify(rest).includes(canary)) say('the canary is in the answer');
  }
  for (const path of pathsBelow(world.live)) {
    const stats = lstatSync(path);
    const below = relative(world.live, path);
    const isOwn = below.startsWith('moult/') || below.includes('/.moult/');
    if (stats.isFile() && basename(path) !== 'config.json' && !isPutAside(below) && readFileSync(path).includes(canary))
      say(`the canary is in ${below}`);
    if (isOwn && !isOfTheProduct(below) && !stats.isSymbolicLink() && (stats.mode & 0o077) !== 0)
      say(`${below} has the mode ${(stats.mode & 0o7777).toString(8)}`);
  }
  await killServices(world);
  await lab.end();
  return problems;
}

/** The person's own file under another name, with its own mode: in the trash, or unpacked beside the live one. */
function isPutAside(below: string): boolean {
  return below.includes('/.moult/trash/') || below.includes('/.moult/staging/');
}

/** Modes there are the release's or the person's, in folders that are private. SQLite makes the companions of a private database private. */
function isOfTheProduct(below: string): boolean {
  return /\/\.moult\/(?:slots|staging|trash)\/./.test(below) || /^moult\/drills\/[^/]+\/[^/]+\/(?!\.moult(?:\/|$))./.test(below);
}

test('links swapped in while an operation runs lead nowhere', { timeout: 40 * 60_000 }, async () => {
  const { world, lab, models } = first();
  const random = randomFrom(seed);
  const chosen = workflows.filter((each) =>
    ['upgrade', 'purge', 'uninstall', 'restore', 'fresh-start', 'roll-back'].includes(nameOf(each)),
  );
  const problems: string[] = [];
  const count = amount(2, 36, 60, 600);
  for (let number = 0; number < count; number += 1) {
    const workflow = chosen[number % chosen.length] as Workflow;
    const before = await modelFor(workflow.state, world, lab, models);
    world.reset(workflow.state);
    await lab.warm();
    const name = ['notes', 'data', 'config.json', '.moult/trash', '.moult/staging'][Math.floor(random() * 5)] ?? 'notes';
    const wait = random() * 800;
    const running = lab.run({ calls: [{ method: workflow.method, input: workflow.input(world) }] });
    await new Promise((resolve) => setTimeout(resolve, wait));
    swap(join(world.home, name), name === 'config.json' ? join(world.outside, 'somebody-elses.txt') : world.outside);
    const end = await running;
    const after = besideOf(world);
    for (const [path, state] of Object.entries(before.beside))
      if (after[path] !== state)
        problems.push(`${nameOf(workflow)}, ${name} swapped after ${wait.toFixed(1)} ms: ${path} was ${state} and is ${after[path]}`);
    for (const path of Object.keys(after))
      if (before.beside[path] === undefined)
        problems.push(
          `${nameOf(workflow)}, ${name} swapped after ${wait.toFixed(1)} ms: ${path} came into being outside (${end.kind === 'answer' ? end.answer.error?.message : end.kind})`,
        );
    if (end.kind !== 'answer') problems.push(`${nameOf(workflow)}, ${name} swapped: ended as ${end.kind}`);
    if (recordOf(world) === null) problems.push('the record is gone');
    await killServices(world);
  }
  tellCases('swapped links', count);
  expect(problems).toEqual([]);
});

function swap(path: string, target: string): void {
  try {
    renameSync(path, `${path}-moved-by-somebody`);
    symlinkSync(target, path);
  } catch {
    // It is not there in this moment: then there is nothing to swap.
  }
}

function* pathsBelow(root: string): Generator<string> {
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    const path = join(root, entry.name);
    yield path;
    if (entry.isDirectory()) yield* pathsBelow(path);
  }
}

function first(): Bench {
  const [bench] = benches;
  if (bench === undefined) throw new Error('no bench');
  return bench;
}
