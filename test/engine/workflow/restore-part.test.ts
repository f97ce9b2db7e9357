/** Restoring a part of a backup, looking at what that costs, and taking files out beside the install. */
import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '../../../electron/engine/platform/sqlite.ts';
import { treeState } from '../../support/tree-state.ts';
import { makeWorkshop, rowsOf, write } from './workshop.ts';

const own = (path: string) => path === '.moult' || path === 'logs' || path.startsWith('data/pot.db');
const gone = async (path: string) => (await lstat(path).catch(() => null)) === null;

test('one note comes back, everything else stays, and it can be undone', async () => {
  const shop = await makeWorkshop();
  const home = await shop.setUp();
  const { backup } = await shop.does('backUp', {});
  const input = backup?.id ?? '';
  await write(home, { 'notes/first.md': '# Spoilt\n', 'notes/new.md': '# New\n', 'notes/deep/second.md': '# Changed too\n' });
  const before = await treeState(home, own);
  const plan = await shop.engine.api.plan({ action: 'restore', input, files: ['notes/first.md'] });
  expect(plan.choice).toEqual({ items: [], files: ['notes/first.md'] });
  expect(plan.items.filter((item) => item.fate === 'replace').map((item) => [item.item, item.list.map((file) => file.path)])).toEqual([
    ['notes', [join(home, 'notes/first.md')]],
  ]);
  const done = await shop.does('restore', { input, files: ['notes/first.md'], digest: plan.digest });
  expect(await readFile(join(home, 'notes/first.md'), 'utf8')).toBe('# First\n');
  expect(await readFile(join(home, 'notes/new.md'), 'utf8')).toBe('# New\n');
  expect(await readFile(join(home, 'notes/deep/second.md'), 'utf8')).toBe('# Changed too\n');
  const fates = Object.fromEntries((done.receipt?.items ?? []).map((item) => [item.item, item.fate]));
  expect(fates).toMatchObject({ notes: 'replace', config: 'keep' });
  expect(done.receipt?.items.find((item) => item.item === 'config')?.unchanged).toBe(true);
  await shop.does('undo', {});
  expect(await treeState(home, own)).toEqual(before);
  const other = await shop.fails('restore', { input, files: ['notes/deep'], digest: plan.digest });
  expect(other.code).toBe('plan-changed');
});

test('a folder that is gone comes back with its file, what was added beside stays, and undo takes it away again', async () => {
  const shop = await makeWorkshop();
  const home = await shop.setUp();
  const input = (await shop.does('backUp', {})).backup?.path ?? '';
  await rm(join(home, 'notes/deep'), { recursive: true });
  await write(home, { 'notes/new.md': 'new' });
  const before = await treeState(home, own);
  await shop.does('restore', { input, files: [join(home, 'notes/deep/second.md')] });
  expect(await readFile(join(home, 'notes/deep/second.md'), 'utf8')).toBe('# Second\n');
  expect(await readFile(join(home, 'notes/new.md'), 'utf8')).toBe('new');
  await shop.does('undo', {});
  expect(await treeState(home, own)).toEqual(before);
});

test('a whole item comes back, and what was added to it since goes to the trash', async () => {
  const shop = await makeWorkshop();
  const home = await shop.setUp();
  const input = (await shop.does('backUp', {})).backup?.id ?? '';
  await write(home, { 'notes/new.md': 'new', 'notes/first.md': 'changed' });
  const rows = rowsOf(home);
  await shop.does('restore', { input, items: ['notes'] });
  expect(await gone(join(home, 'notes/new.md'))).toBe(true);
  expect(await readFile(join(home, 'notes/first.md'), 'utf8')).toBe('# First\n');
  expect(rowsOf(home)).toEqual(rows);
});

