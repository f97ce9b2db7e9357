/**
 * A product that starts in a blink: a server of notes with a SQLite datastore, one migration a schema version.
 * `stub.mjs init --home DIR --port N` · `stub.mjs serve --home DIR`
 */
import { existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

// Not imported: that would load all of `fetch` with it, in thousands of starts.
const { createServer } = process.getBuiltinModule('node:http');
const { version, schema, fault } = JSON.parse(readFileSync(new URL('release.json', import.meta.url), 'utf8'));
const [command, ...rest] = process.argv.slice(2);
const option = (name) => rest[rest.indexOf(`--${name}`) + 1];
const home = option('home');
const config = join(home, 'config.json');

const migrations = [
  'CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT',
  "ALTER TABLE notes ADD COLUMN tag TEXT NOT NULL DEFAULT 'none'",
  'CREATE INDEX notes_by_tag ON notes (tag)',
];

if (command === 'init') {
  mkdirSync(join(home, 'notes'), { recursive: true });
  if (!existsSync(config))
    writeFileSync(config, `${JSON.stringify({ port: Number(option('port')), secret: 'made-at-set-up' }, null, 2)}\n`, { mode: 0o600 });
  process.exit(0);
}

const { port } = JSON.parse(readFileSync(config, 'utf8'));
mkdirSync(join(home, 'data'), { recursive: true });
// What a product writes through a link that somebody put in its way is not Moult's doing: this one writes through none.
if (lstatSync(join(home, 'data')).isSymbolicLink()) fail('data is a link');
mkdirSync(join(home, 'cache'), { recursive: true });
writeFileSync(join(home, 'cache', 'built-by'), version);
const database = new DatabaseSync(join(home, 'data', 'stub.db'));
database.exec('PRAGMA journal_mode = WAL');
const { user_version: at } = database.prepare('PRAGMA user_version').get();
if (at > schema) fail(`the datastore has schema ${at}, and ${version} knows ${schema}`);
for (let next = at; next < schema; next += 1) database.exec(`BEGIN; ${migrations[next]}; PRAGMA user_version = ${next + 1}; COMMIT`);
if (fault === 'crash') fail('cannot start');

const server = createServer((request, answer) => {
  answer.setHeader('cache-control', 'no-store');
  answer.end(JSON.stringify({ status: fault === 'sick' ? 'sick' : 'ok', version, schema }));
});
server.listen(port, '127.0.0.1');
process.on('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
  database.close();
  process.exit(0);
});

function fail(why) {
  console.error(why);
  process.exit(3);
}
