/** Restoring, undoing and recovering: the ways back, and those who lie about where they lead. */
import { chmod, lstat, mkdir, readFile, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../../electron/api/failure.ts';
import type { BackupManifest } from '../../../electron/engine/backup/backup-format.ts';
import { readManifest } from '../../../electron/engine/backup/read-backup.ts';
import { moultFolderOf } from '../../../electron/engine/install/moult-folder.ts';
import { takeLock } from '../../../electron/engine/operation/lock.ts';
import { placesOfBackup } from '../../../electron/engine/workflow/backup-places.ts';
import { openAt } from '../../../electron/engine/workflow/kit.ts';
import { readRecord } from '../../../electron/engine/install/record.ts';
import { parseDescriptor } from '../../../electron/engine/product/load.ts';
import { freePort } from '../../support/sprig.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { treeState } from '../../support/tree-state.ts';
import { makeWorkshop, rowsOf, write, type Workshop } from './workshop.ts';

const gone = async (path: string) => (await lstat(path).catch(() => null)) === null;
const status = async (shop: Workshop) => shop.engine.api.status({ offline: true });
const own = (path: string) => path === '.moult' || path === 'logs' || path.startsWith('data/pot.db');

describe('a backup', () => {
  test('inside the install, inside another one, or on top of a file is refused, through links too', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const second = await shop.setUp({ home: shop.home('second') });
    await mkdir(join(shop.folder, 'fine'));
    await symlink(join(home, 'notes'), join(shop.folder, 'fine/link'));
    await writeFile(join(shop.folder, 'fine/taken.tar.zst'), 'mine');
    for (const output of [
      join(home, 'b.tar.zst'),
      join(home, 'notes/b.tar.zst'),
      home,
      join(shop.folder, 'fine/link/b.tar.zst'),
      join(second, 'b.tar.zst'),
      join(second, 'deep/er/b.tar.zst'),
      join(shop.folder, 'fine/taken.tar.zst'),
    ]) {
      const failure = await shop.fails('backUp', { install: 'pot', output });
      expect(failure, output).toMatchObject({ code: 'bad-input', remedy: { action: 'choose-folder' } });
    }
    expect(await readFile(join(shop.folder, 'fine/taken.tar.zst'), 'utf8')).toBe('mine');
    const { backup } = await shop.does('backUp', { install: 'pot', output: join(shop.folder, 'fine') });
    expect((await lstat(backup?.path ?? '')).mode & 0o777).toBe(0o600);
  });

  test('of another product or of a newer schema is refused with what it is', async () => {
    const shop = await makeWorkshop();
    await shop.setUp();
    await shop.does('upgrade', {});
    const { backup } = await shop.does('backUp', {});
    await shop.does('rollBack', {});
    const newer = await shop.fails('restore', { input: backup?.id ?? '' });
    expect(newer).toMatchObject({
      code: 'schema-ahead',
      message: expect.stringMatching(/version 2 .*1\.1\.0.*1\.0\.0 only knows up to 1/) as string,
    });
    await writeFile(
      join(shop.folder, 'products/kettle.yaml'),
      (await readFile(join(shop.folder, 'products/pot.yaml'), 'utf8')).replace('product: pot', 'product: kettle'),
    );
    await shop.offer({ version: '1.0.0' });
    await writeFile(
      join(shop.feed, 'releases.json'),
      (await readFile(join(shop.feed, 'releases.json'), 'utf8')).replace('"product":"pot"', '"product":"kettle"'),
    );
    await shop.engine.api.addProducts({ from: join(shop.folder, 'products') });
    await shop.does('setUp', { product: 'kettle', home: shop.home('kettle'), port: await freePort() });
    expect((await shop.fails('restore', { install: 'kettle', input: backup?.path ?? '' })).code).toBe('bad-backup');
    expect((await shop.fails('restore', { install: 'pot', input: join(shop.folder, 'nothing') })).code).toBe('unknown-backup');
  });

  test('is restored under the consent that was given for it, and under no other', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const one = (await shop.does('backUp', {})).backup?.id ?? '';
    await write(home, { 'notes/first.md': 'second state' });
    const other = (await shop.does('backUp', {})).backup?.id ?? '';
    const { digest } = await shop.engine.api.plan({ action: 'restore', input: one });
    expect((await shop.fails('restore', { input: other, digest })).code).toBe('plan-changed');
    expect(await readFile(join(home, 'notes/first.md'), 'utf8')).toBe('second state');
    await shop.does('restore', { input: one, digest });
    expect(await readFile(join(home, 'notes/first.md'), 'utf8')).toBe('# First\n');
    expect((await shop.engine.api.backups({})).find((backup) => backup.id === one)?.verdict).toBe('proven');
  });

  test('that lies about where things belong puts nothing anywhere', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const { backup } = await shop.does('backUp', {});
    const manifest = await readManifest(backup?.path ?? '');
    const outside = await temporaryFolder('outside');
    await write(outside, { 'precious/file': 'mine' });
    await symlink(outside, join(home, 'link'));
    const record = await readRecord(home);
    if (record === null) throw new Error('no record');
    const opened = await openAt(parseDescriptor(await readFile(join(shop.folder, 'products/pot.yaml'), 'utf8'), 'pot.yaml'), home, record);
    const lying = (item: string, place: { path?: string; relativeToHome?: string | null }): BackupManifest => ({
      ...manifest,
      items: manifest.items.map((entry) =>
        entry.item === item ? { ...entry, places: [{ as: 'x', path: '/', relativeToHome: null, ...place }] } : entry,
      ),
    });
    expect((await placesOfBackup(opened, manifest, false)).map((place) => place.live).toSorted()).toEqual(
      ['config.yaml', 'data/pot.db', 'notes'].map((name) => join(home, name)),
    );
    const lies: [string, { path?: string; relativeToHome?: string | null }][] = [
      ['config', { relativeToHome: '../other/config.yaml' }],
      ['config', { relativeToHome: '' }],
      ['config', { relativeToHome: '.' }],
      ['config', { relativeToHome: 'notes/../..' }],
      ['config', { relativeToHome: '.moult/install.json' }],
      ['config', { relativeToHome: 'data/pot.db' }],
      ['config', { relativeToHome: 'todo.txt' }],
      ['config', { path: '/etc/passwd' }],
      ['config', { path: 'relative' }],
      ['data', { relativeToHome: 'data/pot.db-evil' }],
      ['notes', { relativeToHome: 'data' }],
      ['notes', { relativeToHome: 'link/precious' }],
      ['notes', { path: join(outside, 'precious') }],
      ['notes', { path: '/' }],
      ['notes', { path: '/etc' }],
      ['notes', { path: shop.folder }],
    ];
    for (const [item, place] of lies) {
      await expect(placesOfBackup(opened, lying(item, place), false), JSON.stringify(place)).rejects.toMatchObject({
        code: 'outside-roots',
      });
    }
    // A workspace that was elsewhere when the backup was made goes back there, where nobody else is.
    const free = join(outside, 'free');
    expect(await placesOfBackup(opened, lying('notes', { path: free }), false)).toContainEqual({
      item: 'notes',
      as: 'x',
      live: free,
      dump: false,
      was: free,
    });
  });
});

