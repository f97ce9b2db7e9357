/**
 * What was written to the tables of a SQLite database since a copy of it was made. Runs in the worker, because it reads both through.
 * Rows are the same by their primary key, else by their row id; of a table whose columns changed, the columns that both have are compared.
 */
import { join } from 'node:path';
import { readDatabase, type Database } from '../platform/sqlite-reading.ts';
import type { TableChange } from './capture.ts';
import { writeJsonLines } from './json-lines.ts';

export interface RowsInput {
  /** The copy from before, at rest, which is Moult's own. */
  was: string;
  /** The live one. */
  is: string;
  /** A folder that gets a file with JSON Lines for each table with changes; null only counts. */
  to: string | null;
}

/** Tables by name. Throws SQLite's errors. */
export async function compareRows({ was, is, to }: RowsInput): Promise<TableChange[]> {
  return readDatabase(is, (database) => {
    database.prepare('ATTACH ? AS was').run(was);
    database.exec('BEGIN');
    const [before, after] = [tablesOf(database, 'was'), tablesOf(database, 'main')];
    const names = [...new Set([...before, ...after])].sort();
    return names.map((table) => compareTable(database, table, before.includes(table), after.includes(table), to));
  });
}

/** Ordinary tables. What SQLite and its modules keep for themselves, such as the index of a full-text search, follows from them. */
function tablesOf(database: Database, schema: string): string[] {
  const rows = database.prepare(`PRAGMA ${schema}.table_list`).all() as { schema: string; name: string; type: string }[];
  return rows.filter((row) => row.schema === schema && row.type === 'table' && !row.name.startsWith('sqlite_')).map((row) => row.name);
}

function compareTable(database: Database, table: string, inWas: boolean, inIs: boolean, to: string | null): TableChange {
  const count = (schema: string) =>
    database
      .prepare(`SELECT count(*) FROM ${schema}.${quote(table)}`)
      .pluck()
      .get() as number;
  const [was, is] = [inWas ? count('was') : 0, inIs ? count('main') : 0];
  if (!inWas || !inIs) return whole(database, table, inIs, was, is, to);
  const key = keyOf(database, table);
  if (key === null) return { table, was, is, added: null, changed: null, removed: null, file: null };
  const on = key.map((column) => `o.${column} IS n.${column}`).join(' AND ');
  const [o, n] = [`was.${quote(table)} AS o`, `main.${quote(table)} AS n`];
  const then: Side = { alias: 'o', names: columnsOf(database, 'was', table) };
  const now: Side = { alias: 'n', names: columnsOf(database, 'main', table) };
  const common = now.names.filter((name) => then.names.includes(name));
  const differs = common.map((name) => `o.${quote(name)} IS NOT n.${quote(name)}`).join(' OR ') || '0';
  const parts = {
    added: `FROM ${n} WHERE NOT EXISTS (SELECT 1 FROM ${o} WHERE ${on})`,
    changed: `FROM ${n} JOIN ${o} ON ${on} WHERE ${differs}`,
    removed: `FROM ${o} WHERE NOT EXISTS (SELECT 1 FROM ${n} WHERE ${on})`,
  };
  const total = (part: string) => database.prepare(`SELECT count(*) ${part}`).pluck().get() as number;
  const [added, changed, removed] = [total(parts.added), total(parts.changed), total(parts.removed)];
  const file = to === null || added + changed + removed === 0 ? null : fileName(table);
  if (file !== null) {
    writeJsonLines(join(to ?? '', file), (line) => {
      for (const row of rowsOf(database, [now], parts.added)) line({ change: 'added', row: row['n'] });
      for (const row of rowsOf(database, [now, then], parts.changed)) line({ change: 'changed', row: row['n'], was: row['o'] });
      for (const row of rowsOf(database, [then], parts.removed)) line({ change: 'removed', was: row['o'] });
    });
  }
  return { table, was, is, added, changed, removed, file };
}

/** A table that is on one side only. */
function whole(database: Database, table: string, isNew: boolean, was: number, is: number, to: string | null): TableChange {
  const file = to === null || was + is === 0 ? null : fileName(table);
  if (file !== null) {
    writeJsonLines(join(to ?? '', file), (line) => {
      for (const row of rowsOf(
        database,
        [{ alias: 'x', names: columnsOf(database, isNew ? 'main' : 'was', table) }],
        `FROM ${isNew ? 'main' : 'was'}.${quote(table)} AS x`,
      ))
        line(isNew ? { change: 'added', row: row['x'] } : { change: 'removed', was: row['x'] });
    });
  }
  return { table, was, is, added: is, changed: 0, removed: was, file };
}

/** Rows as objects, one for each of the aliases: the tables of both sides have columns of the same names. */
function* rowsOf(database: Database, sides: readonly Side[], from: string): Generator<Record<string, Record<string, unknown>>> {
  const columns = sides.flatMap(({ alias, names }) => names.map((name) => `${alias}.${quote(name)}`));
  const statement = database
    .prepare(`SELECT ${columns.join(', ')} ${from}`)
    .raw(true)
    .safeIntegers(true);
  for (const values of statement.iterate() as IterableIterator<unknown[]>) {
    let at = 0;
    yield Object.fromEntries(
      sides.map(({ alias, names }) => [alias, Object.fromEntries(names.map((name) => [name, values[at++]]))] as const),
    );
  }
}

/** A table under the name that it has in a statement. */
interface Side {
  alias: string;
  names: string[];
}

/** The primary key when it is the same on both sides, else the row id; null for a table without either. */
function keyOf(database: Database, table: string): string[] | null {
  const [was, is] = (['was', 'main'] as const).map((schema) => {
    const info = database.prepare(`PRAGMA ${schema}.table_info(${quote(table)})`).all() as { name: string; pk: number }[];
    return info
      .filter((row) => row.pk > 0)
      .sort((one, other) => one.pk - other.pk)
      .map((row) => row.name);
  });
  if (was === undefined || is === undefined || JSON.stringify(was) !== JSON.stringify(is)) return null;
  return is.length > 0 ? is.map(quote) : ['_rowid_'];
}

function columnsOf(database: Database, schema: string, table: string): string[] {
  return (database.prepare(`PRAGMA ${schema}.table_info(${quote(table)})`).all() as { name: string }[]).map((row) => row.name);
}

/** A table may be called anything. */
function fileName(table: string): string {
  return `${table.replaceAll(/[^\w.-]/g, (character) => `%${(character.codePointAt(0) ?? 0).toString(16)}`)}.jsonl`;
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
