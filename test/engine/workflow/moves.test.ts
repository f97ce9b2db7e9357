/** Moves are how every byte of a person is put away and put in place. A kill may come between any two of them. */
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  applyMoves,
  asideOf,
  foldersAbove,
  outermost,
  partsToMove,
  partsToPlace,
  remakeFolders,
  removeEmptyParents,
  revertMoves,
  type Move,
} from '../../../electron/engine/workflow/moves.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { treeState } from '../../support/tree-state.ts';

async function write(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
}

/** The contents of all files below a folder, wherever they are: what must never become less. */
async function contents(root: string): Promise<string[]> {
  const state = await treeState(root);
  const files = Object.entries(state).filter(([, line]) => line.startsWith('file'));
  return (await Promise.all(files.map(async ([path]) => readFile(join(root, path), 'utf8')))).sort();
}

/** What lives and what was unpacked beside it, for some items of one home. */
const names = ['a', 'b', 'c', 'd/x', 'd/y', 'e/f/g'];
const anyHome = fc.record({
  live: fc.dictionary(fc.constantFrom(...names), fc.constantFrom('1', '2'), { maxKeys: 6 }),
  staged: fc.dictionary(fc.constantFrom(...names), fc.constantFrom('3', '4'), { maxKeys: 6 }),
  /** After how many moves a process was killed that made them, and those that took them back. */
  made: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 3 }),
  takenBack: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 3 }),
  ends: fc.boolean(),
});

