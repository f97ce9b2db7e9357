/** Rows that were written since a backup, on a real PostgreSQL that runs and one that is stopped. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { postgresDriver } from '../../../electron/engine/datastore/postgres.ts';
import { debian, embedded, folderForUser, lacksDebian, lacksEmbedded, makeCluster, query } from '../../support/postgres.ts';
import { backUpAtOnce, unpackTo } from '../../support/postgres-backup.ts';

const noDebian = await lacksDebian;
const noEmbedded = await lacksEmbedded;

test.skipIf(noDebian && noEmbedded)('rows that were added, changed and removed are told by table, and written out', async () => {
  const folder = await folderForUser();
  const cluster = await makeCluster(noDebian ? embedded : debian, { parent: folder });
  await cluster.start();
  const ask = async (statement: string) => query(cluster.folder, statement);
  await ask(
    'CREATE TABLE "Dinge" (id int, part text, value jsonb, PRIMARY KEY (id, part)); CREATE TABLE loose (x int); CREATE TABLE gone (id int PRIMARY KEY)',
  );
  await ask(
    `INSERT INTO "Dinge" SELECT g, 'p''' || g, '{"a": 1}' FROM generate_series(1, 5000) g; INSERT INTO gone VALUES (1); INSERT INTO loose VALUES (1)`,
  );
  const backup = await backUpAtOnce(cluster.store, folder);
  await ask(
    `DELETE FROM "Dinge" WHERE id = 17; UPDATE "Dinge" SET value = '{"a": "new\\nline"}' WHERE id = 4000; INSERT INTO "Dinge" VALUES (9000, 'x', NULL)`,
  );
  await ask(
    'DROP TABLE gone; CREATE TABLE fresh (id int PRIMARY KEY); INSERT INTO fresh VALUES (1), (2); ALTER TABLE "Dinge" ADD COLUMN more text',
  );
  const target = await unpackTo(backup, cluster, folder, 'then');
  await postgresDriver.prepareRestored?.([target], undefined, cluster.store);
  const expected = [
    { table: 'Dinge', was: 5000, is: 5000, added: 1, changed: 1, removed: 1 },
    { table: 'fresh', was: 0, is: 2, added: 2, changed: 0, removed: 0 },
    { table: 'gone', was: 1, is: 0, added: 0, changed: 0, removed: 1 },
    { table: 'loose', was: 1, is: 1, added: null, changed: null, removed: null },
  ];
  const to = join(folder, 'rows');
  await mkdir(to);
  const seen = await postgresDriver.compareRows?.([target], cluster.store, { to });
  expect(seen?.map(({ file: _file, ...rest }) => rest)).toEqual(
    expect.arrayContaining(expected.map((each) => expect.objectContaining(each) as object)),
  );
  const lines = (await readFile(join(to, 'Dinge.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, Record<string, unknown>>);
  expect(lines).toContainEqual({
    change: 'changed',
    row: { id: 4000, part: "p'4000", value: { a: 'new\nline' }, more: null },
    was: { id: 4000, part: "p'4000", value: { a: 1 } },
  });
  expect(lines).toContainEqual({ change: 'removed', was: { id: 17, part: "p'17", value: { a: 1 } } });
  expect(lines).toHaveLength(3);
  await cluster.stop();
  const stopped = await postgresDriver.compareRows?.([target], cluster.store, { to: null });
  expect(stopped?.map(({ file: _file, ...rest }) => rest)).toEqual(
    expect.arrayContaining(expected.map((each) => expect.objectContaining(each) as object)),
  );
});
