/** A ledger that is a table with a row for each applied migration, and a folder of files in the release. */
import { join } from 'node:path';
import type { LedgerSpec } from '../product/schema.ts';
import { namesIn, readBytes } from '../platform/files.ts';
import { hashText } from '../platform/tree.ts';
import type { AppliedMigration, LedgerDriver, LedgerReading, MigrationFile, ReleaseMigrations, TableReader } from './reading.ts';
import { compareVersions } from './compare.ts';
import { knownMigration } from './known-migration.ts';
import { cosmeticVariants, essenceOf } from './migration-text.ts';
import { migrationPattern, partsOfName } from './migration-pattern.ts';
import { senselessLedger } from './read-ledger.ts';
import { isTrueText, tableRows } from './table-rows.ts';

type Spec = Extract<LedgerSpec, { driver: 'plain-table' }>;
type Columns = Spec['columns'];
type Row = Partial<Record<keyof Columns, string | null>>;

export const plainTableDriver: LedgerDriver<Spec> = {
  read: readTable,
  migrationsOf,
};

async function readTable({ table, columns }: Spec, paths: string[], tables: TableReader | undefined): Promise<LedgerReading | null> {
  const wanted = (Object.entries(columns) as [keyof Columns, string | undefined][]).flatMap(([role, column]) =>
    column === undefined ? [] : [[role, column] as const],
  );
  const read = await tableRows(
    paths,
    tables,
    table,
    wanted.map(([, column]) => column),
  );
  if (read === null) return null;
  const rows = read.map((row): Row => Object.fromEntries(wanted.map(([role, column]) => [role, row[column] ?? null])));
  const applied = rows.map((row): AppliedMigration => {
    const version = row.version ?? null;
    if (version === null || version === '') throw senselessLedger(`the table ${table} has a row without a version`);
    return { version, name: row.name ?? null, checksum: row.checksum?.toLowerCase() ?? null, appliedAt: row.appliedAt ?? null };
  });
  const order = [...applied].sort((a, b) => compareVersions(a.version, b.version));
  return { version: order.at(-1)?.version ?? null, applied: order, dirty: dirtyBecause(rows, columns) };
}

/**
 * A migration was begun and not finished where its row says so in the column for it, or, in a ledger that records times, where it alone
 * has none. A product that fills in no time at all is not called dirty.
 */
function dirtyBecause(rows: Row[], columns: Columns): string | null {
  const flagged = columns.dirty === undefined ? [] : rows.filter((row) => isTrueText(row.dirty));
  const keepsTimes = columns.appliedAt !== undefined && (rows.length === 1 || rows.some((row) => !isBlank(row.appliedAt)));
  const timeless = keepsTimes ? rows.filter((row) => isBlank(row.appliedAt)) : [];
  const list = (some: Row[]) => some.map((row) => row.version).join(', ');
  if (flagged.length > 0) return `migration ${list(flagged)} was begun and not finished: the ledger marks it as dirty`;
  if (timeless.length > 0) return `migration ${list(timeless)} was begun and not finished: the ledger has no time at which it was applied`;
  return null;
}

async function migrationsOf({ migrations, known = [] }: Spec, fill: (text: string) => string): Promise<ReleaseMigrations> {
  const files = migrations === undefined ? [] : await filesOf(migrations, fill);
  return { known: files.at(-1)?.version ?? (await knownMigration(known, fill)), files };
}

async function filesOf(migrations: NonNullable<Spec['migrations']>, fill: (text: string) => string): Promise<MigrationFile[]> {
  const folder = fill(migrations.folder);
  const pattern = migrationPattern(migrations.pattern);
  const files: MigrationFile[] = [];
  for (const name of await namesIn(folder)) {
    const parts = partsOfName(pattern, name);
    if (parts === null) continue;
    const path = join(folder, name);
    const content = migrations.checksum === undefined ? null : await readBytes(path);
    files.push({
      ...parts,
      checksum: content === null ? null : hashText(content),
      essence: content === null ? null : essenceOf(content.toString('utf8')),
      variants: content === null ? [] : cosmeticVariants(content.toString('utf8')),
      path,
    });
  }
  return files.sort((a, b) => compareVersions(a.version, b.version));
}

function isBlank(value: string | null | undefined): boolean {
  return value === null || value === undefined || value === '';
}
