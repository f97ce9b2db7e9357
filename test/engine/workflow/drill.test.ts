/** Drills: what a backup is worth is seen on a copy, and nothing but the copy knows of it. */
import { lstat, mkdir, readFile, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readManifest } from '../../../electron/engine/backup/read-backup.ts';
import { compareRows } from '../../../electron/engine/workflow/steps/drill-steps.ts';
import { freePort } from '../../support/sprig.ts';
import { treeState } from '../../support/tree-state.ts';
import { makeWorkshop, write, type Workshop } from './workshop.ts';

const there = async (path: string) => (await lstat(path).catch(() => null)) !== null;
const drills = (shop: Workshop) => readdir(join(shop.moultHome, 'drills')).catch(() => []);
const newest = async (shop: Workshop) => (await shop.engine.api.backups({}))[0];

/** Takes the slot away, so that the release has to come from the feed. */
async function withoutSlot(home: string): Promise<void> {
  await rm(join(home, '.moult/slots/1.0.0.json'));
}

describe('a drill', () => {
  test('proves a backup on a copy of the slot, while the install goes on untouched', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const made = await shop.does('backUp', {});
    const manifest = await readManifest(made.backup?.path ?? '');
    expect(manifest.rows).toEqual({ data: { migrations: 1 } });
    await write(home, { 'notes/later.md': 'written after the backup' });
    const [before, running] = [await treeState(home), await shop.engine.api.status({ offline: true })];

    const { drill, endState } = await shop.does('drill', {});
    expect(drill).toMatchObject({
      backup: made.backup?.id,
      release: '1.0.0',
      code: 'slot',
      verdict: 'proven',
      files: manifest.counts.files,
      schema: { expected: '1', found: '1' },
      rows: { tables: 1, rows: 1 },
    });
    expect(endState).toBe('done');
    expect(await newest(shop)).toMatchObject({ verdict: 'proven', problem: null, provenAt: expect.any(String) as string });
    expect(await treeState(home)).toEqual(before);
    expect((await shop.engine.api.status({ offline: true })).service).toEqual(running.service);
    expect(await drills(shop)).toEqual([]);
    expect((await shop.engine.api.history({ limit: 1 }))[0]).toMatchObject({ action: 'drill', outcome: 'done', install: 'pot' });
  });

  test('takes the release from the feed where no whole slot is there, and needs no install at all', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const { backup } = await shop.does('backUp', {});
    await withoutSlot(home);
    expect((await shop.does('drill', {})).drill).toMatchObject({ code: 'feed', verdict: 'proven' });
    await write(home, { '.moult/slots/1.0.0/serve.mjs': 'throw new Error("altered")' });
    expect((await shop.does('drill', {})).drill).toMatchObject({ code: 'feed', verdict: 'proven' });
    await shop.does('uninstall', { purge: true });
    const file = join(shop.folder, 'copy.tar.zst');
    await rename(backup?.path ?? '', file);
    expect((await shop.does('drill', { backup: file })).drill).toMatchObject({ code: 'feed', verdict: 'proven', path: file });
    expect(await drills(shop)).toEqual([]);
  });

  test('cannot reach the live install: not by settings, not by paths, not by links', async () => {
    const shop = await makeWorkshop();
    const home = shop.home();
    const [notes, port] = [join(shop.folder, 'elsewhere/my notes'), await freePort()];
    await mkdir(notes, { recursive: true });
    await shop.does('setUp', { product: 'pot', home, release: '1.0.0', port });
    await shop.does('stop', {});
    const config = join(home, 'config.yaml');
    // A comment stays, a path inside the home is written out in full, the notes are elsewhere.
    await writeFile(config, `# mine\nport: ${port}\nnotes: ${notes}\nsecret: s\nlist: [${home}/data/x, other]\n`);
    await write(notes, { 'first.md': 'mine' });
    await symlink(join(home, 'data'), join(notes, 'to-data'));
    await symlink(shop.folder, join(notes, 'to-all'));
    await shop.does('start', {});
    await shop.does('backUp', {});
    // The very same release now writes into the notes, the configuration and the datastore that it is given.
    await shop.does('stop', {});
    await withoutSlot(home);
    await shop.offer({ version: '1.0.0', mode: 'spoils' });
    const before = [await treeState(home), await treeState(notes)];
    const failure = await shop.fails('drill', {});
    expect(failure.message).toMatch(/it was spoilt/);
    expect([await treeState(home), await treeState(notes)]).toEqual(before);
    expect(await newest(shop)).toMatchObject({ verdict: 'bad', problem: expect.stringMatching(/^A drill failed: .*spoilt/) as string });
    expect(await drills(shop)).toEqual([]);
  });

  test('keeps everything else of a configuration as it is written', async () => {
    const shop = await makeWorkshop();
    await shop.setUp();
    const { moveConfig } = await import('../../../electron/engine/install/move-config.ts');
    const edit = {
      set: new Map<string, string | number>([
        ['port', 1],
        ['a.b', 'x'],
      ]),
      paths: [['/home/ann/.pot', '/tmp/d/.pot']] as const,
    };
    expect(moveConfig('# mine\nport: 80 # web\nplace: /home/ann/.pot/x\nmore: /home/ann/.pots\n', 'yaml', edit, 'c')).toBe(
      '# mine\nport: 1 # web\nplace: /tmp/d/.pot/x\nmore: /home/ann/.pots\na:\n  b: x\n',
    );
    expect(JSON.parse(moveConfig('{"port": 80, "in": [{"p": "/home/ann/.pot"}]}', 'json', edit, 'c'))).toEqual({
      port: 1,
      in: [{ p: '/tmp/d/.pot' }],
      a: { b: 'x' },
    });
    expect(moveConfig('export port=80\nplace=/home/ann/.pot/x\n', 'env', { ...edit, set: new Map([['port', 1]]) }, 'c')).toBe(
      'port="1"\nplace=/tmp/d/.pot/x\n',
    );
    expect(moveConfig('[a]\nb = 2\n', 'ini', { ...edit, set: new Map([['a.b', 3]]) }, 'c')).toBe('[a]\nb = 3\n');
    expect(moveConfig("x = '/home/ann/.pot';", 'text', { ...edit, set: new Map() }, 'c')).toBe("x = '/tmp/d/.pot';");
    expect(() => moveConfig('x', 'text', edit, 'c')).toThrow(/cannot be set/);
  });

  test('finds a damaged file, a product that is not healthy on it, and says which it was', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const { backup } = await shop.does('backUp', {});
    await write(home, { 'make-ill': '' });
    await shop.does('drill', {});
    await withoutSlot(home);
    await shop.offer({ version: '1.0.0', mode: 'ill' });
    expect(await shop.fails('drill', {})).toMatchObject({ code: 'health-failed' });
    expect(await newest(shop)).toMatchObject({ verdict: 'bad', problem: expect.stringMatching(/drill failed.*not healthy/) as string });

    const path = backup?.path ?? '';
    const bytes = await readFile(path);
    bytes[Math.floor(bytes.length / 2)] = (bytes[Math.floor(bytes.length / 2)] ?? 0) ^ 255;
    await writeFile(path, bytes);
    expect(await shop.fails('drill', {})).toMatchObject({ code: 'bad-backup' });
    await rm(path);
    expect(await shop.fails('drill', {})).toMatchObject({ code: 'unknown-backup' });
    expect(await drills(shop)).toEqual([]);
  });

  test('that could not be made leaves the verdict as it was', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await shop.does('backUp', {});
    await shop.does('drill', {});
    await withoutSlot(home);
    await rename(shop.feed, `${shop.feed}.away`);
    expect((await shop.fails('drill', {})).code).toMatch(/feed/);
    expect(await newest(shop)).toMatchObject({ verdict: 'proven' });
    await rename(`${shop.feed}.away`, shop.feed);
    process.env['MOULT_TEST_FAILPOINT'] = 'try:after:throw';
    expect(await shop.fails('drill', {})).toMatchObject({ code: 'io' });
    expect(await newest(shop)).toMatchObject({ verdict: 'proven' });
    expect(await drills(shop)).toEqual([]);
    expect(await there(home)).toBe(true);
  });
});

test('rows that are missing, too many or in no table are told', () => {
  expect(compareRows({ notes: 2, tags: 1 }, { notes: 2, tags: 1 })).toEqual({ tables: 2, rows: 3 });
  expect(() => compareRows({ notes: 2 }, { notes: 1 })).toThrow('notes has 1 rows instead of 2');
  expect(() => compareRows({ notes: 2 }, {})).toThrow('notes has no rows instead of 2');
  expect(() => compareRows({}, { notes: 2 })).toThrow('notes has 2 rows instead of none');
});
