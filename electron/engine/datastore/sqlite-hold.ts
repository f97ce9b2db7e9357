/**
 * One SQLite database, held still while it is copied.
 *
 * Write-ahead log (WAL): a read transaction is opened before the copy and stays open until the end. The copy is made by SQLite's online
 * backup inside that transaction, so it is one moment and never begins again, and the product goes on writing. As long as we are
 * connected, the product's last connection cannot fold the log away when it closes. So after it has stopped, the log holds
 * everything since: copy and log are the final state, and taking the log takes as long as what was written since, not as the data.
 *
 * Any other journal mode: readers block writers, so nothing is held. The online backup begins again when the product commits;
 * after a few times it holds the product's writes until it is done. Whether anything was written since is told by SQLite itself.
 */
import { followOrNull, openFile, remove } from '../platform/files.ts';
import { openDatabase, type Database } from '../platform/sqlite.ts';
import { watchWal, type WalWatch } from '../platform/sqlite-wal.ts';
import { continuity, type Snapshot } from './wal-continuity.ts';

export interface CopyProgress {
  bytes: number;
  totalBytes: number;
}

type Report = (progress: CopyProgress) => void;
export type BaseAnswer = { finishing: 'changes' | 'whole'; notes: string[] };
export type FinishAnswer = { add: 'nothing' } | { add: 'log' } | { add: 'copy'; why: string };

export interface HeldDatabase {
  /** Copies one moment of the database to `copy`. */
  base(copy: string, report: Report): Promise<BaseAnswer>;
  /** After the product has stopped. `log`: add the live `-wal`. `copy`: everything was copied again to `copy`, because of `why`. */
  finish(copy: string, report: Report): Promise<FinishAnswer>;
  close(): Promise<void>;
}

/** Bytes that are copied between two looks at messages: about ten milliseconds. */
const stepBytes = 4 * 1024 * 1024;
/** How often a copy may begin again before the product's writes are held. */
const restarts = 3;
/** Milliseconds for which a statement waits for the product's locks. */
const patience = 3000;
/** How often a moment is looked for in which nothing is written to the log. */
const snapshotTries = 20;

/** Connects to a database that may be in use. Throws SQLite's errors with their `code`. */
export async function holdDatabase(path: string): Promise<HeldDatabase> {
  const database = await connect(path);
  const mode = readMode(database);
  return mode === 'wal' ? holdLog(path, database) : holdNothing(database, mode);
}

/**
 * Where a log with content is there, the connection is read-only: closing it then leaves database and log to the byte. Where there is
 * none, a read-only one would leave an empty log behind, so it is a writable one that never writes and that SQLite cleans up after.
 */
async function connect(path: string): Promise<Database> {
  const log = await followOrNull(`${path}-wal`);
  const readonly = log !== null && log.size > 0;
  const database = openDatabase(path, { readonly, mustExist: true, timeout: patience });
  if (!readonly) database.pragma('query_only = 1');
  return database;
}

function readMode(database: Database): string {
  try {
    look(database);
    return String(database.pragma('journal_mode', { simple: true }));
  } catch (error) {
    database.close();
    throw error;
  }
}

async function holdLog(path: string, first: Database): Promise<HeldDatabase> {
  const watch = await watchWal(path);
  let database = first;
  let snapshot: Snapshot = { log: null, exact: false };
  return {
    base: async (copy, report) => {
      snapshot = await takeSnapshot(database, watch);
      await copyPages(database, copy, report);
      return { finishing: 'changes', notes: [] };
    },
    finish: async (copy, report) => {
      const verdict = database.inTransaction ? continuity(snapshot, await watch.read()) : 'broken';
      if (verdict !== 'broken') return verdict === 'unchanged' ? { add: 'nothing' } : { add: 'log' };
      // Whatever happened, this connection may be looking at files that have no name any more.
      database.close();
      database = await connect(path);
      await copyPages(database, copy, report);
      return { add: 'copy', why: 'its write-ahead log does not reach back to the first copy' };
    },
    close: async () => {
      if (!database.open) return;
      database.close();
      await watch.close();
    },
  };
}

/** Opens the read transaction, in a moment in which the log can be told exactly, where there is one. */
async function takeSnapshot(database: Database, watch: WalWatch): Promise<Snapshot> {
  for (let left = snapshotTries; ; left -= 1) {
    const before = await watch.read();
    database.exec('BEGIN');
    look(database);
    const log = await watch.read();
    const exact = before !== null && log !== null && JSON.stringify(before) === JSON.stringify(log);
    if (exact || left <= 1) return { log, exact };
    database.exec('COMMIT');
  }
}

function holdNothing(database: Database, mode: string): HeldDatabase {
  let version: unknown;
  const sample = () => (version = database.pragma('data_version', { simple: true }));
  return {
    base: async (copy, report) => {
      sample();
      // Sampled before each step: a commit after the last sample makes the copy begin again, or shows at the end.
      const heldWrites = await copyPages(database, copy, report, sample);
      const note = `in journal mode "${mode}" the datastore cannot be read while it is written, so what changed is copied whole once the product has stopped`;
      const paused = 'the product wrote all the time, so its writes were held while the datastore was copied';
      return { finishing: 'whole', notes: heldWrites ? [note, paused] : [note] };
    },
    finish: async (copy, report) => {
      if (database.pragma('data_version', { simple: true }) === version) return { add: 'nothing' };
      await copyPages(database, copy, report);
      return { add: 'copy', why: `it changed, and in journal mode "${mode}" only a whole copy holds the change` };
    },
    close: async () => void database.close(),
  };
}

/** Copies all pages by SQLite's online backup, readable by nobody else. True when the product's writes had to be held. */
async function copyPages(database: Database, copy: string, report: Report, beforeStep: () => void = () => {}): Promise<boolean> {
  const pageBytes = Number(database.pragma('page_size', { simple: true }));
  const pages = Math.max(1, Math.floor(stepBytes / pageBytes));
  await remove(copy);
  await (await openFile(copy, 'wx')).close();
  let begunAgain = -1;
  let last = 0;
  let holding = false;
  try {
    const copied = await database.backup(copy, {
      progress: ({ totalPages, remainingPages }) => {
        if (remainingPages >= last) begunAgain += 1;
        last = remainingPages;
        if (begunAgain > restarts && !database.inTransaction) {
          database.exec('BEGIN');
          look(database);
          holding = true;
        }
        beforeStep();
        report({ bytes: (totalPages - remainingPages) * pageBytes, totalBytes: totalPages * pageBytes });
        return pages;
      },
    });
    report({ bytes: copied.totalPages * pageBytes, totalBytes: copied.totalPages * pageBytes });
  } finally {
    if (holding) database.exec('COMMIT');
  }
  return holding;
}

/** Reads the smallest thing: opens the log's index, or begins the snapshot of a transaction. */
function look(database: Database): void {
  database.prepare('SELECT count(*) FROM sqlite_schema').get();
}
