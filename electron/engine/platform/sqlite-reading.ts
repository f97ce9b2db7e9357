/**
 * Reads a SQLite database that belongs to somebody else and leaves it as it was, whether its owner is running, stopped or was killed.
 *
 * better-sqlite3 is built without URI file names, so `immutable=1` is not to be had; what works instead was measured:
 * - no write-ahead log in its header: a read-only connection creates nothing.
 * - log and index (`-wal`, `-shm`) are there: a read-only connection uses them, and folds nothing away when it closes.
 * - neither is there: a read-only connection would leave an empty `-wal` and a `-shm` behind, because it may not delete. A writable
 *   one that writes nothing makes them too, but SQLite removes them again, under its locks, when the last connection closes.
 * - a log without its index, or the rollback journal of a killed writer: SQLite would have to write. It does so on a copy, elsewhere.
 */
import { basename, join } from 'node:path';
import { temporaryFolder } from './environment.ts';
import { copyFile, followOrNull, makeFolder, openFile, remove } from './files.ts';
import { randomId } from './random.ts';
import { openDatabase, sqliteCode, type Database } from './sqlite.ts';

export type { Database } from './sqlite.ts';

/** Milliseconds for which a reader waits for a writer of a database without a log. The wait blocks this thread. */
const patience = 2000;

/** Every file that SQLite may keep beside a database; the rollback journal comes last. */
export const companions = ['-wal', '-shm', '-journal'] as const;

/** The database and what SQLite keeps beside it, existing ones only. */
export async function databaseFiles(path: string): Promise<string[]> {
  const candidates = [path, ...companions.map((suffix) => path + suffix)];
  const found = await Promise.all(candidates.map(async (candidate) => (await followOrNull(candidate))?.isFile() === true));
  return candidates.filter((_, index) => found[index]);
}

/**
 * Hands a connection to `read` and closes it afterwards; `read` must not write and not keep the connection.
 * `copy` is set for a database that is a copy of Moult's own, which needs no further copy. Throws SQLite's errors with their `code`, and Node's.
 */
export async function readDatabase<T>(path: string, read: (database: Database) => T, options: { copy?: boolean } = {}): Promise<T> {
  const there = new Set(await databaseFiles(path));
  const hasLog = there.has(`${path}-wal`);
  const hasIndex = there.has(`${path}-shm`);
  if (!(await keepsLog(path))) return readOrCopy(path, read, true);
  if (!hasLog) return readOrCopy(path, read, false);
  if (hasIndex) return readOrCopy(path, read, true);
  if (options.copy !== true) return readCopy(path, read);
  try {
    return readHere(path, read, true);
  } finally {
    await remove(`${path}-shm`);
  }
}

async function readOrCopy<T>(path: string, read: (database: Database) => T, readonly: boolean): Promise<T> {
  try {
    return readHere(path, read, readonly);
  } catch (error) {
    const code = sqliteCode(error);
    // An interrupted transaction that only a writer may undo, or a folder in which SQLite may create nothing.
    if (code === null || !/^SQLITE_(?:READONLY|CANTOPEN)/.test(code)) throw error;
    return readCopy(path, read);
  }
}

function readHere<T>(path: string, read: (database: Database) => T, readonly: boolean): T {
  const database = openDatabase(path, { readonly, mustExist: true, timeout: patience });
  try {
    if (!readonly) database.pragma('query_only = 1');
    return read(database);
  } finally {
    database.close();
  }
}

async function readCopy<T>(path: string, read: (database: Database) => T): Promise<T> {
  const folder = join(temporaryFolder(), `moult-${randomId()}`);
  await makeFolder(folder);
  try {
    await copyStill(path, folder);
    return readHere(join(folder, basename(path)), read, false);
  } finally {
    await remove(folder);
  }
}

/** Copies database, log and journal; when they changed meanwhile, again. */
async function copyStill(path: string, folder: string): Promise<void> {
  for (let left = 3; left > 0; left -= 1) {
    const before = await stateOf(path);
    for (const file of before.files) await copyFile(file, join(folder, basename(file)));
    if ((await stateOf(path)).text === before.text) return;
    for (const file of before.files) await remove(join(folder, basename(file)));
  }
  throw Object.assign(new Error(`${path} is being written to and cannot be read`), { code: 'SQLITE_BUSY' });
}

async function stateOf(path: string): Promise<{ files: string[]; text: string }> {
  const files = (await databaseFiles(path)).filter((file) => file !== `${path}-shm`);
  const states = await Promise.all(files.map(async (file) => ({ file, stats: await followOrNull(file) })));
  return { files, text: states.map(({ file, stats }) => `${file} ${stats?.size} ${stats?.mtimeMs} ${stats?.ino}`).join('\n') };
}

/** Whether the database's header says that it keeps a write-ahead log: byte 18 is 2 (https://www.sqlite.org/fileformat2.html). */
async function keepsLog(path: string): Promise<boolean> {
  const handle = await openFile(path, 'r');
  try {
    const header = Buffer.alloc(20);
    const { bytesRead } = await handle.read(header, 0, 20, 0);
    return bytesRead === 20 && header[18] === 2;
  } finally {
    await handle.close();
  }
}