describe('restore', () => {
  test('brings back what was deleted, the datastore too, and nested items in any order', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await write(home, { 'notes/drafts/d.md': 'draft', 'notes/.cache/x': 'cached' });
    const before = await treeState(home, own);
    const rows = rowsOf(home);
    const { backup } = await shop.does('backUp', {});
    await shop.does('stop', {});
    for (const name of ['notes', 'data', 'config.yaml']) await rm(join(home, name), { recursive: true });
    await write(home, { 'config.yaml': `port: ${await freePort()}\nnotes: notes\nsecret: other\n` });
    await shop.does('restore', { input: backup?.id ?? '' });
    const after = await treeState(home, own);
    // What no backup holds is gone for good; it is made anew.
    for (const path of ['notes/.cache', 'notes/.cache/x']) delete before[path];
    expect({ ...after, data: '' }).toEqual({ ...before, data: '' });
    expect(rowsOf(home)).toEqual(rows);
  });

  test('whose product does not start on it goes back to what was there', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const { backup } = await shop.does('backUp', {});
    await write(home, { 'notes/first.md': 'since' });
    const before = await treeState(home, own);
    shop.engine.subscribe((event) => {
      if (event.event === 'step' && event.id === 'start' && event.state === 'running') void writeFile(join(home, 'make-ill'), '');
      if (event.event === 'step' && event.id === 'start' && event.state === 'failed') void rm(join(home, 'make-ill'), { force: true });
    });
    const failure = await shop.fails('restore', { input: backup?.id ?? '' });
    expect(failure).toMatchObject({ code: 'rolled-back', details: { endState: 'old-and-healthy' } });
    expect(await treeState(home, own)).toEqual(before);
    expect((await status(shop)).health).toBe('healthy');
  });
});

