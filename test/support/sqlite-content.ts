import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import Database from 'better-sqlite3';

/** Every row of every table of a SQLite database, read from a copy, so that neither the file nor its log is touched. */
export async function sqliteContent(path: string): Promise<Record<string, unknown[]>> {
  const folder = await mkdtemp(join(tmpdir(), 'content-'));
  try {
    const names = (await readdir(dirname(path))).filter((name) => name === basename(path) || name === `${basename(path)}-wal`);
    for (const name of names) await copyFile(join(dirname(path), name), join(folder, name));
    const database = new Database(join(folder, basename(path)));
    try {
      const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all() as string[];
      return Object.fromEntries(
        tables.map((table) => [table, database.prepare(`SELECT * FROM "${table.replaceAll('"', '""')}" ORDER BY 1, 2`).all()]),
      );
    } finally {
      database.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Its `PRAGMA user_version`. */
export function sqliteVersion(path: string): number {
  const database = new Database(path, { readonly: true });
  try {
    return Number(database.pragma('user_version', { simple: true }));
  } finally {
    database.close();
  }
}

/** Changes a database in place and closes it. */
export function changeSqlite(path: string, sql: string): void {
  const database = new Database(path);
  try {
    database.exec(sql);
  } finally {
    database.close();
  }
}
