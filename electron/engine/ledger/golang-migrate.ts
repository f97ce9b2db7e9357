/**
 * The ledger of golang-migrate: one row, the newest version and whether it was left half way
 * (https://github.com/golang-migrate/migrate/blob/master/MIGRATIONS.md). It keeps no names, no times and no checksums, so what
 * was altered cannot be told, and everything older than the version counts as applied.
 */
import { join } from 'node:path';
import type { LedgerSpec } from '../product/schema.ts';
import { namesIn } from '../platform/files.ts';
import { compareVersions } from './compare.ts';
import { knownMigration } from './known-migration.ts';
import { migrationPattern, partsOfName } from './migration-pattern.ts';
import { senselessLedger } from './read-ledger.ts';
import type { LedgerDriver, LedgerReading, MigrationFile, ReleaseMigrations } from './reading.ts';
import { isTrueText, tableRows } from './table-rows.ts';

type Spec = Extract<LedgerSpec, { driver: 'golang-migrate' }>;

export const golangMigrateDriver: LedgerDriver<Spec> = {
  read: async ({ table }, paths, tables) => {
    const rows = await tableRows(paths, tables, table, ['version', 'dirty']);
    return rows === null ? null : readingOf(table, rows);
  },
  migrationsOf,
};

function readingOf(table: string, rows: Record<string, string | null>[]): LedgerReading {
  const [row] = rows;
  // An empty table: migrations were all taken back, or none was applied yet. -1 is what it calls "no version" (NilVersion).
  if (row === undefined) return { version: null, applied: [], dirty: null };
  if (rows.length > 1) throw senselessLedger(`the table ${table} has ${rows.length} rows; golang-migrate keeps one`);
  const version = row['version'] ?? '';
  if (!/^-?\d+$/.test(version)) throw senselessLedger(`the table ${table} has no version in its row`);
  const dirty = isTrueText(row['dirty']) ? `migration ${version} was begun and not finished: the ledger marks it as dirty` : null;
  if (version.startsWith('-')) return { version: null, applied: [], dirty };
  return { version, applied: [{ version, name: null, checksum: null, appliedAt: null }], dirty, newestOnly: true };
}

async function migrationsOf({ migrations, known }: Spec, fill: (text: string) => string): Promise<ReleaseMigrations> {
  const files: MigrationFile[] = [];
  if (migrations !== undefined) {
    const folder = fill(migrations.folder);
    const pattern = migrationPattern(migrations.pattern);
    for (const file of await namesIn(folder)) {
      const parts = partsOfName(pattern, file);
      if (parts !== null) files.push({ ...parts, checksum: null, essence: null, variants: [], path: join(folder, file) });
    }
    files.sort((a, b) => compareVersions(a.version, b.version));
  }
  return { known: files.at(-1)?.version ?? (await knownMigration(known, fill)), files };
}
