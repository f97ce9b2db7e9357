/** Reads a SQLite database through, page by page and index by index, and makes a restored one plain. Runs in the worker: both may take long. */
import { followOrNull } from '../platform/files.ts';
import { openDatabase, sqliteCode, type Database } from '../platform/sqlite.ts';
import { readDatabase } from '../platform/sqlite-reading.ts';

/** The most problems that are told of one database. */
const mostProblems = 20;

/** Problems of a database at rest, in words; none when it is whole. The database is a copy, and is left as it is. */
export async function checkDatabase(path: string): Promise<string[]> {
  const stats = await followOrNull(path);
  if (stats === null) return [`${path} is missing`];
  if (!stats.isFile()) return [`${path} is not a file`];
  if (stats.size === 0) return [`${path} is empty`];
  try {
    return (await readDatabase(path, integrityOf, { copy: true })).map((problem) => `${path}: ${problem}`);
  } catch (error) {
    const code = sqliteCode(error);
    if (code === null) throw error;
    return [`${path} cannot be read as a SQLite database: ${(error as Error).message} (${code})`];
  }
}

/** Rows by table, those of the product only: what SQLite and its extensions keep for themselves is left out. */
export async function countRows(path: string): Promise<Record<string, number>> {
  return readDatabase(
    path,
    (database) => {
      const tables = database.pragma('table_list') as { schema: string; name: string; type: string }[];
      const own = tables.filter(({ schema, name, type }) => schema === 'main' && type === 'table' && !name.startsWith('sqlite_'));
      const count = (name: string) =>
        database
          .prepare(`SELECT count(*) FROM "${name.replaceAll('"', '""')}"`)
          .pluck()
          .get() as number;
      return Object.fromEntries(own.map(({ name }) => [name, count(name)]));
    },
    { copy: true },
  );
}

/** Puts what is still in the log, or in the journal of a killed writer, where it belongs. Leaves one file. Throws SQLite's errors. */
export async function foldLog(path: string): Promise<void> {
  if ((await followOrNull(path)) === null) return;
  const database = openDatabase(path, { mustExist: true });
  try {
    const mode = database.pragma('journal_mode', { simple: true });
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    if (mode !== 'wal') return;
    const [row] = database.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[];
    if (row?.busy !== 0) throw new Error(`${path} is in use: its write-ahead log cannot be folded in`);
  } finally {
    database.close();
  }
}

function integrityOf(database: Database): string[] {
  try {
    return problemsBy(database, 'integrity_check');
  } catch (error) {
    // An index over a function or collation that only the product has cannot be checked here; everything else can.
    if (sqliteCode(error) !== 'SQLITE_ERROR') throw error;
    return problemsBy(database, 'quick_check');
  }
}

function problemsBy(database: Database, pragma: string): string[] {
  const rows = database.prepare(`PRAGMA ${pragma}(${mostProblems})`).pluck().all() as string[];
  return rows.length === 1 && rows[0] === 'ok' ? [] : rows;
}
