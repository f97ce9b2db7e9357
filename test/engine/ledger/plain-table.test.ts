import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ledgerDriver } from '../../../electron/engine/ledger/driver.ts';
import type { LedgerSpec } from '../../../electron/engine/product/schema.ts';
import { runAndDie, startWriter, stateOf, withDatabase } from '../../support/sqlite-product.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const spec: LedgerSpec = {
  driver: 'plain-table',
  datastore: 'datastore',
  table: 'schema_migrations',
  columns: { version: 'version', name: 'name', checksum: 'checksum', appliedAt: 'applied_at' },
  migrations: { folder: '{slot}/migrations', pattern: String.raw`^(\d+)_([a-z0-9_]+)\.sql$`, checksum: 'sha256' },
};
const driver = ledgerDriver('plain-table');
const create = 'CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, name TEXT, checksum TEXT, applied_at TEXT)';

describe('reading', () => {
  test('tells the newest version by its value and every migration in order', async () => {
    const path = await datastore(
      `${create}; INSERT INTO schema_migrations VALUES (10, 'ten', 'AB', '2026-01-02'), (9, 'nine', 'cd', '2026-01-01')`,
    );
    expect(await driver.read(spec, [path])).toEqual({
      version: '10',
      applied: [
        { version: '9', name: 'nine', checksum: 'cd', appliedAt: '2026-01-01' },
        { version: '10', name: 'ten', checksum: 'ab', appliedAt: '2026-01-02' },
      ],
      dirty: null,
    });
  });

  test('keeps versions larger than any number of JavaScript, and versions that are text', async () => {
    const path = await datastore(`${create}; INSERT INTO schema_migrations VALUES (9007199254740993, 'big', 'ab', 'now')`);
    expect((await driver.read(spec, [path]))?.version).toBe('9007199254740993');
    const texts = await datastore(`CREATE TABLE schema_migrations (version TEXT, name TEXT, checksum TEXT, applied_at TEXT);
      INSERT INTO schema_migrations VALUES ('v9', '', '', 'now'), ('v10', '', '', 'now')`);
    expect((await driver.read(spec, [texts]))?.version).toBe('v10');
  });

  test('is null without a datastore, without a table and with nothing in the file', async () => {
    const path = await datastore('CREATE TABLE other (a)');
    expect(await driver.read(spec, [path])).toBeNull();
    expect(await driver.read(spec, [`${path}-elsewhere`])).toBeNull();
    await writeFile(path, '');
    expect(await driver.read(spec, [path])).toBeNull();
  });

  test('tells an empty ledger from none', async () => {
    expect(await driver.read(spec, [await datastore(create)])).toEqual({ version: null, applied: [], dirty: null });
  });

  test('is dirty where a migration alone has no time, or is marked', async () => {
    const timeless = await datastore(`${create}; INSERT INTO schema_migrations VALUES (1, 'a', 'ab', 'now'), (2, 'b', 'cd', NULL)`);
    expect((await driver.read(spec, [timeless]))?.dirty).toMatch(/migration 2 was begun and not finished/);
    const never = await datastore(`${create}; INSERT INTO schema_migrations VALUES (1, 'a', 'ab', NULL), (2, 'b', 'cd', NULL)`);
    expect((await driver.read(spec, [never]))?.dirty).toBeNull();
    const marked = { ...spec, columns: { version: 'version', dirty: 'dirty' } };
    for (const [value, dirty] of [
      ['1', true],
      ["'true'", true],
      ['0', false],
      ["'f'", false],
      ['NULL', false],
    ] as const) {
      const path = await datastore(
        `CREATE TABLE schema_migrations (version INTEGER, dirty); INSERT INTO schema_migrations VALUES (7, ${value})`,
      );
      expect((await driver.read(marked, [path]))?.dirty ?? null).toEqual(dirty ? expect.stringMatching(/migration 7/) : null);
    }
  });

  test('quotes names: a table called like a keyword, columns with another case', async () => {
    const path = await datastore(`CREATE TABLE "select" ("Order" INTEGER); INSERT INTO "select" VALUES (3)`);
    expect((await driver.read({ ...spec, table: 'select', columns: { version: 'Order' } }, [path]))?.version).toBe('3');
  });

  test('never calls fine what it cannot read', async () => {
    const column = await datastore('CREATE TABLE schema_migrations (version INTEGER)');
    await expect(driver.read(spec, [column])).rejects.toMatchObject({ code: 'io', message: expect.stringMatching(/no such column/) });
    const nameless = await datastore(
      `${create.replace(' PRIMARY KEY', '')}; INSERT INTO schema_migrations VALUES (NULL, 'a', 'ab', 'now')`,
    );
    await expect(driver.read(spec, [nameless])).rejects.toMatchObject({ message: expect.stringMatching(/a row without a version/) });
    const path = await datastore(create);
    await writeFile(path, 'no database at all'.repeat(100));
    await expect(driver.read(spec, [path])).rejects.toMatchObject({ code: 'io', remedy: { action: 'restore-backup' } });
    await rm(path);
    await mkdir(path);
    await expect(driver.read(spec, [path])).rejects.toMatchObject({ code: 'io' });
  });
});

