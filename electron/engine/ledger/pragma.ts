/** A ledger that is one number in the header of a SQLite database: `PRAGMA user_version` (https://www.sqlite.org/pragma.html#pragma_user_version). */
import type { LedgerSpec } from '../product/schema.ts';
import { knownMigration } from './known-migration.ts';
import type { LedgerDriver, ReleaseMigrations } from './reading.ts';
import { readLedger } from './read-ledger.ts';

type Spec = Extract<LedgerSpec, { driver: 'pragma' }>;

export const pragmaDriver: LedgerDriver<Spec> = {
  read: (_, paths) =>
    readLedger(paths, (database) => {
      const version = Number(database.pragma('user_version', { simple: true }));
      // Zero is what every new database has: nobody has written a version yet.
      return version === 0 ? null : { version: String(version), applied: [], dirty: null };
    }),
  migrationsOf,
};

async function migrationsOf({ known }: Spec, fill: (text: string) => string): Promise<ReleaseMigrations> {
  const said = known === undefined ? null : await knownMigration(Array.isArray(known) ? known : [known], fill);
  return { known: said !== null && /^\d+$/.test(said) ? said : null, files: [] };
}
