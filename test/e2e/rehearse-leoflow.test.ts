/**
 * Rehearsals on a real PostgreSQL, with Leoflow Lite as a product that tells nowhere which migration is its newest: what is unknown before is
 * known afterwards, a release that fails half way fails on the copy, and the live server knows nothing of it.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DriftReport, Plan, Status } from '../../electron/api/models.ts';
import type { RehearsalReport } from '../../electron/api/protection.ts';
import { useLeoflow, writeOwn, type LeoflowClient } from '../support/leoflow/install.ts';
import { failingRelease, leoflowReleases, postgresPrograms, type LeoflowRelease } from '../support/leoflow/releases.ts';
import { makeLeoflowWorld } from '../support/leoflow/world.ts';
import { lacks } from '../support/prerequisite.ts';
import { freePort } from '../support/sprig.ts';
import { stateOfPlaces } from '../support/tree-state.ts';

const isLacking = await lacks(`${postgresPrograms}/pg_dump`);
const [release17, release18, release19] = leoflowReleases as [LeoflowRelease, LeoflowRelease, LeoflowRelease];
const world = await makeLeoflowWorld(afterAll, leoflowReleases);
const port = await freePort();
const postmasterFile = join(world.leoflowHome, 'pgdata', 'postmaster.pid');
const known = /^ {2}known:\n(?: {4}.*\n)+/m;
let leoflow: LeoflowClient;

async function status(): Promise<Status> {
  return (await world.must(['status', 'leoflow'])).result as Status;
}

async function live() {
  return [
    await stateOfPlaces(world.person, ['leoflow', '.leoflow/config.yaml']),
    await leoflow.variables(),
    Number.parseInt(await readFile(postmasterFile, 'utf8'), 10),
    await readdir(world.bin),
  ];
}

async function nothingLeft(): Promise<void> {
  expect(await readdir(join(world.moultHome, 'drills')).catch(() => [])).toEqual([]);
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'args', '-ww']);
  expect(stdout.split('\n').filter((command) => command.includes(join(world.moultHome, 'drills')))).toEqual([]);
}

async function rehearse(to: string): Promise<RehearsalReport> {
  return (await world.must(['rehearse', 'leoflow', '--to', to])).result as RehearsalReport;
}

describe.skipIf(isLacking)('Leoflow Lite rehearsed', () => {
  beforeAll(async () => {
    const typed = ['set-up', 'leoflow', '--release', release17.version, '--channel', 'prealpha', '--port', String(port)];
    await world.must(typed, 0, { env: { LEOFLOW_ADMIN_PASSWORD: 'not this one' } });
    const reset = await world.must(['run', 'leoflow', 'reset-password']);
    const fresh = /new password: (\S+)/.exec((reset.result as { printed: string }).printed)?.[1] ?? '';
    leoflow = useLeoflow(port, await useLeoflow(port).signIn(fresh));
    for (let index = 0; index < 25; index += 1) await leoflow.write(`row-${index}`, 'x');
    await writeOwn(world, join(world.workspace, 'dag.py'), 'from leoflow import DAG\n');
    const file = join(world.folder, 'products', 'leoflow.yaml');
    const text = await readFile(file, 'utf8');
    expect(text).toMatch(known);
    await writeFile(file, text.replace(known, ''));
    await world.must(['backup', 'leoflow']);
    // As most do: it goes on, and what it writes now is in no backup.
    await leoflow.write('later', 'x');
  });

  test('what each release migrates to is unknown, and known when it ran on a copy', async () => {
    expect((await status()).schema).toEqual({ version: '14', known: null });
    const before = await live();
    const one = await rehearse(release18.version);
    expect(one).toMatchObject({ from: release17.version, schema: { before: '14', after: '15' }, rows: { fewer: [] }, notes: [] });
    expect(one.rows?.tables).toBeGreaterThan(5);
    const two = await rehearse(release19.version);
    expect(two).toMatchObject({ release: release19.version, schema: { before: '14', after: '18' } });
    expect(two.hops.at(-1)).toMatchObject({ release: release19.version, learned: '18' });
    expect(await live()).toEqual(before);
    expect(await leoflow.me()).toBe(200);
    await nothingLeft();
    const plan = (await world.must(['plan', 'leoflow', '--to', release19.version])).result as Plan;
    expect(plan.checks.find(({ check }) => check === 'rehearsal')).toMatchObject({
      status: 'pass',
      message: expect.stringMatching(/^Rehearsed .*: healthy, schema 14 → 18, /) as string,
    });
    expect(plan.items.find(({ fate }) => fate === 'migrate')).toMatchObject({ before: 'schema 14', after: 'schema 18' });
  });

  test('a migration that fails half way fails on the copy, and is no quarantine', async () => {
    await world.server.offer([...leoflowReleases, failingRelease]);
    const before = await live();
    const run = await world.must(['rehearse', 'leoflow', '--to', failingRelease.version], 1);
    expect(run.error, run.error?.message).toMatchObject({ code: 'rehearsal-failed', details: { from: release17.version } });
    expect(await live()).toEqual(before);
    await nothingLeft();
    expect(await status()).toMatchObject({ health: 'healthy', release: release17.version, update: { quarantined: [] } });
  });

  test('what was learned refuses an old release on newer data after the upgrade', async () => {
    await world.must(['upgrade', 'leoflow', '--to', release18.version, '--yes']);
    expect((await status()).schema).toEqual({ version: '15', known: '15' });
    const found = (await world.must(['drift', 'leoflow'])).result as DriftReport;
    expect(found.unknown.map(({ detector }) => detector)).not.toContain('schema-ahead');
  });
});
