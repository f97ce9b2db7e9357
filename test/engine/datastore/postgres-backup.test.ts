import { execFile } from 'node:child_process';
import { appendFile, chmod, chown, lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { CaptureFile } from '../../../electron/engine/datastore/capture.ts';
import { postgresDriver } from '../../../electron/engine/datastore/postgres.ts';
import { verifyBackup } from '../../../electron/engine/backup/verify-backup.ts';
import { backUpAtOnce, beginBackup, firstPass, restoreTo, seal, secondPass, unpackTo } from '../../support/postgres-backup.ts';
import {
  debian,
  embedded,
  folderForUser,
  giveToUser,
  lacksDebian,
  lacksEmbedded,
  makeCluster,
  startPostgresWriter,
  storeAt,
  type TestCluster,
} from '../../support/postgres.ts';

const noDebian = await lacksDebian;
const noEmbedded = await lacksEmbedded;
const bulk = 'CREATE TABLE bulk AS SELECT g AS id, repeat(md5(g::text), 60) AS body FROM generate_series(1, 2500) g';

/** A running cluster with 5 MB in it. */
async function running(options: { binaries?: typeof debian; settings?: string[] } = {}): Promise<{ folder: string; cluster: TestCluster }> {
  const folder = await folderForUser();
  const cluster = await makeCluster(options.binaries ?? embedded, { parent: folder, initdb: ['--data-checksums'] });
  await cluster.start(options.settings);
  await cluster.query(bulk);
  return { folder, cluster };
}

async function rowsIn(cluster: TestCluster): Promise<{ bulk: number; written: number }> {
  const [row] = await cluster.query('SELECT (SELECT count(*)::int FROM bulk) AS bulk, (SELECT max(id)::int FROM written) AS written');
  return { bulk: Number(row?.['bulk']), written: Number(row?.['written']) };
}

const namesOf = (files: readonly CaptureFile[]) => files.map((file) => file.as.slice('pgdata/'.length)).sort();

describe('a backup in two passes', () => {
  test.skipIf(noEmbedded)('adds only the log after the stop, and is the final state', { timeout: 120_000 }, async () => {
    const { folder, cluster } = await running();
    const writer = await startPostgresWriter(cluster.folder);
    const pass = await beginBackup(cluster.store, folder);
    const completed = await firstPass(pass, cluster.store);
    await pass.writer.verifyWritten();
    await writer.more(200);
    await appendFile(join(cluster.folder, 'postgresql.conf'), "\n# a person's own line\n");
    await writer.stop();
    await cluster.stop('fast');
    const last = writer.committed();
    const { added, changed } = await secondPass(pass, cluster.store, completed);
    const names = namesOf(added);
    expect(names).toContain('postgresql.conf');
    expect(names.filter((name) => !/^pg_wal\/[0-9A-F]{24}$|^[\w.]+$/.test(name))).toEqual([]);
    // The segments and what was edited; nothing of the base.
    expect(changed).toBeLessThanOrEqual(names.length);
    const backup = await seal(pass);
    expect((await verifyBackup(backup)).problems).toEqual([]);
    const { restored, problems } = await restoreTo(backup, cluster, folder, 'restored');
    expect(problems).toEqual([]);
    expect(await readFile(join(restored.folder, 'postgresql.conf'), 'utf8')).toContain("# a person's own line");
    await restored.start();
    expect(await rowsIn(restored)).toEqual({ bulk: 2500, written: last });
  });

  test.skipIf(noDebian)('is the final state when PostgreSQL was killed instead of stopped', { timeout: 120_000 }, async () => {
    const { folder, cluster } = await running({ binaries: debian });
    const writer = await startPostgresWriter(cluster.folder);
    const pass = await beginBackup(cluster.store, folder);
    const completed = await firstPass(pass, cluster.store);
    await writer.more(200);
    await cluster.stop('kill');
    const last = writer.committed();
    const { added } = await secondPass(pass, cluster.store, completed);
    expect(namesOf(added).filter((name) => name.startsWith('base'))).toEqual([]);
    const { restored, problems } = await restoreTo(await seal(pass), cluster, folder, 'restored');
    expect(problems).toEqual([]);
    await restored.start();
    const found = await rowsIn(restored);
    expect(found.bulk).toBe(2500);
    expect(found.written).toBeGreaterThanOrEqual(last);
  });

  test.skipIf(noEmbedded)('is the final state when the product leaves its PostgreSQL running', { timeout: 120_000 }, async () => {
    const { folder, cluster } = await running();
    const writer = await startPostgresWriter(cluster.folder);
    const pass = await beginBackup(cluster.store, folder);
    const completed = await firstPass(pass, cluster.store);
    await writer.more(50);
    const last = await writer.stop();
    await secondPass(pass, cluster.store, completed);
    const { restored } = await restoreTo(await seal(pass), cluster, folder, 'restored');
    await restored.start();
    expect((await rowsIn(restored)).written).toBe(last);
    expect((await rowsIn(cluster)).written).toBe(last);
  });

  test.skipIf(noEmbedded)('copies everything again where the log cannot prove the end, and says so', { timeout: 120_000 }, async () => {
    const { folder, cluster } = await running();
    await cluster.query('CREATE UNLOGGED TABLE cache AS SELECT 7 AS n');
    const pass = await beginBackup(cluster.store, folder);
    expect(pass.capture.finishing).toBe('whole');
    expect(pass.capture.notes.join()).toMatch(/the tables cache are unlogged/);
    const completed = await firstPass(pass, cluster.store);
    await cluster.stop();
    const { added } = await secondPass(pass, cluster.store, completed);
    expect(added.some((file) => file.replaces === true && file.as === 'pgdata')).toBe(true);
    expect(pass.capture.notes.at(-1)).toMatch(/was copied a second time/);
    const { restored, problems } = await restoreTo(await seal(pass), cluster, folder, 'restored');
    expect(problems).toEqual([]);
    expect(await readdir(restored.folder)).not.toContain('backup_label');
    await restored.start();
    expect(await restored.query('SELECT n FROM cache')).toEqual([{ n: 7 }]);
  });

  test.skipIf(noEmbedded)('works where the log may not be streamed', { timeout: 120_000 }, async () => {
    const { folder, cluster } = await running();
    await writeFile(join(cluster.folder, 'pg_hba.conf'), 'local all all trust\n');
    await cluster.stop();
    await cluster.start();
    const writer = await startPostgresWriter(cluster.folder);
    const pass = await beginBackup(cluster.store, folder);
    expect(pass.capture.finishing).toBe('whole');
    expect(pass.capture.notes.join()).toMatch(/cannot be streamed \(.*pg_hba/);
    const completed = await firstPass(pass, cluster.store);
    await writer.more(20);
    const last = await writer.stop();
    await cluster.stop();
    await secondPass(pass, cluster.store, completed);
    const { restored, problems } = await restoreTo(await seal(pass), cluster, folder, 'restored');
    expect(problems).toEqual([]);
    await restored.start();
    expect((await rowsIn(restored)).written).toBe(last);
  });

  test.skipIf(noEmbedded)(
    'takes nothing while PostgreSQL runs whose log holds too little, and says what to do',
    { timeout: 120_000 },
    async () => {
      const { folder, cluster } = await running({ settings: ['wal_level=minimal', 'max_wal_senders=0'] });
      const pass = await beginBackup(cluster.store, folder);
      expect(pass.capture.base).toEqual([]);
      expect(pass.capture.needsStop?.message).toMatch(/cannot be backed up while it runs: WAL level/);
      expect(pass.capture.needsStop?.remedy?.action).toBe('stop-service');
      const completed = await firstPass(pass, cluster.store);
      await cluster.stop();
      await secondPass(pass, cluster.store, completed);
      const { restored } = await restoreTo(await seal(pass), cluster, folder, 'restored');
      await restored.start();
      expect(await restored.query('SELECT count(*)::int AS n FROM bulk')).toEqual([{ n: 2500 }]);
    },
  );
});

describe('a capture', () => {
  test.skipIf(noEmbedded)('that is given up, aborted or killed leaves nothing in the cluster', { timeout: 120_000 }, async () => {
    const { folder, cluster } = await running();
    const sessions = () =>
      cluster.query(
        "SELECT (SELECT count(*)::int FROM pg_replication_slots) + (SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'moult') AS n",
      );
    const pass = await beginBackup(cluster.store, folder);
    expect(await sessions()).not.toEqual([{ n: 0 }]);
    await pass.writer.abandon();
    await pass.capture.close();
    await pass.capture.close();
    await expect.poll(sessions).toEqual([{ n: 0 }]);
    const abort = new AbortController();
    const aborted = await postgresDriver.capture({ ...cluster.store, scratch: join(folder, 'aborted'), signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(aborted?.complete?.()).rejects.toThrow('enough');
    await aborted?.close();
    await expect.poll(sessions).toEqual([{ n: 0 }]);
    expect(await readdir(join(folder, 'aborted'))).toEqual([]);
    const killed = await postgresDriver.capture({ ...cluster.store, scratch: join(folder, 'killed') });
    const { stdout } = await promisify(execFile)('pgrep', ['-P', String(process.pid), '-f', 'postgres-worker']);
    process.kill(Number(stdout.trim()), 'SIGKILL');
    await expect.poll(sessions).toEqual([{ n: 0 }]);
    await expect(killed?.complete?.()).rejects.toMatchObject({ code: 'io' });
    await killed?.close();
    await cluster.query('INSERT INTO bulk VALUES (0)');
  });

  test.skipIf(noEmbedded)('of a stopped cluster is its files, without what is made anew', { timeout: 120_000 }, async () => {
    const { folder, cluster } = await running();
    await cluster.query('SELECT pg_switch_wal(), pg_switch_wal()');
    await cluster.stop();
    const backup = await backUpAtOnce(cluster.store, folder);
    const unpacked = await unpackTo(backup, cluster, folder, 'unpacked');
    expect(await readdir(join(unpacked, 'pg_wal')).then((names) => names.filter((name) => /^[0-9A-F]{24}$/.test(name)))).toHaveLength(1);
    expect(await readdir(unpacked)).not.toContain('postmaster.opts');
    expect(await postgresDriver.check([unpacked])).toEqual([]);
    // It is at rest already, so nothing has to be started on it.
    await postgresDriver.prepareRestored?.([unpacked], undefined, storeAt(cluster.folder, ['/nowhere']));
    const { restored } = await restoreTo(backup, cluster, folder, 'restored');
    await restored.start();
    expect(await restored.query('SELECT count(*)::int AS n FROM bulk')).toEqual([{ n: 2500 }]);
  });

  test.skipIf(noDebian)('of a cluster that was killed is recovered beside the live one', { timeout: 120_000 }, async () => {
    const { folder, cluster } = await running({ binaries: debian });
    const writer = await startPostgresWriter(cluster.folder);
    await writer.more(50);
    await cluster.stop('kill');
    const pass = await beginBackup(cluster.store, folder);
    expect(pass.capture.notes.join()).toMatch(/was not stopped in order/);
    await firstPass(pass, cluster.store);
    const backup = await seal(pass);
    const { restored, problems } = await restoreTo(backup, cluster, folder, 'restored');
    expect(problems).toEqual([]);
    await restored.start();
    expect((await rowsIn(restored)).written).toBeGreaterThanOrEqual(writer.committed());
    expect((await postgresDriver.look?.(cluster.store))?.state).toBe('crashed');
  });

  test.skipIf(noDebian)('brings tablespaces and a log that is kept elsewhere back inside the folder', { timeout: 120_000 }, async () => {
    const folder = await folderForUser();
    await mkdir(join(folder, 'space'));
    await giveToUser(join(folder, 'space'));
    const cluster = await makeCluster(debian, { parent: folder, initdb: ['--data-checksums'] });
    await cluster.start();
    await cluster.query(`CREATE TABLESPACE far LOCATION '${join(folder, 'space')}'`);
    await cluster.query(
      'CREATE TABLE bulk TABLESPACE far AS SELECT g AS id, repeat(md5(g::text), 60) AS body FROM generate_series(1, 3000) g',
    );
    const backup = await backUpAtOnce(cluster.store, folder);
    await cluster.stop();
    const cold = await backUpAtOnce(cluster.store, folder, 'cold');
    for (const [name, each] of [
      ['hot-copy', backup],
      ['cold-copy', cold],
    ] as const) {
      const { restored, problems } = await restoreTo(each, cluster, folder, name);
      expect(problems).toEqual([]);
      const [space = ''] = await readdir(join(restored.folder, 'pg_tblspc'));
      expect((await lstat(join(restored.folder, 'pg_tblspc', space))).isDirectory()).toBe(true);
      await restored.start();
      expect(await restored.query('SELECT count(*)::int AS n FROM bulk')).toEqual([{ n: 3000 }]);
      await restored.stop();
    }
    // The live tablespace is as it was.
    await cluster.start();
    expect(await cluster.query('SELECT count(*)::int AS n FROM bulk')).toEqual([{ n: 3000 }]);
  });
});

describe('a restored copy', () => {
  test.skipIf(noDebian || noEmbedded)('of another major version is refused, and both are named', { timeout: 120_000 }, async () => {
    const { folder, cluster } = await running({ binaries: debian });
    const unpacked = await unpackTo(await backUpAtOnce(cluster.store, folder), cluster, folder, 'unpacked');
    await expect(postgresDriver.prepareRestored?.([unpacked], undefined, storeAt(cluster.folder, [embedded.bin]))).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/data of PostgreSQL 15, .* the programs there are of PostgreSQL 18/),
    });
  });

  test.skipIf(noEmbedded || process.getuid?.() !== 0)(
    'that its user cannot reach is not called bad for that',
    { timeout: 120_000 },
    async () => {
      const { folder, cluster } = await running();
      const unpacked = await unpackTo(await backUpAtOnce(cluster.store, folder), cluster, folder, 'closed/unpacked');
      await chown(join(folder, 'closed'), 0, 0);
      await chmod(join(folder, 'closed'), 0o700);
      await expect(postgresDriver.prepareRestored?.([unpacked], undefined, cluster.store)).rejects.toMatchObject({
        code: 'unsupported',
        message: expect.stringMatching(/PostgreSQL runs as nobody, the owner of the data, who cannot enter/),
        remedy: { command: 'sudo -u nobody moult' },
      });
    },
  );

  test.skipIf(noEmbedded)('whose log is incomplete, or whose pages are damaged, is called bad', { timeout: 120_000 }, async () => {
    const { folder, cluster } = await running();
    const backup = await backUpAtOnce(cluster.store, folder);
    const torn = await unpackTo(backup, cluster, folder, 'torn');
    const wal = (await readdir(join(torn, 'pg_wal'))).find((name) => /^[0-9A-F]{24}$/.test(name)) ?? '';
    await writeFile(join(torn, 'pg_wal', wal), Buffer.alloc(16 * 1024 * 1024));
    await expect(postgresDriver.prepareRestored?.([torn], undefined, cluster.store)).rejects.toMatchObject({ code: 'bad-backup' });
    const { restored } = await restoreTo(backup, cluster, folder, 'damaged');
    const [row] = await cluster.query("SELECT pg_relation_filepath('bulk') AS path");
    const file = join(restored.folder, row?.['path'] as string);
    const content = await readFile(file);
    content[8192 * 3 + 5000] = (content[8192 * 3 + 5000] as number) ^ 1;
    await writeFile(file, content);
    expect((await postgresDriver.check([restored.folder])).join()).toMatch(/page 3 is damaged/);
    await writeFile(join(restored.folder, 'global', 'pg_control'), Buffer.alloc(8192));
    expect((await postgresDriver.check([restored.folder])).join()).toMatch(/pg_control is missing or damaged/);
    expect(await postgresDriver.check([join(folder, 'nothing')])).toEqual([
      `${join(folder, 'nothing')} is no data folder of PostgreSQL: PG_VERSION is missing`,
    ]);
  });
});
