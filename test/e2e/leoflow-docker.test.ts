/**
 * Leoflow Lite whose database is in a Docker volume, on a real Docker Engine: adopted, backed up, upgraded, rolled back, restored, purged and
 * brought back. The person may use Docker and may not read the volume's files. One test after the other on the same install.
 */
import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CheckResult, DriftReport, Plan, Status } from '../../electron/api/models.ts';
import { docker, dockerForAnother, lacksDockerEngine, postgresImage, removeVolume } from '../support/docker.ts';
import { installNatively, startNatively, useLeoflow, type LeoflowClient } from '../support/leoflow/install.ts';
import { dexaflowRelease, failingRelease, leoflowReleases, postgresPrograms, type LeoflowRelease } from '../support/leoflow/releases.ts';
import { migrationsUpTo } from '../support/leoflow/migrations.ts';
import { makeLeoflowWorld } from '../support/leoflow/world.ts';
import type { Run, RunOptions } from '../support/moult.ts';
import { lacks } from '../support/prerequisite.ts';
import { freePort } from '../support/sprig.ts';

const isLacking = (await lacksDockerEngine()) || (await lacks(`${postgresPrograms}/pg_dump`));
const image = isLacking ? '' : await postgresImage();
const inDocker = (release: LeoflowRelease): LeoflowRelease => ({ ...release, image });
const [, release18, release19] = leoflowReleases.map(inDocker) as [LeoflowRelease, LeoflowRelease, LeoflowRelease];
/** Volumes of whoever uses this Docker otherwise. */
const before = isLacking ? [] : (await docker('volume', 'ls', '--format', '{{.Name}}')).split('\n');
const { env: dockerPlace, ...group } = isLacking ? { env: {} } : await dockerForAnother();
const world = await makeLeoflowWorld(afterAll, [release18, release19], group);
Object.assign(world.env, dockerPlace);
const port = await freePort();
const project = `leoflow-${createHash('sha256').update(world.leoflowHome).digest('hex').slice(0, 12)}`;
const [volume, container] = [`${project}_leoflow_pgdata`, `${project}-postgres-1`];
const password = 'correct horse';
let leoflow: LeoflowClient;
let backup = '';

/** Many of Docker's own commands stand behind one of ours. */
function must(typed: readonly string[], code = 0, options: RunOptions = {}): Promise<Run> {
  return world.must(typed, code, { limit: 400, ...options });
}

async function status(): Promise<Status> {
  return (await must(['status', 'leoflow'])).result as Status;
}

async function databases(): Promise<string[]> {
  const { stdout } = {
    stdout: await docker(
      'exec',
      container,
      'sh',
      '-c',
      'psql -h /var/run/postgresql -p $(sed -n 4p $PGDATA/postmaster.pid 2>/dev/null || head -4 $PGDATA/postmaster.pid | tail -1) -U leoflow -d template1 -qAtc "SELECT datname FROM pg_database ORDER BY 1"',
    ).catch(() => ''),
  };
  return stdout.split('\n');
}

async function volumes(): Promise<string[]> {
  const all = (await docker('volume', 'ls', '--format', '{{.Name}}')).split('\n');
  return all.filter((name) => name.startsWith(project) || (name.startsWith('moult-') && !before.includes(name)));
}

