/**
 * Leoflow Lite onto a machine where nothing of it is, from nothing but a file and Moult: from Moult's backup of a database that ran, and from
 * the tarball that Leoflow's own command makes. Neither holds PostgreSQL's programs; only the release itself can lay them down. Whatever stands
 * in the way, nothing is left behind.
 */
import { chmod, mkdir, readdir, readFile, readlink, rm, stat, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Backup, DriftReport, Plan, Receipt, Status } from '../../electron/api/models.ts';
import {
  configValue,
  installNatively,
  makeOwnFolder,
  runLeoflow,
  useLeoflow,
  writeOwn,
  type LeoflowClient,
} from '../support/leoflow/install.ts';
import { badRelease, leoflowReleases, postgresPrograms, type LeoflowRelease } from '../support/leoflow/releases.ts';
import { makeLeoflowWorld } from '../support/leoflow/world.ts';
import { embedded, lacksEmbedded } from '../support/postgres.ts';
import { lacks } from '../support/prerequisite.ts';
import { changeShape, planShape } from '../support/result-shapes.ts';
import { freePort } from '../support/sprig.ts';
import { tarball } from '../support/tarballs.ts';

const [release17, release18, release19] = leoflowReleases as [LeoflowRelease, LeoflowRelease, LeoflowRelease];
const password = 'correct horse';
const isLacking = await lacks(`${postgresPrograms}/pg_dump`);
const isWithoutOther = await lacksEmbedded;
const world = await makeLeoflowWorld(afterAll, leoflowReleases);
const port = await freePort();
/** The files that come from the old machine: what they hold, and where the person has put them on the new one. */
const kept: Record<'hot' | 'cold' | 'native', Buffer> = { hot: Buffer.alloc(0), cold: Buffer.alloc(0), native: Buffer.alloc(0) };
const names = { hot: 'moult.tar.zst', cold: 'moult-cold.tar.zst', native: 'leoflow-backup.tar.gz' };
const fileOf = (which: keyof typeof kept) => join(world.person, names[which]);
let leoflow: LeoflowClient;
let rows: Record<string, string>;

async function status(): Promise<Status> {
  return (await world.must(['status', 'leoflow'])).result as Status;
}

/** Leaves a machine with nothing but Moult, what it knows of products, and the files. */
async function freshMachine(): Promise<void> {
  await world.moult(['stop', 'leoflow']);
  await rm(world.moultHome, { recursive: true, force: true });
  for (const name of await readdir(world.person)) await rm(join(world.person, name), { recursive: true });
  for (const which of ['hot', 'cold', 'native'] as const) await writeOwn(world, fileOf(which), kept[which], 0o600);
  await makeOwnFolder(world, world.bin);
  await world.must(['products', '--from', join(world.folder, 'products')]);
  await world.server.offer(leoflowReleases);
}

/** Everything that a person could find of it. */
async function isNothingLeft(): Promise<void> {
  expect((await readdir(world.person)).sort()).toEqual(['.local', ...Object.values(names)].sort());
  expect(await readdir(world.bin)).toEqual([]);
  expect(await readdir(join(world.moultHome, 'backups')).catch(() => [])).toEqual([]);
  expect((await world.must(['list'])).result).toMatchObject([]);
  expect((await world.must(['backups'])).result).toMatchObject([]);
  expect(await world.processes()).toEqual([]);
}

async function isAsItWas(release: LeoflowRelease, schema: string): Promise<void> {
  expect(await status()).toMatchObject({ release: release.version, schema: { version: schema, known: schema }, health: 'healthy' });
  expect(await leoflow.variables()).toEqual(rows);
  // The session of the browser, whose token the old machine signed.
  expect(await leoflow.me()).toBe(200);
  expect(await useLeoflow(port).signIn(password)).toMatch(/\./);
  expect(await readFile(join(world.workspace, 'dag.py'), 'utf8')).toBe('from leoflow import DAG\n');
  expect(((await world.must(['drift', 'leoflow'])).result as DriftReport).findings).toEqual([]);
}

async function planOf(which: keyof typeof kept): Promise<Plan> {
  const { result } = await world.must(['plan', '--action', 'restore', '--input', fileOf(which), '--files']);
  planShape.parse(result);
  return result as Plan;
}

