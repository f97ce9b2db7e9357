import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ledgerDriver } from '../../../electron/engine/ledger/driver.ts';
import type { LedgerSpec } from '../../../electron/engine/product/schema.ts';
import { withDatabase } from '../../support/sqlite-product.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const driver = ledgerDriver('pragma');
const spec: LedgerSpec = { driver: 'pragma', datastore: 'datastore', known: { file: '{slot}/release.json', pointer: '/schema/a~1b~0c' } };

test('the version is the number in the header; zero is none', async () => {
  const path = join(await temporaryFolder('ledger'), 'a.db');
  withDatabase(path, (database) => database.exec('CREATE TABLE t (a)'));
  expect(await driver.read(spec, [path])).toBeNull();
  withDatabase(path, (database) => database.pragma('user_version = 18'));
  expect(await driver.read(spec, [path])).toEqual({ version: '18', applied: [], dirty: null });
});

test('what a release knows is read from its file, and unknown where it does not tell', async () => {
  const slot = await temporaryFolder('slot');
  const known = async (text: string) => {
    await writeFile(join(slot, 'release.json'), text);
    return (await driver.migrationsOf(spec, (each) => each.replace('{slot}', slot))).known;
  };
  expect(await known('{"schema":{"a/b~c":15}}')).toBe('15');
  expect(await known('{"schema":{"a/b~c":"15"}}')).toBe('15');
  for (const text of ['{}', '{"schema":{"a/b~c":null}}', '{"schema":{"a/b~c":"newest"}}', '{"schema":{"a/b~c":1.5}}', '{', ''])
    expect(await known(text)).toBeNull();
  expect((await driver.migrationsOf(spec, () => join(slot, 'nowhere.json'))).known).toBeNull();
});

test('a driver nobody knows is refused by name', () => {
  expect(() => ledgerDriver('flyway')).toThrow(/no ledger driver is called "flyway"; there are plain-table, pragma, golang-migrate/);
  expect(() => ledgerDriver('constructor')).toThrow(/no ledger driver/);
});

test('of several ways in which a release may tell it, the first that answers is believed', async () => {
  const slot = await temporaryFolder('slot');
  const fill = (text: string) => text.replace('{slot}', slot).replace('{release}', '1.0.0');
  const known = [{ file: '{slot}/release.json', pointer: '/schema' }, { releases: { '1.0.0': '3' } }];
  expect(await driver.migrationsOf({ ...spec, known }, fill)).toEqual({ known: '3', files: [] });
  await writeFile(join(slot, 'release.json'), '{"schema": 4}');
  expect(await driver.migrationsOf({ ...spec, known }, fill)).toEqual({ known: '4', files: [] });
});
