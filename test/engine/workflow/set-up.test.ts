import { lstat, mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../support/sprig.ts';
import { treeState } from '../../support/tree-state.ts';
import { makeWorkshop, rowsOf, write } from './workshop.ts';

const gone = async (path: string) => (await lstat(path).catch(() => null)) === null;

describe('set up', () => {
  test('makes an install that runs, and tells the truth about it', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    expect(await shop.engine.api.status({ install: 'pot', offline: true })).toMatchObject({
      install: 'pot',
      release: '1.0.0',
      home,
      schema: { version: '1', known: '1' },
      service: { state: 'running' },
      health: 'healthy',
      interrupted: null,
      busy: null,
    });
    const [entry] = await shop.engine.api.history({});
    expect(entry).toMatchObject({ action: 'set-up', outcome: 'done', endState: 'new-and-healthy', to: '1.0.0' });
  });

  test.each(['dies', 'ill', 'lies', 'no-init'] as const)('of a release that %s leaves a fresh machine as it was', async (mode) => {
    const shop = await makeWorkshop();
    await shop.describe((text) => text.replace('within: 4s', 'within: 1s'));
    await shop.offer({ version: mode === 'lies' ? '1.2.0' : '1.0.0', mode });
    const home = shop.home();
    const failure = await shop.fails('setUp', { product: 'pot', home, port: await freePort() });
    expect(failure.code).toBe('rolled-back');
    expect(await gone(home)).toBe(true);
    expect(await shop.engine.api.installs({})).toEqual([]);
    expect((await shop.engine.api.history({}))[0]).toMatchObject({ action: 'set-up', outcome: 'rolled-back' });
  });

  test("that fails in a folder with somebody's files leaves them as they were", async () => {
    const shop = await makeWorkshop();
    await shop.offer({ version: '1.0.0', mode: 'dies' });
    const home = shop.home();
    await write(home, { 'todo.txt': 'mine', 'notes/old.md': '# Old\n' });
    const before = await treeState(home);
    expect((await shop.fails('setUp', { product: 'pot', home, port: await freePort() })).code).toBe('rolled-back');
    const after = await treeState(home, (path) => path === '.moult' || path === 'data' || path === 'logs');
    expect(after).toEqual(before);
    expect(await gone(join(home, '.moult/install.json'))).toBe(true);
    expect(await gone(join(home, '.moult/slots'))).toBe(true);
  });

  test('a second one gets another name, another folder and another port', async () => {
    const shop = await makeWorkshop();
    await shop.setUp();
    const second = await shop.does('setUp', { product: 'pot', home: shop.home('second'), start: false });
    expect(second.install).toBe('pot-2');
    const installs = await shop.engine.api.installs({});
    expect(installs.map((one) => one.install)).toEqual(['pot', 'pot-2']);
    const third = await shop.engine.api.plan({ action: 'set-up', product: 'pot', home: shop.home('third') });
    expect(third.install).toBe('pot-3');
  });

  test('on a port that is taken is refused before anything is made', async () => {
    const shop = await makeWorkshop();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as { port: number };
    const failure = await shop.fails('setUp', { product: 'pot', home: shop.home(), port });
    expect(failure).toMatchObject({ code: 'port-in-use', details: { port } });
    expect(await gone(shop.home())).toBe(true);
  });

  test('where an install is already is refused, through a link too', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    expect((await shop.fails('setUp', { product: 'pot', home })).code).toBe('home-in-use');
    await symlink(home, join(shop.folder, 'link'));
    expect((await shop.fails('setUp', { product: 'pot', home: join(shop.folder, 'link') })).code).toBe('home-in-use');
    await mkdir(join(home, 'inside'));
    expect((await shop.fails('setUp', { product: 'pot', home: join(home, 'inside') })).code).toBe('bad-home');
  });

  test('a plan touches nothing, and only what was shown is run', async () => {
    const shop = await makeWorkshop();
    const wish = { product: 'pot', home: shop.home(), port: await freePort() };
    const plan = await shop.engine.api.plan({ action: 'set-up', ...wish });
    expect(await gone(join(shop.folder, 'homes'))).toBe(true);
    expect((await shop.fails('setUp', { ...wish, digest: 'something else' })).code).toBe('plan-changed');
    expect(await gone(join(shop.folder, 'homes'))).toBe(true);
    const { steps } = (await shop.does('setUp', { ...wish, digest: plan.digest })).receipt ?? { steps: [] };
    expect(steps.map((step) => step.id)).toEqual(plan.steps.map((step) => step.id));
  });
});

