import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareLedger, ledgerDriver } from '../../../electron/engine/ledger/driver.ts';
import { descriptorSchema, type LedgerSpec } from '../../../electron/engine/product/schema.ts';
import { ledgerStores } from '../../support/ledgers.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const driver = ledgerDriver('golang-migrate');
const migrations = { folder: '{slot}/migrations' };

function specOf(more: object = {}): LedgerSpec {
  return descriptorSchema.shape.ledger.parse({ driver: 'golang-migrate', datastore: 'db', ...more }) as LedgerSpec;
}

/** A release's folder with these files. */
async function slotWith(files: Record<string, string>): Promise<(text: string) => string> {
  const slot = await temporaryFolder('slot');
  await mkdir(join(slot, 'migrations'));
  for (const [name, content] of Object.entries(files)) await writeFile(join(slot, name), content);
  return (text) => text.replace('{slot}', slot).replace('{release}', '0.0.1-prealpha.18');
}

const upTo = (last: number) =>
  Object.fromEntries(
    Array.from({ length: last }, (_, index) => String(index + 1).padStart(6, '0')).flatMap((number) =>
      ['up', 'down'].map((way) => [`migrations/${number}_step.${way}.sql`, 'SELECT 1;']),
    ),
  );

describe.each(ledgerStores)('the ledger of golang-migrate in %s', (_, isMissing, make) => {
  test.skipIf(isMissing)('is one row: the version and whether it is dirty', { timeout: 60_000 }, async () => {
    const store = await make();
    expect(await driver.read(specOf(), ...store.where)).toBeNull();
    await store.run('CREATE TABLE schema_migrations (version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL)');
    expect(await driver.read(specOf(), ...store.where)).toEqual({ version: null, applied: [], dirty: null });
    await store.run('INSERT INTO schema_migrations VALUES (18, false)');
    const clean = await driver.read(specOf(), ...store.where);
    expect(clean).toEqual({
      version: '18',
      applied: [{ version: '18', name: null, checksum: null, appliedAt: null }],
      dirty: null,
      newestOnly: true,
    });
    await store.run('UPDATE schema_migrations SET version = 19, dirty = true');
    expect(await driver.read(specOf(), ...store.where)).toMatchObject({
      version: '19',
      dirty: expect.stringMatching(/^migration 19 was begun and not finished/),
    });
    await store.run('UPDATE schema_migrations SET version = -1');
    expect(await driver.read(specOf(), ...store.where)).toMatchObject({ version: null, applied: [], dirty: expect.stringMatching(/-1/) });
    await store.run('INSERT INTO schema_migrations VALUES (4, false)');
    await expect(driver.read(specOf(), ...store.where)).rejects.toMatchObject({
      code: 'io',
      message: expect.stringMatching(/has 2 rows; golang-migrate keeps one/),
    });
  });
});

describe('against a release', () => {
  const at = (version: string) => ({
    version,
    applied: [{ version, name: null, checksum: null, appliedAt: null }],
    dirty: null,
    newestOnly: true as const,
  });

  test('tells pending, ahead and missing, and counts everything older as applied', async () => {
    const known = await driver.migrationsOf(specOf({ migrations }), await slotWith(upTo(15)));
    expect([known.known, known.files.length, known.files[0]?.name]).toEqual(['000015', 15, 'step']);
    expect(compareLedger(at('13'), known)).toMatchObject({ pending: ['000014', '000015'], ahead: false, missing: [], altered: [] });
    expect(compareLedger(at('15'), known)).toMatchObject({ pending: [], ahead: false, unknown: [] });
    expect(compareLedger(at('18'), known)).toMatchObject({ pending: [], ahead: true, unknown: ['18'] });
    const { 'migrations/000014_step.up.sql': gone, ...without } = upTo(15);
    expect(gone).toBeDefined();
    expect(compareLedger(at('14'), await driver.migrationsOf(specOf({ migrations }), await slotWith(without)))).toMatchObject({
      missing: ['14'],
      pending: ['000015'],
    });
  });

  test('learns the highest migration from a program, a manifest or a table, in their order', async () => {
    const embeddedNames = `\x7fELF${'\0'.repeat(70_000)}migrations/000009_x.up.sqlmigrations/000010_y.down.sqlmigrations/000026_top.up.sql\0${'\xff'.repeat(900)}`;
    const fill = await slotWith({ server: embeddedNames, 'manifest.json': '{"schema":{"top":22}}' });
    const binary = { binary: '{slot}/server', pattern: String.raw`migrations/(\d{6})_[a-z0-9_]+\.up\.sql` };
    const file = { file: '{slot}/manifest.json', pointer: '/schema/top' };
    const table = { releases: { '0.0.1-prealpha.17': '14', '>=0.0.1-prealpha.18 <0.1.0': '15' } };
    const knownBy = async (...known: object[]) => (await driver.migrationsOf(specOf({ known }), fill)).known;
    expect(await knownBy(binary)).toBe('000026');
    expect(await knownBy(file)).toBe('22');
    expect(await knownBy(table)).toBe('15');
    expect(await knownBy({ ...binary, binary: '{slot}/nothing' }, { ...file, pointer: '/nothing' }, table)).toBe('15');
    expect(await knownBy({ releases: { '0.0.1-prealpha.17': '14' } })).toBeNull();
    // Unknown stays unknown: nothing is compared, and nothing guessed.
    expect(compareLedger(at('18'), await driver.migrationsOf(specOf(), fill))).toBeNull();
  });

  test('finds a name that lies across the pieces in which a program is read', async () => {
    const name = 'migrations/000031_across.up.sql';
    for (const before of [65_536 - 20, 65_536 - 1, 65_536]) {
      const fill = await slotWith({ server: 'x'.repeat(before) + name });
      const known = [{ binary: '{slot}/server', pattern: String.raw`migrations/(\d+)_\w+\.up\.sql` }];
      expect((await driver.migrationsOf(specOf({ known }), fill)).known, String(before)).toBe('000031');
    }
  });
});