describe('a swap', () => {
  test('cut at any moves, in any direction, ends whole or as it was, and loses nothing', async () => {
    const root = await temporaryFolder('moves');
    let run = 0;
    await fc.assert(
      fc.asyncProperty(anyHome, async ({ live, staged, made, takenBack, ends }) => {
        const folder = join(root, String((run += 1)));
        const [home, aside, trash] = [join(folder, 'home'), join(folder, 'aside'), join(folder, 'trash')];
        for (const path of [home, aside, trash]) await mkdir(path, { recursive: true });
        await write(home, live);
        await write(aside, staged);
        const moves: Move[] = [];
        for (const [index, name] of names.entries())
          if (name in live) moves.push({ from: join(home, name), to: join(trash, String(index)), away: true });
        for (const name of names) if (name in staged) moves.push({ from: join(aside, name), to: join(home, name) });
        const all = await contents(folder);
        const stillAll = async () => expect(await contents(folder)).toEqual(all);
        for (const after of made) await applyMoves(moves.slice(0, after)).then(stillAll);
        if (ends) await applyMoves(moves);
        else {
          for (const last of takenBack) await revertMoves(moves.slice(Math.max(0, moves.length - last))).then(stillAll);
          await revertMoves(moves);
        }
        expect(await contents(folder)).toEqual(all);
        const expected = ends ? { ...live, ...staged } : live;
        for (const name of names) {
          const found = await readFile(join(home, name), 'utf8').catch(() => undefined);
          const gone = ends && name in live && !(name in staged);
          expect(found, name).toBe(gone ? undefined : expected[name]);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('never writes over what somebody else put in the place meanwhile', async () => {
    const folder = await temporaryFolder('moves');
    await write(folder, { 'aside/a': 'unpacked', 'home/a': 'somebody else' });
    const moves: Move[] = [{ from: join(folder, 'aside/a'), to: join(folder, 'home/a') }];
    await expect(applyMoves(moves)).rejects.toMatchObject({ code: 'io', details: { path: join(folder, 'home/a') } });
    expect(await contents(folder)).toEqual(['somebody else', 'unpacked']);
    const away: Move[] = [{ from: join(folder, 'home/a'), to: join(folder, 'aside/a'), away: true }];
    await expect(revertMoves(away)).rejects.toMatchObject({ code: 'io' });
    expect(await contents(folder)).toEqual(['somebody else', 'unpacked']);
  });

  test('takes nothing live for what was put in place when that is gone for another reason', async () => {
    const folder = await temporaryFolder('moves');
    await write(folder, { 'home/a': 'mine' });
    const moves: Move[] = [
      { from: join(folder, 'home/a'), to: join(folder, 'trash/0'), away: true },
      // A power cut took it before anything was moved.
      { from: join(folder, 'aside/a'), to: join(folder, 'home/a') },
    ];
    await revertMoves(moves);
    expect(await readFile(join(folder, 'home/a'), 'utf8')).toBe('mine');
  });

  test('moves a link and not what it leads to', async () => {
    const folder = await temporaryFolder('moves');
    await write(folder, { 'elsewhere/note': 'mine' });
    await mkdir(join(folder, 'home'));
    await symlink(join(folder, 'elsewhere'), join(folder, 'home/link'));
    const moves: Move[] = [{ from: join(folder, 'home/link'), to: join(folder, 'trash/0'), away: true }];
    await applyMoves(moves);
    expect(await readFile(join(folder, 'elsewhere/note'), 'utf8')).toBe('mine');
    await revertMoves(moves);
    expect(await treeState(join(folder, 'home'))).toEqual({ '.': expect.any(String) as string, link: `link ${join(folder, 'elsewhere')}` });
  });
});

describe('what stays inside something that goes', () => {
  const files = { 'notes/a.md': '1', 'notes/deep/b.md': '2', 'notes/logs/today.log': 'log', 'notes/deep/cache/c': 'cache', other: 'o' };

  test('is left where it is, and the new parts come around it', async () => {
    const folder = await temporaryFolder('moves');
    const [home, aside] = [join(folder, 'home'), join(folder, 'aside')];
    await write(home, files);
    await write(aside, { 'notes/a.md': '3', 'notes/deep/b.md': '4', 'notes/new/d.md': '5' });
    const kept = ['notes/logs', 'notes/deep/cache', 'notes/nothing'].map((name) => join(home, name));
    const before = await treeState(home);
    const parts = await partsToMove(join(home, 'notes'), kept);
    expect(parts.toSorted()).toEqual(['notes/a.md', 'notes/deep/b.md'].map((name) => join(home, name)));
    const moves: Move[] = parts.map((from, index) => ({ from, to: join(folder, 'trash', String(index)), away: true }));
    moves.push(...(await partsToPlace(join(aside, 'notes'), join(home, 'notes'), kept)));
    await applyMoves(moves);
    const texts = Object.fromEntries(
      await Promise.all(
        ['a.md', 'deep/b.md', 'new/d.md', 'logs/today.log', 'deep/cache/c'].map(
          async (name) => [name, await readFile(join(home, 'notes', name), 'utf8')] as const,
        ),
      ),
    );
    expect(texts).toEqual({ 'a.md': '3', 'deep/b.md': '4', 'new/d.md': '5', 'logs/today.log': 'log', 'deep/cache/c': 'cache' });
    await applyMoves(moves);
    await revertMoves(moves);
    expect(await treeState(home)).toEqual(before);
  });

  test('that is not there does not keep anything', async () => {
    const folder = await temporaryFolder('moves');
    await write(folder, files);
    expect(await partsToMove(join(folder, 'notes'), [join(folder, 'notes/nothing')])).toEqual([join(folder, 'notes')]);
    expect(await partsToMove(join(folder, 'nowhere'), [])).toEqual([]);
    expect(await partsToMove(join(folder, 'notes/deep'), [join(folder, 'notes')])).toEqual([]);
    const placed = await partsToPlace(join(folder, 'other'), join(folder, 'gone'), []);
    expect(placed).toEqual([{ from: join(folder, 'other'), to: join(folder, 'gone') }]);
    expect(await partsToPlace(join(folder, 'nowhere'), join(folder, 'gone'), [])).toEqual([]);
  });

  test('property: nothing kept is moved, everything else is', async () => {
    const root = await temporaryFolder('moves');
    await write(root, files);
    const paths = Object.keys(files).filter((name) => name !== 'other');
    await fc.assert(
      fc.asyncProperty(fc.subarray(paths), async (chosen) => {
        const kept = chosen.map((name) => join(root, name));
        const parts = await partsToMove(join(root, 'notes'), kept);
        for (const name of paths) {
          const covers = parts.filter((part) => join(root, name) === part || join(root, name).startsWith(`${part}/`));
          expect(covers.length, name).toBe(chosen.includes(name) ? 0 : 1);
        }
      }),
      { numRuns: 16 },
    );
  });

  test('outermost leaves out what is inside another', () => {
    expect(outermost(['/a/b', '/a', '/ab', '/a', '/c/d'])).toEqual(['/a', '/ab', '/c/d']);
  });
});

test('folders that were left empty go, and come back with their modes', async () => {
  const home = await temporaryFolder('moves');
  await mkdir(join(home, 'data/deep'), { recursive: true, mode: 0o755 });
  await mkdir(join(home, 'full'), { mode: 0o750 });
  await write(home, { 'data/deep/x': '1', 'full/y': '2', 'full/z': '3' });
  const before = await treeState(home);
  const moves: Move[] = ['data/deep/x', 'full/y'].map((name, index) => ({
    from: join(home, name),
    to: join(home, '.moult', String(index)),
    away: true,
  }));
  const from = moves.map((move) => move.from);
  const folders = await foldersAbove(from, home);
  expect(folders.map((folder) => folder.path)).toEqual(['data', 'full', 'data/deep'].map((name) => join(home, name)));
  await applyMoves(moves);
  await removeEmptyParents(from, home);
  expect(Object.keys(await treeState(home)).filter((path) => !path.startsWith('.moult'))).toEqual(['.', 'full', 'full/z']);
  await remakeFolders(folders);
  await revertMoves(moves);
  expect(await treeState(home, (path) => path === '.moult')).toEqual(before);
});

test('things are put aside on their own file system', async ({ skip }) => {
  const home = await temporaryFolder('moves');
  expect(await asideOf(join(home, 'notes'), join(home, '.moult/trash/op'), 'op-0')).toBe(join(home, '.moult/trash/op/op-0'));
  const other = '/dev/shm';
  const isOther = await import('node:fs/promises')
    .then(async ({ stat }) => (await stat(other)).dev !== (await stat(home)).dev)
    .catch(() => false);
  skip(!isOther, 'there is no second file system');
  expect(await asideOf(`${other}/data/notes`, join(home, '.moult/trash/op'), 'op-0')).toBe(`${other}/data/.moult-op-0`);
});
