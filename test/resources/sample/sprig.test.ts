import { createHash } from 'node:crypto';
import { readFile, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { buildFeed } from '../../../resources/sample/build.ts';
import { run } from '../../../electron/engine/platform/processes.ts';
import { askSprig, freePort, initSprig, runSprig, signIn, startSprig, unpackRelease } from '../../support/sprig.ts';
import { suiteFolder, temporaryFolder } from '../../support/temporary-folder.ts';

const versions = ['1.0.0', '1.1.0', '1.2.0', '2.0.0'] as const;
const out = await suiteFolder('sprig');
const feed = await buildFeed(out);
for (const version of versions) await unpackRelease(feed, version, out);
const slotOf = (version: string) => join(out, version);

/** A home folder set up with a release, its server running and signed in. */
async function setUp(version: string) {
  const home = join(await temporaryFolder('sprig-home'), 'home');
  const port = await freePort();
  const password = await initSprig(slotOf(version), home, port);
  const server = await startSprig(slotOf(version), home, port);
  return { home, port, password, server, token: await signIn(port, password), database: join(home, 'data/sprig.db') };
}

function ledger(file: string): { version: number; name: string; checksum: string; applied_at: string }[] {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare('SELECT * FROM schema_migrations ORDER BY version').all() as never;
  } finally {
    database.close();
  }
}

describe.each(versions)('a new install of %s', (version) => {
  test('serves, tells what it is, and ends with 0 on SIGTERM leaving a whole datastore', async () => {
    const { port, server, database, home } = await setUp(version);
    const identity = JSON.parse(await readFile(join(slotOf(version), 'release.json'), 'utf8')) as Record<string, string>;
    const health = await askSprig(port, '/healthz');
    expect(health.value).toEqual({
      status: 'ok',
      product: 'sprig',
      version,
      build: identity['build'],
      schema: identity['schema'],
      progress: 'ready',
    });
    expect(health.headers.get('cache-control')).toBe('no-store');
    expect(await server.stop()).toBe(0);
    expect(server.output()).not.toMatch(/warning|experimental/i);
    expect((await readdir(join(home, 'data'))).toSorted()).toEqual(['sprig.db']);
    const rows = ledger(database);
    expect(String(rows.at(-1)?.version)).toBe(identity['schema']);
    for (const row of rows) {
      const file = join(slotOf(version), 'migrations', `${String(row.version).padStart(4, '0')}_${row.name}.sql`);
      expect(
        createHash('sha256')
          .update(await readFile(file))
          .digest('hex'),
      ).toBe(row.checksum);
    }
  });
});

test('an upgrade 1.0.0 → 1.1.0 → 1.2.0 → 2.0.0 keeps session, notes, tags, history and config', async () => {
  const { home, port, token, server } = await setUp('1.0.0');
  const text = '# The plan\n\nSow **beans**.\n';
  await askSprig(port, '/api/notes/Plan', { token, method: 'PUT', body: { text, tags: ['Garden', 'home', 'garden'] } });
  await askSprig(port, '/api/notes/Other', { token, method: 'PUT', body: { text: 'x', tags: ['home'] } });
  expect(await server.stop()).toBe(0);
  const config = await readFile(join(home, 'config.yaml'));
  const workspace = await inodes(join(home, 'notes'));
  for (const [version, runtime] of [
    ['1.1.0', '1.0'],
    ['1.2.0', '1.1'],
    ['2.0.0', '2.0'],
  ] as const) {
    const upgraded = await startSprig(slotOf(version), home, port);
    expect((await askSprig(port, '/api/me', { token })).value).toMatchObject({ user: 'admin' });
    expect((await askSprig(port, '/api/notes/Plan', { token })).value).toMatchObject({ text, tags: ['garden', 'home'] });
    expect((await askSprig(port, '/api/tags', { token })).value).toEqual([
      { tag: 'garden', notes: 1 },
      { tag: 'home', notes: 2 },
    ]);
    expect((await readFile(join(home, 'runtime/VERSION'), 'utf8')).trim()).toBe(runtime);
    expect(await inodes(join(home, 'notes'))).toEqual(workspace);
    if (version === '1.1.0') await askSprig(port, '/api/notes/Later', { token, method: 'PUT', body: { text: 'first' } });
    expect((await askSprig(port, '/api/notes/Later/revisions', { token })).value).toMatchObject([{ text: 'first' }]);
    await askSprig(port, '/api/notes/Later', { token, method: 'DELETE' });
    await askSprig(port, '/api/notes/Later', { token, method: 'PUT', body: { text: 'first' } });
    await askSprig(port, '/api/notes/Later', { token, method: 'DELETE' });
    expect(await upgraded.stop()).toBe(0);
  }
  expect((await readFile(join(home, 'config.yaml'))).equals(config)).toBe(true);
});