describe.skipIf(isLacking)('Leoflow Lite from nothing but a file', () => {
  beforeAll(async () => {
    expect(await installNatively(world, release18, port, password, world.bin)).toMatchObject({ code: 0 });
    await writeOwn(world, join(world.workspace, 'dag.py'), 'from leoflow import DAG\n');
    await symlink('dag.py', join(world.workspace, 'latest.py'));
    await world.must(['adopt', 'leoflow', '--channel', 'prealpha', '--yes']);
    await world.must(['start', 'leoflow']);
    leoflow = useLeoflow(port, await useLeoflow(port).signIn(password));
    for (let index = 0; index < 30; index += 1) expect(await leoflow.write(`row-${index}`, "it's mine")).toBe(201);
    await world.must(['backup', 'leoflow', '--output', fileOf('hot')]);
    expect(await runLeoflow(world, world.bin, ['lite', 'backup', '--output', fileOf('native')])).toMatchObject({ code: 0 });
    rows = await leoflow.variables();
    await world.must(['stop', 'leoflow']);
    await world.must(['backup', 'leoflow', '--output', fileOf('cold')]);
    for (const which of ['hot', 'cold', 'native'] as const) kept[which] = await readFile(fileOf(which));
  });
  beforeEach(freshMachine);
  afterAll(async () => {
    await world.moult(['stop', 'leoflow']);
  });

  test.each(['hot', 'cold', 'native'] as const)('the %s backup comes back whole, and an undo takes it away again', async (which) => {
    const run = await world.must(['restore', '--input', fileOf(which), '--yes']);
    expect(changeShape.parse(run.result)).toMatchObject({ from: null, to: release18.version, endState: 'new-and-healthy' });
    await isAsItWas(release18, '15');
    expect(await readlink(join(world.workspace, 'latest.py')).catch(() => null)).toBe(which === 'native' ? null : 'dag.py');
    expect(await configValue(world.leoflowHome, 'jwt_secret')).toMatch(/^[0-9a-f]{64}$/);
    expect((await stat(join(world.leoflowHome, 'config.yaml'))).mode & 0o777).toBe(0o600);
    expect((await readdir(world.bin)).sort()).toEqual(['leoflow', 'leoflow-agent', 'leoflow-server']);
    expect(await status()).toMatchObject({ channel: 'prealpha' });
    const { receipt } = run.result as { receipt: Receipt };
    expect(receipt.items.filter((item) => item.fate === 'replace' && item.unchanged).map((item) => item.item)).toEqual(
      expect.arrayContaining(['workspace', 'config', 'signing-secret']),
    );
    // It runs on what the file held: that proves it.
    const [backup] = (await world.must(['backups', 'leoflow'])).result as Backup[];
    if (which === 'native') expect(backup).toMatchObject({ verdict: 'proven', release: release18.version, schema: '15' });
    await world.must(['restart', 'leoflow']);
    expect(await leoflow.variables()).toEqual(rows);
    await world.must(['undo', 'leoflow', '--yes']);
    expect(await readdir(world.leoflowHome)).toEqual(['.moult']);
    expect(await readdir(world.bin)).toEqual([]);
    expect(await readdir(world.person)).not.toContain('leoflow');
    expect(await world.processes()).toEqual([]);
    await world.must(['undo', 'leoflow', '--yes']);
    await isAsItWas(release18, '15');
  });

  test('the plan says beforehand what is fetched, what the product lays down and what comes out of the file', async () => {
    for (const which of ['hot', 'native'] as const) {
      const plan = await planOf(which);
      expect(plan).toMatchObject({ action: 'restore', anew: true, from: null, to: release18.version, home: world.leoflowHome });
      expect(plan.warnings.join(' ')).toMatch(
        /No backup holds these: Managed PostgreSQL\. Leoflow Lite .*prealpha\.18 is set up and started once/,
      );
      expect(plan.steps.map((step) => step.id)).toEqual(
        expect.arrayContaining(['fetch', 'configure', 'lay-down', 'halt', 'swap', 'start']),
      );
      const fates = Object.fromEntries(plan.items.map((item) => [item.item, item.fate]));
      expect(fates).toMatchObject({ workspace: 'replace', config: 'replace', datastore: 'replace', postgres: 'refresh' });
      const workspace = plan.items.find((item) => item.item === 'workspace');
      expect(workspace?.list.map((file) => file.path)).toContain(join(world.workspace, 'dag.py'));
    }
    await isNothingLeft();
  });

  test.each(['hot', 'native'] as const)('a release that is not offered any more makes room for the oldest after it: %s', async (which) => {
    await world.server.offer([release17, release19, { ...release19, version: '0.0.1-prealpha.21' }]);
    expect((await planOf(which)).warnings.join(' ')).toMatch(
      /prealpha\.18, which made the backup, is not offered any more\. .*prealpha\.19 is the oldest release after it.* schema version 15/,
    );
    const run = await world.must(['restore', '--input', fileOf(which), '--yes']);
    expect(run.result).toMatchObject({ to: release19.version, endState: 'new-and-healthy' });
    await isAsItWas(release19, '18');
  });

  test('a feed without a release that could read it is refused before anything is made', async () => {
    await world.server.offer([release17]);
    for (const which of ['hot', 'native'] as const) {
      const run = await world.must(['restore', '--input', fileOf(which), '--yes'], 2);
      expect(run.error).toMatchObject({ code: 'unknown-release', message: expect.stringContaining(release18.version) as string });
    }
    await isNothingLeft();
  });

  test.skipIf(isWithoutOther)(
    'a release with another major version of PostgreSQL is refused by both names, and takes itself away',
    async () => {
      const programs = join(world.folder, 'pg');
      await mkdir(programs);
      for (const name of ['postgres', 'initdb', 'pg_ctl']) await symlink(join(embedded.bin, name), join(programs, name));
      for (const name of ['psql', 'pg_dump']) await symlink(join(postgresPrograms, name), join(programs, name));
      await chmod(programs, 0o755);
      await world.server.offer([{ ...release18, postgres: programs }]);
      for (const which of ['hot', 'cold'] as const) {
        const run = await world.must(['restore', '--input', fileOf(which), '--yes'], 5);
        expect(run.error).toMatchObject({ code: 'rolled-back', details: { endState: 'old-and-healthy' } });
        expect(run.error?.message).toMatch(/holds data of PostgreSQL 15, which only PostgreSQL 15 can read; .* are of PostgreSQL 18/);
        await isNothingLeft();
      }
      // A dump goes into whatever version there is.
      await world.must(['restore', '--input', fileOf('native'), '--yes']);
      expect(await leoflow.variables()).toEqual(rows);
      expect((await readFile(join(world.leoflowHome, 'pgdata', 'PG_VERSION'), 'utf8')).trim()).toBe('18');
    },
  );

  test('a release that does not stay up takes everything away with it', async () => {
    await world.server.offer([{ ...badRelease('dies'), version: release18.version, migrations: release18.migrations }]);
    const run = await world.must(['restore', '--input', fileOf('native'), '--yes'], 5);
    expect(run.error).toMatchObject({ code: 'rolled-back' });
    await isNothingLeft();
  });

  test('what stands where it would go is not touched, and is named', async () => {
    await writeOwn(world, join(world.workspace, 'mine.txt'), 'mine\n');
    for (const which of ['hot', 'native'] as const) {
      const run = await world.must(['restore', '--input', fileOf(which), '--yes'], 3);
      expect(run.error).toMatchObject({ code: 'home-in-use', message: expect.stringContaining(world.workspace) as string });
    }
    expect(await readdir(world.workspace)).toEqual(['mine.txt']);
    await rm(world.workspace, { recursive: true });
    await writeOwn(world, join(world.leoflowHome, 'config.yaml'), 'lite_port: 1\n');
    expect((await world.must(['restore', '--input', fileOf('native'), '--yes'], 3)).error).toMatchObject({ code: 'home-in-use' });
    expect(await readdir(world.leoflowHome)).toEqual(['config.yaml']);
    await rm(world.leoflowHome, { recursive: true });
    const server = createServer();
    await new Promise<void>((resolve) => server.listen({ port, host: '127.0.0.1' }, resolve));
    expect((await world.must(['restore', '--input', fileOf('native'), '--yes'], 3)).error).toMatchObject({
      message: expect.stringContaining(String(port)) as string,
    });
    await new Promise((resolve) => server.close(resolve));
    await isNothingLeft();
  });

  test('a file that leads elsewhere, climbs out or was cut off is refused, and leaves nothing', async () => {
    const file = join(world.person, names.native);
    const made = async (...members: Parameters<typeof tarball>) => {
      await writeOwn(world, file, gzipSync(tarball({ path: 'MANIFEST.json', content: manifest }, ...members)), 0o600);
      return world.moult(['restore', '--input', file, '--yes']);
    };
    const manifest = JSON.stringify({ manifest_version: 1, leoflow_version: release18.version });
    const dump = { path: 'datastore.sql', content: 'SELECT 1;\n' };
    const elsewhere = await made({ path: 'config.yaml', content: 'workspace: /proc/1/leoflow\n' }, dump);
    expect(elsewhere.error).toMatchObject({ code: 'outside-roots', message: expect.stringContaining('/proc/1') as string });
    expect((await made()).error).toMatchObject({ code: 'bad-backup', message: expect.stringContaining('datastore.sql') as string });
    const climbing = await made(dump, { path: 'workspace/../../escaped', content: 'x' });
    expect([climbing.code, climbing.error?.code]).toEqual([5, 'rolled-back']);
    await isNothingLeft();
    await writeOwn(world, file, kept.native.subarray(0, kept.native.length - 100), 0o600);
    expect((await world.must(['restore', '--input', file, '--yes'], 3)).error).toMatchObject({ code: 'bad-backup' });
    await isNothingLeft();
  });

  test('cut off anywhere, it is taken away by recovery', async () => {
    for (const at of [
      'stage:after',
      'prepare:after',
      'configure:after',
      'lay-down:after',
      'import:before',
      'import:after',
      'swap:after',
      'start:after',
    ]) {
      const killed = await world.moult(['restore', '--input', fileOf('native'), '--yes'], { env: { MOULT_TEST_FAILPOINT: `${at}:kill` } });
      expect(killed.signal, at).toBe('SIGKILL');
      await world.must(['recover']);
      await isNothingLeft();
    }
    await world.must(['restore', '--input', fileOf('native'), '--yes']);
    await isAsItWas(release18, '15');
  });
});