describe.skipIf(isLacking)('Leoflow Lite with its database in Docker', () => {
  beforeAll(async () => {
    await world.server.offer([release18, release19]);
  });
  afterAll(async () => {
    for (const name of await volumes()) await removeVolume(name);
  });

  test('a person installed it and worked with it, and Moult adopts it with its volume', async () => {
    expect(await installNatively(world, release18, port, password, world.bin)).toMatchObject({ code: 0 });
    const stop = await startNatively(world, world.bin, port);
    leoflow = useLeoflow(port, await useLeoflow(port).signIn(password));
    expect(await leoflow.write('first', "it's mine")).toBe(201);
    expect(await stop()).toBe(0);
    await must(['adopt', 'leoflow', '--channel', 'prealpha', '--yes']);
    await must(['start', 'leoflow']);
    expect(await status()).toMatchObject({ release: release18.version, schema: { version: '15', known: '15' }, health: 'healthy' });
    expect(await readdir(world.leoflowHome)).not.toContain('pgdata');
    const drift = (await must(['drift', 'leoflow'])).result as DriftReport;
    expect(drift.findings).toEqual([]);
  });

  test('the plan shows the volume as the datastore, as the table of the guide has it', async () => {
    const plan = (await must(['plan', 'leoflow'])).result as Plan;
    expect(plan.items.find((item) => item.item === 'datastore')).toMatchObject({
      fate: 'migrate',
      paths: [`docker-volume:${volume}`],
      before: 'schema 15',
    });
    expect(plan.items.find((item) => item.item === 'datastore')?.bytes).toBeGreaterThan(1_000_000);
    expect(plan.checks.filter((check) => check.status === 'fail')).toEqual([]);
    expect(plan.checks.find((check) => check.check === 'datastore-server')?.message).toContain(container);
  });

  test('it is backed up while it runs, upgraded and rolled back; the session of the browser goes on', async () => {
    backup = join(world.person, 'docker.tar.zst');
    await must(['backup', 'leoflow', '--output', backup]);
    await leoflow.write('second', 'later');
    const rows = await leoflow.variables();
    await must(['upgrade', 'leoflow', '--yes']);
    expect(await status()).toMatchObject({ release: release19.version, schema: { version: '18', known: '18' }, health: 'healthy' });
    expect(await leoflow.variables()).toEqual(rows);
    expect(await leoflow.me()).toBe(200);
    await leoflow.write('only in 19', 'x');
    await must(['rollback', 'leoflow', '--yes']);
    expect(await status()).toMatchObject({ release: release18.version, schema: { version: '15', known: '15' }, health: 'healthy' });
    expect(await leoflow.variables()).toEqual(rows);
    await must(['undo', 'leoflow', '--yes']);
    expect(await status()).toMatchObject({ release: release19.version, schema: { version: '18', known: '18' }, health: 'healthy' });
    expect(Object.keys(await leoflow.variables())).toContain('only in 19');
  });

  test('a migration that fails half way rolls back code and data, and leaves no database behind but the one in the trash', async () => {
    await world.server.offer([release18, release19, inDocker(failingRelease)]);
    const rows = await leoflow.variables();
    const run = await must(['upgrade', 'leoflow', '--yes'], 5);
    expect(run.error).toMatchObject({ code: 'rolled-back', details: { endState: 'old-and-healthy' } });
    expect(await leoflow.variables()).toEqual(rows);
    expect(await status()).toMatchObject({ release: release19.version, schema: { version: '18', known: '18' }, health: 'healthy' });
    expect((await databases()).filter((name) => name.includes('staged'))).toEqual([]);
    await world.server.offer([release18, release19]);
  });

  test('a release that looks for its volume under another name, and finds nothing there, is not taken for an upgrade', async () => {
    const renamed = `leoflow-${createHash('sha256').update(join(world.person, '.dexaflow')).digest('hex').slice(0, 12)}_leoflow_pgdata`;
    await world.server.offer([release18, release19, inDocker({ ...dexaflowRelease, migrations: migrationsUpTo(19) })]);
    const rows = await leoflow.variables();
    // With the port of before it could not even start, because the container of before has it.
    await rm(join(world.leoflowHome, 'dev', 'db-port'));
    const run = await must(['upgrade', 'leoflow', '--to', dexaflowRelease.version, '--yes'], 5);
    expect(run.error).toMatchObject({ code: 'rolled-back', message: expect.stringContaining('another datastore') as string });
    expect(await leoflow.variables()).toEqual(rows);
    expect(await status()).toMatchObject({ release: release19.version, health: 'healthy' });
    await removeVolume(renamed);
    await world.server.offer([release18, release19]);
  });

  test('a restore brings back what was there, migrated; uninstall keeps the volume, and a set-up picks up', async () => {
    await must(['restore', 'leoflow', '--input', backup, '--yes']);
    expect(await leoflow.variables()).toEqual({ first: "it's mine" });
    expect(await status()).toMatchObject({ schema: { version: '18' }, health: 'healthy' });
    await must(['uninstall', 'leoflow', '--yes']);
    expect(await volumes()).toEqual([volume]);
    await must(['set-up', 'leoflow', '--release', release19.version, '--channel', 'prealpha']);
    expect(await leoflow.variables()).toEqual({ first: "it's mine" });
  });

  test('purge puts the volume away whole and undo brings it back', async () => {
    await must(['uninstall', 'leoflow', '--purge', '--yes']);
    const left = await volumes();
    expect(left).toHaveLength(1);
    expect(left[0]).toMatch(/^moult-/);
    expect(await docker('ps', '-aq', '--filter', `name=${container}`)).toBe('');
    await must(['undo', 'leoflow', '--yes']);
    expect(await volumes()).toEqual([volume]);
    expect(await leoflow.variables()).toEqual({ first: "it's mine" });
  });

  test('a drill of a dump is refused, because the copy would have to have a volume, and makes none', async () => {
    const run = await must(['drill', '--backup', backup], 3);
    expect(run.error).toMatchObject({ code: 'unsupported', message: expect.stringContaining('dump from Docker') as string });
    expect(await volumes()).toEqual([volume]);
  });

  test('stopped, with its container stopped too, it is looked at without starting that, and upgraded', async () => {
    await must(['stop', 'leoflow']);
    await docker('stop', '--time', '60', container);
    expect(await status()).toMatchObject({ schema: { version: '18', known: '18' }, health: 'stopped' });
    expect(((await must(['drift', 'leoflow'])).result as DriftReport).findings).toEqual([]);
    expect(((await must(['check', 'leoflow'])).result as { checks: CheckResult[] }).checks.filter((one) => one.status === 'fail')).toEqual(
      [],
    );
    const isRunning = async () => docker('inspect', '--format', '{{.State.Running}}', container);
    expect(await isRunning()).toBe('false');
    // One that fails leaves it as it was found, and so does one that does not.
    await world.server.offer([release18, release19, inDocker(failingRelease)]);
    await must(['upgrade', 'leoflow', '--to', failingRelease.version, '--yes'], 5);
    expect(await isRunning()).toBe('false');
    const next = inDocker({ ...release19, version: '0.0.1-prealpha.21', migrations: migrationsUpTo(19) });
    await world.server.offer([release18, release19, next]);
    await must(['upgrade', 'leoflow', '--yes']);
    expect(await status()).toMatchObject({ release: next.version, schema: { version: '19', known: '19' }, health: 'stopped' });
    expect(await isRunning()).toBe('false');
    await must(['start', 'leoflow']);
    expect(await leoflow.variables()).toEqual({ first: "it's mine" });
    expect(await leoflow.me()).toBe(200);
    await must(['stop', 'leoflow']);
    await must(['rollback', 'leoflow', '--yes']);
    expect(await status()).toMatchObject({ release: release19.version, schema: { version: '18', known: '18' } });
    // As its own stop leaves it.
    expect(await isRunning()).toBe('true');
    await world.server.offer([release18, release19]);
    await must(['start', 'leoflow']);
  });

  test('without Docker nothing is done to it and the reason is said', async () => {
    await must(['stop', 'leoflow']);
    const env = { DOCKER_HOST: 'unix:///nowhere.sock' };
    expect(JSON.stringify((await must(['check', 'leoflow'], 3, { env })).result)).toContain('Docker does not answer');
    expect((await must(['backup', 'leoflow'], 3, { env })).error).toMatchObject({ code: 'unsupported' });
  });

  test('a backup from Docker is restored on a machine with neither the product nor a volume, into a managed PostgreSQL', async () => {
    await must(['uninstall', 'leoflow', '--purge', '--including', 'workspace', '--yes']);
    await rm(world.moultHome, { recursive: true });
    await rm(world.leoflowHome, { recursive: true });
    await must(['products', '--from', join(world.folder, 'products')]);
    await must(['restore', '--input', backup, '--yes']);
    expect(await status()).toMatchObject({ release: release18.version, schema: { version: '15' }, health: 'healthy' });
    expect(await readdir(world.leoflowHome)).toContain('pgdata');
    expect(await leoflow.variables()).toEqual({ first: "it's mine" });
    expect(await leoflow.me()).toBe(200);
    expect((await volumes()).filter((name) => name.startsWith(project))).toEqual([]);
  });
});
