import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chown, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Store } from '../../../electron/engine/datastore/capture.ts';
import { lookAtCluster, runAs } from '../../../electron/engine/datastore/postgres-cluster.ts';
import { stopPostgres } from '../../../electron/engine/datastore/postgres-run.ts';
import { postgresDriver } from '../../../electron/engine/datastore/postgres.ts';
import {
  as,
  clusterAt,
  debian,
  embedded,
  folderForUser,
  lacksDebian,
  lacksEmbedded,
  makeCluster,
  query,
  storeAt,
} from '../../support/postgres.ts';
import { treeState } from '../../support/tree-state.ts';

const noDebian = await lacksDebian;
const noEmbedded = await lacksEmbedded;
const { look, readTable, start, stop, dump, loadDump } = postgresDriver as Required<typeof postgresDriver>;

/** A process of the cluster's user that stands in a folder, as a postmaster does. */
async function standIn(folder: string): Promise<number> {
  const child = spawn('sleep', ['60'], { cwd: folder, stdio: 'ignore', ...as });
  await once(child, 'spawn');
  onTestFinished(() => void child.kill('SIGKILL'));
  return child.pid as number;
}

describe('a look', () => {
  test.skipIf(noEmbedded)('tells whether there is a cluster, whether it runs, and how it was left', async () => {
    const folder = await folderForUser();
    const cluster = await makeCluster(embedded, { parent: folder });
    const state = async (store: Store = cluster.store) => (await look(store)).state;
    expect(await state(storeAt(join(folder, 'nothing'), []))).toBe('absent');
    expect(await state()).toBe('stopped');
    await cluster.start();
    expect(await look(cluster.store)).toEqual({
      state: 'running',
      detail: `PostgreSQL 18 in ${cluster.folder} is running, process ${cluster.pid()}`,
      problems: [],
      warnings: [],
    });
    await cluster.stop('kill');
    // Its pid file is still there.
    expect(await readdir(cluster.folder)).toContain('postmaster.pid');
    const left = await look(cluster.store);
    expect([left.state, left.problems]).toEqual(['crashed', []]);
    expect(left.warnings.join()).toMatch(/was not stopped in order; it recovers at its next start/);
  });

  test.skipIf(noEmbedded)('is not fooled by a pid that somebody else got', async () => {
    const cluster = await makeCluster(embedded);
    for (const pid of [process.pid, await standIn('/')]) {
      await writeFile(join(cluster.folder, 'postmaster.pid'), `${pid}\n${cluster.folder}\n1\n5432\n${cluster.folder}\n\n1 1\nready\n`);
      expect((await look(cluster.store)).state, String(pid)).toBe('stopped');
    }
    // One that stands in the folder has it open.
    await writeFile(
      join(cluster.folder, 'postmaster.pid'),
      `${await standIn(cluster.folder)}\n${cluster.folder}\n1\n5432\n${cluster.folder}\n\n1 1\nstarting\n`,
    );
    expect((await look(cluster.store)).state).toBe('starting');
    await writeFile(join(cluster.folder, 'postmaster.pid'), 'no number');
    expect((await look(cluster.store)).state).toBe('stopped');
  });

  test.skipIf(noDebian || noEmbedded)('names both versions where the programs cannot read the data', async () => {
    const cluster = await makeCluster(debian);
    const wrong = await look(storeAt(cluster.folder, ['/nowhere', embedded.bin]));
    expect(wrong.problems.map(({ code, message }) => `${code}: ${message}`).join()).toMatch(
      /^unsupported: .* holds data of PostgreSQL 15, which only PostgreSQL 15 can read; the programs there are of PostgreSQL 18\.\d+ \(/,
    );
    expect((await look(storeAt(cluster.folder, ['/nowhere']))).problems[0]?.message).toMatch(/there is no PostgreSQL in \/nowhere/);
    expect((await look(storeAt(cluster.folder, [embedded.bin, debian.bin]))).problems).toEqual([]);
  });

  test.skipIf(noDebian || process.getuid?.() !== 0)('refuses to run as root, with the way out', async () => {
    const cluster = await makeCluster(debian);
    const found = await lookAtCluster(cluster.folder);
    expect(found === null ? null : await runAs(found)).toEqual(as);
    await chown(cluster.folder, 0, 0);
    const { problems } = await look(cluster.store);
    expect(problems[0]).toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/belongs to root, and PostgreSQL refuses to run as root/),
    });
    expect(problems[0]?.remedy?.text).toMatch(/run Moult as that user/);
    await expect(runAs({ folder: cluster.folder, owner: { uid: 4242, gid: 4242 } })).resolves.toEqual({ uid: 4242, gid: 4242 });
  });
});

