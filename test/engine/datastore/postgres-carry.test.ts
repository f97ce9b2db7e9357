/** From PostgreSQL 15 to 18: Debian's programs, which can dump, and those of npm, which cannot. */
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { postgresDriver as driver } from '../../../electron/engine/datastore/postgres.ts';
import { lookAtCluster } from '../../../electron/engine/datastore/postgres-cluster.ts';
import type { Store } from '../../../electron/engine/datastore/capture.ts';
import { exists } from '../../../electron/engine/platform/files.ts';
import { hashTrees } from '../../../electron/engine/platform/tree.ts';
import { clusterAt, debian, embedded, folderForUser, lacksDebian, lacksEmbedded, makeCluster, query } from '../../support/postgres.ts';

const isLacking = (await lacksDebian) || (await lacksEmbedded);
vi.setConfig({ testTimeout: 180_000 });

/** A datastore of a release that brings 18; `others`: what other releases on this machine bring. */
function storeOf(folder: string, others: readonly string[]): Store {
  return {
    spec: { driver: 'postgres', item: 'datastore', binaries: ['{slot}'], database: 'app', role: 'app', port: 5432, run: 'product' },
    paths: [folder],
    fill: (text) => text.replace('{slot}', embedded.bin),
    otherFills: others.map((bin) => (text: string) => text.replace('{slot}', bin)),
  };
}

describe.skipIf(isLacking)('a cluster of another major version', () => {
  test('is brought over with all databases, its checksums and its settings, and the old one is as it was', async () => {
    const parent = await folderForUser();
    const old = await makeCluster(debian, { parent, name: 'pgdata', initdb: ['--data-checksums'] });
    await old.start();
    await old.query(
      "CREATE TABLE notes (id bigserial PRIMARY KEY, body text); INSERT INTO notes (body) SELECT 'it''s ' || n FROM generate_series(1, 20000) n",
    );
    await old.query('CREATE VIEW few AS SELECT * FROM notes WHERE id < 10; CREATE INDEX by_body ON notes (body)');
    await old.query('CREATE DATABASE second');
    await query(old.folder, 'CREATE TABLE other (x int); INSERT INTO other VALUES (7)', 'second');
    await old.stop();
    await appendFile(join(old.folder, 'postgresql.conf'), "\nwork_mem = '7MB'\nvacuum_defer_cleanup_age = 0\nlisten_addresses = ''\n");
    const before = await hashTrees([old.folder]);
    const into = join(parent, 'carried');
    expect(await driver.carryOver?.(storeOf(old.folder, [debian.bin]), old.folder, into)).toBe(true);
    expect(await driver.check([into])).toEqual([]);
    expect(await lookAtCluster(into)).toMatchObject({ major: '18', control: { state: 'clean', checksums: true } });
    expect((await readFile(join(into, 'postgresql.conf'), 'utf8')).includes('vacuum_defer_cleanup_age')).toBe(false);
    const carried = clusterAt(into, embedded);
    await carried.start();
    expect(await carried.query('SELECT count(*)::text AS n, max(id)::text AS last FROM notes')).toEqual([{ n: '20000', last: '20000' }]);
    expect(await carried.query("INSERT INTO notes (body) VALUES ('next') RETURNING id::text AS id")).toEqual([{ id: '20001' }]);
    expect(await carried.query('SELECT count(*)::text AS n FROM few')).toEqual([{ n: '9' }]);
    expect(await query(into, 'SELECT x::text AS x FROM other', 'second')).toEqual([{ x: '7' }]);
    expect(await carried.query("SELECT current_setting('work_mem') AS size")).toEqual([{ size: '7MB' }]);
    await carried.stop();
    // Its own server has run on the old one for the dump: what a start and an orderly stop write is all that differs, no row of it.
    expect(await hashTrees([old.folder])).not.toBe('');
    expect(before).not.toBe('');
    await old.start();
    expect(await old.query('SELECT count(*)::text AS n FROM notes')).toEqual([{ n: '20000' }]);
    await old.stop();
    expect(await exists(`${into}.dumps`)).toBe(false);
  });

  test('is left alone where the programs can read it, and refused with both versions where none can', async () => {
    const old = await makeCluster(debian);
    const into = `${old.folder}-carried`;
    const same = { ...storeOf(old.folder, []), fill: (text: string) => text.replace('{slot}', debian.bin) };
    expect(await driver.carryOver?.(same, old.folder, into)).toBe(false);
    await expect(driver.carryOver?.(storeOf(old.folder, []), old.folder, into)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/PostgreSQL 15.*PostgreSQL 18/) as string,
    });
    expect(await exists(into)).toBe(false);
  });

  test('with roles of its own is refused, because a dump does not bring them over; nothing is left', async () => {
    const old = await makeCluster(debian);
    await old.start();
    await old.query("CREATE ROLE reporter LOGIN PASSWORD 'x'");
    await old.stop();
    const into = `${old.folder}-carried`;
    await expect(driver.carryOver?.(storeOf(old.folder, [debian.bin]), old.folder, into)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('reporter') as string,
    });
    expect([await exists(into), await exists(`${into}.dumps`)]).toEqual([false, false]);
    expect((await lookAtCluster(old.folder))?.control?.state).toBe('clean');
  });

  test('whose dump cannot be loaded leaves the old one in order', async () => {
    const old = await makeCluster(debian);
    await old.start();
    // What 18 does not have any more.
    await old.query('CREATE TABLE t (id int); CREATE FUNCTION bad() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$');
    await old.query("CREATE FUNCTION later() RETURNS int LANGUAGE c AS '$libdir/autoinc', 'autoinc'").catch(() => []);
    await old.query(
      "UPDATE pg_proc SET probin = '$libdir/nowhere', prolang = (SELECT oid FROM pg_language WHERE lanname = 'c'), prosqlbody = NULL WHERE proname = 'bad'",
    );
    await old.stop();
    const into = `${old.folder}-carried`;
    await expect(driver.carryOver?.(storeOf(old.folder, [debian.bin]), old.folder, into)).rejects.toMatchObject({ code: 'bad-backup' });
    expect(await exists(into)).toBe(false);
    await old.start();
    expect(await old.query('SELECT count(*)::text AS n FROM t')).toEqual([{ n: '0' }]);
    await old.stop();
  });
});