describe('start and restart', () => {
  test('that fail say that the product is stopped, not that it is healthy', async () => {
    const shop = await makeWorkshop();
    await shop.describe((text) => text.replace('within: 4s', 'within: 1s'));
    const home = await shop.setUp();
    await writeFile(join(home, 'make-ill'), '');
    for (const name of ['restart', 'start'] as const) {
      const failure = await shop.fails(name, {});
      expect(failure).toMatchObject({ code: 'health-failed', details: { endState: 'stopped-and-kept' } });
      expect(failure.message).toContain('is stopped');
      expect((await status(shop)).service.state).toBe('stopped');
      expect((await shop.engine.api.history({}))[0]).toMatchObject({ action: name, outcome: 'failed', endState: 'stopped-and-kept' });
    }
    await rm(join(home, 'make-ill'));
    await shop.does('start', {});
    expect((await status(shop)).health).toBe('healthy');
  });

  test('are refused while the data is newer than the code', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await shop.does('upgrade', {});
    await shop.does('stop', {});
    const path = moultFolderOf(home).record;
    const record = JSON.parse(await readFile(path, 'utf8')) as object;
    await writeFile(path, JSON.stringify({ ...record, release: '1.0.0', slot: '.moult/slots/1.0.0' }));
    for (const name of ['start', 'restart'] as const) {
      expect(await shop.fails(name, {})).toMatchObject({
        code: 'schema-ahead',
        message: expect.stringContaining('datastore is at schema version 2 but release 1.0.0 only knows up to 1') as string,
      });
    }
  });
});

describe('undo', () => {
  test('after a purge and a new set-up brings the old back, and puts the new away', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await chmod(join(home, 'data'), 0o755);
    const before = await treeState(home, own);
    await shop.does('uninstall', { purge: true });
    expect(Object.keys(await treeState(home, (path) => path === '.moult'))).toEqual(['.']);
    await shop.does('setUp', { product: 'pot', home, release: '1.1.0', port: await freePort() });
    await write(home, { 'notes/new.md': 'new' });
    await shop.does('undo', {});
    expect(await treeState(home, own)).toEqual(before);
    expect(await status(shop)).toMatchObject({ release: '1.0.0', health: 'healthy', schema: { version: '1' } });
    const trash = Object.keys(await treeState(moultFolderOf(home).trash));
    expect(trash.some((path) => path.endsWith('new.md'))).toBe(true);
  });

  test('never starts the old release on data that a newer one has migrated meanwhile', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await shop.does('uninstall', {});
    await shop.does('setUp', { product: 'pot', home, release: '1.1.0' });
    const started = shop.events.length;
    const failure = await shop.fails('undo', {});
    expect(failure).toMatchObject({
      code: 'rolled-back',
      message: expect.stringContaining('schema version 2 but release 1.0.0 only knows up to 1') as string,
    });
    expect(await readFile(join(home, 'logs/pot.log'), 'utf8').catch(() => '')).not.toContain('this is for 1');
    expect(shop.events.slice(started)).toContainEqual(expect.objectContaining({ event: 'step', id: 'start', state: 'failed' }));
    expect(await status(shop)).toMatchObject({ release: '1.1.0', health: 'healthy', schema: { version: '2', known: '2' } });
  });

  test('where the trash was emptied, or the release is gone, is refused before anything is touched', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const { backup } = await shop.does('backUp', {});
    await shop.does('restore', { input: backup?.id ?? '' });
    const [trash] = await readdir(moultFolderOf(home).trash);
    const folder = join(moultFolderOf(home).trash, trash ?? '');
    const thing = (await readdir(folder)).find((name) => name !== 'trash.json');
    await rename(join(folder, thing ?? ''), join(shop.folder, 'taken'));
    const before = await treeState(home, own);
    expect(await shop.fails('undo', {})).toMatchObject({
      code: 'nothing-to-undo',
      message: expect.stringContaining('not whole') as string,
    });
    await rename(join(shop.folder, 'taken'), join(folder, thing ?? ''));
    await shop.does('upgrade', {});
    await rm(join(moultFolderOf(home).slots, '1.0.0'), { recursive: true });
    expect(await shop.fails('undo', {})).toMatchObject({ code: 'nothing-to-undo', message: expect.stringContaining('1.0.0') as string });
    expect((await treeState(home, own))['notes/first.md']).toBe(before['notes/first.md']);
    expect((await status(shop)).health).toBe('healthy');
  });
});

