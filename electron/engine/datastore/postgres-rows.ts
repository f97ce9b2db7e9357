/**
 * What was written to the tables of a database since a copy of its cluster was made. A server beside everything else runs on the copy, the
 * live one is asked where it runs, and both are walked side by side in the order of their keys: memory does not grow with the tables.
 * Rows are the same by their primary key; of a table whose columns changed, the columns that both have are compared.
 */
import { join } from 'node:path';
import { openFile, privateFile } from '../platform/files.ts';
import type { PostgresRow } from '../platform/postgres.ts';
import type { TableChange } from './capture.ts';

/** Asks one statement; every value comes as text. */
export type AskRows = (statement: string) => Promise<PostgresRow[]>;

/** Rows that are fetched together: some megabytes of ordinary ones. */
const page = 2000;

interface Table {
  name: string;
  columns: string[];
  /** Of the primary key; none where there is none. */
  key: string[];
}

/** Tables by name, with their schema where that is not `public`. `to`: a folder for files with JSON Lines. */
export async function comparePostgresRows(was: AskRows, is: AskRows, to: string | null, signal?: AbortSignal): Promise<TableChange[]> {
  const [before, after] = [await tablesOf(was), await tablesOf(is)];
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  const changes: TableChange[] = [];
  for (const name of names) {
    signal?.throwIfAborted();
    changes.push(await compareTable({ name, was, is, before: before.get(name), after: after.get(name), to, ...(signal && { signal }) }));
  }
  return changes;
}

/** Ordinary tables of the product, with their columns and keys, from the catalogs. */
async function tablesOf(ask: AskRows): Promise<Map<string, Table>> {
  const rows = await ask(
    `SELECT n.nspname AS schema, c.relname AS name,
       (SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)::text AS columns,
       (SELECT json_agg(a.attname ORDER BY array_position(i.indkey::int2[], a.attnum)) FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid
         AND a.attnum = ANY (i.indkey) WHERE i.indrelid = c.oid AND i.indisprimary)::text AS key
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp%'`,
  );
  return new Map(
    rows.map((row) => {
      const [schema, table] = [row['schema'] ?? '', row['name'] ?? ''];
      const name = schema === 'public' ? table : `${schema}.${table}`;
      const names = (text: string | null | undefined) => JSON.parse(text ?? '[]') as string[];
      return [name, { name: `${quote(schema)}.${quote(table)}`, columns: names(row['columns']), key: names(row['key']) }];
    }),
  );
}

interface Pair {
  name: string;
  was: AskRows;
  is: AskRows;
  before: Table | undefined;
  after: Table | undefined;
  to: string | null;
  signal?: AbortSignal;
}

async function compareTable({ name, was, is, before, after, to, signal }: Pair): Promise<TableChange> {
  const counted = { table: name, was: await countOf(was, before), is: await countOf(is, after) };
  const hasKey = (table: Table | undefined) => table === undefined || table.key.length > 0;
  const isSameKey = before === undefined || after === undefined || JSON.stringify(before.key) === JSON.stringify(after.key);
  if (!hasKey(before) || !hasKey(after) || !isSameKey) return { ...counted, added: null, changed: null, removed: null, file: null };
  const common = (after ?? before)?.columns.filter((column) => (before ?? after)?.columns.includes(column) === true) ?? [];
  const [then, now] = [walkRows(was, before, common, to !== null), walkRows(is, after, common, to !== null)];
  const lines = to === null ? null : await jsonLines(join(to, fileName(name)));
  const change = { added: 0, changed: 0, removed: 0 };
  try {
    let [old, current] = [await next(then), await next(now)];
    while (old !== null || current !== null) {
      signal?.throwIfAborted();
      const order = old === null ? 1 : current === null ? -1 : Buffer.compare(Buffer.from(old.key), Buffer.from(current.key));
      if (order < 0) {
        change.removed += 1;
        await lines?.add('removed', null, old?.row ?? null);
      } else if (order > 0) {
        change.added += 1;
        await lines?.add('added', current?.row ?? null, null);
      } else if (old?.hash !== current?.hash) {
        change.changed += 1;
        await lines?.add('changed', current?.row ?? null, old?.row ?? null);
      }
      const [goesOld, goesCurrent] = [order <= 0, order >= 0];
      if (goesOld) old = await next(then);
      if (goesCurrent) current = await next(now);
    }
  } finally {
    await lines?.close();
  }
  return { ...counted, ...change, file: lines === null || lines.count() === 0 ? null : fileName(name) };
}

interface WalkedRow {
  key: string;
  hash: string;
  /** As JSON; null where it was not asked for. */
  row: string | null;
}

/** Rows in the byte order of their keys as text, page by page. */
async function* walkRows(ask: AskRows, table: Table | undefined, common: readonly string[], wantsRows: boolean): AsyncGenerator<WalkedRow> {
  if (table === undefined) return;
  const key = `jsonb_build_array(${table.key.map(quote).join(', ')})::text COLLATE "C"`;
  const hash = `md5(ROW(${common.map(quote).join(', ')})::text)`;
  for (let last: string | null = null; ;) {
    const rows: PostgresRow[] = await ask(
      `SELECT ${key} AS key, ${hash} AS hash, ${wantsRows ? 'row_to_json(t)::text' : 'NULL'} AS row FROM ${table.name} t
       ${last === null ? '' : `WHERE ${key} > ${literal(last)}`} ORDER BY 1 LIMIT ${page}`,
    );
    for (const row of rows) yield { key: row['key'] ?? '', hash: row['hash'] ?? '', row: row['row'] ?? null };
    last = rows.at(-1)?.['key'] ?? null;
    if (rows.length < page || last === null) return;
  }
}

async function next(rows: AsyncGenerator<WalkedRow>): Promise<WalkedRow | null> {
  const step = await rows.next();
  return step.done === true ? null : step.value;
}

async function countOf(ask: AskRows, table: Table | undefined): Promise<number> {
  return table === undefined ? 0 : Number((await ask(`SELECT count(*)::text AS rows FROM ${table.name}`))[0]?.['rows'] ?? 0);
}

/** A file that is made with its first line. The rows are JSON already. */
async function jsonLines(path: string) {
  let file: Awaited<ReturnType<typeof openFile>> | null = null;
  let lines = 0;
  return {
    count: () => lines,
    add: async (change: 'added' | 'changed' | 'removed', row: string | null, was: string | null): Promise<void> => {
      file ??= await openFile(path, 'wx', privateFile);
      const parts = [`"change":"${change}"`, ...(row === null ? [] : [`"row":${row}`]), ...(was === null ? [] : [`"was":${was}`])];
      // A line break inside of a value is written as an escape by the server.
      await file.write(`{${parts.join(',')}}\n`);
      lines += 1;
    },
    close: async (): Promise<void> => {
      await file?.sync();
      await file?.close();
    },
  };
}

function fileName(table: string): string {
  return `${table.replaceAll(/[^\w.-]/g, (character) => `%${(character.codePointAt(0) ?? 0).toString(16)}`)}.jsonl`;
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

/** With escapes, so that no setting of the server reads it otherwise. */
function literal(text: string): string {
  return `E'${text.replaceAll('\\', String.raw`\\`).replaceAll("'", "''")}'`;
}
