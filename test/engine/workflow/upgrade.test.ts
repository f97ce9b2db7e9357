import { chmod, lstat, mkdir, readFile, readdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Receipt } from '../../../electron/api/models.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { treeState, type TreeState } from '../../support/tree-state.ts';
import { makeWorkshop, rowsOf, write, type Workshop } from './workshop.ts';

/** Everything of the person's: not Moult's own folder, not logs, and the datastore by its rows. */
async function persons(home: string): Promise<{ tree: TreeState; rows: ReturnType<typeof rowsOf> }> {
  const tree = await treeState(home, (path) => path.startsWith('.moult') || path === 'logs' || path.startsWith('data/pot.db'));
  return { tree, rows: rowsOf(home) };
}

const gone = async (path: string) => (await lstat(path).catch(() => null)) === null;
const status = async (shop: Workshop) => shop.engine.api.status({ offline: true });
const leftovers = async (home: string) =>
  (await readdir(join(home, '.moult'))).filter(
    (name) => !['install.json', 'current', 'slots', 'service.json', 'trash', 'lock'].includes(name),
  );

describe('an upgrade', () => {
  test('keeps what is to be kept, to the byte, and its receipt says so truthfully', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await write(home, {
      'notes/.cache/x': 'cached',
      'notes/drafts/d.md': 'draft',
      'notes/build/out': 'built',
      'todo.txt': 'nobody knows me',
    });
    const before = await persons(home);
    const { receipt, endState } = await shop.does('upgrade', {});
    expect(endState).toBe('new-and-healthy');
    const after = await persons(home);
    expect(after.tree).toEqual(before.tree);
    expect(after.rows).toMatchObject({ schema: 2, migrations: ['1 1.0.0', '2 1.1.0'] });
    const item = (id: string) => (receipt as Receipt).items.find((entry) => entry.item === id);
    for (const id of ['notes', 'drafts', 'secret', 'config']) {
      expect(item(id), id).toMatchObject({ fate: 'preserve', unchanged: true, before: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    }
    expect(item('data')).toMatchObject({ fate: 'migrate', unchanged: false });
    expect(item('program')).toMatchObject({ before: '1.0.0', after: '1.1.0' });
    expect(await leftovers(home)).toEqual([]);
  });

  test('that changes a preserved item is told so by its receipt', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await shop.offer({ version: '1.0.0' }, { version: '1.2.0', schema: 2 });
    const wait = shop.engine.api.upgrade({});
    const { operation } = await wait;
    shop.engine.subscribe((event) => {
      if (event.event === 'step' && event.id === 'prove' && event.state === 'running')
        void writeFile(join(home, 'notes/first.md'), 'changed behind its back');
    });
    const end = await shop.engine.wait(operation);
    const receipt = end.ok ? end.result.receipt : null;
    const notes = receipt?.items.find((entry) => entry.item === 'notes');
    expect(notes?.before).not.toBe(notes?.after);
    expect(notes?.unchanged).toBe(false);
    expect(shop.events).toContainEqual(
      expect.objectContaining({ event: 'note', level: 'warning', text: expect.stringContaining('Notes') as string }),
    );
  });

  test.each(['dies', 'spoils', 'ill', 'lies'] as const)(
    'to a release that %s ends old and healthy, code and data, and is not offered again',
    async (mode) => {
      const shop = await makeWorkshop();
      await shop.describe((text) => text.replace('within: 4s', 'within: 1500ms'));
      const home = await shop.setUp();
      await write(home, { 'notes/.cache/x': 'cached', 'notes/drafts/d.md': 'draft', 'notes/build/out': 'built' });
      const before = await persons(home);
      await shop.offer({ version: '1.0.0' }, { version: '1.2.0', schema: 2, mode });
      const failure = await shop.fails('upgrade', {});
      expect(failure).toMatchObject({ code: 'rolled-back', details: { endState: 'old-and-healthy' } });
      expect(await persons(home)).toEqual(before);
      expect(await status(shop)).toMatchObject({ release: '1.0.0', health: 'healthy', schema: { version: '1', known: '1' } });
      expect(await leftovers(home)).toEqual([]);
      const { update } = await shop.engine.api.status({});
      expect(update).toMatchObject({ latest: null, quarantined: [{ release: '1.2.0' }] });
      expect((await shop.fails('upgrade', {})).code).toBe('nothing-to-do');
      if (mode !== 'dies') return;
      // Whoever takes away the cause and names it may try again; when it works it is acquitted.
      await shop.offer({ version: '1.0.0' }, { version: '1.2.0', schema: 2 }, { version: '1.3.0', schema: 2 });
      expect((await shop.engine.api.status({})).update.latest).toBe('1.3.0');
      await shop.does('upgrade', { to: '1.2.0' });
      expect((await shop.engine.api.status({})).update.quarantined).toEqual([]);
    },
  );

  test('of a product that does not run leaves it stopped, whether it works or not', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await shop.does('stop', {});
    await shop.offer({ version: '1.0.0' }, { version: '1.2.0', schema: 2, mode: 'dies' });
    const before = await persons(home);
    expect(await shop.fails('upgrade', {})).toMatchObject({ code: 'rolled-back', details: { endState: 'old-and-stopped' } });
    expect(await persons(home)).toEqual(before);
    expect((await status(shop)).service.state).toBe('stopped');
    await shop.offer({ version: '1.0.0' }, { version: '1.3.0', schema: 2 });
    await shop.does('upgrade', {});
    expect(await status(shop)).toMatchObject({ release: '1.3.0', service: { state: 'stopped' }, schema: { version: '2' } });
  });

  test('whose download came damaged is offered again, and fetched anew', async () => {
    const shop = await makeWorkshop();
    await shop.setUp();
    await writeFile(join(shop.feed, 'pot-1.1.0.tar.gz'), 'what a disk or a network made of it');
    expect((await shop.fails('upgrade', {})).code).toBe('wrong-checksum');
    expect((await shop.engine.api.status({})).update).toMatchObject({ latest: '1.1.0', quarantined: [] });
    await shop.offer({ version: '1.0.0' }, { version: '1.1.0', schema: 2 });
    await shop.does('upgrade', {});
    expect(await status(shop)).toMatchObject({ release: '1.1.0', health: 'healthy' });
  });

  test('over a release that was packed badly blames that one, not the target', async () => {
    const shop = await makeWorkshop();
    await shop.setUp();
    await shop.offer({ version: '1.0.0' }, { version: '1.1.0', packedBadly: true }, { version: '1.2.0', needs: '>=1.1.0' });
    const failure = await shop.fails('upgrade', { to: '1.2.0' });
    expect(failure).toMatchObject({ code: 'bad-archive', details: { release: '1.1.0' } });
    expect((await shop.engine.api.status({})).update.quarantined).toMatchObject([{ release: '1.1.0' }]);
  });

  test('to the same release, put in place again and failing, leaves the altered one as it was', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await writeFile(join(home, '.moult/slots/1.0.0/patched.txt'), 'mine');
    await writeFile(
      join(home, '.moult/slots/1.0.0/release.json'),
      JSON.stringify({ version: '1.0.0', schema: 1, mode: 'well', mine: true }),
    );
    for (const step of ['stage', 'guard', 'prove']) {
      process.env['MOULT_TEST_FAILPOINT'] = `${step}:after:throw`;
      expect((await shop.fails('upgrade', { to: '1.0.0' })).code, step).toBe('rolled-back');
      delete process.env['MOULT_TEST_FAILPOINT'];
      expect(await readFile(join(home, '.moult/slots/1.0.0/patched.txt'), 'utf8')).toBe('mine');
      expect(await status(shop)).toMatchObject({ release: '1.0.0', health: 'healthy' });
      expect(await leftovers(home)).toEqual([]);
    }
  });

  test('is cancelled whole before its commit, also while it stops or starts the product', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const before = await persons(home);
    for (const at of ['back-up', 'stop', 'seal', 'migrate']) {
      const { operation } = await shop.engine.api.upgrade({});
      const end = shop.engine.subscribe((event) => {
        if (event.event === 'step' && event.id === at && event.state === 'running') shop.engine.cancel(operation);
      });
      const result = await shop.engine.wait(operation);
      end();
      expect(result, at).toMatchObject({ ok: false, error: { code: 'cancelled' } });
      expect(await persons(home), at).toEqual(before);
      expect(await status(shop), at).toMatchObject({ release: '1.0.0', health: 'healthy' });
    }
    expect((await shop.engine.api.status({})).update.quarantined).toEqual([]);
  });

  test('cannot be cancelled after its commit', async () => {
    const shop = await makeWorkshop();
    await shop.setUp();
    const { operation } = await shop.engine.api.upgrade({});
    let answer: { possible: boolean } | null = null;
    shop.engine.subscribe((event) => {
      if (event.event === 'step' && event.id === 'tidy' && event.state === 'running') answer = shop.engine.cancel(operation);
    });
    expect((await shop.engine.wait(operation)).ok).toBe(true);
    expect(answer).toMatchObject({ possible: false });
  });

  test('plans without a trace: not a byte, not a time', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const times = async () => {
      const state = await treeState(home);
      const entries = await Promise.all(Object.keys(state).map(async (path) => [path, (await lstat(join(home, path))).mtimeMs] as const));
      return { state, times: Object.fromEntries(entries) };
    };
    for (const isRunning of [true, false]) {
      if (!isRunning) await shop.does('stop', {});
      const before = await times();
      for (const action of ['upgrade', 'back-up', 'uninstall', 'purge', 'fresh-start'] as const) await shop.engine.api.plan({ action });
      await shop.engine.api.status({});
      await shop.engine.api.check({});
      await shop.engine.api.drift({});
      expect(await times()).toEqual(before);
    }
  });

  test('with a digest that no longer fits is refused before anything is touched', async () => {
    const shop = await makeWorkshop();
    await shop.setUp();
    const { digest } = await shop.engine.api.plan({});
    await shop.offer({ version: '1.0.0' }, { version: '1.3.0', schema: 2 });
    expect((await shop.fails('upgrade', { digest })).code).toBe('plan-changed');
    expect((await status(shop)).release).toBe('1.0.0');
  });

  test('is refused where the install was changed since the plan was made', async () => {
    const shop = await makeWorkshop();
    await shop.setUp();
    await shop.offer({ version: '1.0.0' }, { version: '1.1.0', schema: 2 }, { version: '1.2.0', schema: 2 });
    const [one, other] = await Promise.allSettled([shop.engine.api.upgrade({ to: '1.1.0' }), shop.engine.api.upgrade({ to: '1.2.0' })]);
    const begun = [one, other].flatMap((entry) => (entry?.status === 'fulfilled' ? [entry.value.operation] : []));
    expect(begun).toHaveLength(1);
    for (const operation of begun) expect((await shop.engine.wait(operation)).ok).toBe(true);
    const refused = [one, other].flatMap((entry) => (entry?.status === 'rejected' ? [entry.reason as { code: string }] : []));
    expect(['locked', 'plan-changed']).toContain(refused[0]?.code);
  });
});

