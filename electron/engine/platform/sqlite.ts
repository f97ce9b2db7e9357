/**
 * The only door to SQLite. Opening is plain: no journal mode is chosen and nothing is created unless asked,
 * so that a look at a product's datastore leaves it as it was.
 */
import BetterSqlite3 from 'better-sqlite3';

export type Database = BetterSqlite3.Database;

export interface OpenOptions {
  /** Refuses every write. Default: false. */
  readonly?: boolean;
  /** Fails where there is no file instead of creating one. Default: what `readonly` says, as nothing can be read from a file that is not there. */
  mustExist?: boolean;
  /** Milliseconds for which a statement waits for another's lock. The wait blocks this thread. Default: 2000. */
  timeout?: number;
}

/**
 * Opens a SQLite database file; its folder must exist. Throws an error whose `code` is SQLite's own, such as `SQLITE_CANTOPEN`.
 * A file that is no database is only noticed by the first statement (`SQLITE_NOTADB`).
 */
export function openDatabase(path: string, options: OpenOptions = {}): Database {
  const readonly = options.readonly ?? false;
  return new BetterSqlite3(path, { readonly, fileMustExist: options.mustExist ?? readonly, timeout: options.timeout ?? 2000 });
}

/** SQLite's code of an error, such as `SQLITE_BUSY`; null for any other error. Extended codes begin with the plain one. */
export function sqliteCode(error: unknown): string | null {
  return error instanceof BetterSqlite3.SqliteError ? error.code : null;
}
