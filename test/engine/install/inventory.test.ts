import { chmod, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findStrays, secretsFingerprint, skipForeign, takeInventory } from '../../../electron/engine/install/inventory.ts';
import { inOrder } from '../../../electron/engine/install/in-order.ts';
import { asNobody } from '../../support/as-nobody.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { descriptorWith, itemsAt, itemText, named, writeFiles } from './make-install.ts';

const product = () =>
  descriptorWith(
    [
      itemText('data', '{ path: data }', 'exclude: [cache, "**/*.tmp"]'),
      itemText('db', '{ path: data/app.db }', '', 'migrate keep remove'),
      itemText('flows', '{ glob: "*.json" }'),
      itemText('login', '{ keys: { config: main, keys: [admin.name, admin.hash] } }'),
    ].join('\n'),
    { datastores: '[{ driver: sqlite, item: db }]' },
  );

const files = {
  'data/a.txt': 'aaaa',
  'data/deep/b.txt': 'bb',
  'data/deep/c.tmp': 'ttt',
  'data/cache/x': '1',
  'data/app.db': 'dbdbdb',
  'data/app.db-wal': 'w',
  'jotter.json': '{"admin":{"name":"anna","hash":"h"}}',
};

async function inventoryOf(home: string, id: string, options: { key?: string } = {}) {
  const items = await itemsAt(home, await product());
  const found = (await takeInventory(items, { hash: true, ...options })).find((one) => one.item === id);
  if (!found) throw new Error(id);
  return found;
}

describe('an inventory', () => {
  it('counts each file for one item', async () => {
    const home = await temporaryFolder();
    await writeFiles(home, files);
    const taken = await takeInventory(await itemsAt(home, await product()), { hash: false });
    expect(taken.map(({ item, files: count, bytes, hash }) => [item, count, bytes, hash])).toEqual([
      ['data', 4, 10, null],
      ['db', 1, 6, null],
      ['flows', 1, 36, null],
      ['login', 0, 0, null],
    ]);
    expect(taken[0]?.list.map((file) => file.path)).toEqual(
      ['a.txt', 'cache/x', 'deep/b.txt', 'deep/c.tmp'].map((name) => join(home, 'data', name)),
    );
  });

  it('fingerprints names, kinds, modes and contents, and neither times nor places', async () => {
    const root = await temporaryFolder();
    const home = join(root, 'one');
    await writeFiles(home, files);
    const before = await inventoryOf(home, 'data');
    await utimes(join(home, 'data', 'a.txt'), 1, 1);
    expect((await inventoryOf(home, 'data')).hash).toBe(before.hash);
    await rename(home, join(root, 'two'));
    expect((await inventoryOf(join(root, 'two'), 'data')).hash).toBe(before.hash);
    const a = join(root, 'two', 'data', 'a.txt');
    const seen = new Set([before.hash]);
    const changes = [
      () => writeFile(a, 'aaab'),
      () => chmod(a, 0o600),
      () => rename(a, join(root, 'two', 'data', 'z.txt')),
      () => symlink('z.txt', a),
      () => rm(a).then(() => symlink('y.txt', a)),
      () => writeFiles(root, { 'two/data/new/': '' }).catch(() => undefined),
    ];
    for (const change of changes.slice(0, 5)) {
      await change();
      const { hash } = await inventoryOf(join(root, 'two'), 'data');
      expect(seen).not.toContain(hash);
      seen.add(hash);
    }
  });

  it('does not fingerprint what is excluded or belongs to others', async () => {
    const home = await temporaryFolder();
    await writeFiles(home, files);
    const before = await inventoryOf(home, 'data');
    await writeFiles(home, {
      'data/deep/c.tmp': 'other',
      'data/cache/x': 'other',
      'data/cache/y': 'new',
      'data/app.db': 'other',
      'data/app.db-wal': 'other',
      'data/app.db-shm': 'new',
    });
    const after = await inventoryOf(home, 'data');
    expect(after.hash).toBe(before.hash);
    expect(after.files).toBe(before.files + 1);
    await rm(join(home, 'data'), { recursive: true });
    expect(await inventoryOf(home, 'data')).toEqual({ item: 'data', files: 0, bytes: 0, hash: null, list: [] });
  });

  it('fingerprints values of keys, keyed, whatever else is in the file', async () => {
    const home = await temporaryFolder();
    await writeFiles(home, files);
    const { hash } = await inventoryOf(home, 'login', { key: 'k' });
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect((await inventoryOf(home, 'login', { key: 'other' })).hash).not.toBe(hash);
    await writeFiles(home, { 'jotter.json': '{"port": 80,\n"admin":{"hash":"h",  "name":"anna"}}' });
    expect((await inventoryOf(home, 'login', { key: 'k' })).hash).toBe(hash);
    await writeFiles(home, { 'jotter.json': '{"admin":{"hash":"h","name":"anne"}}' });
    expect((await inventoryOf(home, 'login', { key: 'k' })).hash).not.toBe(hash);
    await writeFiles(home, { 'jotter.json': '{}' });
    expect((await inventoryOf(home, 'login', { key: 'k' })).hash).toBeNull();
  });

  it('lists 10,000 files and counts all, tells its progress and can be stopped', async () => {
    const home = await temporaryFolder();
    await writeFiles(home, { 'data/f0': '' });
    await Promise.all(Array.from({ length: 10_100 }, (_, index) => writeFile(join(home, 'data', `f${index}`), 'x')));
    const items = await itemsAt(home, await product());
    const seen: number[] = [];
    const [data] = await takeInventory(items, {
      hash: false,
      onProgress: (progress) => progress.item === 'data' && seen.push(progress.files),
    });
    expect([data?.files, data?.bytes, data?.list.length]).toEqual([10_100, 10_100, 10_000]);
    expect(seen.at(-1)).toBe(10_100);
    expect(seen).toEqual([...seen].sort((one, other) => one - other));
    const stopper = new AbortController();
    const stopped = takeInventory(items, { hash: true, signal: stopper.signal, onProgress: () => stopper.abort(new Error('enough')) });
    await expect(stopped).rejects.toThrow('enough');
    const strays = await findStrays(home, [], []);
    expect([strays.files, strays.list.length]).toEqual([10_100, 10_000]);
  });

  it('tells which file it may not read', async () => {
    const home = await temporaryFolder();
    await writeFiles(home, files);
    await chmod(join(home, 'data', 'a.txt'), 0o000);
    await chmod(home, 0o755);
    const items = await itemsAt(home, await product());
    await asNobody(() => expect(takeInventory([named(items, 'data')], { hash: true })).rejects.toMatchObject({ code: 'io' }));
  });
});