describe('recover', () => {
  async function stick(shop: Workshop, point: string): Promise<void> {
    process.env['MOULT_TEST_FAILPOINT'] = point;
    await shop.offer({ version: '1.0.0' }, { version: '1.2.0', schema: 2, mode: 'dies' });
    expect((await shop.fails('upgrade', {})).code).toBe('undo-failed');
    delete process.env['MOULT_TEST_FAILPOINT'];
  }

  test('says what is interrupted before anything else, and ends it, with a descriptor that is gone by now', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const before = await treeState(home, own);
    await stick(shop, 'guard:before-undo:throw');
    expect(await status(shop)).toMatchObject({ service: { state: 'stopped' }, interrupted: { kind: 'upgrade', recovery: 'undo' } });
    for (const name of ['start', 'stop', 'restart', 'upgrade', 'backUp', 'uninstall', 'freshStart', 'undo', 'rollBack'] as const) {
      expect(await shop.fails(name, {}), name).toMatchObject({ code: 'interrupted', remedy: { action: 'recover' } });
    }
    await expect(shop.engine.api.setChannel({ channel: 'stable' })).rejects.toMatchObject({ code: 'interrupted' });
    await rename(join(shop.folder, 'products/pot.yaml'), join(shop.folder, 'pot.yaml.away'));
    const { operation } = await shop.engine.api.recover({});
    expect(await shop.engine.wait(operation)).toMatchObject({ ok: true, result: { endState: 'old-and-healthy', to: '1.0.0' } });
    expect(shop.events).toContainEqual(expect.objectContaining({ event: 'ended', operation }));
    await rename(join(shop.folder, 'pot.yaml.away'), join(shop.folder, 'products/pot.yaml'));
    expect(await treeState(home, own)).toEqual(before);
    expect(await status(shop)).toMatchObject({ health: 'healthy', interrupted: null });
    expect((await shop.fails('recover', {})).code).toBe('nothing-to-do');
  });

  test('leaves an old product that does not come back stopped, and says so; later it works', async () => {
    const shop = await makeWorkshop();
    await shop.describe((text) => text.replace('within: 4s', 'within: 1s'));
    const home = await shop.setUp();
    await shop.offer({ version: '1.0.0' }, { version: '1.2.0', schema: 2 });
    await writeFile(join(home, 'make-ill'), '');
    const failure = await shop.fails('upgrade', {});
    expect(failure).toMatchObject({ code: 'undo-failed', message: expect.stringContaining('is left stopped') as string });
    expect((await status(shop)).service.state).toBe('stopped');
    expect((await shop.fails('recover', {})).code).toBe('undo-failed');
    await rm(join(home, 'make-ill'));
    await shop.does('recover', {});
    expect(await status(shop)).toMatchObject({ release: '1.0.0', health: 'healthy', interrupted: null });
  });

  test('while somebody works on the install is refused like everything else', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await stick(shop, 'guard:before-undo:throw');
    const lock = await takeLock(moultFolderOf(home).root, 'something');
    const failure = await shop.fails('recover', {});
    expect(failure.code).toBe('locked');
    await lock.release();
    await shop.does('recover', {});
  });

  test('a failing history does not turn what was done into a failure', async () => {
    const shop = await makeWorkshop();
    await shop.setUp();
    const { openDatabase } = await import('../../../electron/engine/platform/sqlite.ts');
    const database = openDatabase(join(shop.moultHome, 'moult.db'));
    database.exec(`CREATE TRIGGER broken BEFORE UPDATE ON operations BEGIN SELECT RAISE(FAIL, 'no more history'); END`);
    database.close();
    expect((await shop.does('restart', {})).endState).toBe('new-and-healthy');
    expect(shop.events).toContainEqual(
      expect.objectContaining({ event: 'note', text: expect.stringContaining('no more history') as string }),
    );
    expect((await status(shop)).interrupted).toBeNull();
  });
});

