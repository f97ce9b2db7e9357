/** A ledger that is a table with a row for each applied migration, and a folder of files in the release. */
import { join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import type { LedgerSpec } from '../product/schema.ts';
import { namesIn, readBytes } from '../platform/files.ts';
import type { Database } from '../platform/sqlite-reading.ts';
import { hashText } from '../platform/tree.ts';
import type { AppliedMigration, LedgerDriver, LedgerReading, MigrationFile, ReleaseMigrations } from './reading.ts';
import { compareVersions } from './compare.ts';
import { cosmeticVariants, essenceOf } from './migration-text.ts';
import { readLedger } from './read-ledger.ts';

type Spec = Extract<LedgerSpec, { driver: 'plain-table' }>;
type Columns = Spec['columns'];
type Value = null | bigint | number | string | Uint8Array;
type Row = Partial<Record<keyof Columns, Value>>;

export const plainTableDriver: LedgerDriver<Spec> = {
  read: (spec, paths) => readLedger(paths, (database) => readTable(database, spec)),
  migrationsOf,
};

function readTable(database: Database, { table, columns }: Spec): LedgerReading | null {
  const there = database.prepare("SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') AND lower(name) = lower(?)").get(table);
  if (there === undefined) return null;
  const wanted = (Object.entries(columns) as [keyof Columns, string | undefined][]).filter(([, column]) => column !== undefined);
  const select = wanted.map(([role, column]) => `${quote(column as string)} AS ${quote(role)}`).join(', ');
  // Large integers must come back to the digit: time stamps are used as versions.
  const rows = database
    .prepare(`SELECT ${select} FROM ${quote(table)}`)
    .safeIntegers(true)
    .all() as Row[];
  const applied = rows.map((row): AppliedMigration => {
    const version = textOf(row.version);
    if (version === null || version === '') throw new Error(`the table ${table} has a row without a version`);
    return { version, name: textOf(row.name), checksum: textOf(row.checksum)?.toLowerCase() ?? null, appliedAt: textOf(row.appliedAt) };
  });
  const order = [...applied].sort((a, b) => compareVersions(a.version, b.version));
  return { version: order.at(-1)?.version ?? null, applied: order, dirty: dirtyBecause(rows, columns) };
}

/**
 * A migration was begun and not finished where its row says so in the column for it, or, in a ledger that records times, where it alone
 * has none. A product that fills in no time at all is not called dirty.
 */
function dirtyBecause(rows: Row[], columns: Columns): string | null {
  const flagged = columns.dirty === undefined ? [] : rows.filter((row) => isTrue(row.dirty));
  const keepsTimes = columns.appliedAt !== undefined && (rows.length === 1 || rows.some((row) => !isBlank(row.appliedAt)));
  const timeless = keepsTimes ? rows.filter((row) => isBlank(row.appliedAt)) : [];
  const list = (some: Row[]) => some.map((row) => String(textOf(row.version))).join(', ');
  if (flagged.length > 0) return `migration ${list(flagged)} was begun and not finished: the ledger marks it as dirty`;
  if (timeless.length > 0) return `migration ${list(timeless)} was begun and not finished: the ledger has no time at which it was applied`;
  return null;
}

async function migrationsOf({ migrations }: Spec, fill: (text: string) => string): Promise<ReleaseMigrations> {
  if (migrations === undefined) return { known: null, files: [] };
  const folder = fill(migrations.folder);
  const pattern = patternOf(migrations.pattern);
  const files: MigrationFile[] = [];
  for (const name of await namesIn(folder)) {
    const match = pattern.exec(name);
    const version = match?.groups?.['version'] ?? match?.[1];
    if (match === null || version === undefined) continue;
    const path = join(folder, name);
    const content = migrations.checksum === undefined ? null : await readBytes(path);
    files.push({
      version,
      name: match.groups?.['name'] ?? match[2] ?? null,
      checksum: content === null ? null : hashText(content),
      essence: content === null ? null : essenceOf(content.toString('utf8')),
      variants: content === null ? [] : cosmeticVariants(content.toString('utf8')),
      path,
    });
  }
  files.sort((a, b) => compareVersions(a.version, b.version));
  return { known: files.at(-1)?.version ?? null, files };
}

function patternOf(source: string): RegExp {
  try {
    return new RegExp(source, 'u');
  } catch (error) {
    throw new Failure('bad-descriptor', `ledger.migrations.pattern is not a regular expression: ${source}`, {
      cause: error,
      remedy: { action: 'edit-descriptor', text: 'Write a regular expression with a group for the version and one for the name.' },
    });
  }
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function textOf(value: Value | undefined): string | null {
  if (value === null || value === undefined) return null;
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value).trim();
}

function isBlank(value: Value | undefined): boolean {
  return value === null || value === undefined || value === '';
}

function isTrue(value: Value | undefined): boolean {
  return typeof value === 'string'
    ? !['', '0', 'false', 'f', 'no', 'n'].includes(value.toLowerCase())
    : !isBlank(value) && Number(value) !== 0;
}
