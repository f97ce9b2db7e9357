/**
 * Leoflow Lite in trouble, with its real PostgreSQL: releases that are bad although their migrations are well, a database that was killed, a
 * second datastore, a restore that fails half way, an environment that means another install, work that is committed nowhere.
 */
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backup, CheckResult, DriftReport, Status } from '../../electron/api/models.ts';
import type { DrillReport } from '../../electron/api/protection.ts';
import { configValue, makeOwnFolder, runLeoflow, useLeoflow, writeOwn, type LeoflowClient } from '../support/leoflow/install.ts';
import { badRelease, leoflowReleases, postgresPrograms, type LeoflowRelease } from '../support/leoflow/releases.ts';
import { makeLeoflowWorld } from '../support/leoflow/world.ts';
import { lacks } from '../support/prerequisite.ts';
import { freePort } from '../support/sprig.ts';
import { stateOfPlaces } from '../support/tree-state.ts';

const isLacking = (await lacks(`${postgresPrograms}/pg_dump`)) || (await lacks('git'));
const [, release18, release19] = leoflowReleases as [LeoflowRelease, LeoflowRelease, LeoflowRelease];
const world = await makeLeoflowWorld(afterAll, [release18, release19]);
const port = await freePort();
const pgdata = join(world.leoflowHome, 'pgdata');
let leoflow: LeoflowClient;

async function status(): Promise<Status> {
  return (await world.must(['status', 'leoflow'])).result as Status;
}

async function postmaster(): Promise<number> {
  return Number.parseInt(await readFile(join(pgdata, 'postmaster.pid'), 'utf8'), 10);
}

async function owned() {
  return stateOfPlaces(world.person, ['leoflow', '.leoflow/config.yaml']);
}

async function git(...args: string[]): Promise<void> {
  const who = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', '-c', 'safe.directory=*'];
  await promisify(execFile)('git', [...who, '-C', world.workspace, ...args], { ...world.user, env: world.env });
}

