/** Rows by table of a backup: exact, also while others write, or not told at all. */
import pg from 'pg';
import { describe, expect, onTestFinished, test } from 'vitest';
import { postgresDriver } from '../../../electron/engine/datastore/postgres.ts';
import { beginBackup, firstPass, restoreTo, seal, type Pass } from '../../support/postgres-backup.ts';
import {
  debian,
  embedded,
  folderForUser,
  lacksDebian,
  lacksEmbedded,
  makeCluster,
  startPostgresWriter,
  type TestCluster,
} from '../../support/postgres.ts';

const noDebian = await lacksDebian;
const noEmbedded = await lacksEmbedded;

async function clusterWith(binaries: typeof debian, folder: string): Promise<TestCluster> {
  const cluster = await makeCluster(binaries, { parent: folder });
  await cluster.start();
  await cluster.query('CREATE TABLE notes AS SELECT g AS id FROM generate_series(1, 1234) g');
  await cluster.query('CREATE TABLE "Odd ""name" (id int)');
  await cluster.query('CREATE SCHEMA other');
  await cluster.query('CREATE TABLE other.notes AS SELECT 1 AS id');
  await cluster.query('CREATE VIEW shown AS SELECT * FROM notes');
  return cluster;
}

const expected = { notes: 1234, 'Odd "name': 0, 'other.notes': 1 };

/** Rows as the capture tells them, and as they are in what was restored from its backup. */
async function countBoth(pass: Pass, cluster: TestCluster, folder: string, name: string) {
  const told = await pass.capture.rows?.();
  const backup = await seal(pass);
  const { restored } = await restoreTo(backup, cluster, folder, name);
  return { told, found: await postgresDriver.rows?.([restored.folder], undefined, cluster.store), restored };
}

/** A session of its own, with a transaction that has written and is not over. */
async function openTransaction(cluster: TestCluster): Promise<pg.Client> {
  const client = new pg.Client({ host: cluster.folder, port: 5432, user: 'app', database: 'app', password: '' });
  client.on('error', () => {});
  onTestFinished(() => client.end().catch(() => {}));
  await client.connect();
  await client.query('BEGIN');
  await client.query('INSERT INTO notes VALUES (9999)');
  return client;
}

describe('the rows of a backup', () => {
  test.skipIf(noEmbedded)('of a running PostgreSQL are those of what is restored from it', { timeout: 120_000 }, async () => {
    const folder = await folderForUser();
    const cluster = await clusterWith(embedded, folder);
    await cluster.query('CREATE UNLOGGED TABLE passing AS SELECT 1 AS id');
    const pass = await beginBackup(cluster.store, folder);
    await firstPass(pass, cluster.store);
    // What is written after the end is not in it.
    await cluster.query('INSERT INTO notes SELECT generate_series(1, 50)');
    await cluster.query('DELETE FROM other.notes');
    const { told, found } = await countBoth(pass, cluster, folder, 'restored');
    expect(told).toEqual(expected);
    expect(found).toEqual(expected);
  });

  test.skipIf(noDebian)(
    'are not told when somebody commits just then, and told without what is still open',
    { timeout: 120_000 },
    async () => {
      const folder = await folderForUser();
      const cluster = await clusterWith(debian, folder);
      const open = await openTransaction(cluster);
      const pass = await beginBackup(cluster.store, folder);
      await firstPass(pass, cluster.store);
      const first = await countBoth(pass, cluster, folder, 'first');
      expect(first.told).toEqual(expected);
      expect(first.found).toEqual(expected);
      await pass.capture.close();
      const again = await beginBackup(cluster.store, await folderForUser());
      await firstPass(again, cluster.store);
      await open.query('COMMIT');
      expect(await again.capture.rows?.()).toBeNull();
      await seal(again);
    },
  );

  test.skipIf(noDebian)('are exact or not told while writes go on', { timeout: 180_000 }, async () => {
    const folder = await folderForUser();
    const cluster = await clusterWith(debian, folder);
    const writer = await startPostgresWriter(cluster.folder);
    for (const name of ['one', 'two', 'three']) {
      const pass = await beginBackup(cluster.store, await folderForUser());
      await firstPass(pass, cluster.store);
      const { told, found } = await countBoth(pass, cluster, folder, name);
      if (told !== null) expect(told).toEqual(found);
      expect(found).toMatchObject(expected);
    }
    await writer.stop();
  });

  test.skipIf(noDebian)('of one at rest are counted on a copy', { timeout: 60_000 }, async () => {
    const folder = await folderForUser();
    const cluster = await clusterWith(debian, folder);
    await cluster.stop();
    const pass = await beginBackup(cluster.store, folder);
    expect(await pass.capture.rows?.()).toEqual(expected);
    await pass.capture.close();
    await pass.writer.abandon();
  });
});
