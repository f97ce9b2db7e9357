/**
 * The schema of the datastore. Each migration is a SQL file that runs once, in a transaction of its own, together with its row in the
 * ledger `schema_migrations(version, name, checksum, applied_at)`. A row without `applied_at` was begun outside a transaction and not
 * finished: such a datastore is refused, as is one that is newer than this release.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { Refusal } from './refusal.mjs';
import { releaseFolder } from './release.mjs';
import { openDatabase } from './sqlite.mjs';

/** The migrations this release brings, in order: `{version, name, checksum, sql}`; the checksum is the SHA-256 of the file. */
export function knownMigrations() {
  const folder = `${releaseFolder}migrations/`;
  const files = readdirSync(folder)
    .filter((name) => /^\d+_\w+\.sql$/.test(name))
    .toSorted();
  return files.map((file) => {
    const sql = readFileSync(folder + file);
    const [, version, name] = /^(\d+)_(\w+)\.sql$/.exec(file);
    return { version: Number(version), name, checksum: createHash('sha256').update(sql).digest('hex'), sql: sql.toString('utf8') };
  });
}

/** Refuses, before anything is changed, a datastore that this release cannot serve. */
export function checkSchema(file, release) {
  if (!existsSync(file)) return;
  const database = openDatabase(file);
  try {
    const rows = ledgerOf(database);
    const version = rows.at(-1)?.version ?? 0;
    const known = Number(release.schema);
    const unfinished = rows.find((row) => row.applied_at === null);
    if (unfinished)
      refuse(`migration ${unfinished.version} (${unfinished.name}) of the datastore was begun and not finished; restore a backup`);
    if (version > known) {
      refuse(
        `datastore is at schema version ${version} but release ${release.version} only knows up to ${known}; ` +
          'start the release that wrote it, or restore a backup made before it',
      );
    }
    const least = Number(release.minimumSchema ?? 0);
    if (version > 0 && version < least) {
      refuse(
        `datastore is at schema version ${version} but release ${release.version} can only take over from ${least}; upgrade to 1.2.0 first`,
      );
    }
  } finally {
    database.close();
  }
}

/** Applies what is missing, in a thread of its own so that the server can tell how far it is. Ends early, between two migrations, on `signal`. */
export async function migrate(file, onProgress, signal) {
  const worker = new Worker(new URL(import.meta.resolve('./migration-worker.mjs')), { workerData: { file } });
  const stop = () => void worker.terminate();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await new Promise((resolve, reject) => {
      worker.on('message', onProgress);
      worker.once('error', reject);
      worker.once('exit', resolve);
    });
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** The work of that thread: calls back with a line for each migration that it begins. */
export function applyMigrations(file, onProgress) {
  const database = openDatabase(file);
  try {
    database.exec(
      'CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at TEXT)',
    );
    const applied = new Set(ledgerOf(database).map((row) => row.version));
    const pending = knownMigrations().filter((migration) => !applied.has(migration.version));
    pending.forEach((migration, index) => {
      onProgress(`migration ${index + 1} of ${pending.length}: ${migration.name}`);
      applyOne(database, migration);
    });
  } finally {
    database.close();
  }
}

function applyOne(database, { version, name, checksum, sql }) {
  database.exec('BEGIN IMMEDIATE');
  try {
    database.exec(sql);
    database
      .prepare('INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (?, ?, ?, ?)')
      .run(version, name, checksum, new Date().toISOString());
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw new Error(`migration ${version} (${name}) failed: ${error.message}`, { cause: error });
  }
}

function ledgerOf(database) {
  const table = database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'").get();
  return table ? database.prepare('SELECT version, name, applied_at FROM schema_migrations ORDER BY version').all() : [];
}

function refuse(message) {
  throw new Refusal(3, message);
}
