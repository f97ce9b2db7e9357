/**
 * A workspace full of what file systems allow and programs forget: names that are no UTF-8, of 255 bytes, that differ in case only, deep trees,
 * holes, hard and soft links, sockets and pipes, other owners, odd modes and times. Through every workflow, and back as it was.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { besideOf, killServices, recordOf, treeOf } from './support/audit.ts';
import { makeBench, type Bench } from './support/cases.ts';
import { isFull, tellCases } from './support/modes.ts';
import type { World } from './support/stub-world.ts';
import { useBenches } from './support/suite.ts';
import { modelFor } from './support/workflows.ts';

const benches = useBenches('odd');
const byName = { install: 'stub' };
type Calls = { method: string; input: object; fails?: true }[];

/** What is done, and that afterwards the workspace must be as it was. `specials`: also what no backup can hold. */
const rounds: { name: string; specials: boolean; calls: (world: World) => Calls }[] = [
  { name: 'upgraded', specials: true, calls: () => [{ method: 'upgrade', input: { ...byName, to: '1.1.0' } }] },
  {
    name: 'put back after a bad release',
    specials: false,
    calls: () => [{ method: 'upgrade', input: { ...byName, to: '1.2.0' }, fails: true }],
  },
  {
    name: 'upgraded and rolled back',
    specials: false,
    calls: () => [
      { method: 'upgrade', input: { ...byName, to: '1.1.0' } },
      { method: 'rollBack', input: byName },
    ],
  },
  {
    name: 'restored from a backup',
    specials: false,
    calls: (world) => [
      { method: 'backUp', input: { ...byName, output: join(world.live, 'backups', 'odd.tar.zst') } },
      { method: 'restore', input: { ...byName, input: join(world.live, 'backups', 'odd.tar.zst') } },
    ],
  },
  {
    name: 'purged and brought back',
    specials: true,
    calls: () => [
      { method: 'uninstall', input: { ...byName, purge: true } },
      { method: 'undo', input: byName },
    ],
  },
  {
    name: 'begun anew and brought back',
    specials: true,
    calls: () => [
      { method: 'freshStart', input: byName },
      { method: 'undo', input: byName },
    ],
  },
  { name: 'uninstalled', specials: true, calls: () => [{ method: 'uninstall', input: byName }] },
];

test.each(isFull ? rounds : rounds.slice(1, 2))('odd things are as they were when $name', { timeout: 10 * 60_000 }, async (round) => {
  const { world, lab, models } = first();
  const model = await modelFor('one', world, lab, models);
  world.reset('one');
  const notes = join(world.home, 'notes');
  await giveOddThings(notes);
  const before = factsOf(notes, round.specials);
  expect(Object.keys(before).length).toBeGreaterThan(80);
  try {
    for (const { method, input, fails } of round.calls(world)) {
      const { ok, error } = await lab.must({ calls: [{ method, input }] });
      expect(ok, JSON.stringify(error)).toBe(fails !== true);
      if (fails === true) expect(error?.code).toBe('rolled-back');
    }
    expect(factsOf(notes, round.specials)).toEqual(before);
    expect(besideOf(world)).toEqual(model.beside);
    tellCases('odd things', Object.keys(before).length, round.name);
  } finally {
    await killServices(world);
  }
});

