import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareLedger, ledgerDriver } from '../../../electron/engine/ledger/driver.ts';
import { descriptorSchema, type LedgerSpec } from '../../../electron/engine/product/schema.ts';
import { ledgerStores, type LedgerStore } from '../../support/ledgers.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const driver = ledgerDriver('prisma');
const spec: LedgerSpec = descriptorSchema.shape.ledger.parse({
  driver: 'prisma',
  datastore: 'db',
  migrations: { folder: '{slot}/prisma/migrations' },
}) as LedgerSpec;
const [first, second, third] = ['20240101000000_init', '20240202000000_users', '20240303000000_roles'] as const;
const sql = (name: string) => `-- CreateTable\nCREATE TABLE "${name}" (id INTEGER);\n`;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

async function slotWith(files: Record<string, string>): Promise<(text: string) => string> {
  const slot = await temporaryFolder('slot');
  const folder = join(slot, 'prisma', 'migrations');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'migration_lock.toml'), 'provider = "sqlite"');
  await mkdir(join(folder, 'empty'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'migration.sql'), content);
  }
  return (text) => text.replace('{slot}', slot);
}

const insert = (store: LedgerStore, name: string, more: { finished?: string | null; rolledBack?: string; checksum?: string } = {}) => {
  const value = (text: string | null | undefined) => (text === null || text === undefined ? 'NULL' : `'${text}'`);
  const finished = more.finished === undefined ? '2024-05-01 10:00:00' : more.finished;
  return store.run(
    `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, rolled_back_at) VALUES ('${Math.random()}', '${more.checksum ?? sha256(sql(name))}', ${value(finished)}, '${name}', ${value(more.rolledBack)})`,
  );
};

describe.each(ledgerStores)('the ledger of Prisma in %s', (_, isMissing, make) => {
  test.skipIf(isMissing)('tells applied, failed and rolled back migrations apart', { timeout: 60_000 }, async () => {
    const store = await make();
    expect(await driver.read(spec, ...store.where)).toBeNull();
    await store.run(
      'CREATE TABLE _prisma_migrations (id VARCHAR(36) PRIMARY KEY, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMP, migration_name VARCHAR(255) NOT NULL, rolled_back_at TIMESTAMP)',
    );
    expect(await driver.read(spec, ...store.where)).toEqual({ version: null, applied: [], dirty: null });
    await insert(store, second);
    await insert(store, first);
    const reading = await driver.read(spec, ...store.where);
    expect(reading?.applied.map(({ version, checksum }) => [version, checksum])).toEqual([
      [first, sha256(sql(first))],
      [second, sha256(sql(second))],
    ]);
    expect([reading?.version, reading?.dirty]).toEqual([second, null]);
    // Failed, taken back by a person, and tried again.
    await insert(store, third, { finished: null, rolledBack: '2024-05-02 10:00:00' });
    expect(await driver.read(spec, ...store.where)).toMatchObject({ version: second, dirty: null });
    await insert(store, third, { finished: null });
    expect(await driver.read(spec, ...store.where)).toMatchObject({
      version: second,
      dirty: `migration ${third} was begun and neither finished nor rolled back: Prisma calls it failed`,
    });
    const known = await driver.migrationsOf(spec, await slotWith({ [first]: sql(first), [second]: sql(second), [third]: sql(third) }));
    expect(known.known).toBe(third);
    expect(compareLedger((await driver.read(spec, ...store.where)) as NonNullable<typeof reading>, known)).toMatchObject({
      pending: [third],
      unknown: [],
      altered: [],
      missing: [],
      ahead: false,
    });
  });
});

test('against a release tells ahead, altered and missing ones, and a change of line ends from a real one', async () => {
  const applied = [first, second, third].map((version) => ({ version, name: version, checksum: sha256(sql(version)), appliedAt: null }));
  const reading = { version: third, applied, dirty: null };
  const older = await driver.migrationsOf(spec, await slotWith({ [first]: sql(first), [second]: sql(second) }));
  expect(compareLedger(reading, older)).toMatchObject({ ahead: true, unknown: [third], missing: [] });
  const altered = await driver.migrationsOf(
    spec,
    await slotWith({ [first]: sql(first).replaceAll('\n', '\r\n'), [second]: 'DROP TABLE x;', [third]: sql(third) }),
  );
  expect(compareLedger(reading, altered)?.altered.map(({ version, cosmetic }) => [version, cosmetic])).toEqual([
    [first, true],
    [second, null],
  ]);
  const without = await driver.migrationsOf(spec, await slotWith({ [first]: sql(first), [third]: sql(third) }));
  expect(compareLedger(reading, without)).toMatchObject({ missing: [second], ahead: false });
  expect(await driver.migrationsOf(spec, await slotWith({}))).toEqual({ known: null, files: [] });
});