describe('what is broken', () => {
  test('install.json: every call says so, nothing is touched, and a person can put it back', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const path = moultFolderOf(home).record;
    const good = await readFile(path, 'utf8');
    await writeFile(path, good.slice(0, 40));
    const before = await treeState(home);
    for (const name of ['start', 'upgrade', 'backUp', 'uninstall', 'freshStart', 'undo'] as const) {
      expect(await shop.fails(name, {}), name).toMatchObject({ code: 'bad-config', message: expect.stringContaining(path) as string });
    }
    expect(await shop.fails('setUp', { product: 'pot', home })).toMatchObject({ code: 'bad-config' });
    expect(await shop.fails('adopt', { product: 'pot', home })).toMatchObject({ code: 'bad-config' });
    expect(await shop.engine.api.installs({})).toMatchObject([{ install: 'pot', release: null, home }]);
    expect(await treeState(home)).toEqual(before);
    await writeFile(path, good);
    expect((await status(shop)).health).toBe('healthy');
  });

  test('a config that does not parse: the product can still be stopped, and nothing else is done to it', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const path = join(home, 'config.yaml');
    const good = await readFile(path, 'utf8');
    await writeFile(path, 'port: [1\n');
    for (const name of ['upgrade', 'freshStart'] as const) expect((await shop.fails(name, {})).code, name).toBe('bad-config');
    expect(await readFile(path, 'utf8')).toBe('port: [1\n');
    expect((await status(shop)).configProblem).toMatchObject({
      code: 'bad-config',
      message: expect.stringContaining(`${path}:2:1 cannot be read`) as string,
      remedy: { action: 'edit-config' },
      details: { path, line: 2, column: 1 },
    });
    await shop.does('stop', {});
    await writeFile(path, good);
    expect((await status(shop)).configProblem).toBeNull();
    await shop.does('start', {});
    expect((await status(shop)).health).toBe('healthy');
  });

  test('a datastore that is gone is told by drift, and a backup still holds the rest', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await shop.does('stop', {});
    await rm(join(home, 'data'), { recursive: true });
    expect(await status(shop)).toMatchObject({ schema: { version: null, known: '1' } });
    const { backup } = await shop.does('backUp', {});
    const manifest = await readManifest(backup?.path ?? '');
    expect(manifest.items.find((item) => item.item === 'data')?.places).toEqual([]);
    await shop.does('start', {});
    expect(rowsOf(home)?.schema).toBe(1);
  });

  test('a home that was moved is told, and adopted where it is now', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await shop.does('stop', {});
    const moved = shop.home('moved');
    await rename(home, moved);
    expect(await shop.fails('start', {})).toMatchObject({ code: 'not-an-install' });
    expect(await gone(home)).toBe(true);
    await shop.does('adopt', { product: 'pot', home: moved });
    expect(await shop.engine.api.installs({})).toMatchObject([{ install: 'pot', home: moved }]);
    await shop.does('start', {});
    expect((await status(shop)).health).toBe('healthy');
  });
});

