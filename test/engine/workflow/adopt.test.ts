import { lstat, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildFeed } from '../../../resources/sample/build.ts';
import { askSprig, freePort, initSprig, signIn, startSprig, unpackRelease } from '../../support/sprig.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { treeState } from '../../support/tree-state.ts';
import { descriptorWithFeed } from '../../support/zoo.ts';
import { makeWorkshop, rowsOf, write, type Workshop } from './workshop.ts';

const gone = async (path: string) => (await lstat(path).catch(() => null)) === null;
const own = (path: string) => path === '.moult' || path === 'logs';

/** A Pot that somebody unpacked by hand into `<home>/app`, with its data. */
async function byHand(shop: Workshop): Promise<string> {
  const home = await shop.setUp();
  await shop.does('stop', {});
  const { rename } = await import('node:fs/promises');
  await rename(join(home, '.moult/slots/1.0.0'), join(home, 'app'));
  await rm(join(home, '.moult'), { recursive: true });
  await rm(shop.moultHome, { recursive: true });
  await shop.reopen();
  await shop.engine.api.addProducts({ from: join(shop.folder, 'products') });
  return home;
}

describe('Sprig, unpacked by hand', () => {
  test('is adopted while it runs and nothing of it is touched; then it is upgraded, and rolled back to the code of before', async () => {
    const folder = await temporaryFolder('adopt');
    const feed = await buildFeed(folder);
    const shop = await makeWorkshop();
    const text = (await descriptorWithFeed(feed)).replace(/^ {2}settle: .*$/m, '  settle: 300ms');
    await writeFile(join(shop.folder, 'products/sprig.yaml'), text);
    await shop.engine.api.addProducts({ from: join(shop.folder, 'products') });
    const home = shop.home('sprig');
    const { rename, mkdir } = await import('node:fs/promises');
    await mkdir(home, { recursive: true });
    await rename(await unpackRelease(feed, '1.0.0', folder), join(home, 'app'));
    const port = await freePort();
    const password = await initSprig(join(home, 'app'), home, port);
    const server = await startSprig(join(home, 'app'), home, port);
    const token = await signIn(port, password);
    await askSprig(port, '/api/notes/Garden', { token, method: 'PUT', body: { text: '# Garden', tags: ['green'] } });
    const before = await treeState(home);
    expect(await shop.engine.api.discover({ product: 'sprig', home })).toMatchObject([
      { product: 'sprig', home, release: '1.0.0', evidence: expect.stringContaining('files are those of 1.0.0') as string },
    ]);
    expect((await shop.fails('setUp', { product: 'sprig', home })).remedy?.command).toContain('moult adopt');
    await shop.does('adopt', { product: 'sprig', home });
    expect(await treeState(home, (path) => path === '.moult')).toEqual(before);
    expect(await shop.engine.api.status({ offline: true })).toMatchObject({
      release: '1.0.0',
      service: { state: 'foreign' },
      schema: { version: '2' },
    });
    // What Moult did not start it does not stop either: it says so and waits.
    expect((await shop.fails('upgrade', { to: '1.1.0' })).code).toBe('port-in-use');
    await server.stop();
    const { receipt } = await shop.does('upgrade', { to: '1.1.0' });
    expect(receipt?.items.find((item) => item.item === 'workspace')).toMatchObject({ unchanged: true });
    await shop.does('start', {});
    expect((await askSprig(port, '/api/notes/Garden', { token })).status).toBe(200);
    const { endState } = await shop.does('rollBack', {});
    expect(endState).toBe('old-and-healthy');
    expect(await shop.engine.api.status({ offline: true })).toMatchObject({
      release: '1.0.0',
      health: 'healthy',
      schema: { version: '2' },
    });
    expect((await askSprig(port, '/api/notes/Garden', { token })).status).toBe(200);
    expect(await treeState(join(home, 'app'))).toEqual(
      Object.fromEntries(
        Object.entries(before)
          .filter(([path]) => path.startsWith('app'))
          .map(([path, line]) => [path === 'app' ? '.' : path.slice(4), line]),
      ),
    );
  }, 60_000);
});

