/**
 * A product that writes: commits rows as fast as it can and tells after each how many there are, until SIGTERM, upon which it closes
 * its database as a good product does. Run as a process: `sqlite-writer.ts DATABASE JOURNAL-MODE [PAUSE-MS]`.
 */
import Database from 'better-sqlite3';

const [path, mode, pause] = process.argv.slice(2) as [string, string, string | undefined];
const database = new Database(path, { timeout: 10_000 });
database.pragma(`journal_mode = ${mode}`);
database.pragma('synchronous = OFF');
database.pragma('wal_autocheckpoint = 50');
database.exec('CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY, text TEXT NOT NULL)');
const insert = database.prepare('INSERT INTO entries (text) VALUES (?)');
const update = database.prepare('UPDATE entries SET text = ? WHERE id = ?');

process.once('SIGTERM', () => {
  clearInterval(timer);
  database.close();
  process.exit(0);
});
const timer = setInterval(write, Number(pause ?? 0));

function write(): void {
  for (let left = pause === undefined ? 20 : 1; left > 0; left -= 1) {
    const commit = database.transaction(() => {
      const { lastInsertRowid } = insert.run('x'.repeat(700));
      update.run('y'.repeat(700), Math.ceil(Number(lastInsertRowid) / 2));
      return lastInsertRowid;
    });
    process.stdout.write(`${commit()}\n`);
  }
}