describe.skipIf(isLacking)('Leoflow Lite in trouble', () => {
  // Whoever has such variables in their shell means another install, or nothing that Moult knows of.
  const strange = {
    LEOFLOW_WORKSPACE: join(world.person, 'somewhere-else'),
    LEOFLOW_LITE_PORT: '1',
    DEXAFLOW_WORKSPACE: join(world.person, 'somewhere-else'),
    LEOFLOW_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
  };

  beforeAll(async () => {
    const typed = ['set-up', 'leoflow', '--release', release19.version, '--channel', 'prealpha', '--port', String(port)];
    await world.must(typed, 0, { env: { ...strange, LEOFLOW_ADMIN_PASSWORD: 'not this one' } });
    const reset = await world.must(['run', 'leoflow', 'reset-password'], 0, { env: strange });
    const fresh = /new password: (\S+)/.exec((reset.result as { printed: string }).printed)?.[1] ?? '';
    leoflow = useLeoflow(port, await useLeoflow(port).signIn(fresh));
    expect(await leoflow.write('first', "it's mine")).toBe(201);
    await writeOwn(world, join(world.workspace, 'dag.py'), 'from leoflow import DAG\n');
  });

  test('variables of the shell that name another workspace, port or database reach none of its programs', async () => {
    await world.must(['restart', 'leoflow'], 0, { env: strange });
    expect(await configValue(world.leoflowHome, 'workspace')).toBe(world.workspace);
    expect(await readdir(world.person)).not.toContain('somewhere-else');
    expect(await status()).toMatchObject({ health: 'healthy', service: { port } });
    const running = await world.processes();
    expect(running.length).toBeGreaterThan(2);
    for (const { pid, command } of running) {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
      for (const [name, value] of Object.entries(strange)) expect(environment, command).not.toContain(`${name}=${value}`);
    }
  });

  test('a drill proves its backup on a copy with a PostgreSQL of its own, and counts every row; the live one knows nothing of it', async () => {
    await writeOwn(world, join(world.workspace, 'data', 'table.csv'), 'a,b\n1,2\n');
    for (let index = 0; index < 25; index += 1) await leoflow.write(`row-${index}`, 'x');
    const backup = (await world.must(['backup', 'leoflow'])).result as Backup;
    // As most do: it goes on, and what it writes now is in no backup.
    await leoflow.write('later', 'x');
    const [before, variables, process] = [await owned(), await leoflow.variables(), await postmaster()];
    const drill = (await world.must(['drill', 'leoflow'])).result as DrillReport;
    expect(drill).toMatchObject({
      backup: backup.id,
      release: release19.version,
      verdict: 'proven',
      schema: { expected: '18', found: '18' },
    });
    // One admin, 26 variables, the default pool, and the row of the ledger.
    expect(drill.rows).toEqual({ tables: 14, rows: 29 });
    expect([await owned(), await leoflow.variables(), await postmaster()]).toEqual([before, variables, process]);
    expect(await leoflow.me()).toBe(200);
    expect(await readdir(join(world.moultHome, 'drills')).catch(() => [])).toEqual([]);
    const { stdout: running } = await promisify(execFile)('ps', ['-eo', 'args', '-ww']);
    expect(running.split('\n').filter((command) => command.includes(join(world.moultHome, 'drills')))).toEqual([]);
    expect(((await world.must(['backups', 'leoflow'])).result as Backup[]).find(({ id }) => id === backup.id)).toMatchObject({
      verdict: 'proven',
    });
  });

  test.each([
    ['dies', 'dies after it was healthy', /ended|not running|exit/],
    ['lies', 'reports the old build from a cache', /prealpha\.19/],
    ['supervised', 'is started again by a supervisor while the data is put back', /ended|not running|exit/],
  ] as const)('a bad release (%s) that %s ends old and healthy', async (how, _, says) => {
    await world.server.offer([release18, release19, badRelease(how)]);
    const [before, variables] = [await owned(), await leoflow.variables()];
    const run = await world.must(['upgrade', 'leoflow', '--to', badRelease(how).version, '--yes'], 5);
    expect(run.error, run.error?.message).toMatchObject({ code: 'rolled-back', details: { endState: 'old-and-healthy' } });
    expect(run.error?.message).toMatch(says);
    // Whoever could start it again had time to.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await leoflow.variables()).toEqual(variables);
    expect(await leoflow.me()).toBe(200);
    expect(await owned()).toEqual(before);
    expect(await status()).toMatchObject({
      release: release19.version,
      schema: { version: '18', known: '18' },
      health: 'healthy',
      interrupted: null,
      update: { quarantined: [{ release: badRelease(how).version }] },
    });
    const commands = (await world.processes()).map(({ command }) => command);
    expect(commands.filter((command) => command.includes(`/slots/${badRelease(how).version}/`))).toEqual([]);
    // The supervisor was at work.
    const starts = (await readFile(join(world.person, 'supervised'), 'utf8').catch(() => '')).length;
    if (how === 'supervised') expect(starts).toBeGreaterThan(0);
    await world.server.offer([release18, release19]);
  });

  test('a database that was killed with the product is said to need recovery, and neither a start nor an upgrade is held up', async () => {
    const variables = await leoflow.variables();
    const kill = async () => {
      const group = await postmaster();
      for (const { pid } of await world.processes()) process.kill(pid, 'SIGKILL');
      process.kill(-group, 'SIGKILL');
    };
    await kill();
    const { checks } = (await world.must(['check', 'leoflow'])).result as { checks: CheckResult[] };
    expect(checks.find((one) => one.check === 'datastore-server')).toMatchObject({
      status: 'warn',
      message: expect.stringContaining('recovers at its next start') as string,
    });
    expect(checks.filter((one) => one.status === 'fail')).toEqual([]);
    expect(await status()).toMatchObject({ schema: { version: '18', known: '18' } });
    await world.must(['start', 'leoflow']);
    expect(await leoflow.variables()).toEqual(variables);
    await kill();
    const newer = { ...release19, version: '0.0.1-prealpha.21' };
    await world.server.offer([release18, release19, newer]);
    await world.must(['upgrade', 'leoflow', '--to', newer.version, '--yes']);
    await world.must(['start', 'leoflow']);
    expect(await status()).toMatchObject({ release: newer.version, health: 'healthy' });
    expect(await leoflow.variables()).toEqual(variables);
    expect(((await world.must(['drift', 'leoflow'])).result as DriftReport).findings).toEqual([]);
  });

  test('a killed product that left its database running is stopped whole, and started again', async () => {
    const variables = await leoflow.variables();
    const left = await postmaster();
    for (const { pid } of await world.processes()) process.kill(pid, 'SIGKILL');
    expect(await postmaster()).toBe(left);
    await world.must(['stop', 'leoflow']);
    await world.must(['start', 'leoflow']);
    expect(await leoflow.variables()).toEqual(variables);
  });

  test('a second datastore at the place that the guide names is found and told, and stays as it is', async () => {
    await world.must(['stop', 'leoflow']);
    const second = join(world.leoflowHome, 'managed-postgres', 'data');
    await mkdir(join(second, '..'));
    await promisify(execFile)('cp', ['-a', pgdata, second]);
    const { findings } = (await world.must(['drift', 'leoflow'], 4)).result as DriftReport;
    expect(findings).toMatchObject([{ kind: 'datastore-second', message: expect.stringContaining(second) as string }]);
    const { checks } = (await world.must(['check', 'leoflow'])).result as { checks: CheckResult[] };
    expect(checks.find((one) => one.check === 'datastores')).toMatchObject({
      status: 'warn',
      message: expect.stringContaining(second) as string,
    });
    await rm(join(second, '..'), { recursive: true });
    await world.must(['start', 'leoflow']);
  });

  test("a restore whose dump cannot be loaded leaves the old database running, with Leoflow's own tarball", async () => {
    const native = join(world.person, 'native.tar.gz');
    expect(await runLeoflow(world, world.bin, ['lite', 'backup', '--output', native])).toMatchObject({ code: 0 });
    await leoflow.write('after', 'the backup');
    const [before, variables] = [await owned(), await leoflow.variables()];
    // As long as before, so that the archive stays whole: a table that is filled is never made.
    const spoilt = gunzipSync(await readFile(native));
    const at = spoilt.indexOf('CREATE TABLE public.variables (');
    expect(at).toBeGreaterThan(0);
    spoilt.write('CREATE TABLE public.variablez (', at);
    await writeOwn(world, join(world.person, 'spoilt.tar.gz'), gzipSync(spoilt));
    const run = await world.must(['restore', 'leoflow', '--input', join(world.person, 'spoilt.tar.gz'), '--yes'], 3);
    expect(run.error).toMatchObject({ code: 'bad-backup', details: { endState: 'old-and-healthy' } });
    expect(await leoflow.variables()).toEqual(variables);
    expect(await owned()).toEqual(before);
    expect(await status()).toMatchObject({ health: 'healthy', interrupted: null });
    expect((await readdir(world.leoflowHome)).filter((name) => name.startsWith('pgdata'))).toEqual(['pgdata']);
  });

  test('a purge is refused as long as the workspace is a repository with work that is committed nowhere', async () => {
    await git('init', '--quiet');
    await git('add', '--all');
    await git('commit', '--quiet', '--message', 'mine');
    await writeOwn(world, join(world.workspace, 'new.py'), 'pass\n');
    const run = await world.must(['uninstall', 'leoflow', '--purge', '--yes'], 3);
    expect(run.error).toMatchObject({ code: 'not-confirmed', message: expect.stringContaining(world.workspace) as string });
    expect(await status()).toMatchObject({ health: 'healthy' });
    await git('add', '--all');
    await git('commit', '--quiet', '--message', 'all of it');
    await world.must(['uninstall', 'leoflow', '--purge', '--yes']);
    expect(await readdir(world.leoflowHome)).toEqual(['.moult']);
    expect(await world.processes()).toEqual([]);
    await world.must(['undo', 'leoflow', '--yes']);
  });

  test('a backup that is restored into another home folder brings a database that listens there', async () => {
    const variables = await leoflow.variables();
    await world.must(['stop', 'leoflow']);
    const input = join(world.person, 'moves.tar.zst');
    await world.must(['backup', 'leoflow', '--output', input]);
    await world.must(['uninstall', 'leoflow', '--purge', '--including', 'workspace', '--yes']);
    const home = join(world.person, 'new', '.leoflow');
    await makeOwnFolder(world, join(home, '..'));
    await world.must(['restore', '--input', input, '--home', home, '--yes']);
    expect(await leoflow.variables()).toEqual(variables);
    expect(await readFile(join(home, 'pgdata', 'postgresql.conf'), 'utf8')).toContain(
      `unix_socket_directories = '${join(home, 'pgdata')}'`,
    );
    await world.must(['uninstall', '--purge', '--including', 'workspace', '--yes']);
    expect(await world.processes()).toEqual([]);
  });
});