test('a home behind a link is one home: set up, upgraded, purged, and the link stays', async () => {
  const shop = await makeWorkshop();
  const real = join(shop.folder, 'elsewhere/pot');
  await mkdir(real, { recursive: true });
  await mkdir(join(shop.folder, 'homes'));
  await symlink(real, shop.home());
  const home = await shop.setUp();
  await shop.does('upgrade', {});
  await shop.does('rollBack', {});
  expect(await readFile(join(real, 'notes/first.md'), 'utf8')).toBe('# First\n');
  await shop.does('uninstall', { purge: true });
  expect((await lstat(home)).isSymbolicLink()).toBe(true);
  expect((await readdir(real)).filter((name) => name !== '.moult')).toEqual([]);
  await shop.does('undo', {});
  expect(await readFile(join(real, 'notes/first.md'), 'utf8')).toBe('# First\n');
});

test('files that are copied into place come, go and come back with their release', async () => {
  const shop = await makeWorkshop();
  await shop.describe((text) =>
    text.replace('payload: { driver: archive, strip: 1 }', 'payload: { driver: files, strip: 1, copies: [{ from: tools, to: tools }] }'),
  );
  await shop.offer(
    { version: '1.0.0', files: { 'tools/a': 'a 1', 'tools/b': 'b 1' } },
    { version: '1.1.0', schema: 2, files: { 'tools/a': 'a 2', 'tools/c': 'c 2' } },
    { version: '1.2.0', schema: 2, mode: 'dies', files: { 'tools/a': 'a 3' } },
  );
  const home = await shop.setUp();
  const tools = async () =>
    Object.fromEntries(
      await Promise.all(
        (await readdir(join(home, 'tools'))).map(async (name) => [name, await readFile(join(home, 'tools', name), 'utf8')] as const),
      ),
    );
  await write(home, { 'tools/mine': 'mine' });
  const first = await tools();
  expect(first).toEqual({ a: 'a 1', b: 'b 1', mine: 'mine' });
  await shop.does('upgrade', { to: '1.1.0' });
  expect(await tools()).toMatchObject({ a: 'a 2', c: 'c 2', mine: 'mine' });
  const second = await tools();
  expect((await shop.fails('upgrade', { to: '1.2.0' })).code).toBe('rolled-back');
  expect(await tools()).toEqual(second);
  await shop.does('rollBack', {});
  expect(await tools()).toEqual({ a: 'a 1', b: 'b 1', mine: 'mine' });
  await shop.does('undo', {});
  expect(await shop.engine.api.status({})).toMatchObject({ release: '1.1.0', health: 'healthy' });
  expect(await tools()).toEqual({ a: 'a 2', c: 'c 2', mine: 'mine' });
  await write(home, { 'tools/c': 'changed by hand' });
  const plan = await shop.engine.api.plan({ action: 'uninstall' });
  const program = plan.items.find((item) => item.item === 'program');
  expect(program?.fate).toBe('remove');
  expect(program?.list.map((file) => file.path)).toEqual(expect.arrayContaining([join(home, 'tools/a'), join(home, 'tools/c')]));
  expect(plan.strays.map((file) => file.path)).toEqual([join(home, 'tools/mine')]);
  await shop.does('uninstall', {});
  expect(await tools()).toEqual({ mine: 'mine' });
  await shop.does('undo', {});
  expect(await tools()).toEqual({ a: 'a 2', c: 'changed by hand', mine: 'mine' });
  await shop.does('freshStart', { release: '1.0.0' });
  expect(await tools()).toEqual({ a: 'a 1', b: 'b 1', mine: 'mine' });
  await shop.does('undo', {});
  expect(await shop.engine.api.status({})).toMatchObject({ release: '1.1.0', health: 'healthy' });
  // Going back to a release puts its own files in place; what was changed by hand is in the trash of the fresh start.
  expect(await tools()).toEqual({ a: 'a 2', c: 'c 2', mine: 'mine' });
});

test('what is thrown is always a failure that a face can show', async () => {
  const shop = await makeWorkshop();
  for (const call of [
    async () => shop.engine.api.status({ install: 'nobody' }),
    async () => shop.engine.api.plan({ action: 'set-up' }),
    async () => shop.engine.api.setUp({ product: 'nothing' }),
    async () => shop.engine.api.verify({ input: '/nowhere' }),
    async () => shop.engine.api.recover({ install: 'nobody' }),
  ]) {
    const error = await call().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Failure);
  }
  expect(await shop.engine.wait('unknown')).toMatchObject({ ok: false, error: { code: 'unknown-operation' } });
});
