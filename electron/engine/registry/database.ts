/**
 * The registry: Moult's own memory in `moult.db` (SQLite), shared by every Moult of this person: installs, history, the catalogue of
 * backups, quarantined releases, settings. It is a convenience, never the only copy: an install knows itself by its `install.json`,
 * a backup by its manifest, so a lost registry loses history but no install and no backup.
 */
import { join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { makeFolder, setMode } from '../platform/files.ts';
import { openDatabase, type Database } from '../platform/sqlite.ts';

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
];

/** Opens `moult.db` in Moult's own folder and brings it to this Moult's schema. `newer-format` when a newer Moult wrote it. */
export async function openRegistry(moultHome: string): Promise<Database> {
  await makeFolder(moultHome);
  const path = join(moultHome, 'moult.db');
  const database = openDatabase(path, { readonly: false, timeout: 5000 });
  await setMode(path, 0o600);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  migrate(database, path);
  return database;
}

function migrate(database: Database, path: string): void {
  const upgrade = database.transaction(() => {
    const version = Number(database.pragma('user_version', { simple: true }));
    if (version > migrations.length) {
      throw new Failure('newer-format', `${path} was written by a newer Moult (schema ${version}, this one knows ${migrations.length})`, {
        remedy: { action: 'upgrade-moult', text: 'Upgrade Moult. Nothing was changed.' },
      });
    }
    for (const statement of migrations.slice(version)) database.exec(statement);
    if (version < migrations.length) database.pragma(`user_version = ${migrations.length}`);
  });
  upgrade.immediate();
}