test('an option goes back into the config file that is there, and nothing else of it', async () => {
  const shop = await makeWorkshop();
  const home = await shop.setUp();
  const config = join(home, 'config.yaml');
  const first = await readFile(config, 'utf8');
  const state = (secret: string, rest: string) => first.replace(/^secret: .*$/m, `secret: ${secret}`) + rest;
  await writeFile(config, state('the-first', 'kept: then\n'), { mode: 0o640 });
  const input = (await shop.does('backUp', {})).backup?.id ?? '';
  await writeFile(config, state('another', '# mine\nkept:   now # and mine\nlist: [1, 2]\n'));
  await shop.does('restore', { input, items: ['secret'] });
  expect(await readFile(config, 'utf8')).toMatch(/^secret: the-first$[^]*# mine\nkept:\s+now # and mine\nlist: \[\s*1, 2\s*\]\n$/m);
  await shop.does('undo', {});
  expect(await readFile(config, 'utf8')).toBe(state('another', '# mine\nkept:   now # and mine\nlist: [1, 2]\n'));
  // A file whose place would be another one takes the notes with it, or stays.
  await writeFile(config, first.replace('notes: notes', 'notes: others'));
  await mkdir(join(home, 'others'));
  expect((await shop.fails('restore', { input, items: ['config'] })).message).toMatch(/its notes names another place for "Notes"/);
  expect((await shop.fails('restore', { input, files: ['config.yaml'] })).code).toBe('unsupported');
});

test('what would not fit alone is refused with the reason', async () => {
  const shop = await makeWorkshop();
  const home = await shop.setUp();
  const input = (await shop.does('backUp', {})).backup?.id ?? '';
  await shop.does('upgrade', {});
  expect(await shop.fails('restore', { input, items: ['data'] })).toMatchObject({
    code: 'unsupported',
    message: expect.stringMatching(/schema is 1, and what is there is at 2/) as string,
  });
  expect((await shop.fails('restore', { input, files: ['data/pot.db'] })).message).toMatch(/one file of a datastore/);
  expect((await shop.fails('restore', { input, items: ['program'] })).code).toBe('bad-input');
  expect((await shop.fails('restore', { input, items: ['note'] })).message).toMatch(/did you mean notes\?/);
  expect((await shop.fails('restore', { input, files: ['notes/none.md'] })).message).toMatch(/holds no notes\/none\.md/);
  await rm(join(home, 'notes/deep'), { recursive: true });
  await mkdir(join(shop.folder, 'elsewhere'));
  await symlink(join(shop.folder, 'elsewhere'), join(home, 'notes/deep'));
  expect(await shop.fails('restore', { input, files: ['notes/deep/second.md'] })).toMatchObject({ code: 'outside-roots' });
  expect(await readdir(join(shop.folder, 'elsewhere'))).toEqual([]);
  // The datastore of the same schema goes back alone.
  const now = (await shop.does('backUp', {})).backup?.id ?? '';
  await rm(join(home, 'notes/deep'));
  expect((await shop.does('restore', { input: now, items: ['data'] })).endState).toBe('new-and-healthy');
});

test('files are taken out beside the install, which is not touched', async () => {
  const shop = await makeWorkshop();
  const home = await shop.setUp();
  const input = (await shop.does('backUp', {})).backup?.id ?? '';
  await write(home, { 'notes/first.md': 'changed' });
  const before = await treeState(home, own);
  const output = join(shop.folder, 'out');
  const done = await shop.does('restore', { input, files: ['notes/first.md'], output });
  expect(done.exported).toMatchObject({ path: output, files: 1 });
  expect(await readFile(join(output, 'notes/notes/first.md'), 'utf8')).toBe('# First\n');
  expect(await readdir(output, { recursive: true })).toEqual(['notes', 'notes/notes', 'notes/notes/first.md']);
  expect((await lstat(output)).mode & 0o777).toBe(0o700);
  expect(await treeState(home, own)).toEqual(before);
  expect((await shop.fails('restore', { input, output })).message).toMatch(/is there already/);
  expect((await shop.fails('restore', { input, output: join(home, 'notes/out') })).message).toMatch(/is inside/);
  expect((await readdir(shop.folder)).filter((name) => name.includes('partial'))).toEqual([]);
});

test('a comparison tells files, options and rows that were written since, and an export holds them', async () => {
  const shop = await makeWorkshop();
  const home = await shop.setUp();
  const { backup } = await shop.does('backUp', {});
  const input = backup?.id ?? '';
  await write(home, { 'notes/first.md': '# Later\n', 'notes/new.md': 'new' });
  await rm(join(home, 'notes/deep/second.md'));
  const database = openDatabase(join(home, 'data/pot.db'));
  database.exec('CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT, more BLOB)');
  database.prepare('INSERT INTO words (word, more) VALUES (?, ?)').run('later', Buffer.from([1, 2, 255]));
  database.exec("UPDATE migrations SET version = 'altered'");
  database.close();
  const seen = await shop.engine.api.compare({ input, rows: true });
  expect(seen.files.map((file) => [file.change, file.file])).toEqual([
    ['changed', 'notes/first.md'],
    ['added', 'notes/new.md'],
    ['removed', 'notes/deep/second.md'],
  ]);
  const items = Object.fromEntries(seen.items.map((item) => [item.item, item]));
  expect(items['notes']).toMatchObject({ added: { files: 1, bytes: 3 }, changed: { files: 1 }, removed: { files: 1 }, together: null });
  expect(items['data']).toMatchObject({ kind: 'datastore', tablesProblem: null });
  expect(items['data']?.tables).toEqual([
    { table: 'migrations', was: 1, is: 1, added: 0, changed: 1, removed: 0 },
    { table: 'words', was: 0, is: 1, added: 1, changed: 0, removed: 0 },
  ]);
  expect(
    await readdir(join(home, '.moult')).then((names) => (names.includes('staging') ? readdir(join(home, '.moult/staging')) : [])),
  ).toEqual([]);
  expect((await shop.engine.api.compare({ input, search: 'FIRST', limit: 0 })).matches).toBe(1);
  const { exported } = await shop.does('export', { input, output: join(shop.folder, 'since') });
  expect(exported).toMatchObject({ files: 2, rows: 2 });
  const at = (name: string) => readFile(join(shop.folder, 'since', name), 'utf8');
  expect(await at('files/notes/first.md')).toBe('# Later\n');
  expect(await at('removed.txt')).toBe('notes/deep/second.md\n');
  expect(JSON.parse(await at('rows/data/words.jsonl'))).toEqual({
    change: 'added',
    row: { id: 1, word: 'later', more: { base64: 'AQL/' } },
  });
  expect(JSON.parse(await at('rows/data/migrations.jsonl'))).toMatchObject({ change: 'changed', row: { version: 'altered' } });
  expect((await lstat(join(shop.folder, 'since/files/notes/new.md'))).mode & 0o077).toBe(0);
  // A datastore that cannot be read keeps nobody from taking the files along, and is said.
  await shop.does('stop', {});
  await writeFile(join(home, 'data/pot.db'), 'no database');
  expect((await shop.does('export', { input, output: join(shop.folder, 'again') })).exported).toMatchObject({ files: 2, rows: 0 });
  expect(shop.events).toContainEqual(
    expect.objectContaining({
      event: 'note',
      level: 'warning',
      text: expect.stringMatching(/rows of Datastore are not in the export/) as string,
    }),
  );
});

test('a config file that cannot be read is mended by restoring it', async () => {
  const shop = await makeWorkshop();
  const home = await shop.setUp();
  const input = (await shop.does('backUp', {})).backup?.id ?? '';
  const good = await readFile(join(home, 'config.yaml'), 'utf8');
  for (const wish of [{}, { items: ['config'] }]) {
    await writeFile(join(home, 'config.yaml'), 'port: [1');
    expect((await shop.fails('backUp', {})).code).toBe('bad-config');
    await shop.does('restore', { input, ...wish });
    expect(await readFile(join(home, 'config.yaml'), 'utf8')).toBe(good);
  }
});

test('an unpacking that was cancelled is gone on with, and what nobody goes on with expires', async () => {
  const shop = await makeWorkshop();
  const home = await shop.setUp();
  for (let index = 0; index < 200; index += 1) await write(home, { [`notes/many/${index}.md`]: randomBytes(200_000).toString('base64') });
  const input = (await shop.does('backUp', {})).backup?.id ?? '';
  await write(home, { 'notes/first.md': 'changed' });
  const before = await treeState(home, own);
  const unpacked = join(home, '.moult/staging/unpacked');
  const cutOff = async () => {
    const { operation } = await shop.engine.api.restore({ input });
    const end = shop.engine.subscribe((event) => {
      if (event.event === 'progress' && event.progress.step === 'unpack' && (event.progress.bytes ?? 0) > 0) shop.engine.cancel(operation);
    });
    const result = await shop.engine.wait(operation);
    end();
    expect(result).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    expect(await treeState(home, own)).toEqual(before);
  };
  await cutOff();
  const files = async () => {
    const found = (await readdir(unpacked, { recursive: true, withFileTypes: true })).filter((entry) => entry.name.endsWith('.md'));
    return Promise.all(found.map(async (entry) => ({ name: entry.name, stats: await lstat(join(entry.parentPath, entry.name)) })));
  };
  const kept = (await files()).filter(({ stats }) => stats.mtimeMs < Date.now() - 1);
  expect(kept.length).toBeGreaterThan(5);
  // What is not whole is made anew: one that was cut short, one whose content is another although its facts are right.
  await shop.does('restore', { input });
  const isSame = await Promise.all(
    kept.map(
      async ({ name, stats }) =>
        (await lstat(join(home, 'notes', name === 'first.md' ? '' : 'many', name)).catch(() => null))?.ino === stats.ino,
    ),
  );
  expect(isSame.filter(Boolean).length).toBeGreaterThan(kept.length - 12);
  expect(await treeState(home, own)).toEqual({ ...before, 'notes/first.md': (await treeState(home, own))['notes/first.md'] });
  expect(await readFile(join(home, 'notes/first.md'), 'utf8')).toBe('# First\n');
  expect(await gone(unpacked)).toBe(true);
  await write(home, { 'notes/first.md': 'changed' });
  await cutOff();
  const [key] = await readdir(unpacked);
  const note = join(unpacked, key ?? '', 'unpacked.json');
  await writeFile(note, (await readFile(note, 'utf8')).replace(/"expires":"[^"]*"/, '"expires":"2020-01-01T00:00:00Z"'));
  await shop.does('stop', {});
  expect(await gone(unpacked)).toBe(true);
});

test('onto a machine with nothing but the file: product, release, home and name come from it', async () => {
  const shop = await makeWorkshop();
  const home = await shop.setUp({ name: 'mine' });
  await shop.does('upgrade', {});
  await shop.offer({ version: '1.0.0' }, { version: '1.1.0', schema: 2 }, { version: '1.2.0', schema: 3 });
  const kept = join(shop.folder, 'kept.tar.zst');
  await shop.does('backUp', { output: kept });
  await shop.does('stop', {});
  // The folder around the datastore is made anew, as private as Moult makes folders.
  const owned = (path: string) => own(path) || path === 'data';
  const before = await treeState(home, owned);
  // There is one of the product: it is that which is restored, unless another is asked for.
  expect((await shop.engine.api.plan({ action: 'restore', input: kept })).anew).toBeUndefined();
  await shop.engine.close();
  const again = join(shop.folder, 'homes/again');
  await rm(shop.moultHome, { recursive: true });
  await rm(home, { recursive: true });
  await shop.reopen();
  expect(await shop.fails('restore', { input: kept, home: again })).toMatchObject({ code: 'unknown-product' });
  await shop.engine.api.addProducts({ from: join(shop.folder, 'products') });
  const plan = await shop.engine.api.plan({ action: 'restore', input: kept, home: again });
  expect(plan).toMatchObject({ anew: true, install: 'mine', from: null, to: '1.1.0', home: again });
  process.env['MOULT_TEST_FAILPOINT'] = 'start:before:throw';
  await shop.fails('restore', { input: kept, home: again });
  delete process.env['MOULT_TEST_FAILPOINT'];
  expect(await gone(again)).toBe(true);
  expect(await shop.engine.api.installs({})).toEqual([]);
  const done = await shop.does('restore', { input: kept, home: again, digest: plan.digest });
  expect(done).toMatchObject({ install: 'mine', endState: 'new-and-healthy', to: '1.1.0' });
  expect(await treeState(again, owned)).toEqual(before);
  expect(rowsOf(again)?.schema).toBe(2);
  expect(await shop.engine.api.status({ offline: true })).toMatchObject({ install: 'mine', release: '1.1.0', health: 'healthy' });
  expect(await shop.fails('restore', { input: kept, home: again })).toMatchObject({ code: 'home-in-use' });
});

test('onto a new machine where its release is not offered any more: the oldest after it, and undo takes it away and brings it back', async () => {
  const shop = await makeWorkshop();
  const home = await shop.setUp({ name: 'mine' });
  const kept = join(shop.folder, 'kept.tar.zst');
  await shop.does('backUp', { output: kept });
  await shop.does('stop', {});
  await shop.engine.close();
  await rm(shop.moultHome, { recursive: true });
  await rm(home, { recursive: true });
  await shop.reopen();
  await shop.engine.api.addProducts({ from: join(shop.folder, 'products') });
  // The first cannot take the data over in one step, the second is behind them.
  await shop.offer(
    { version: '1.1.0', schema: 2, needs: '>=1.0.5' },
    { version: '1.1.1', schema: 0 },
    { version: '1.1.2', schema: 2 },
    { version: '1.2.0', schema: 3 },
  );
  const plan = await shop.engine.api.plan({ action: 'restore', input: kept, home });
  expect(plan).toMatchObject({ anew: true, to: '1.1.2' });
  expect(plan.warnings).toContainEqual(
    '1.0.0, which made the backup, is not offered any more. 1.1.2 is the oldest release after it; it takes over the data, which are at schema version 1, when it starts.',
  );
  await shop.does('restore', { input: kept, home, digest: plan.digest });
  expect(rowsOf(home)?.schema).toBe(2);
  const before = await treeState(home, own);
  expect(await shop.does('undo', {})).toMatchObject({ endState: 'done' });
  expect(await readdir(home)).toEqual(['.moult']);
  await shop.does('undo', {});
  expect(await treeState(home, own)).toEqual(before);
  await shop.does('upgrade', {});
  expect(await shop.fails('undo', {})).toMatchObject({
    code: 'nothing-to-undo',
    message: expect.stringContaining('not as the restore that made it left it') as string,
  });
  await shop.does('uninstall', { purge: true });
  await shop.offer({ version: '0.9.0' });
  await rm(home, { recursive: true });
  expect(await shop.fails('restore', { input: kept, home })).toMatchObject({ code: 'unknown-release' });
});
