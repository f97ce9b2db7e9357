/**
 * Ledgers: where a product records which of its schema migrations were applied. One driver a file, chosen by the name in the descriptor.
 * The room promises to read and never to write, and to say "unknown" rather than guess: no answer of this room may let old code meet newer data.
 */
import { Failure } from '../../api/failure.ts';
import type { LedgerSpec } from '../product/schema.ts';
import { golangMigrateDriver } from './golang-migrate.ts';
import { knexDriver } from './knex.ts';
import { plainTableDriver } from './plain-table.ts';
import { pragmaDriver } from './pragma.ts';
import { prismaDriver } from './prisma.ts';
import type { LedgerDriver } from './reading.ts';

export type { AppliedMigration, LedgerDriver, LedgerReading, MigrationFile, ReleaseMigrations, TableReader } from './reading.ts';
export { compareLedger, compareVersions, type LedgerComparison } from './compare.ts';

type DriverTable = { [Name in LedgerSpec['driver']]: LedgerDriver<Extract<LedgerSpec, { driver: Name }>> };

const drivers: DriverTable = {
  'plain-table': plainTableDriver,
  pragma: pragmaDriver,
  'golang-migrate': golangMigrateDriver,
  prisma: prismaDriver,
  knex: knexDriver,
};

/** The driver of that name; its `spec` is the ledger of the same descriptor. Throws `unsupported` for a name that this Moult does not know. */
export function ledgerDriver(name: string): LedgerDriver {
  // A driver is only ever handed the spec that named it, which types cannot follow through the table.
  if (Object.hasOwn(drivers, name)) return drivers[name as LedgerSpec['driver']];
  throw new Failure('unsupported', `no ledger driver is called "${name}"; there are ${Object.keys(drivers).join(', ')}`, {
    remedy: { action: 'edit-descriptor', text: 'Name one of these drivers in the descriptor.' },
  });
}