describe('a server that is not its own', () => {
  test.skipIf(noDebian)('is found out, asked nothing and left alone', async () => {
    const folder = await folderForUser();
    const own = await makeCluster(debian, { parent: folder, name: 'own' });
    const other = await makeCluster(debian, { parent: folder, name: 'other', initdb: ['--data-checksums'] });
    const copy = await makeCluster(debian, { parent: folder, name: 'copy' });
    await other.start();
    await copy.start();
    for (const foreign of [other, copy]) {
      await writeFile(
        join(own.folder, 'postmaster.pid'),
        `${await standIn(own.folder)}\n${own.folder}\n1\n5432\n${foreign.folder}\n\n1 1\nready\n`,
      );
      const refused = { code: 'check-failed', details: { reason: 'foreign', found: foreign.folder } };
      expect((await look(own.store)).problems).toMatchObject([refused]);
      await expect(readTable(own.store, 'schema_migrations', ['version'])).rejects.toMatchObject(refused);
      await expect(postgresDriver.capture({ ...own.store, scratch: join(folder, 'scratch') })).rejects.toMatchObject({
        code: 'check-failed',
      });
      expect(await foreign.query("SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'moult'")).toEqual([{ n: 0 }]);
    }
  });

  test.skipIf(noEmbedded)('that does not answer, and a role and a database that are not there, are told apart', async () => {
    const cluster = await makeCluster(embedded);
    await cluster.start();
    const withSpec = (more: object): Store => ({ ...cluster.store, spec: { ...cluster.store.spec, ...more } });
    expect(await readTable(withSpec({ database: 'nobody' }), 't', ['a'])).toBeNull();
    await expect(readTable(withSpec({ role: 'nobody' }), 't', ['a'])).rejects.toMatchObject({ remedy: { action: 'edit-descriptor' } });
    await cluster.query('CREATE ROLE weak LOGIN');
    await expect(readTable(withSpec({ role: 'weak' }), 't', ['a'])).rejects.toThrow(/role "weak", which must be a superuser/);
  });
});

