import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareLedger, ledgerDriver } from '../../../electron/engine/ledger/driver.ts';
import { descriptorSchema, type LedgerSpec } from '../../../electron/engine/product/schema.ts';
import { ledgerStores } from '../../support/ledgers.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const driver = ledgerDriver('knex');
const spec: LedgerSpec = descriptorSchema.shape.ledger.parse({
  driver: 'knex',
  datastore: 'db',
  migrations: { folder: '{slot}/migrations' },
}) as LedgerSpec;

async function slotWith(...names: string[]): Promise<(text: string) => string> {
  const slot = await temporaryFolder('slot');
  await mkdir(join(slot, 'migrations'));
  for (const name of names) await writeFile(join(slot, 'migrations', name), 'exports.up = () => {};');
  return (text) => text.replace('{slot}', slot);
}

describe.each(ledgerStores)('the ledger of Knex in %s', (_, isMissing, make) => {
  test.skipIf(isMissing)('is names without checksums, and a lock', { timeout: 60_000 }, async () => {
    const store = await make();
    expect(await driver.read(spec, ...store.where)).toBeNull();
    await store.run('CREATE TABLE knex_migrations (id INTEGER PRIMARY KEY, name VARCHAR(255), batch INTEGER, migration_time TIMESTAMP)');
    expect(await driver.read(spec, ...store.where)).toEqual({ version: null, applied: [], dirty: null });
    await store.run(
      "INSERT INTO knex_migrations VALUES (1, '20240101000000_init.ts', 1, '2024-05-01 10:00:00'), (2, '20240202000000_users.js', 1, '2024-05-01 10:00:00')",
    );
    const reading = await driver.read(spec, ...store.where);
    expect(reading).toMatchObject({ version: '20240202000000_users', dirty: null });
    expect(reading?.applied.map(({ version, name }) => [version, name])).toEqual([
      ['20240101000000_init', '20240101000000_init.ts'],
      ['20240202000000_users', '20240202000000_users.js'],
    ]);
    await store.run('CREATE TABLE knex_migrations_lock ("index" INTEGER PRIMARY KEY, is_locked INTEGER)');
    await store.run('INSERT INTO knex_migrations_lock VALUES (1, 0)');
    expect((await driver.read(spec, ...store.where))?.dirty).toBeNull();
    await store.run('UPDATE knex_migrations_lock SET is_locked = 1');
    expect((await driver.read(spec, ...store.where))?.dirty).toBe(
      'the table knex_migrations_lock is locked: a migration is under way, or was killed before it ended',
    );
    const same = await driver.migrationsOf(
      spec,
      await slotWith(
        '20240101000000_init.js',
        '20240202000000_users.js',
        '20240202000000_users.d.ts',
        '20240303000000_roles.js',
        'README.md',
      ),
    );
    expect(same.known).toBe('20240303000000_roles');
    expect(compareLedger(reading as NonNullable<typeof reading>, same)).toMatchObject({
      pending: ['20240303000000_roles'],
      missing: [],
      ahead: false,
      altered: [],
    });
    const older = await driver.migrationsOf(spec, await slotWith('20240101000000_init.js'));
    expect(compareLedger(reading as NonNullable<typeof reading>, older)).toMatchObject({ ahead: true, unknown: ['20240202000000_users'] });
    const without = await driver.migrationsOf(spec, await slotWith('20240202000000_users.js'));
    expect(compareLedger(reading as NonNullable<typeof reading>, without)).toMatchObject({
      missing: ['20240101000000_init'],
      ahead: false,
    });
  });
});
