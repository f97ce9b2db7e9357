/**
 * The registry: Moult's own memory in `moult.db` (SQLite), shared by every Moult of this person: installs, history, the catalogue of
 * backups, quarantined releases, settings. It is a convenience, never the only copy: an install knows itself by its `install.json`,
 * a backup by its manifest, so a lost registry loses history but no install and no backup.
 */
import { join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { makeFolder, setMode } from '../platform/files.ts';
import { ticks } from '../platform/clock.ts';
import { openDatabase, sqliteCode, type Database } from '../platform/sqlite.ts';

/** One entry a schema version; `PRAGMA user_version` tells how many have run. */
const migrations: readonly string[] = [
  `CREATE TABLE installs (
     name TEXT PRIMARY KEY, id TEXT NOT NULL, product TEXT NOT NULL, home TEXT NOT NULL UNIQUE, state TEXT NOT NULL, created_at TEXT NOT NULL
   ) STRICT;
   CREATE TABLE operations (
     id TEXT PRIMARY KEY, action TEXT NOT NULL, install TEXT NOT NULL, home TEXT NOT NULL, from_release TEXT, to_release TEXT,
     started_at TEXT NOT NULL, ended_at TEXT, outcome TEXT NOT NULL, end_state TEXT, message TEXT, undo_until TEXT, receipt TEXT
   ) STRICT;
   CREATE INDEX operations_by_install ON operations (install, started_at);
   CREATE TABLE backups (
     id TEXT PRIMARY KEY, path TEXT NOT NULL, install TEXT NOT NULL, product TEXT NOT NULL, release TEXT, schema TEXT, at TEXT NOT NULL,
     bytes INTEGER NOT NULL, files INTEGER NOT NULL, sha256 TEXT NOT NULL, reason TEXT NOT NULL, verdict TEXT NOT NULL, verified_at TEXT, problem TEXT
   ) STRICT;
   CREATE INDEX backups_by_install ON backups (install, at);
   CREATE TABLE quarantine (
     home TEXT NOT NULL, release TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (home, release)
   ) STRICT;
   CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
   CREATE TABLE downtimes (home TEXT NOT NULL, action TEXT NOT NULL, seconds REAL NOT NULL, at TEXT NOT NULL) STRICT;`,
  `ALTER TABLE backups ADD COLUMN proven_at TEXT;
   ALTER TABLE backups ADD COLUMN drilled_at TEXT;
   ALTER TABLE backups ADD COLUMN install_id TEXT;
   UPDATE backups SET proven_at = verified_at WHERE verdict = 'proven';`,
  `CREATE TABLE copies (
     backup TEXT NOT NULL, folder TEXT NOT NULL, path TEXT NOT NULL, state TEXT NOT NULL, at TEXT NOT NULL, problem TEXT, PRIMARY KEY (backup, folder)
   ) STRICT;`,
  `CREATE TABLE learned_migrations (
     product TEXT NOT NULL, ledger TEXT NOT NULL, release TEXT NOT NULL, version TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (product, ledger, release)
   ) STRICT;
   CREATE TABLE rehearsals (
     home TEXT NOT NULL, release TEXT NOT NULL, from_release TEXT NOT NULL, backup TEXT NOT NULL, at TEXT NOT NULL, schema_before TEXT, schema_after TEXT,
     seconds REAL, problem TEXT, PRIMARY KEY (home, release)
   ) STRICT;`,
];

/**
 * Opens `moult.db` in Moult's own folder and brings it to this Moult's schema. `newer-format` when a newer Moult wrote it, `io` when it is
 * damaged; neither is changed.
 */
export async function openRegistry(moultHome: string): Promise<Database> {
  await makeFolder(moultHome).catch((error: unknown) => {
    throw unusable(moultHome, error as NodeJS.ErrnoException);
  });
  const path = join(moultHome, 'moult.db');
  let database: Database | null = null;
  try {
    database = openDatabase(path, { readonly: false, timeout: 5000 });
    refuseNewer(database, path);
    refuseDamaged(database);
    await setMode(path, 0o600);
    useWriteAheadLog(database);
    database.pragma('synchronous = NORMAL');
    migrate(database, path);
    return database;
  } catch (error) {
    database?.close();
    throw explain(error, path);
  }
}

function unusable(moultHome: string, error: NodeJS.ErrnoException): Failure {
  const why = error.code === 'EEXIST' || error.code === 'ENOTDIR' ? 'it is, or is below, a file' : error.message;
  return new Failure('bad-home', `${moultHome} cannot be Moult's own folder: ${why}`, {
    remedy: { action: 'choose-folder', text: 'Name another folder with MOULT_HOME, or make this one writable for you.' },
    details: { path: moultHome },
    cause: error,
  });
}

/** Milliseconds for which several processes that begin at once try to switch to the write-ahead log: SQLite itself does not wait there. */
const switchLimit = 5000;

function useWriteAheadLog(database: Database): void {
  const end = ticks() + switchLimit;
  for (;;) {
    try {
      database.pragma('journal_mode = WAL');
      return;
    } catch (error) {
      if (sqliteCode(error)?.startsWith('SQLITE_BUSY') !== true || ticks() > end) throw error;
    }
  }
}

/** A database that was cut off opens well and fails later, in the middle of something; its length tells at once. */
function refuseDamaged(database: Database): void {
  const [problem] = database.pragma('quick_check(1)') as { quick_check: string }[];
  if (problem !== undefined && problem.quick_check !== 'ok') throw new DamagedRegistry(problem.quick_check);
}

class DamagedRegistry extends Error {}

function refuseNewer(database: Database, path: string): number {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version <= migrations.length) return version;
  throw new Failure('newer-format', `${path} was written by a newer Moult (schema ${version}, this one knows ${migrations.length})`, {
    remedy: { action: 'upgrade-moult', text: 'Upgrade Moult. Nothing was changed.' },
  });
}

function migrate(database: Database, path: string): void {
  const upgrade = database.transaction(() => {
    const version = refuseNewer(database, path);
    for (const statement of migrations.slice(version)) database.exec(statement);
    if (version < migrations.length) database.pragma(`user_version = ${migrations.length}`);
  });
  upgrade.immediate();
}

function explain(error: unknown, path: string): unknown {
  const code = sqliteCode(error);
  if (!(error instanceof DamagedRegistry) && (code === null || code.startsWith('SQLITE_BUSY'))) return error;
  return new Failure(
    'io',
    `${path}, Moult's own list of installs and backups, cannot be used: ${(error as Error).message}. It was not changed.`,
    {
      remedy: {
        action: 'retry',
        text: `Make ${path} readable, or move it away and adopt your installs again; no install and no backup is lost with it.`,
        command: 'moult adopt PRODUCT --home FOLDER',
      },
      details: { path },
      cause: error,
    },
  );
}
