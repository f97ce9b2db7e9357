import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compareLedger,
  compareVersions,
  type LedgerReading,
  type MigrationFile,
  type ReleaseMigrations,
} from '../../../electron/engine/ledger/driver.ts';
import { cosmeticVariants, essenceOf } from '../../../electron/engine/ledger/migration-text.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const file = (version: string, text = `CREATE TABLE t${version} (a)`): MigrationFile => ({
  version,
  name: null,
  checksum: sha256(text),
  essence: essenceOf(text),
  variants: cosmeticVariants(text),
  path: `/slot/${version}.sql`,
});
const release = (...files: MigrationFile[]): ReleaseMigrations => ({ known: files.at(-1)?.version ?? null, files });
const reading = (...files: MigrationFile[]): LedgerReading => ({
  version: files.at(-1)?.version ?? null,
  applied: files.map(({ version, checksum }) => ({ version, name: null, checksum, appliedAt: 'now' })),
  dirty: null,
});
const fine = { pending: [], unknown: [], altered: [], missing: [], ahead: false, dirty: null };

describe('a ledger against a release', () => {
  test('has nothing to say when they agree', () => {
    expect(compareLedger(reading(file('1'), file('2')), release(file('1'), file('2')))).toEqual(fine);
    expect(compareLedger(reading(file('0018')), release(file('18', 'CREATE TABLE t0018 (a)')))).toEqual(fine);
  });
  test('names what is pending', () => {
    expect(compareLedger(reading(file('9')), release(file('9'), file('10'), file('11')))).toEqual({ ...fine, pending: ['10', '11'] });
    expect(compareLedger({ version: null, applied: [], dirty: null }, release(file('1')))?.pending).toEqual(['1']);
  });
  test('is ahead when it holds what is newer than the release', () => {
    const applied = [15, 16, 17, 18].map((version) => file(String(version)));
    expect(compareLedger(reading(...applied), release(file('15')))).toEqual({ ...fine, ahead: true, unknown: ['16', '17', '18'] });
    expect(compareLedger({ version: '18', applied: [], dirty: null }, { known: '15', files: [] })).toMatchObject({
      ahead: true,
      unknown: ['18'],
    });
    expect(compareLedger({ version: '100', applied: [], dirty: null }, { known: '99', files: [] })?.ahead).toBe(true);
    expect(compareLedger({ version: '99', applied: [], dirty: null }, { known: '100', files: [] })?.ahead).toBe(false);
  });
  test('names what is missing in the release without calling the datastore ahead', () => {
    expect(compareLedger(reading(file('1'), file('2'), file('3')), release(file('1'), file('3')))).toEqual({ ...fine, missing: ['2'] });
  });
  test('guesses nothing where the release does not tell', () => {
    expect(compareLedger(reading(file('1')), { known: null, files: [] })).toBeNull();
  });
  test('passes on that it is dirty', () => {
    expect(compareLedger({ ...reading(file('1')), dirty: 'half way' }, release(file('1')))?.dirty).toBe('half way');
  });
  test('names what was altered, and whether it does the same', () => {
    const was = file('1', 'CREATE TABLE a (b); -- why\n');
    const altered = (text: string, originals: MigrationFile[] = []) =>
      compareLedger(reading(was), release(file('1', text)), originals)?.altered[0]?.cosmetic;
    expect(altered('CREATE TABLE a (b); -- why\n')).toBeUndefined();
    expect(altered('CREATE TABLE a (b); -- why\r\n')).toBe(true);
    expect(altered('\uFEFFCREATE TABLE a (b); -- why')).toBe(true);
    expect(altered('CREATE  TABLE a (b);')).toBeNull();
    expect(altered('CREATE  TABLE a (b);', [was])).toBe(true);
    expect(altered('CREATE TABLE a (c);', [was])).toBe(false);
    expect(compareLedger(reading(was), release(file('1', 'x')))?.altered[0]).toMatchObject({
      version: '1',
      expected: was.checksum,
      found: sha256('x'),
    });
  });
  test('compares nothing where no checksums are kept', () => {
    const bare = { ...file('1'), checksum: null };
    expect(compareLedger(reading(bare), release(file('1')))).toEqual(fine);
    expect(compareLedger(reading(file('1')), release(bare))).toEqual(fine);
  });
});

describe('the essence of a migration', () => {
  test('is blind to comments and white space', () => {
    expect(essenceOf('/* a */ SELECT\n\t1 -- b\n')).toBe(essenceOf('SELECT 1'));
  });
  test('sees every change inside quotes', () => {
    for (const [one, other] of [
      ["'a  b'", "'a b'"],
      ["'--a'", "'--b'"],
      ['"a  b"', '"a b"'],
      ['`/*`', '`/* */`'],
      ["'it''s  a'", "'it''s a'"],
    ]) {
      expect(essenceOf(`SELECT ${one}`)).not.toBe(essenceOf(`SELECT ${other}`));
    }
    expect(essenceOf('SELECT ab')).not.toBe(essenceOf('SELECT a b'));
  });
});

describe('the order of versions', () => {
  test('is by value for numbers of any size, and by parts for texts', () => {
    const order = ['1', '9', '0010', '18', '20240101120000', '99999999999999999999', 'v2', 'v9', 'v10', 'v10a'];
    expect([...order].reverse().sort(compareVersions)).toEqual(order);
    expect(compareVersions('007', '7')).toBe(0);
  });
  test('is an order: it contradicts itself nowhere', () => {
    const version = fc.oneof(fc.nat().map(String), fc.stringMatching(/^[0-9a-c.]{1,4}$/), fc.string({ maxLength: 4 }));
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(0 - Math.sign(compareVersions(b, a)));
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });
});