describe('roll back', () => {
  test('brings back code and data of before, keeps what no backup holds, and can be undone', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await write(home, { 'notes/.cache/x': 'cached', 'notes/drafts/d.md': 'draft', 'notes/build/out': 'built' });
    const before = await persons(home);
    await shop.does('upgrade', {});
    await write(home, { 'notes/later.md': 'later', 'notes/.cache/x': 'newer cache', 'notes/build/out': 'built anew' });
    const later = await persons(home);
    const { endState } = await shop.does('rollBack', {});
    expect(endState).toBe('old-and-healthy');
    const back = await persons(home);
    expect(back.rows).toEqual(before.rows);
    expect(await readFile(join(home, 'notes/.cache/x'), 'utf8')).toBe('newer cache');
    expect(await readFile(join(home, 'notes/build/out'), 'utf8')).toBe('built anew');
    const apart = (tree: TreeState) => Object.fromEntries(Object.entries(tree).filter(([path]) => !/^notes\/(\.cache|build)/.test(path)));
    expect(apart(back.tree)).toEqual(apart(before.tree));
    await shop.does('undo', {});
    expect(await persons(home)).toEqual(later);
    expect(await status(shop)).toMatchObject({ release: '1.1.0', health: 'healthy' });
    expect((await shop.fails('undo', {})).code).toBe('nothing-to-undo');
  });

  test('is refused where nothing was upgraded, and where the backup is gone', async () => {
    const shop = await makeWorkshop();
    await shop.setUp();
    expect((await shop.fails('rollBack', {})).code).toBe('nothing-to-undo');
    await shop.does('upgrade', {});
    const [backup] = await shop.engine.api.backups({});
    await rm(backup?.path ?? '');
    expect((await shop.fails('rollBack', {})).code).toBe('unknown-backup');
    expect((await status(shop)).release).toBe('1.1.0');
  });
});