test('a datastore that is newer is refused with both versions named, and is not changed', async () => {
  const { home, server, database } = await setUp('2.0.0');
  await server.stop();
  const before = await readFile(database);
  const refused = runSprig(slotOf('1.1.0'), ['serve', '--home', home]);
  expect(await refused.ended).toBe(3);
  expect(refused.output()).toContain('datastore is at schema version 6 but release 1.1.0 only knows up to 3');
  expect((await readFile(database)).equals(before)).toBe(true);
  expect(await readFile(join(home, 'runtime/VERSION'), 'utf8')).toBe('2.0\n');
});

test('2.0.0 refuses a datastore that 1.2.0 has not prepared', async () => {
  const { home, server, database } = await setUp('1.1.0');
  await server.stop();
  const refused = runSprig(slotOf('2.0.0'), ['serve', '--home', home]);
  expect(await refused.ended).toBe(3);
  expect(refused.output()).toContain('schema version 3 but release 2.0.0 can only take over from 4; upgrade to 1.2.0 first');
  expect(ledger(database)).toHaveLength(3);
});

test('a ledger with an unfinished migration is refused', async () => {
  const { home, server, database } = await setUp('1.1.0');
  await server.stop();
  const opened = new DatabaseSync(database);
  opened.exec('UPDATE schema_migrations SET applied_at = NULL WHERE version = 3');
  opened.close();
  const refused = runSprig(slotOf('1.1.0'), ['serve', '--home', home]);
  expect(await refused.ended).toBe(3);
  expect(refused.output()).toContain('migration 3 (revisions) of the datastore was begun and not finished');
});

test('a migration that fails leaves schema and ledger as they were', async () => {
  const { home, server, database } = await setUp('1.2.0');
  await server.stop();
  const opened = new DatabaseSync(database);
  // Migration 5 makes this table; that it is there already makes the migration fail.
  opened.exec('CREATE TABLE note_tags (wrong)');
  opened.close();
  const failed = runSprig(slotOf('2.0.0'), ['serve', '--home', home]);
  expect(await failed.ended).toBe(1);
  expect(failed.output()).toContain('migration 5 (tags) failed: table note_tags already exists');
  expect(ledger(database)).toHaveLength(4);
  const after = new DatabaseSync(database);
  expect(after.prepare("SELECT count(*) AS n FROM sqlite_master WHERE name = 'tags'").get()).toEqual({ n: 0 });
  after.close();
});