describe('strays', () => {
  it('are what belongs to no item, to no known place and not to Moult', async () => {
    const home = await temporaryFolder();
    await writeFiles(home, {
      ...files,
      '.moult/install.json': '{}',
      'thesis.txt': 'mine!',
      'log/service.log': 'l',
      'other/deep/x': 'x',
      'first.txt': 'p',
      '.hidden': '',
    });
    await symlink('/etc', join(home, 'link'));
    const strays = await findStrays(home, await itemsAt(home, await product()), ['log/service.log', join(home, 'first.txt')]);
    expect(strays.list.map((file) => file.path)).toEqual(['.hidden', 'link', 'other/deep/x', 'thesis.txt'].map((name) => join(home, name)));
    expect([strays.files, strays.bytes]).toEqual([4, 6]);
  });
});

describe('the skip of a walk', () => {
  it('leaves out other items, their companions and what is excluded', async () => {
    const home = await temporaryFolder();
    await writeFiles(home, files);
    const items = await itemsAt(home, await product());
    const skip = skipForeign(join(home, 'data'), named(items, 'data'), items);
    expect(['app.db', 'app.db-wal', 'app.db-journal', 'cache', 'cache/x', 'deep/c.tmp'].filter((name) => !skip(name))).toEqual([]);
    expect(['', 'a.txt', 'deep', 'deep/b.txt', 'app.db2', 'deep/app.db'].filter(skip)).toEqual([]);
    const all = skipForeign(join(home, 'data'), named(items, 'data'), items, 'see');
    expect([all('cache'), all('app.db')]).toEqual([false, true]);
  });
});

describe('a fingerprint of secrets', () => {
  it('is equal only for equal values under the same key', () => {
    const one = secretsFingerprint({ a: 1, b: { c: [null, 'x'], d: true } }, 'k');
    expect(secretsFingerprint({ b: { d: true, c: [null, 'x'] }, a: 1 }, 'k')).toBe(one);
    const others: [Record<string, unknown>, string][] = [
      [{ a: 1, b: { c: [null, 'x'], d: true } }, 'j'],
      [{ a: '1', b: { c: [null, 'x'], d: true } }, 'k'],
      [{ a: 1 }, 'k'],
      [{ a: 1, b: null }, 'k'],
      [{ a: 1, b: undefined }, 'k'],
      [{}, 'k'],
    ];
    const prints = others.map(([values, key]) => secretsFingerprint(values, key));
    expect(new Set([one, ...prints]).size).toBe(others.length + 1);
  });
});

describe('work in order', () => {
  it('is done a few at a time, yields in order and ends with the first error', async () => {
    let running = 0;
    let most = 0;
    const source = async function* () {
      for (let index = 0; index < 30; index += 1) yield index;
    };
    const work = async (index: number) => {
      most = Math.max(most, (running += 1));
      await new Promise((resolve) => setTimeout(resolve, index % 3));
      running -= 1;
      if (index === 25) throw new Error('at 25');
      return index;
    };
    const seen: number[] = [];
    await expect(
      (async () => {
        for await (const index of inOrder(source(), 4, work)) seen.push(index);
      })(),
    ).rejects.toThrow('at 25');
    expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => index));
    expect(most).toBe(4);
    expect(running).toBe(0);
  });
});
