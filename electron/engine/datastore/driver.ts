/**
 * Datastores: where a product keeps what it knows. One driver a file, chosen by the name in the descriptor.
 * The room promises a copy that is one moment of the datastore although the product goes on writing, a last part that is small
 * once the product has stopped, and the truth about a copy's health.
 * It refuses to write into a product's datastore: a capture reads, a check reads; only `prepareRestored` writes, and only on a copy that is not live.
 */
import { Failure } from '../../api/failure.ts';
import type { DatastoreSpec } from '../product/schema.ts';
import type { DatastoreDriver } from './capture.ts';
import { dockerPostgresDriver } from './docker-postgres.ts';
import { filesDriver } from './files.ts';
import { postgresDriver } from './postgres.ts';
import { sqliteDriver } from './sqlite.ts';

export type { Capture, CaptureFile, CaptureOptions, DatastoreDriver, Store, StoreLook, TableChange, TableRows } from './capture.ts';

export type DatastoreDriverName = DatastoreSpec['driver'];

const drivers: Record<DatastoreDriverName, DatastoreDriver> = {
  files: filesDriver,
  sqlite: sqliteDriver,
  postgres: postgresDriver,
  'docker-postgres': dockerPostgresDriver,
};

/** The driver of that name. Throws `unsupported` for a name that this Moult does not know. */
export function datastoreDriver(name: string): DatastoreDriver {
  const driver = Object.hasOwn(drivers, name) ? drivers[name as DatastoreDriverName] : undefined;
  if (driver !== undefined) return driver;
  throw new Failure('unsupported', `no datastore driver is called "${name}"; there are ${Object.keys(drivers).join(', ')}`, {
    remedy: { action: 'edit-descriptor', text: 'Name one of these drivers in the descriptor.' },
  });
}