test('/healthz tells how far a long migration is, and /readyz says no until it is through', async () => {
  const { home, port, server, database } = await setUp('1.2.0');
  await server.stop();
  const opened = new DatabaseSync(database);
  opened.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
    INSERT INTO notes SELECT 'note ' || i, '', 0, '', '', '', '["a","tag' || (i % 500) || '"]' FROM n`);
  opened.close();
  const upgraded = runSprig(slotOf('2.0.0'), ['serve', '--home', home]);
  const seen: unknown[] = [];
  let ready = false;
  while (!ready && seen.length < 5000) {
    const health = await askSprig(port, '/healthz').catch(() => null);
    if (health === null) continue;
    const { status, progress } = health.value as { status: string; progress: string };
    if (status === 'starting' && progress !== seen.at(-1)) {
      seen.push(progress);
    }
    if (progress.startsWith('migration')) expect((await askSprig(port, '/readyz')).status).toBe(503);
    ready = status === 'ok';
  }
  expect(seen).toContain('migration 1 of 2: tags');
  expect(await upgraded.stop()).toBe(0);
});

test('the dependency folder is built anew only when the workspace asks for something else', async () => {
  const { home, port, server, token } = await setUp('1.0.0');
  const marker = join(home, 'deps/.sprig-deps');
  const wanted = join(home, 'notes/sprig-deps.json');
  const hash = async () =>
    createHash('sha256')
      .update(await readFile(wanted))
      .digest('hex');
  expect((await readFile(marker, 'utf8')).trim()).toBe(await hash());
  await askSprig(port, '/api/notes/Leaf', { token, method: 'PUT', body: { text: 'a :leaf: here' } });
  expect((await askSprig(port, '/notes/Leaf', { token })).value).toContain('3 words');
  await server.stop();

  const folder = await stat(join(home, 'deps'));
  await (await startSprig(slotOf('1.1.0'), home, port)).stop();
  expect((await stat(join(home, 'deps'))).ino).toBe(folder.ino);

  await writeFile(wanted, '{"extensions": ["leaves"]}');
  const changed = await startSprig(slotOf('1.1.0'), home, port);
  expect((await readFile(marker, 'utf8')).trim()).toBe(await hash());
  expect((await readdir(join(home, 'deps'))).toSorted()).toEqual(['.sprig-deps', 'leaves.mjs']);
  const page = (await askSprig(port, '/notes/Leaf', { token })).value;
  expect(page).toContain('a 🍃 here');
  expect(page).not.toContain('3 words');
  await changed.stop();
});

test('a request that is under way at SIGTERM is finished, and then the server leaves with 0', async () => {
  const { home, port, token, server } = await setUp('1.0.0');
  const body = JSON.stringify({ text: 'late but whole' });
  const answer = new Promise<number | undefined>((resolve, reject) => {
    const put = request({
      port,
      host: '127.0.0.1',
      path: '/api/notes/Late',
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-length': body.length },
    });
    put.once('error', reject).once('response', (response) => resolve(response.resume().statusCode));
    put.write(body.slice(0, 5));
    // The rest follows when the server has had time to take the signal.
    setTimeout(() => process.kill(server.pid, 'SIGTERM'), 100);
    setTimeout(() => put.end(body.slice(5)), 300);
  });
  expect(await answer).toBe(200);
  const answered = performance.now();
  expect(await server.ended).toBe(0);
  expect(performance.now() - answered, 'milliseconds from the last answer to the end').toBeLessThan(2000);
  expect(await readFile(join(home, 'notes/Late.md'), 'utf8')).toBe('late but whole');
});

test('what was saved before a kill is there after it', async () => {
  const { home, port, token, server } = await setUp('1.1.0');
  await askSprig(port, '/api/notes/Kept', { token, method: 'PUT', body: { text: 'kept', tags: ['safe'] } });
  process.kill(server.pid, 'SIGKILL');
  expect(await server.ended).toBe(null);
  const again = await startSprig(slotOf('1.1.0'), home, port);
  expect((await askSprig(port, '/api/notes/Kept', { token })).value).toMatchObject({ text: 'kept', tags: ['safe'] });
  expect((await askSprig(port, '/api/notes/Kept/revisions', { token })).value).toHaveLength(1);
  expect(await again.stop()).toBe(0);
});

test('secrets are for their owner only; the first password is deleted at the first sign-in and not before', async () => {
  const home = join(await temporaryFolder('sprig-home'), 'home');
  const port = await freePort();
  const password = await initSprig(slotOf('1.0.0'), home, port);
  const modeOf = async (name: string) => ((await stat(join(home, name))).mode & 0o777).toString(8);
  expect(await Promise.all(['.', 'config.yaml', 'first-login.txt'].map(modeOf))).toEqual(['700', '600', '600']);
  const server = await startSprig(slotOf('1.0.0'), home, port);
  expect((await askSprig(port, '/login', { method: 'POST', body: { user: 'admin', password: 'wrong' } })).status).toBe(401);
  expect(await readdir(home)).toContain('first-login.txt');
  await signIn(port, password);
  expect(await readdir(home)).not.toContain('first-login.txt');
  expect(await modeOf('data/sprig.db')).toBe('600');
  await server.stop();
  expect(server.output()).not.toContain(password);
});

test('init keeps a configuration that is there, and makes no new login', async () => {
  const { home, port, server } = await setUp('1.0.0');
  await server.stop();
  const before = await readFile(join(home, 'config.yaml'));
  const again = runSprig(slotOf('2.0.0'), ['init', '--home', home, '--port', String(port + 1)]);
  expect(await again.ended).toBe(0);
  expect((await readFile(join(home, 'config.yaml'))).equals(before)).toBe(true);
  expect(await readdir(home)).not.toContain('first-login.txt');
});

test('reset-password changes one line; the old session lives on, the old password does not', async () => {
  const { home, port, password, server, token } = await setUp('1.0.0');
  await server.stop();
  const before = (await readFile(join(home, 'config.yaml'), 'utf8')).split('\n');
  const reset = runSprig(slotOf('1.0.0'), ['reset-password', '--home', home]);
  expect(await reset.ended).toBe(0);
  const after = (await readFile(join(home, 'config.yaml'), 'utf8')).split('\n');
  expect(after.filter((line, index) => line !== before[index])).toEqual([expect.stringContaining('  password_hash: scrypt$')]);
  const again = await startSprig(slotOf('1.0.0'), home, port);
  expect((await askSprig(port, '/api/me', { token })).status).toBe(200);
  await expect(signIn(port, password)).rejects.toThrow('401');
  await signIn(port, /is now (\S+)/.exec(reset.output())?.[1] ?? '');
  await again.stop();
});

test('2.0.0 reads title under its old name with a warning; the new name wins', async () => {
  const { home, port, server } = await setUp('1.2.0');
  await server.stop();
  const file = join(home, 'config.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace('title: My notes', 'title: Old name'));
  const old = await startSprig(slotOf('2.0.0'), home, port);
  expect((await askSprig(port, '/')).value).toContain('Old name');
  await old.stop();
  expect(old.output()).toContain('title is deprecated');
  await writeFile(file, `${await readFile(file, 'utf8')}site_title: New name\n`);
  const renamed = await startSprig(slotOf('2.0.0'), home, port);
  expect((await askSprig(port, '/')).value).toContain('New name');
  await renamed.stop();
});

test('a start that cannot be is refused with its own exit code and sentence', async () => {
  const { home, port, server } = await setUp('1.0.0');
  const file = join(home, 'config.yaml');
  const config = await readFile(file, 'utf8');
  const refusal = async (text: string) => {
    await writeFile(file, text);
    const refused = runSprig(slotOf('1.0.0'), ['serve', '--home', home]);
    return `${await refused.ended} ${refused.output()}`;
  };
  expect(await refusal(config)).toMatch(new RegExp(`^5 sprig: port ${port} on 127.0.0.1 is in use`));
  await server.stop();
  expect(await refusal(config.replace(/^port: .*$/m, 'port: many'))).toContain(
    '4 sprig: config.yaml: port must be a whole number from 1 to 65535',
  );
  expect(await refusal(config.replace(/^port: .*$/m, 'port: [1'))).toMatch(/^4 sprig: config.yaml line \d+: only plain values/);
  expect(await refusal(config.replace('workspace: notes', 'workspace: gone'))).toMatch(/^4 sprig: the workspace .*gone is missing/);
  await rename(file, `${file}.away`);
  const missing = runSprig(slotOf('1.0.0'), ['serve', '--home', home]);
  expect(await missing.ended).toBe(4);
});

test('the workspace may be anywhere, and what changed in it while Sprig was away is taken over', async () => {
  const { home, port, server, token } = await setUp('1.1.0');
  await server.stop();
  const workspace = join(await temporaryFolder('sprig-workspace'), 'my notes');
  await rename(join(home, 'notes'), workspace);
  const file = join(home, 'config.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace('workspace: notes', `workspace: "${workspace}"`));
  await writeFile(join(workspace, 'Brought.md'), '# Brought along\n');
  const moved = await startSprig(slotOf('1.1.0'), home, port);
  const titles = ((await askSprig(port, '/api/notes', { token })).value as { title: string }[]).map(({ title }) => title);
  expect(titles).toEqual(['Brought along', 'Welcome']);
  await moved.stop();
});

test('strangers, other sites, odd names and markup in notes get nowhere', async () => {
  const { port, token, server, home } = await setUp('2.0.0');
  for (const path of ['/api/notes', '/api/me', '/api/tags', '/api/notes/Welcome']) expect((await askSprig(port, path)).status).toBe(401);
  expect((await askSprig(port, '/api/me', { token: `${token.slice(0, -2)}xx` })).status).toBe(401);
  for (const name of ['..%2fconfig', '.hidden', '%00', 'a%2fb', '%E0%A4%A']) {
    expect((await askSprig(port, `/api/notes/${name}`, { token, method: 'PUT', body: { text: '' } })).status, name).toBe(400);
  }
  expect((await readdir(join(home, 'notes'))).toSorted()).toEqual(['Welcome.md', 'sprig-deps.json']);
  const foreign = await fetch(`http://127.0.0.1:${port}/api/notes/x`, {
    method: 'PUT',
    headers: { origin: 'http://evil.example', authorization: `Bearer ${token}` },
    body: '{"text":""}',
  });
  expect(foreign.status).toBe(403);
  const text = '# <script>alert(1)</script>\n\n[x](javascript:alert(1)) <img src=x onerror=alert(1)>\n';
  await askSprig(port, '/api/notes/Bad', { token, method: 'PUT', body: { text, tags: ['<b>'] } });
  expect((await askSprig(port, '/notes/Bad', { token })).value).not.toMatch(/<script>alert|<img src=x|href="javascript|<b>/);
  await server.stop();
});

