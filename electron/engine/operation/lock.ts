/**
 * One writer per install, across the desktop, the command line and the browser.
 *
 * The lock is the operating system's own, taken through SQLite on an empty file: it ends with its holder however that dies, so a
 * dead owner never blocks and a reused pid is never taken for one. `lock.json` beside it says who holds it, for people only: it is
 * believed while the lock is held and ignored otherwise.
 *
 * POSIX drops a process's locks on a file when that process closes *any* handle of it. Nothing else may therefore open `lock`
 * while it is held (no copying, no hashing of it), and this file itself touches it only through SQLite once it is there.
 * The file is never deleted or replaced: two holders of two files of the same name would both be right.
 */
import { dirname, join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { now, pause } from '../platform/clock.ts';
import * as files from '../platform/files.ts';
import { isSame, ownPid, startOf } from '../platform/processes.ts';
import { openDatabase, sqliteCode, type Database } from '../platform/sqlite.ts';
import { randomId } from '../platform/random.ts';

export interface Lock {
  /** Frees the lock. Once is enough, twice is harmless. */
  release(): Promise<void>;
}

export interface LockHolder {
  pid: number;
  /** What it does, in words: `upgrade to 2.0.0`. */
  operation: string;
  /** ISO time at which it took the lock. */
  since: string;
}

/** How often a taken lock is tried before it is refused: somebody may only be looking at it, which takes about a millisecond. */
const tries = 12;
const between = 25;

/** Locks that this process holds or is trying for, by the path of the lock file. */
const own = new Set<string>();

/**
 * Takes the lock of an install. `folder` is its `.moult`, made where it is missing; `operation` is what the holder will be said to do.
 * Throws `locked`, naming the holder, when it is not free within a third of a second; `bad-home` when the lock file is not Moult's.
 */
export async function takeLock(folder: string, operation: string): Promise<Lock> {
  let path = lockPath(folder);
  for (let left = tries; left > 0; left -= 1) {
    // Each time anew: the holder before may have removed the whole folder with its last breath.
    await files.makeFolder(folder).catch((error: unknown) => {
      throw explain(error, folder);
    });
    path = lockPath((await files.realPathOrNull(folder)) ?? folder);
    const database = await tryOnce(path);
    if (database !== null) return hold(path, database, operation);
    await pause(between);
  }
  throw locked(path, await readHolder(path));
}

/** Who holds the lock of an install now; null when it is free. Only looks. */
export async function lockHolder(folder: string): Promise<LockHolder | null> {
  const path = lockPath((await files.realPathOrNull(folder)) ?? folder);
  const stats = await files.statOrNull(path);
  if (stats === null || !stats.isFile()) return null;
  if (own.has(path)) return readHolder(path);
  let database: Database | null = null;
  try {
    database = openLock(path);
    database.exec('BEGIN IMMEDIATE; ROLLBACK');
    return null;
  } catch (error) {
    const code = sqliteCode(error);
    if (code === null) throw error;
    if (code.startsWith('SQLITE_BUSY')) return await readHolder(path);
    return code.startsWith('SQLITE_NOTADB') ? null : await livingHolder(path);
  } finally {
    database?.close();
  }
}

function lockPath(folder: string): string {
  return join(folder, 'lock');
}

/** Never waits: a wait inside SQLite would block the whole process. Its journal stays in memory, so that a kill leaves no file. */
function openLock(path: string): Database {
  const database = openDatabase(path, { mustExist: true, timeout: 0 });
  try {
    database.pragma('journal_mode = memory');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

async function tryOnce(path: string): Promise<Database | null> {
  if (own.has(path)) return null;
  own.add(path);
  let database: Database | null = null;
  let isOurs = false;
  try {
    const before = await prepareFile(path);
    database = openLock(path);
    database.exec('BEGIN IMMEDIATE');
    // Somebody may have moved or removed the folder between the two: then this is the lock of something else.
    const after = await files.statOrNull(path);
    isOurs = after !== null && after.ino === before;
    if (isOurs) return database;
  } catch (error) {
    if (!isWorthAnotherTry(error) && (await files.exists(dirname(path)))) throw explain(error, path);
  } finally {
    // However it ended: what stays noted as our own would be taken for a holder as long as this process lives.
    if (!isOurs) letGo(path, database);
  }
  return null;
}

/** Makes sure that an empty file of Moult's own is there. Returns its inode. */
async function prepareFile(path: string): Promise<number> {
  let stats = await files.statOrNull(path);
  if (stats === null) {
    const handle = await files.openFile(path, 'wx').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return null;
      throw error;
    });
    await handle?.close();
    stats = await files.statOrNull(path);
  }
  // Emptying what a link leads to, or what has a second name, would destroy something that is not Moult's.
  if (stats === null || !stats.isFile() || stats.nlink > 1) throw notOurs(path);
  if (stats.size > 0) await emptyAfterCopying(path);
  return stats.ino;
}

/**
 * Something else wrote into the lock file: a copy is set aside, then it is emptied in place. A rename could take away
 * a file that another process has just locked; emptying cannot, as the lock does not depend on the content.
 */
async function emptyAfterCopying(path: string): Promise<void> {
  await files.copyFile(path, `${path}.set-aside-${randomId()}`);
  const handle = await files.openFile(path, 'r+');
  try {
    await handle.truncate(0);
  } finally {
    await handle.close();
  }
}

async function hold(path: string, database: Database, operation: string): Promise<Lock> {
  const particulars = { pid: ownPid(), start: await startOf(ownPid()), operation, since: now() };
  // On a full disk nobody is told who holds it, but it is held: rolling back must stay possible there.
  await files.writeDurably(`${path}.json`, `${JSON.stringify(particulars)}\n`, files.privateFile).catch(() => undefined);
  let held = true;
  return {
    async release() {
      if (!held) return;
      held = false;
      // The particulars go first: afterwards they could be the next holder's.
      await files.remove(`${path}.json`).catch(() => undefined);
      letGo(path, database);
    },
  };
}

/** Closing the connection ends its transaction, and with it the lock. */
function letGo(path: string, database: Database | null): void {
  database?.close();
  own.delete(path);
}

function isWorthAnotherTry(error: unknown): boolean {
  const code = sqliteCode(error);
  return code !== null && (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_NOTADB') || code.startsWith('SQLITE_CORRUPT'));
}

interface Particulars extends LockHolder {
  start: string | null;
}

async function readParticulars(path: string): Promise<Particulars | null> {
  const text = await files.readTextOrNull(`${path}.json`).catch(() => null);
  try {
    const read = JSON.parse(text ?? '') as Partial<Particulars> | null;
    if (typeof read?.pid !== 'number' || typeof read.operation !== 'string' || typeof read.since !== 'string') return null;
    return { pid: read.pid, operation: read.operation, since: read.since, start: typeof read.start === 'string' ? read.start : null };
  } catch {
    return null;
  }
}

/** The holder as it describes itself; one that has not done so yet, or could not, stays unnamed with the pid 0. */
async function readHolder(path: string): Promise<LockHolder> {
  const read = await readParticulars(path);
  return read === null
    ? { pid: 0, operation: 'an operation', since: now() }
    : { pid: read.pid, operation: read.operation, since: read.since };
}

/** The holder where the lock itself cannot be tried, as on a read-only volume: its process must live. */
async function livingHolder(path: string): Promise<LockHolder | null> {
  const read = await readParticulars(path);
  if (read === null || read.start === null || !(await isSame(read.pid, read.start))) return null;
  return { pid: read.pid, operation: read.operation, since: read.since };
}

function locked(path: string, holder: LockHolder): Failure {
  const who = holder.pid === 0 ? 'another process' : holder.pid === ownPid() ? 'this process' : `the process ${holder.pid}`;
  return new Failure(
    'locked',
    `This install is busy: ${who} has been working on it (${holder.operation}) since ${holder.since}. Nothing was touched.`,
    {
      remedy: { action: 'wait', text: 'Wait until it has finished, then try again.' },
      details: { ...holder, lock: path },
    },
  );
}

function notOurs(path: string): Failure {
  return new Failure(
    'bad-home',
    `${path} should be a file of Moult's own but is a folder, a link, or has a second name. Nothing was touched.`,
    {
      remedy: { action: 'retry', text: `Move ${path} away, then try again.` },
      details: { path },
    },
  );
}

function explain(error: unknown, path: string): unknown {
  if (error instanceof Failure) return error;
  const code = sqliteCode(error) ?? (error as NodeJS.ErrnoException).code ?? '';
  if (!/^(SQLITE_(READONLY|CANTOPEN|PERM)|EACCES|EPERM|EROFS)/.test(code)) return error;
  return new Failure('io', `${path} cannot be locked (${code}): the folder must be writable for you. Nothing was touched.`, {
    cause: error,
    details: { path },
  });
}