describe('a table', () => {
  const columns = ['version', 'dirty'];
  test.skipIf(noEmbedded)('is read of a running cluster, and of a stopped one without touching it', { timeout: 60_000 }, async () => {
    const cluster = await makeCluster(embedded);
    await cluster.start();
    expect(await readTable(cluster.store, 'schema_migrations', columns)).toBeNull();
    await cluster.query('CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)');
    await cluster.query('INSERT INTO schema_migrations VALUES (9007199254740993, false)');
    const rows = [{ version: '9007199254740993', dirty: 'false' }];
    expect(await readTable(cluster.store, 'schema_migrations', columns)).toEqual(rows);
    await cluster.stop();
    const before = await treeState(cluster.folder);
    expect(await readTable(cluster.store, 'schema_migrations', columns)).toEqual(rows);
    expect(await readTable(cluster.store, 'nothing', columns)).toBeNull();
    expect(await treeState(cluster.folder)).toEqual(before);
    await expect(readTable(cluster.store, 'schema_migrations', ['missing'])).rejects.toThrow(/column "missing" does not exist/);
  });

  test.skipIf(noDebian)(
    'is read although it and the catalogs were rewritten and large tables stand beside it',
    { timeout: 60_000 },
    async () => {
      const cluster = await makeCluster(debian);
      await cluster.start();
      await cluster.query(
        "CREATE TABLE schema_migrations AS SELECT g AS version, false AS dirty, repeat('x', 2000) AS fill FROM generate_series(1, 1000) g",
      );
      await cluster.query('CREATE TABLE large AS SELECT repeat(md5(g::text), 60) AS body FROM generate_series(1, 3000) g');
      await cluster.query('VACUUM FULL pg_class');
      await cluster.stop();
      const rows = await readTable(cluster.store, 'schema_migrations', ['version']);
      expect(rows).toHaveLength(1000);
      // Larger than what is copied at first.
      await expect(readTable(cluster.store, 'large', ['body'])).resolves.toHaveLength(3000);
    },
  );

  test.skipIf(noDebian)(
    'of a cluster that was killed is read of a copy that recovers, to the last commit',
    { timeout: 60_000 },
    async () => {
      const cluster = await makeCluster(debian);
      await cluster.start();
      await cluster.query('CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL)');
      await cluster.query('INSERT INTO schema_migrations VALUES (18, false)');
      // 78 MB, of which a part is written again after the checkpoint: more than what is copied for a look.
      await cluster.query('CREATE TABLE large AS SELECT g AS id, repeat(md5(g::text), 20) AS body FROM generate_series(1, 110000) g');
      await cluster.query('CHECKPOINT');
      await cluster.query("UPDATE large SET body = 'changed' WHERE id % 1000 = 0");
      await cluster.query('UPDATE schema_migrations SET version = 19, dirty = true');
      await cluster.stop('kill');
      const before = await treeState(cluster.folder);
      expect(await readTable(cluster.store, 'schema_migrations', columns)).toEqual([{ version: '19', dirty: 'true' }]);
      expect(await readTable(cluster.store, 'nothing', columns)).toBeNull();
      await expect(readTable(cluster.store, 'schema_migrations', ['missing'])).rejects.toThrow(/column "missing" does not exist/);
      // What was left out comes out of the log as scraps.
      await expect(readTable(cluster.store, 'large', ['id'])).rejects.toMatchObject({ details: { reason: 'needs-recovery' } });
      expect(await treeState(cluster.folder)).toEqual(before);
    },
  );

  test.skipIf(noEmbedded)('of a cluster that cannot recover on a copy is not read, and the way out is named', async () => {
    const cluster = await makeCluster(embedded);
    await cluster.start();
    await cluster.stop('kill');
    // Without its log nothing can be recovered.
    for (const name of await readdir(join(cluster.folder, 'pg_wal'))) await rm(join(cluster.folder, 'pg_wal', name), { recursive: true });
    await expect(readTable(cluster.store, 'schema_migrations', columns)).rejects.toMatchObject({
      code: 'io',
      message: expect.stringMatching(/was not stopped in order and needs recovery/),
      remedy: { action: 'start-service' },
    });
  });
});

describe('its server', () => {
  test.skipIf(noEmbedded)('is started, found, and stopped in order', { timeout: 60_000 }, async () => {
    const folder = await folderForUser();
    const cluster = await makeCluster(embedded, { parent: folder });
    const store: Store = {
      ...cluster.store,
      spec: { ...cluster.store.spec, socket: '{item:datastore}' } as Store['spec'],
      fill: (text) => text.replace('{item:datastore}', cluster.folder),
    };
    const log = join(folder, 'server.log');
    onTestFinished(() => stop(store).then(() => {}));
    await start(store, { log });
    await start(store, { log });
    expect(await query(cluster.folder, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '' }]);
    expect((await stat(log)).mode & 0o777).toBe(0o600);
    expect(await stop(store)).toBe(true);
    expect(await stop(store)).toBe(false);
    expect((await look(store)).state).toBe('stopped');
  });

  test.skipIf(noEmbedded)('that cannot start says why', { timeout: 60_000 }, async () => {
    const folder = await folderForUser();
    const cluster = await makeCluster(embedded, { parent: folder });
    await appendFile(join(cluster.folder, 'postgresql.conf'), '\nshared_buffers = nonsense\n');
    await expect(start(cluster.store, { log: join(folder, 'server.log') })).rejects.toMatchObject({
      code: 'service-failed',
      message: expect.stringMatching(/did not start.*(shared_buffers|configuration file)/),
      remedy: { action: 'open-log' },
    });
  });

  test.skipIf(noEmbedded)('is stopped whoever started it, and with sessions open', { timeout: 60_000 }, async () => {
    const cluster = await makeCluster(embedded);
    await cluster.start();
    const sleeping = cluster.query('SELECT pg_sleep(60)').catch(() => 'ended');
    expect(await stop(cluster.store)).toBe(true);
    expect(await sleeping).toBe('ended');
    expect((await look(cluster.store)).state).toBe('stopped');
  });

  test.skipIf(noEmbedded)(
    'that does not end in time is stopped at once, which is told, and recovers at its next start',
    { timeout: 60_000 },
    async () => {
      const cluster = await makeCluster(embedded);
      await cluster.start();
      await cluster.query('CREATE TABLE kept AS SELECT 1 AS id');
      // A session that sees no signal holds the orderly stop up for ever.
      const session = new pg.Client({ host: cluster.folder, port: 5432, user: 'app', database: 'app', password: '' });
      session.on('error', () => {});
      await session.connect();
      const { rows } = await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const stuck = rows[0]?.pid ?? 0;
      process.kill(stuck, 'SIGSTOP');
      const notes: string[] = [];
      expect(await stopPostgres(cluster.store, { fastSeconds: 1, onNote: (text) => notes.push(text) })).toBe(true);
      expect(notes).toEqual([
        `PostgreSQL in ${cluster.folder} did not stop within 1 s and was stopped at once; it recovers at its next start`,
      ]);
      expect((await look(cluster.store)).state).toBe('crashed');
      await cluster.start();
      expect(await cluster.query('SELECT id FROM kept')).toEqual([{ id: 1 }]);
    },
  );
});

