/**
 * The ledger of Prisma Migrate: a row for each attempt, with the SHA-256 of its `migration.sql`. An attempt without an end that nobody
 * rolled back is a failed migration, and Prisma refuses to go on before it is resolved; one that was rolled back does not count
 * (https://www.prisma.io/docs/orm/prisma-migrate/workflows/patching-and-hotfixing#failed-migration).
 */
import { join } from 'node:path';
import type { LedgerSpec } from '../product/schema.ts';
import { namesIn, readBytes, statOrNull } from '../platform/files.ts';
import { hashText } from '../platform/tree.ts';
import { compareVersions } from './compare.ts';
import { knownMigration } from './known-migration.ts';
import { cosmeticVariants, essenceOf } from './migration-text.ts';
import { senselessLedger } from './read-ledger.ts';
import type { AppliedMigration, LedgerDriver, LedgerReading, MigrationFile, ReleaseMigrations } from './reading.ts';
import { tableRows, type TextRow } from './table-rows.ts';

type Spec = Extract<LedgerSpec, { driver: 'prisma' }>;

const columns = ['migration_name', 'checksum', 'finished_at', 'rolled_back_at'] as const;

export const prismaDriver: LedgerDriver<Spec> = {
  read: async ({ table }, paths, tables) => {
    const rows = await tableRows(paths, tables, table, columns);
    return rows === null ? null : readingOf(table, rows);
  },
  migrationsOf,
};

function readingOf(table: string, rows: TextRow[]): LedgerReading {
  const counting = rows.filter((row) => isBlank(row['rolled_back_at']));
  const finished = counting.filter((row) => !isBlank(row['finished_at'])).map((row) => appliedOf(table, row));
  const failed = counting.filter((row) => isBlank(row['finished_at'])).map((row) => appliedOf(table, row).version);
  const applied = [...new Map(finished.map((one) => [one.version, one])).values()].sort((a, b) => compareVersions(a.version, b.version));
  const dirty =
    failed.length === 0
      ? null
      : `migration ${failed.sort(compareVersions).join(', ')} was begun and neither finished nor rolled back: Prisma calls it failed`;
  return { version: applied.at(-1)?.version ?? null, applied, dirty };
}

function appliedOf(table: string, row: TextRow): AppliedMigration {
  const version = row['migration_name'] ?? '';
  if (version === '') throw senselessLedger(`the table ${table} has a row without a name`);
  // Baselined migrations have no checksum worth comparing: `prisma migrate resolve --applied` writes that of the file, others nothing.
  return { version, name: version, checksum: row['checksum']?.toLowerCase() || null, appliedAt: row['finished_at'] ?? null };
}

/** Each migration is a folder with a `migration.sql`; Prisma applies them in the order of their names. */
async function migrationsOf({ migrations, known }: Spec, fill: (text: string) => string): Promise<ReleaseMigrations> {
  const files: MigrationFile[] = [];
  const folder = migrations === undefined ? null : fill(migrations.folder);
  for (const name of folder === null ? [] : await namesIn(folder)) {
    const path = join(folder as string, name, 'migration.sql');
    if ((await statOrNull(path))?.isFile() !== true) continue;
    const content = await readBytes(path);
    const text = content.toString('utf8');
    files.push({ version: name, name, checksum: hashText(content), essence: essenceOf(text), variants: cosmeticVariants(text), path });
  }
  files.sort((a, b) => compareVersions(a.version, b.version));
  return { known: files.at(-1)?.version ?? (await knownMigration(known, fill)), files };
}

function isBlank(value: string | null | undefined): boolean {
  return value === null || value === undefined || value === '';
}