describe('data of an earlier install', () => {
  test('is kept by an uninstall and picked up, with its login and its port', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const kept = (path: string) => path.startsWith('.moult') || path.startsWith('logs') || /^data\/.*-(wal|shm)$/.test(path);
    await shop.does('stop', {});
    const before = await treeState(home, kept);
    await shop.does('uninstall', {});
    expect(await treeState(home, kept)).toEqual(before);
    expect((await shop.engine.api.status({ offline: true })).service.state).toBe('stopped');
    expect((await shop.fails('start', {})).code).toBe('not-an-install');
    await shop.does('setUp', { product: 'pot', home, release: '1.0.0' });
    expect(await treeState(home, kept)).toEqual(before);
    expect((await shop.engine.api.installs({})).map((one) => one.install)).toEqual(['pot']);
  });

  test('is as it was when a release fails on it, to the byte, and waits for the next try', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await shop.does('uninstall', {});
    // A copy of a database holds the same and is not the same to the byte: its header counts the changes.
    const kept = (path: string) => path.startsWith('.moult') || path.startsWith('logs') || path === 'data/pot.db';
    const before = await treeState(home, kept);
    const rows = rowsOf(home);
    await shop.offer({ version: '1.0.0' }, { version: '1.2.0', schema: 3, mode: 'spoils' });
    const failure = await shop.fails('setUp', { product: 'pot', home, release: '1.2.0' });
    expect(failure.code).toBe('rolled-back');
    expect(await treeState(home, kept)).toEqual(before);
    expect(rowsOf(home)).toEqual(rows);
    expect((await shop.engine.api.backups({ install: 'pot' }))[0]).toMatchObject({ reason: 'before-upgrade', release: null });
    await shop.does('setUp', { product: 'pot', home, release: '1.0.0' });
    expect((await shop.engine.api.status({ offline: true })).schema).toEqual({ version: '1', known: '1' });
    expect(await readFile(join(home, 'notes/first.md'), 'utf8')).toBe('# First\n');
  });

  test('of a newer schema is refused with both versions', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await shop.does('upgrade', { to: '1.1.0' });
    await shop.does('uninstall', {});
    const failure = await shop.fails('setUp', { product: 'pot', home, release: '1.0.0' });
    expect(failure.code).toBe('schema-ahead');
    expect(failure.message).toMatch(/version 2 .*1\.0\.0 only knows up to 1/);
  });

  test('is taken up under another name', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await shop.does('uninstall', { purge: true });
    await shop.does('setUp', { product: 'pot', home, name: 'kettle', release: '1.0.0' });
    expect((await shop.engine.api.installs({})).map((one) => one.install)).toEqual(['kettle']);
  });
});

test('two set-ups that want one name at the same time: one has it, the other is as if it had never been', async () => {
  const shop = await makeWorkshop();
  const begin = async (name: string) =>
    shop.engine.api.setUp({ product: 'pot', home: shop.home(name), name: 'pot', port: await freePort(), release: '1.0.0' });
  const begun = await Promise.all([begin('a'), begin('b')]);
  const ends = await Promise.all(begun.map(async ({ operation }) => shop.engine.wait(operation)));
  expect(ends.filter((end) => end.ok)).toHaveLength(1);
  const winner = ends[0]?.ok === true ? 'a' : 'b';
  expect(await shop.engine.api.installs({})).toMatchObject([{ install: 'pot', home: shop.home(winner) }]);
  expect(await gone(shop.home(winner === 'a' ? 'b' : 'a'))).toBe(true);
  expect((await shop.engine.api.status({ offline: true })).health).toBe('healthy');
});

test('what a kill left of a set-up that never came to begin is no obstacle', async () => {
  const shop = await makeWorkshop();
  const home = await shop.setUp();
  await rm(join(home, '.moult/journal'), { recursive: true, force: true });
  await write(home, { '.moult/journal/dead.jsonl': '{"type":"beg' });
  expect((await shop.engine.api.status({ offline: true })).interrupted).toBeNull();
  await shop.does('restart', {});
  expect(await gone(join(home, '.moult/journal'))).toBe(true);
});