describe('a dump', () => {
  test.skipIf(noDebian)(
    'is written by the own pg_dump and played into a new cluster beside the live one',
    { timeout: 120_000 },
    async () => {
      const folder = await folderForUser();
      const cluster = await makeCluster(debian, { parent: folder, initdb: ['--data-checksums'] });
      const file = join(folder, 'dump.sql');
      await expect(dump(cluster.store, file)).rejects.toMatchObject({ code: 'service-failed' });
      await cluster.start();
      await appendFile(join(cluster.folder, 'postgresql.conf'), '\nwork_mem = 7MB\n');
      await cluster.query("CREATE TABLE notes AS SELECT g AS id, 'süß ' || g AS body FROM generate_series(1, 500) g");
      await dump(cluster.store, file);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      await expect(dump(cluster.store, file)).rejects.toMatchObject({ code: 'EEXIST' });
      const into = join(folder, 'new');
      await loadDump(cluster.store, file, into);
      expect(await postgresDriver.check([into])).toEqual([]);
      const loaded = clusterAt(into, debian);
      await loaded.start();
      expect(await loaded.query('SELECT count(*)::int AS n, max(body) AS last FROM notes')).toEqual([{ n: 500, last: 'süß 99' }]);
      expect(await loaded.query('SHOW work_mem')).toEqual([{ work_mem: '7MB' }]);
      expect(await loaded.query('SHOW data_checksums')).toEqual([{ data_checksums: 'on' }]);
      await expect(loadDump(cluster.store, file, into)).rejects.toMatchObject({ code: 'bad-input' });
    },
  );

  test.skipIf(noDebian)('that fails leaves the live cluster running and nothing beside it', { timeout: 120_000 }, async () => {
    const folder = await folderForUser();
    const cluster = await makeCluster(debian, { parent: folder });
    await cluster.start();
    await cluster.query('CREATE TABLE notes AS SELECT 1 AS id');
    const file = join(folder, 'bad.sql');
    await writeFile(file, 'CREATE TABLE a (b int);\nINSERT INTO nowhere VALUES (1);\n');
    await expect(loadDump(cluster.store, file, join(folder, 'new'))).rejects.toMatchObject({
      code: 'bad-backup',
      message: expect.stringMatching(/relation "nowhere" does not exist.*live data were not touched/),
    });
    expect((await readdir(folder)).sort()).toEqual(['bad.sql', 'pgdata']);
    expect(await cluster.query('SELECT id FROM notes')).toEqual([{ id: 1 }]);
  });

  test.skipIf(noEmbedded)('needs programs that not every product has, and names the one that is missing', { timeout: 60_000 }, async () => {
    const folder = await folderForUser();
    const cluster = await makeCluster(embedded, { parent: folder });
    await cluster.start();
    await expect(dump(cluster.store, join(folder, 'dump.sql'))).rejects.toMatchObject({
      code: 'unsupported',
      message: `there is no pg_dump in ${embedded.bin}`,
    });
  });
});
