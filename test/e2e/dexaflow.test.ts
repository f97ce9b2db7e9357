/**
 * Leoflow Lite across its change of name: an install under the old name is adopted and upgraded to the first release of Dexaflow and back; one
 * that was installed as Dexaflow is adopted, backed up and restored. With its further ports, and the password that is made anew.
 */
import { appendFile, lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { DriftReport, Plan, Status } from '../../electron/api/models.ts';
import { configValue, installNatively, startNatively, useLeoflow, type LeoflowClient } from '../support/leoflow/install.ts';
import { dexaflowRelease, leoflowReleases, postgresPrograms, programsOf, type LeoflowRelease } from '../support/leoflow/releases.ts';
import { makeLeoflowWorld, type LeoflowWorld } from '../support/leoflow/world.ts';
import { lacks } from '../support/prerequisite.ts';
import { freePort } from '../support/sprig.ts';

const isLacking = await lacks(`${postgresPrograms}/pg_dump`);
const release19 = leoflowReleases[2] as LeoflowRelease;
const password = 'correct horse';

describe.skipIf(isLacking)('Leoflow becomes Dexaflow', async () => {
  const world = await makeLeoflowWorld(afterAll, [release19, dexaflowRelease]);
  const port = await freePort();
  let leoflow: LeoflowClient;
  const status = async () => (await world.must(['status', 'leoflow'])).result as Status;

  test('an install under the old name is adopted', async () => {
    expect(await installNatively(world, release19, port, password, world.bin)).toMatchObject({ code: 0 });
    const stop = await startNatively(world, world.bin, port);
    leoflow = useLeoflow(port, await useLeoflow(port).signIn(password));
    expect(await leoflow.write('first', "it's mine")).toBe(201);
    expect(await stop()).toBe(0);
    await world.must(['adopt', 'leoflow', '--yes']);
    await world.must(['start', 'leoflow']);
    expect(await status()).toMatchObject({ release: release19.version, health: 'healthy', update: { latest: dexaflowRelease.version } });
  });

  test('a further port that somebody else has is told before anything is stopped', async () => {
    await world.must(['stop', 'leoflow']);
    const other = createServer().listen(port + 1011, '0.0.0.0');
    await new Promise((resolve) => other.once('listening', resolve));
    const run = await world.must(['upgrade', 'leoflow', '--yes'], 3);
    expect(run.error).toMatchObject({ code: 'port-in-use', message: expect.stringContaining(String(port + 1011)) as string });
    await new Promise((resolve) => other.close(resolve));
    await world.must(['start', 'leoflow']);
  });

  test('the upgrade brings the new programs and keeps home, rows and session; the new name of the home is a link, and one install', async () => {
    await world.must(['upgrade', 'leoflow', '--yes']);
    expect(await status()).toMatchObject({ release: dexaflowRelease.version, schema: { version: '18', known: '18' }, health: 'healthy' });
    expect(await leoflow.variables()).toEqual({ first: "it's mine" });
    expect(await leoflow.me()).toBe(200);
    expect(await readlink(join(world.person, '.dexaflow'))).toBe('.leoflow');
    const programs = await programsOf(dexaflowRelease);
    for (const [name, text] of Object.entries(programs)) {
      expect(await readFile(join(world.bin, name), 'utf8')).toBe(text);
      expect(await readFile(join(world.bin, name.replace('dexaflow', 'leoflow')), 'utf8')).toBe(text);
    }
    expect(((await world.must(['drift', 'leoflow'])).result as DriftReport).findings).toEqual([]);
    // The same folder under its other name is no second install.
    expect((await world.must(['adopt', 'leoflow', '--home', join(world.person, '.dexaflow')], 3)).error?.code).toMatch(
      /home-in-use|bad-home/,
    );
  });

  test('a new password is made by the product itself, shown once, and the keys that it would drop stay', async () => {
    await appendFile(join(world.leoflowHome, 'config.yaml'), '# the only copy\nsecret_key: 0123456789abcdef\n');
    const listed = await world.must(['run', 'leoflow']);
    expect(listed.result).toEqual([{ action: 'reset-password', title: expect.any(String) as string, what: expect.any(String) as string }]);
    const secret = await configValue(world.leoflowHome, 'jwt_secret');
    const run = await world.must(['run', 'leoflow', 'reset-password']);
    const fresh = /new password: (\S+)/.exec((run.result as { printed: string }).printed)?.[1] ?? '';
    expect(fresh).toMatch(/^\S{10,}$/);
    expect(await useLeoflow(port).signIn(fresh)).toMatch(/\./);
    await expect(useLeoflow(port).signIn(password)).rejects.toThrow('401');
    expect(await configValue(world.leoflowHome, 'secret_key')).toBe('0123456789abcdef');
    expect(await readFile(join(world.leoflowHome, 'config.yaml'), 'utf8')).toContain('# the only copy');
    expect(await configValue(world.leoflowHome, 'jwt_secret')).toBe(secret);
    expect((await lstat(join(world.leoflowHome, 'config.yaml'))).mode & 0o777).toBe(0o600);
    // It is kept nowhere.
    expect(await filesWith(world.moultHome, fresh)).toEqual([]);
    expect(await filesWith(world.leoflowHome, fresh)).toEqual([]);
    // And it is the one that holds after a restart, which sets the admin to what the configuration says.
    await world.must(['restart', 'leoflow']);
    expect(await useLeoflow(port).signIn(fresh)).toMatch(/\./);
    const plain = await world.moult(['run', 'leoflow', 'reset-password'], { plain: true });
    expect(plain).toMatchObject({ code: 0, stdout: expect.stringMatching(/new password: \S{10,}/) as string });
    expect((await world.must(['run', 'leoflow', 'fly'], 2)).error).toMatchObject({
      code: 'bad-input',
      message: expect.stringContaining('reset-password') as string,
    });
    await world.must(['stop', 'leoflow']);
    expect((await world.must(['run', 'leoflow', 'reset-password'], 3)).error).toMatchObject({ remedy: { action: 'start-service' } });
    await world.must(['start', 'leoflow']);
  });

  test('rolled back, the old programs are there and the new names are gone', async () => {
    await world.must(['rollback', 'leoflow', '--yes']);
    expect(await status()).toMatchObject({ release: release19.version, health: 'healthy' });
    expect((await readdir(world.bin)).sort()).toEqual(['leoflow', 'leoflow-agent', 'leoflow-server']);
    expect(await leoflow.variables()).toEqual({ first: "it's mine" });
  });
});

describe.skipIf(isLacking)('an install of Dexaflow', async () => {
  const world = await makeLeoflowWorld(afterAll, [dexaflowRelease, { ...dexaflowRelease, version: '0.5.1' }]);
  const port = await freePort();
  const home = join(world.person, '.dexaflow');
  let leoflow: LeoflowClient;

  test('is found under its new name, adopted, upgraded, backed up and restored; its workspace has the new name too', async () => {
    expect(await installNatively(world, dexaflowRelease, port, password, world.bin)).toMatchObject({ code: 0 });
    const stop = await startNatively(world, world.bin, port);
    leoflow = useLeoflow(port, await useLeoflow(port).signIn(password));
    expect(await leoflow.write('first', "it's mine")).toBe(201);
    expect(await stop()).toBe(0);
    await world.must(['adopt', 'leoflow', '--yes']);
    await world.must(['start', 'leoflow']);
    const plan = (await world.must(['plan', 'leoflow'])).result as Plan;
    expect(plan.home).toBe(home);
    expect(plan.items.find((item) => item.item === 'workspace')?.paths).toEqual([join(world.person, 'dexaflow')]);
    await world.must(['upgrade', 'leoflow', '--yes']);
    expect((await lstat(join(world.bin, 'leoflow'))).isSymbolicLink()).toBe(true);
    const backup = join(world.person, 'dexaflow.tar.zst');
    await world.must(['backup', 'leoflow', '--output', backup]);
    await leoflow.write('later', 'x');
    await world.must(['restore', 'leoflow', '--input', backup, '--yes']);
    expect(await leoflow.variables()).toEqual({ first: "it's mine" });
    expect((await world.must(['status', 'leoflow'])).result).toMatchObject({ release: '0.5.1', health: 'healthy' });
    expect(await everySettled(world)).toEqual([]);
  });
});

/** Findings of the drift, none where all is well. */
async function everySettled(world: LeoflowWorld): Promise<unknown[]> {
  return ((await world.must(['drift', 'leoflow'])).result as DriftReport).findings;
}

async function filesWith(folder: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    if ((await readFile(path)).includes(text)) found.push(path);
  }
  return found;
}
