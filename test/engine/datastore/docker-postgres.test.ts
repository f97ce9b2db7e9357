/** PostgreSQL in a Docker volume, on a real Docker Engine. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { parseVolumePlace, volumePlace } from '../../../electron/engine/platform/docker.ts';
import { besideDocker, isInDocker, moveInDocker, removeInDocker } from '../../../electron/engine/datastore/docker-places.ts';
import { dockerPostgresDriver as driver } from '../../../electron/engine/datastore/docker-postgres.ts';
import type { Store } from '../../../electron/engine/datastore/capture.ts';
import { dataFolder, docker, lacksDockerEngine, postgresImage, removeVolume } from '../../support/docker.ts';
import { lacksDebian } from '../../support/postgres.ts';
import { freePort } from '../../support/sprig.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const isLacking = (await lacksDockerEngine()) || (await lacksDebian);
/** Containers start and stop many times; the machine may be busy. */
vi.setConfig({ testTimeout: 180_000 });

const database = { name: 'app', role: 'app' };

describe.skipIf(isLacking)('PostgreSQL in a Docker volume', () => {
  let image: string;
  beforeAll(async () => {
    image = await postgresImage();
  }, 180_000);

  test('is looked at and read, and a volume without a container is said to be one', async () => {
    const there = await cluster(image);
    expect(await driver.look?.(there.store)).toMatchObject({
      state: 'running',
      problems: [],
      detail: expect.stringContaining(there.container) as string,
    });
    expect(await driver.readTable?.(there.store, 'notes', ['id', 'body'])).toEqual([{ id: '1', body: "it's | here\nand there" }]);
    expect(await driver.readTable?.(there.store, 'nothing', ['id'])).toBeNull();
    expect(await driver.measure?.(there.store)).toBeGreaterThan(1_000_000);
    await docker('stop', there.container);
    expect(await driver.look?.(there.store)).toMatchObject({ state: 'stopped', problems: [] });
    // What is stopped is read of a copy, by a server that is gone afterwards, and so is what was killed.
    expect(await driver.readTable?.(there.store, 'notes', ['id', 'body'])).toEqual([{ id: '1', body: "it's | here\nand there" }]);
    expect(await driver.readTable?.(there.store, 'nothing', ['id'])).toBeNull();
    await there.start();
    await there.query("INSERT INTO notes VALUES (2, 'later')");
    await docker('kill', there.container);
    expect(await driver.readTable?.(there.store, 'notes', ['id'])).toEqual([{ id: '1' }, { id: '2' }]);
    expect(await docker('inspect', '--format', '{{.State.Running}}', there.container)).toBe('false');
    expect(await docker('ps', '--all', '--quiet', '--filter', 'name=moult-helper-')).toBe('');
    await docker('rm', there.container);
    expect(await driver.look?.(there.store)).toMatchObject({ state: 'stopped', problems: [{ code: 'unsupported' }] });
    await removeVolume(there.volume);
    expect(await driver.look?.(there.store)).toMatchObject({ state: 'absent' });
    expect(await driver.files(there.store.paths)).toEqual([]);
  });

  test('is captured twice, the second time as it is then, and a container that was stopped is stopped again', async () => {
    const there = await cluster(image);
    const scratch = join(await temporaryFolder('scratch'), 'dump');
    await docker('stop', there.container);
    const capture = await driver.capture({ ...there.store, scratch });
    if (capture === null) throw new Error('no capture');
    expect(await docker('inspect', '--format', '{{.State.Running}}', there.container)).toBe('false');
    expect(capture.base).toMatchObject([{ as: 'datastore.sql' }]);
    await there.start();
    await there.query("INSERT INTO notes VALUES (2, 'later')");
    const [last] = await capture.finish();
    const texts = [await readFile(capture.base[0]?.path ?? '', 'utf8'), await readFile(last?.path ?? '', 'utf8')];
    expect(texts.map((text) => text.includes('later'))).toEqual([false, true]);
    await capture.close();
    await expect(readFile(last?.path ?? '')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('a dump is played beside the live database, which then changes its name; a bad one leaves nothing', async () => {
    const there = await cluster(image);
    const folder = await temporaryFolder('dump');
    const dump = join(folder, 'app.sql');
    await driver.dump?.(there.store, dump);
    await there.query("UPDATE notes SET body = 'newer'");
    const live = volumePlace(there.volume, database);
    const staged = (await driver.stage?.(there.store, dump, 'moult_abc_staged_0')) ?? '';
    expect(parseVolumePlace(staged)).toEqual({ volume: there.volume, database: { name: 'moult_abc_staged_0', role: 'app' } });
    // Somebody who forgot to go does not stop the change of names.
    const session = there.query('SELECT pg_sleep(120)').catch(() => '');
    await expect
      .poll(
        () =>
          there.query("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(120)%' AND pid <> pg_backend_pid()", 'template1'),
        { timeout: 20_000, interval: 200 },
      )
      .toBe('1');
    const trash = besideDocker(live, 'abc-0');
    await moveInDocker(live, trash);
    await session;
    expect([await isInDocker(live), await isInDocker(trash), await isInDocker(staged)]).toEqual([false, true, true]);
    await moveInDocker(staged, live);
    expect(await there.query('SELECT body FROM notes WHERE id = 1')).toContain("it's | here");
    await moveInDocker(live, staged);
    await moveInDocker(trash, live);
    expect(await there.query('SELECT body FROM notes WHERE id = 1')).toBe('newer');
    await removeInDocker(staged);
    await expect(removeInDocker(live)).rejects.toMatchObject({ code: 'internal' });
    await writeFile(dump, `${await readFile(dump, 'utf8')}\nSELECT 1 / 0;\n`);
    await expect(driver.stage?.(there.store, dump, 'moult_bad')).rejects.toMatchObject({
      code: 'bad-backup',
      message: expect.stringContaining('division by zero') as string,
    });
    expect(await there.query("SELECT count(*) FROM pg_database WHERE datname LIKE 'moult%'", 'template1')).toBe('0');
    expect(await there.query('SELECT body FROM notes WHERE id = 1')).toBe('newer');
  });

  test('a volume is put away whole, with its labels, and comes back; a copy that was cut off does not count', async () => {
    const there = await cluster(image);
    const [live, trash] = [volumePlace(there.volume), besideDocker(volumePlace(there.volume), `${there.volume}-0`)];
    onTestFinished(() => removeVolume(`moult-${there.volume}-0`));
    await moveInDocker(live, trash);
    expect([await isInDocker(live), await isInDocker(trash)]).toEqual([false, true]);
    expect(await docker('ps', '-aq', '--filter', `name=${there.container}`)).toBe('');
    expect(
      await docker('volume', 'ls', '-q', '--filter', 'label=com.docker.compose.project=thing', '--filter', `name=${there.volume}`),
    ).toBe('');
    // A way back that was killed in the middle leaves a volume that does not count, and can be gone again.
    await docker('volume', 'create', '--label', `moult.image=${image}`, there.volume);
    await docker(
      'run',
      '--rm',
      '-v',
      `${there.volume}:/v`,
      '--network',
      'none',
      '--entrypoint',
      'touch',
      image,
      '/v/.moult-unfinished',
      '/v/half',
    );
    expect(await isInDocker(live)).toBe(false);
    await docker('volume', 'rm', there.volume);
    await moveInDocker(trash, live);
    expect([await isInDocker(live), await isInDocker(trash)]).toEqual([true, false]);
    expect(await docker('volume', 'inspect', '--format', '{{index .Labels "com.docker.compose.project"}}', there.volume)).toBe('thing');
    await there.run();
    expect(await there.query('SELECT count(*) FROM notes')).toBe('1');
    expect(await docker('exec', there.container, 'ls', '-A', dataFolder)).not.toContain('.moult');
  });

  test('two servers on one volume, and a server whose data are elsewhere, are refused', async () => {
    const there = await cluster(image);
    await docker(
      'run',
      '-d',
      '--name',
      `${there.container}-2`,
      '--network',
      'none',
      '-v',
      `${there.volume}:/else`,
      '-e',
      'PGDATA=/elsewhere',
      '-e',
      'POSTGRES_USER=app',
      image,
    );
    expect(await driver.look?.(there.store)).toMatchObject({
      problems: [{ code: 'check-failed', message: expect.stringContaining('at once') as string }],
    });
    await docker('rm', '-f', there.container);
    expect(await driver.look?.(there.store)).toMatchObject({
      problems: [{ code: expect.stringMatching(/check-failed|service-failed/) as string }],
    });
    await expect(driver.dump?.(there.store, join(await temporaryFolder('dump'), 'x.sql'))).rejects.toMatchObject({
      code: expect.stringMatching(/check-failed|service-failed/) as string,
    });
  });
});

async function cluster(image: string) {
  const volume = `thing-${randomBytes(4).toString('hex')}_pgdata`;
  const container = `${volume}-postgres-1`;
  const port = await freePort();
  onTestFinished(() => removeVolume(volume));
  await docker('volume', 'create', '--label', 'com.docker.compose.project=thing', volume);
  const there = {
    volume,
    container,
    store: storeOf(volume),
    run: async () => {
      await docker(
        'run',
        '-d',
        '--name',
        container,
        '--network',
        'host',
        '-v',
        `${volume}:${dataFolder}`,
        '-e',
        'POSTGRES_USER=app',
        image,
        '-p',
        String(port),
        '-c',
        'listen_addresses=127.0.0.1',
      );
      await there.answers();
    },
    start: async () => {
      await docker('start', container);
      await there.answers();
    },
    answers: async () =>
      expect.poll(() => there.query('SELECT 1', 'template1').catch(() => ''), { timeout: 60_000, interval: 200 }).toBe('1'),
    query: (statement: string, name = 'app') =>
      docker('exec', container, 'psql', '-h', '/var/run/postgresql', '-p', String(port), '-U', 'app', '-d', name, '-qAtX', '-c', statement),
  };
  await there.run();
  await there.query('CREATE DATABASE app', 'template1');
  await there.query("CREATE TABLE notes (id int PRIMARY KEY, body text); INSERT INTO notes VALUES (1, E'it''s | here\\nand there')");
  return there;
}

function storeOf(volume: string): Store {
  return {
    spec: { driver: 'docker-postgres', item: 'datastore', database: 'app', role: 'app' },
    paths: [volumePlace(volume)],
    fill: (text) => text,
  };
}