describe('an adopted install', () => {
  test('keeps its code when it is upgraded, and gives it away when it is uninstalled, until that is undone', async () => {
    const shop = await makeWorkshop();
    const home = await byHand(shop);
    const before = await treeState(home, own);
    await shop.does('adopt', { product: 'pot', home });
    await shop.does('start', {});
    await shop.does('upgrade', { to: '1.1.0' });
    expect(await gone(join(home, 'app'))).toBe(false);
    await shop.does('rollBack', {});
    const plan = await shop.engine.api.plan({ action: 'uninstall' });
    expect(plan.items.find((item) => item.item === 'program')).toMatchObject({ fate: 'remove' });
    await shop.does('uninstall', {});
    expect(await gone(join(home, 'app'))).toBe(true);
    await shop.does('undo', {});
    expect(await shop.engine.api.status({ offline: true })).toMatchObject({ release: '1.0.0', health: 'healthy' });
    await shop.does('stop', {});
    const after = await treeState(home, own);
    delete after['data/pot.db'];
    delete before['data/pot.db'];
    expect(after).toEqual(before);
  });

  test('that is none is refused and nothing is left behind', async () => {
    const shop = await makeWorkshop();
    const home = shop.home();
    await write(home, { 'something.txt': 'else' });
    const before = await treeState(home);
    expect((await shop.fails('adopt', { product: 'pot', home })).code).toBe('not-an-install');
    expect((await shop.fails('adopt', { product: 'pot', home: shop.home('nowhere') })).code).toBe('bad-home');
    await write(home, { 'config.yaml': 'port: 1\n' });
    const failure = await shop.fails('adopt', { product: 'pot', home });
    expect(failure).toMatchObject({ code: 'not-an-install', remedy: { action: 'set-up' } });
    await rm(join(home, 'config.yaml'));
    expect(await treeState(home)).toEqual(before);
  });
});

describe('a registry that was lost', () => {
  async function lose(shop: Workshop): Promise<void> {
    await shop.engine.close();
    for (const name of await readdir(shop.moultHome)) if (name.startsWith('moult.db')) await rm(join(shop.moultHome, name));
    await shop.reopen();
    await shop.engine.api.addProducts({ from: join(shop.folder, 'products') });
  }

  test('loses no install and no backup: both are taken up again, and the product goes on running', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp({ name: 'kettle' });
    const { backup } = await shop.does('backUp', {});
    await shop.does('upgrade', {});
    const { pid } = (await shop.engine.api.status({ offline: true })).service;
    const files = await treeState(home, own);
    await lose(shop);
    expect(await shop.engine.api.installs({})).toEqual([]);
    expect((await shop.fails('setUp', { product: 'pot', home })).remedy?.command).toContain('moult adopt pot');
    await shop.does('adopt', { product: 'pot', home });
    expect(await treeState(home, own)).toEqual(files);
    expect(await shop.engine.api.installs({})).toMatchObject([{ install: 'kettle', release: '1.1.0', home }]);
    expect((await shop.engine.api.status({ offline: true })).service).toMatchObject({ state: 'running', pid });
    const backups = await shop.engine.api.backups({});
    expect(backups.map((one) => [one.id, one.reason])).toContainEqual([backup?.id, 'asked']);
    expect(backups).toHaveLength(2);
    await shop.does('rollBack', {});
    expect(rowsOf(home)?.schema).toBe(1);
  });

  test('does not lose what can be undone', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await shop.does('uninstall', { purge: true });
    expect(await gone(join(home, 'notes'))).toBe(true);
    await lose(shop);
    await shop.does('setUp', { product: 'pot', home, release: '1.0.0' });
    await shop.does('undo', {});
    expect(await gone(join(home, 'notes/first.md'))).toBe(false);
    expect((await shop.fails('undo', {})).code).toBe('nothing-to-undo');
  });

  test('does not lose what was interrupted', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    process.env['MOULT_TEST_FAILPOINT'] = 'stop:before-undo:throw';
    await shop.offer({ version: '1.0.0' }, { version: '1.2.0', mode: 'dies' });
    expect((await shop.fails('upgrade', {})).code).toBe('undo-failed');
    delete process.env['MOULT_TEST_FAILPOINT'];
    await lose(shop);
    const failure = await shop.fails('adopt', { product: 'pot', home });
    expect(failure).toMatchObject({ code: 'interrupted', remedy: { command: `moult recover ${home}` } });
    const { endState } = await shop.does('recover', { install: home });
    expect(endState).toBe('old-and-healthy');
    await shop.does('adopt', { product: 'pot', home });
    expect(await shop.engine.api.status({ offline: true })).toMatchObject({ release: '1.0.0', health: 'healthy', interrupted: null });
  });

  test('does not let a name be taken twice', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await lose(shop);
    await shop.does('setUp', { product: 'pot', home: shop.home('other'), release: '1.0.0', port: await freePort() });
    await shop.does('adopt', { product: 'pot', home });
    expect((await shop.engine.api.installs({})).map((one) => [one.install, one.home])).toEqual([
      ['pot', shop.home('other')],
      ['pot-2', home],
    ]);
    expect((await shop.engine.api.status({ install: 'pot-2', offline: true })).health).toBe('healthy');
  });
});
