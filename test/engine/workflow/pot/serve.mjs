/** Pot: the smallest product with all that an install can own. `serve.mjs HOME` runs it, `serve.mjs init HOME PORT` makes its first configuration. */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { isAbsolute, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const { version, schema, mode } = JSON.parse(readFileSync(new URL('release.json', import.meta.url), 'utf8'));
const [first, second, third] = process.argv.slice(2);

if (first === 'init') {
  if (mode === 'no-init') throw new Error('init cannot be done');
  if (!existsSync(join(second, 'config.yaml')))
    writeFileSync(join(second, 'config.yaml'), `port: ${third}\nnotes: notes\nsecret: s3cr3t-${Math.random()}\n`, { mode: 0o600 });
  mkdirSync(join(second, 'notes'), { recursive: true });
} else serve(first);

function serve(home) {
  const text = readFileSync(join(home, 'config.yaml'), 'utf8');
  const option = (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1];
  const notes = isAbsolute(option('notes')) ? option('notes') : join(home, option('notes'));
  mkdirSync(join(home, 'data'), { recursive: true, mode: 0o755 });
  const database = new DatabaseSync(join(home, 'data/pot.db'));
  const { user_version: found } = database.prepare('PRAGMA user_version').get();
  if (found > schema) throw new Error(`the data is at schema ${found}, this is for ${schema}`);
  if (found < schema) {
    database.exec(`CREATE TABLE IF NOT EXISTS migrations (schema, version); PRAGMA user_version = ${schema}`);
    database.prepare('INSERT INTO migrations VALUES (?, ?)').run(schema, version);
  }
  if (mode === 'spoils') {
    writeFileSync(join(notes, 'spoilt.md'), 'spoilt');
    for (const name of ['first.md']) if (existsSync(join(notes, name))) writeFileSync(join(notes, name), 'spoilt');
    appendFileSync(join(home, 'config.yaml'), 'spoilt: yes\n');
    database.exec('CREATE TABLE spoilt (x)');
    throw new Error('it was spoilt');
  }
  if (mode === 'dies') throw new Error('it cannot start');
  // A supervisor of its own, in a session of its own, starts the release again as often as it ends, and that writes into the data again.
  if (mode === 'supervised' && process.env.POT_SUPERVISED === undefined) {
    const again = ['-c', 'while :; do "$0" --no-warnings "$@"; done', process.execPath, process.argv[1], home];
    spawn('sh', again, { detached: true, stdio: 'ignore', env: { ...process.env, POT_SUPERVISED: '1' } }).unref();
    setTimeout(() => process.exit(1), 300);
    return;
  }
  if (mode === 'supervised') {
    writeFileSync(join(notes, 'first.md'), 'written by the supervised one');
    database.exec('CREATE TABLE IF NOT EXISTS supervised (x)');
  }
  if (mode === 'hangs') {
    setInterval(() => undefined, 1000);
    return;
  }
  const server = createServer((_, answer) => {
    const status = ['ill', 'stubborn', 'supervised'].includes(mode) ? 'ill' : existsSync(join(home, 'make-ill')) ? 'ill' : 'ok';
    answer.setHeader('content-type', 'application/json').end(JSON.stringify({ status, version: mode === 'lies' ? '1.0.0' : version }));
  });
  if (mode === 'dies-later') setTimeout(() => process.exit(1), 700);
  process.on('SIGTERM', () => mode === 'stubborn' || process.exit(0));
  server.listen(Number(option('port')), '127.0.0.1');
}
