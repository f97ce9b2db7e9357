import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { moultFolderOf } from '../../../electron/engine/install/moult-folder.ts';
import {
  emptyExpiredTrash,
  expiry,
  readTrashIndex,
  trashDays,
  trashFolder,
  writeTrashIndex,
  type TrashIndex,
} from '../../../electron/engine/workflow/trash.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { treeState } from '../../support/tree-state.ts';

const day = 24 * 3600 * 1000;
const index = (operation: string, more: Partial<TrashIndex> = {}): Omit<TrashIndex, 'format'> => ({
  operation,
  action: 'purge',
  at: new Date().toISOString(),
  expires: expiry(),
  record: null,
  wasRunning: false,
  moves: [],
  clearsAll: false,
  ...more,
});

test('what is put away waits for a week', async () => {
  const home = await temporaryFolder('trash');
  await writeTrashIndex(home, index('op1'));
  await writeFile(join(trashFolder(home, 'op1'), 'op1-0'), 'mine');
  expect(Date.parse(expiry()) - Date.now()).toBeGreaterThan((trashDays - 0.01) * day);
  expect(await emptyExpiredTrash(home, new Date(Date.now() + 6.9 * day).toISOString())).toEqual([]);
  expect(await emptyExpiredTrash(home, new Date(Date.now() + 7.1 * day).toISOString())).toEqual(['op1']);
  expect(Object.keys(await treeState(moultFolderOf(home).trash))).toEqual(['.']);
});

test('a trash that is a link out of the home is not written through', async () => {
  const home = await temporaryFolder('trash');
  const outside = await temporaryFolder('outside');
  await mkdir(moultFolderOf(home).root, { recursive: true });
  await symlink(outside, moultFolderOf(home).trash);
  await expect(writeTrashIndex(home, index('op1'))).rejects.toMatchObject({ code: 'outside-roots' });
  expect(Object.keys(await treeState(outside))).toEqual(['.']);
});

test('an index can be read by its owner alone', async () => {
  const home = await temporaryFolder('trash');
  const before = process.umask(0);
  try {
    await writeTrashIndex(home, index('op1'));
  } finally {
    process.umask(before);
  }
  expect(await treeState(moultFolderOf(home).trash)).toMatchObject({
    '.': 'folder 700',
    op1: 'folder 700',
    'op1/trash.json': expect.stringMatching(/^file 600/) as string,
  });
});

test('what has no index, or a broken one, expires by its age', async () => {
  const home = await temporaryFolder('trash');
  for (const name of ['none', 'broken']) await mkdir(trashFolder(home, name), { recursive: true });
  await writeFile(join(trashFolder(home, 'broken'), 'trash.json'), '{"format":1,');
  expect(await readTrashIndex(home, 'broken')).toBeNull();
  expect(await emptyExpiredTrash(home)).toEqual([]);
  const old = new Date(Date.now() - 8 * day);
  for (const name of ['none', 'broken']) await utimes(trashFolder(home, name), old, old);
  expect(await emptyExpiredTrash(home)).toEqual(['broken', 'none']);
});

test('what a newer Moult put away is refused, and never thrown away', async () => {
  const home = await temporaryFolder('trash');
  await writeTrashIndex(home, index('op1', { expires: '2020-01-01T00:00:00.000Z' }));
  await writeFile(join(trashFolder(home, 'op1'), 'trash.json'), JSON.stringify({ format: 2, expires: '2020-01-01T00:00:00.000Z' }));
  await expect(readTrashIndex(home, 'op1')).rejects.toMatchObject({ code: 'newer-format', remedy: { action: 'upgrade-moult' } });
  expect(await emptyExpiredTrash(home)).toEqual([]);
});

test('only what this operation put beside a place goes with its trash', async () => {
  const home = await temporaryFolder('trash');
  const elsewhere = await temporaryFolder('elsewhere');
  const files = ['.moult-op1-0', '.moult-op10-0', 'notes', '.moult-other', 'x.moult-op1-0'].map((name) => join(elsewhere, name));
  for (const file of files) await writeFile(file, 'mine');
  const moves = files.map((to, at) => ({ from: join(elsewhere, `live-${at}`), to, away: true as const }));
  // What was put in place is live now, whatever it is called.
  const placed = { from: join(elsewhere, 'staged'), to: join(elsewhere, '.moult-op1-9') };
  await writeFile(placed.to, 'live');
  await writeTrashIndex(home, index('op1', { expires: '2020-01-01T00:00:00.000Z', moves: [...moves, placed] }));
  expect(await emptyExpiredTrash(home)).toEqual(['op1']);
  expect(Object.keys(await treeState(elsewhere)).toSorted()).toEqual([
    '.',
    '.moult-op1-9',
    '.moult-op10-0',
    '.moult-other',
    'notes',
    'x.moult-op1-0',
  ]);
});
