/** Opens the datastore that a ledger is kept in, changing nothing, and turns what goes wrong into words. */
import { Failure } from '../../api/failure.ts';
import { followOrNull } from '../platform/files.ts';
import { readDatabase, type Database } from '../platform/sqlite-reading.ts';

/**
 * Reads the ledger of the first datastore file that exists. Null where there is none, or an empty one. Throws `io` where it cannot be
 * read: whoever asks must treat the schema as unknown then, not as fine.
 */
export async function readLedger<T>(paths: readonly string[], read: (database: Database) => T | null): Promise<T | null> {
  for (const path of paths) {
    const stats = await followOrNull(path);
    if (stats === null) continue;
    if (stats.isFile() && stats.size === 0) return null;
    try {
      return await readDatabase(path, read);
    } catch (error) {
      throw unreadable(path, error as Error & { code?: string });
    }
  }
  return null;
}

/** A ledger whose content makes no sense: whoever asks must treat the schema as unknown. */
export function senselessLedger(what: string): Failure {
  return new Failure('io', `the schema version cannot be read: ${what}`, {
    remedy: { action: 'restore-backup', text: 'Restore the newest good backup, or let the product repair its datastore.' },
  });
}

function unreadable(path: string, error: Error & { code?: string }): Failure {
  const locked = /^SQLITE_(?:BUSY|LOCKED)/.test(error.code ?? '');
  return new Failure('io', `the schema version in ${path} cannot be read: ${error.message}`, {
    cause: error,
    details: { path, code: error.code ?? null },
    remedy: locked
      ? { action: 'stop-service', text: 'Stop the product, or whatever else has the datastore open, and look again.' }
      : { action: 'restore-backup', text: 'Restore the newest good backup, or let the product repair its datastore.' },
  });
}
