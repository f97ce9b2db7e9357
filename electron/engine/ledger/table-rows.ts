/** Rows of a ledger's table as text, whatever keeps it: a SQLite file, which this room reads itself, or a server, which is asked through a function. */
import type { Database } from '../platform/sqlite-reading.ts';
import { readLedger } from './read-ledger.ts';
import type { TableReader } from './reading.ts';

export type TextRow = Record<string, string | null>;

/** All rows with these columns; null where there is no datastore or no such table. Throws `io` where it cannot be read. */
export async function tableRows(
  paths: readonly string[],
  tables: TableReader | undefined,
  table: string,
  columns: readonly string[],
): Promise<TextRow[] | null> {
  if (tables !== undefined) return tables(table, columns);
  return readLedger(paths, (database) => rowsOf(database, table, columns));
}

/** Whether a text that a database gave for a boolean means yes: SQLite keeps 0 and 1, PostgreSQL writes `t` or `true`. */
export function isTrueText(value: string | null | undefined): boolean {
  return value !== null && value !== undefined && !['', '0', 'f', 'false', 'n', 'no'].includes(value.trim().toLowerCase());
}

function rowsOf(database: Database, table: string, columns: readonly string[]): TextRow[] | null {
  const there = database.prepare("SELECT 1 FROM sqlite_schema WHERE type IN ('table', 'view') AND lower(name) = lower(?)").get(table);
  if (there === undefined) return null;
  const select = columns.map(quote).join(', ');
  // Large integers must come back to the digit: time stamps are used as versions.
  const rows = database
    .prepare(`SELECT ${select} FROM ${quote(table)}`)
    .safeIntegers(true)
    .all() as Record<string, null | bigint | number | string | Uint8Array>[];
  return rows.map((row) => Object.fromEntries(columns.map((column) => [column, textOf(row[column])])));
}

function textOf(value: null | bigint | number | string | Uint8Array | undefined): string | null {
  if (value === null || value === undefined) return null;
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value).trim();
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
