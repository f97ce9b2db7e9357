/**
 * The ledger of Knex: a row with the file's name for each applied migration, no checksum, and a second table with a lock that is held
 * while migrations run (https://knexjs.org/guide/migrations.html). A lock that is still held was left by a run that was killed, or a
 * run is under way: both forbid to go on.
 */
import { join } from 'node:path';
import type { LedgerSpec } from '../product/schema.ts';
import { namesIn } from '../platform/files.ts';
import { compareVersions } from './compare.ts';
import { knownMigration } from './known-migration.ts';
import { migrationPattern, partsOfName } from './migration-pattern.ts';
import { senselessLedger } from './read-ledger.ts';
import type { AppliedMigration, LedgerDriver, MigrationFile, ReleaseMigrations } from './reading.ts';
import { isTrueText, tableRows } from './table-rows.ts';

type Spec = Extract<LedgerSpec, { driver: 'knex' }>;

export const knexDriver: LedgerDriver<Spec> = {
  read: async ({ table, lock }, paths, tables) => {
    const rows = await tableRows(paths, tables, table, ['name', 'migration_time']);
    if (rows === null) return null;
    const locked = (await tableRows(paths, tables, lock, ['is_locked']))?.some((row) => isTrueText(row['is_locked'])) === true;
    const applied = rows
      .map((row): AppliedMigration => {
        const name = row['name'] ?? '';
        if (name === '') throw senselessLedger(`the table ${table} has a row without a name`);
        return { version: withoutEnding(name), name, checksum: null, appliedAt: row['migration_time'] ?? null };
      })
      .sort((a, b) => compareVersions(a.version, b.version));
    const dirty = locked ? `the table ${lock} is locked: a migration is under way, or was killed before it ended` : null;
    return { version: applied.at(-1)?.version ?? null, applied, dirty };
  },
  migrationsOf,
};

async function migrationsOf({ migrations, known }: Spec, fill: (text: string) => string): Promise<ReleaseMigrations> {
  const files = new Map<string, MigrationFile>();
  if (migrations !== undefined) {
    const folder = fill(migrations.folder);
    const pattern = migrationPattern(migrations.pattern);
    for (const file of await namesIn(folder)) {
      const parts = partsOfName(pattern, file);
      // `x.d.ts` beside `x.js` is no migration of its own.
      if (parts === null || file.endsWith('.d.ts')) continue;
      files.set(parts.version, {
        version: parts.version,
        name: file,
        checksum: null,
        essence: null,
        variants: [],
        path: join(folder, file),
      });
    }
  }
  const sorted = [...files.values()].sort((a, b) => compareVersions(a.version, b.version));
  return { known: sorted.at(-1)?.version ?? (await knownMigration(known, fill)), files: sorted };
}

/** Releases are compiled: what a ledger knows as `x.ts` may be shipped as `x.js`. */
function withoutEnding(name: string): string {
  return name.replace(/\.(?:js|cjs|mjs|ts|cts|mts|sql)$/, '');
}