test('what cannot be moved is told, and everything stays', { timeout: 5 * 60_000 }, async (context) => {
  // File systems in memory know no immutable files; the disk does.
  const bench = await makeBench('immutable', 0, '/var/tmp');
  const { world, lab, models } = bench;
  await modelFor('one', world, lab, models);
  world.reset('one');
  // The folder itself: one with an immutable file in it can still be moved whole.
  const stuck = join(world.home, 'notes');
  // Not every file system knows immutable files, and only root may make them.
  const isPossible = mayBeImmutable(stuck);
  if (!isPossible) await bench.close();
  context.skip(!isPossible, 'only root may make files immutable, and not on every file system');
  try {
    const before = factsOf(world.home, true);
    for (const [method, input] of [
      ['uninstall', { ...byName, purge: true }],
      ['upgrade', { ...byName, to: '1.2.0' }],
    ] as const) {
      const { ok, error } = await lab.must({ calls: [{ method, input }] });
      expect(ok, method).toBe(false);
      expect(error?.code, `${method}: ${error?.message}`).not.toBe('internal');
    }
    execFileSync('chattr', ['-i', stuck]);
    await lab.must({ calls: [{ method: 'recover', input: {} }] });
    const kept = (facts: Record<string, string>) => Object.entries(facts).filter(([path]) => /^(?:notes|config)/.test(path));
    expect(kept(factsOf(world.home, true))).toEqual(kept(before));
    expect(recordOf(world)).toEqual({ state: 'active', release: '1.0.0' });
  } finally {
    mayBeImmutable(world.folder, '-i', '-R');
    await bench.close();
  }
});

function mayBeImmutable(path: string, change: '+i' | '-i' = '+i', ...more: string[]): boolean {
  try {
    execFileSync('chattr', [...more, '-f', change, path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

async function giveOddThings(notes: string): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  writeFileSync(join(notes, 'Case.md'), 'upper');
  writeFileSync(join(notes, 'case.md'), 'lower');
  writeFileSync(join(notes, 'n'.repeat(255)), 'longest');
  writeFileSync(join(notes, 'new\nline'), 'x');
  writeFileSync(Buffer.concat([Buffer.from(`${notes}/latin-`), Buffer.from([0xe9, 0xff])]), 'no UTF-8');
  mkdirSync(join(notes, 'deep', ...Array.from({ length: 70 }, (_, index) => `level-${index}`)), { recursive: true });
  writeFileSync(join(notes, 'sparse'), 'x');
  truncateSync(join(notes, 'sparse'), 20_000_000);
  writeFileSync(join(notes, 'read-only.md'), 'r', { mode: 0o444 });
  writeFileSync(join(notes, 'sticky'), 'x');
  chmodSync(join(notes, 'sticky'), 0o6755);
  linkSync(join(notes, 'Case.md'), join(notes, 'hard'));
  symlinkSync('../../../../outside', join(notes, 'leads-out'));
  symlinkSync('nowhere', join(notes, 'dangling'));
  lutimesSync(join(notes, 'dangling'), 1000, 2000.25);
  execFileSync('mkfifo', [join(notes, 'pipe')]);
  await makeSocket(join(notes, 'socket'));
  mkdirSync(join(notes, 'closed'));
  writeFileSync(join(notes, 'closed', 'x'), 'x');
  if (isRoot) chownSync(join(notes, 'closed', 'x'), 1234, 4321);
  utimesSync(join(notes, 'closed', 'x'), 1, 86_400.5);
  chmodSync(join(notes, 'closed'), 0o555);
}

/** A socket that nobody listens at any more. */
async function makeSocket(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen({ path: `${path}-` }, resolve));
  linkSync(`${path}-`, path);
  await new Promise((resolve) => server.close(resolve));
}

/** Contents and modes, owners, and the times of what is no folder. */
function factsOf(root: string, specials: boolean): Record<string, string> {
  const facts = Object.fromEntries(
    Object.entries(treeOf(root, (path) => /^\.moult|^data|^logs|^cache/.test(path))).filter(
      ([, state]) => specials || !state.startsWith('special'),
    ),
  );
  for (const name of readdirSync(root, { encoding: 'buffer' })) {
    const stats = lstatSync(Buffer.concat([Buffer.from(`${root}/`), name]));
    const key = `facts of ${name.toString('latin1')}`;
    if (stats.isFile() || stats.isSymbolicLink()) facts[key] = `${stats.uid}:${stats.gid} ${stats.mtimeMs}`;
  }
  const closed = lstatSync(join(root, 'closed', 'x'), { throwIfNoEntry: false });
  if (closed) facts['facts of closed/x'] = `${closed.uid}:${closed.gid} ${closed.mtimeMs}`;
  return facts;
}

function first(): Bench {
  const [bench] = benches;
  if (bench === undefined) throw new Error('no bench');
  return bench;
}