test('signing in through the page sets a cookie that another start still takes', async () => {
  const { port, password, server, home } = await setUp('1.0.0');
  const answer = await fetch(`http://127.0.0.1:${port}/login`, {
    method: 'POST',
    body: new URLSearchParams({ user: 'admin', password }),
    redirect: 'manual',
  });
  expect(answer.status).toBe(303);
  const cookie = answer.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/HttpOnly; SameSite=Lax/);
  await server.stop();
  const again = await startSprig(slotOf('1.1.0'), home, port);
  const page = await fetch(`http://127.0.0.1:${port}/`, { headers: { cookie: cookie.split(';')[0] ?? '' } });
  expect(await page.text()).toContain('Sign out');
  await again.stop();
});

test('the shell wrapper and the JavaScript file tell the same release', async () => {
  const env = { ...(process.env as Record<string, string>), SPRIG_NODE: process.execPath };
  const finished = await run([join(slotOf('1.2.0'), 'bin/sprig'), 'version', '--json'], { env });
  expect(JSON.parse(finished.stdout)).toMatchObject({ product: 'sprig', version: '1.2.0', schema: '4', runtime: '1.1' });
  expect((await run([join(slotOf('1.2.0'), 'bin/sprig'), 'dance'], { env })).code).toBe(2);
});

test('a port that is taken by a stranger is told before anything in the home is changed', async () => {
  const { home, port, server } = await setUp('1.0.0');
  await server.stop();
  const stranger = createServer().listen(port, '127.0.0.1');
  const refused = runSprig(slotOf('1.2.0'), ['serve', '--home', home]);
  expect(await refused.ended).toBe(5);
  stranger.close();
  expect(ledger(join(home, 'data/sprig.db'))).toHaveLength(2);
  expect(await readFile(join(home, 'runtime/VERSION'), 'utf8')).toBe('1.0\n');
});

/** What would change if a file was written again, even with the same bytes. */
async function inodes(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).toSorted();
  return Promise.all(names.map(async (name) => stat(join(folder, name)).then(({ ino, mtimeMs }) => `${name} ${ino} ${mtimeMs}`)));
}