describe('reading leaves the datastore as it was', () => {
  const rows = `${create}; INSERT INTO schema_migrations VALUES (1, 'a', 'ab', 'now')`;
  const second = `database.exec("INSERT INTO schema_migrations VALUES (2, 'b', 'cd', 'now')")`;

  for (const mode of ['wal', 'delete']) {
    test(`when it was closed properly (${mode})`, async () => {
      const path = await datastore(rows, mode);
      const before = await stateOf(dirname(path));
      expect((await driver.read(spec, [path]))?.version).toBe('1');
      expect(await stateOf(dirname(path))).toEqual(before);
    });
  }

  test('when its product was killed and left a log', async () => {
    const path = await datastore(rows);
    await runAndDie(path, second);
    // What is in the index is made anew by whoever comes first; that it is there is what counts.
    const isIndex = (name: string) => name.endsWith('-shm');
    const before = await stateOf(dirname(path), isIndex);
    expect((await driver.read(spec, [path]))?.version).toBe('2');
    expect(await stateOf(dirname(path), isIndex)).toEqual(before);
  });

  test('when a log was left without its index', async () => {
    const path = await datastore(rows);
    await runAndDie(path, second);
    await rm(`${path}-shm`);
    const before = await stateOf(dirname(path));
    expect((await driver.read(spec, [path]))?.version).toBe('2');
    expect(await stateOf(dirname(path))).toEqual(before);
  });

  test('when its product was killed in a transaction and left a journal', async () => {
    const path = await datastore(rows, 'delete');
    await runAndDie(
      path,
      `database.pragma('cache_size = 2'); database.exec("BEGIN; DELETE FROM schema_migrations; CREATE TABLE filler (a)");
       for (let left = 500; left > 0; left -= 1) database.prepare('INSERT INTO filler VALUES (zeroblob(4000))').run()`,
    );
    const before = await stateOf(dirname(path));
    expect(before).toHaveProperty('sprig.db-journal');
    expect((await driver.read(spec, [path]))?.version).toBe('1');
    expect(await stateOf(dirname(path))).toEqual(before);
  });

  test('while its product writes', async () => {
    const path = await datastore(rows);
    const product = await startWriter(path, 'wal');
    await product.more(100);
    for (let left = 20; left > 0; left -= 1) expect((await driver.read(spec, [path]))?.version).toBe('1');
    await product.more(100);
    await product.stop();
  });

  test('while its product has it open and does nothing', async () => {
    const path = await datastore(rows);
    const product = new Database(path);
    onTestFinished(() => void product.close());
    product.exec("INSERT INTO schema_migrations VALUES (2, 'b', 'cd', 'now')");
    expect((await driver.read(spec, [path]))?.version).toBe('2');
    product.exec("INSERT INTO schema_migrations VALUES (3, 'b', 'cd', 'now')");
    expect((await driver.read(spec, [path]))?.version).toBe('3');
  });
});

describe('what a release brings', () => {
  test('is read from its folder, in the order of versions', async () => {
    const slot = await temporaryFolder('slot');
    await mkdir(join(slot, 'migrations'));
    for (const name of ['10_ten.sql', '9_nine.sql', 'README.md', '11_Eleven.sql'])
      await writeFile(join(slot, 'migrations', name), `-- ${name}\n`);
    const { known, files } = await driver.migrationsOf(spec, (text) => text.replace('{slot}', slot));
    expect(known).toBe('10');
    expect(files.map(({ version, name, path }) => ({ version, name, path }))).toEqual([
      { version: '9', name: 'nine', path: join(slot, 'migrations', '9_nine.sql') },
      { version: '10', name: 'ten', path: join(slot, 'migrations', '10_ten.sql') },
    ]);
    expect(files[0]?.checksum).toBe(
      createHash('sha256')
        .update(await readFile(join(slot, 'migrations', '9_nine.sql')))
        .digest('hex'),
    );
  });

  test('is learned in the ways that the descriptor names where no folder tells', async () => {
    const { migrations: _none, ...bare } = spec;
    const fill = (text: string) => text.replace('{release}', '1.1.0');
    const known = [{ releases: { '1.0.0': '4' } }, { releases: { '>=1.1.0': '7' } }];
    expect(await driver.migrationsOf({ ...bare, known }, fill)).toEqual({ known: '7', files: [] });
  });

  test('is unknown without a folder, with nothing that fits in it, and where the descriptor names none', async () => {
    const slot = await temporaryFolder('slot');
    const fill = (text: string) => text.replace('{slot}', slot);
    expect(await driver.migrationsOf(spec, fill)).toEqual({ known: null, files: [] });
    await mkdir(join(slot, 'migrations'));
    expect(await driver.migrationsOf(spec, fill)).toEqual({ known: null, files: [] });
    const { migrations: _, ...silent } = spec;
    expect(await driver.migrationsOf(silent, fill)).toEqual({ known: null, files: [] });
  });

  test('is refused with a pattern that is no regular expression', async () => {
    const broken = { ...spec, migrations: { folder: '{slot}', pattern: '(' } };
    await expect(driver.migrationsOf(broken, (text) => text)).rejects.toMatchObject({ code: 'bad-descriptor' });
  });
});

async function datastore(sql: string, mode = 'wal'): Promise<string> {
  const path = join(await temporaryFolder('ledger'), 'sprig.db');
  withDatabase(path, (database) => {
    database.pragma(`journal_mode = ${mode}`);
    database.exec(sql);
  });
  return path;
}
