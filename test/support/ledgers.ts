/** The same ledger in a SQLite file and in PostgreSQL: what a test of a ledger driver is given to read. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { TableReader } from '../../electron/engine/ledger/driver.ts';
import { postgresDriver } from '../../electron/engine/datastore/postgres.ts';
import { embedded, lacksEmbedded, makeCluster } from './postgres.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface LedgerStore {
  /** What a driver's `read` takes after its spec. */
  where: [paths: string[], tables?: TableReader];
  run(statement: string): Promise<void>;
}

/** `[name, missing, make]` for `test.each`: each makes a new datastore without any table. */
export const ledgerStores: [name: string, isMissing: boolean, make: () => Promise<LedgerStore>][] = [
  ['SQLite', false, makeSqlite],
  ['PostgreSQL', await lacksEmbedded, makePostgres],
];

async function makeSqlite(): Promise<LedgerStore> {
  const path = join(await temporaryFolder('ledger'), 'app.db');
  const run = async (statement: string) => {
    const database = new Database(path);
    database.exec(statement);
    database.close();
  };
  await run('VACUUM');
  return { where: [[path]], run };
}

async function makePostgres(): Promise<LedgerStore> {
  const cluster = await makeCluster(embedded);
  await cluster.start();
  const read: TableReader = (table, columns) =>
    (postgresDriver.readTable as NonNullable<typeof postgresDriver.readTable>)(cluster.store, table, columns);
  return { where: [[cluster.folder], read], run: async (statement) => void (await cluster.query(statement)) };
}