describe('a workspace outside the home', () => {
  test('goes through backup, upgrade that fails, restore, purge and undo', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const outside = join(await temporaryFolder('outside'), 'my notes');
    await write(outside, { 'a.md': 'A', 'deep/b.md': 'B' });
    await shop.does('stop', {});
    await pointTo(home, outside);
    await shop.does('start', {});
    const before = await treeState(outside);
    const { backup } = await shop.does('backUp', {});
    await shop.offer({ version: '1.0.0' }, { version: '1.2.0', schema: 2, mode: 'spoils' });
    expect((await shop.fails('upgrade', {})).code).toBe('rolled-back');
    expect(await treeState(outside)).toEqual(before);
    await write(outside, { 'a.md': 'written since', 'new.md': 'new' });
    await shop.does('restore', { input: backup?.path ?? '' });
    expect(await treeState(outside)).toEqual(before);
    await shop.does('undo', {});
    expect(await readFile(join(outside, 'a.md'), 'utf8')).toBe('written since');
    expect(await readFile(join(outside, 'new.md'), 'utf8')).toBe('new');
    await shop.does('uninstall', { purge: true });
    expect(await gone(outside)).toBe(true);
    await shop.does('undo', {});
    expect(await readFile(join(outside, 'new.md'), 'utf8')).toBe('new');
    expect(await status(shop)).toMatchObject({ health: 'healthy' });
  });

  test('on another file system is put aside there, comes back, and leaves nothing beside it', async ({ skip }) => {
    const other = '/dev/shm';
    const canUse = await stat(other).then(
      async (one) => one.dev !== (await stat(await temporaryFolder())).dev,
      () => false,
    );
    skip(!canUse, 'there is no second file system');
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const folder = join(other, `moult-test-${process.pid}`);
    await mkdir(folder);
    try {
      const outside = join(folder, 'notes');
      await write(outside, { 'a.md': 'A' });
      await shop.does('stop', {});
      await pointTo(home, outside);
      await shop.does('start', {});
      const { backup } = await shop.does('backUp', {});
      await write(outside, { 'a.md': 'since' });
      await shop.does('restore', { input: backup?.path ?? '' });
      expect(await readFile(join(outside, 'a.md'), 'utf8')).toBe('A');
      await shop.does('undo', {});
      expect(await readFile(join(outside, 'a.md'), 'utf8')).toBe('since');
      await shop.does('uninstall', { purge: true });
      expect(await gone(outside)).toBe(true);
      await shop.does('undo', {});
      expect(await treeState(outside)).toMatchObject({ 'a.md': expect.stringMatching(/^file/) as string });
      // What was undone waits in the trash of the undo; nothing else is left.
      expect((await readdir(folder)).filter((name) => name !== 'notes' && !name.startsWith('.moult-'))).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('that is reached through a link is refused before anything is touched', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const elsewhere = await temporaryFolder('elsewhere');
    await write(elsewhere, { 'precious.md': 'not an item' });
    await rename(join(home, 'notes'), join(home, 'old-notes'));
    await symlink(elsewhere, join(home, 'notes'));
    const before = await treeState(elsewhere);
    for (const failure of [
      await shop.fails('upgrade', {}),
      await shop.fails('uninstall', { purge: true }),
      await shop.fails('freshStart', {}),
      await shop.fails('backUp', {}),
    ]) {
      expect(failure.code).toBe('outside-roots');
    }
    expect(await treeState(elsewhere)).toEqual(before);
    expect(await status(shop)).toMatchObject({ release: '1.0.0', health: 'healthy' });
  });
});

describe('files', () => {
  test.each([0o000, 0o077])('of Moult are private with the umask %s, and those of the person keep their modes', async (umask) => {
    const before = process.umask(umask);
    try {
      const shop = await makeWorkshop();
      const home = await shop.setUp();
      await chmod(join(home, 'notes'), 0o750);
      await chmod(join(home, 'notes/first.md'), 0o640);
      await utimes(join(home, 'notes/first.md'), 1_000_000_000, 1_000_000_000);
      const { backup } = await shop.does('backUp', {});
      await shop.does('upgrade', {});
      await shop.does('restore', { input: backup?.path ?? '' });
      expect((await stat(join(home, 'notes'))).mode & 0o777).toBe(0o750);
      expect((await stat(join(home, 'notes/first.md'))).mode & 0o777).toBe(0o640);
      expect((await stat(join(home, 'notes/first.md'))).mtimeMs).toBe(1_000_000_000_000);
      const open = async (root: string, leaveOut: RegExp) => {
        const entries = Object.entries(await treeState(root)).filter(([path, line]) => !leaveOut.test(path) && !line.startsWith('link'));
        return entries.filter(([, line]) => Number.parseInt(line.split(' ')[1] ?? '', 8) % 0o100 !== 0);
      };
      expect(await open(shop.moultHome, /^$/)).toEqual([]);
      expect(await open(join(home, '.moult'), /^slots\/|^trash\/.*\/.*-\d+|^current/)).toEqual([]);
    } finally {
      process.umask(before);
    }
  });

  test('of Moult never hold a secret: journals, history, events, errors, indexes', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    const secret = /^secret: (.*)$/m.exec(await readFile(join(home, 'config.yaml'), 'utf8'))?.[1] ?? '';
    expect(secret).toMatch(/^s3cr3t-/);
    const journals: string[] = [];
    shop.engine.subscribe((event) => {
      if (event.event !== 'step' || event.state !== 'running') return;
      void readdir(join(home, '.moult/journal')).then(
        async (names) => {
          for (const name of names) journals.push(await readFile(join(home, '.moult/journal', name), 'utf8'));
        },
        () => undefined,
      );
    });
    await shop.offer({ version: '1.0.0' }, { version: '1.1.0', schema: 2 }, { version: '1.2.0', schema: 2, mode: 'dies' });
    await shop.does('upgrade', { to: '1.1.0' });
    const failure = await shop.fails('upgrade', {});
    await shop.does('rollBack', {});
    await shop.does('freshStart', {});
    await shop.engine.close();
    const database = await Promise.all(
      (await readdir(shop.moultHome))
        .filter((name) => name.startsWith('moult.db'))
        .map(async (name) => readFile(join(shop.moultHome, name), 'latin1')),
    );
    await shop.reopen();
    expect(journals.length).toBeGreaterThan(10);
    const own = Object.keys(await treeState(join(home, '.moult'))).filter(
      (path) => /\.(json|jsonl)$/.test(path) && !path.startsWith('slots'),
    );
    const texts = await Promise.all(own.map(async (path) => readFile(join(home, '.moult', path), 'utf8')));
    const told = [
      ...journals,
      ...database,
      ...texts,
      JSON.stringify(failure),
      JSON.stringify(shop.events),
      JSON.stringify(await shop.engine.api.plan({ action: 'purge' })),
    ];
    expect(told.filter((text) => text.includes(secret))).toEqual([]);
  });
});

async function pointTo(home: string, notes: string): Promise<void> {
  const path = join(home, 'config.yaml');
  await writeFile(path, (await readFile(path, 'utf8')).replace(/^notes: .*$/m, `notes: ${notes}`));
}
