import { appendFile, chmod, mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BackupSource } from '../../../electron/engine/backup/backup-format.ts';
import { openBackup } from '../../../electron/engine/backup/open-backup.ts';
import { openBackupFile } from '../../../electron/engine/backup/read-backup.ts';
import { unpackBackup } from '../../../electron/engine/backup/unpack-backup.ts';
import { verifyBackup } from '../../../electron/engine/backup/verify-backup.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { describeTree, header, makeTree, program, workspace } from './samples.ts';

/** Longer than a file is too young for its times to be believed. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 80));

async function backUpAfter(previous: string | null, to: string, sources: readonly BackupSource[]): Promise<void> {
  const writer = await openBackup({ to, ...(previous !== null && { previous }) });
  try {
    await writer.addFirstPass(sources);
    await writer.seal(header);
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

/** What each frame holds, compressed. */
async function framesOf(path: string): Promise<{ at: number; bytes: number; hash: string }[]> {
  const [backup, file] = [await openBackupFile(path), await readFile(path)];
  await backup.close();
  return backup.frames.map(({ at, bytes }) => ({
    at,
    bytes,
    hash: createHash('sha256')
      .update(file.subarray(at, at + bytes))
      .digest('hex'),
  }));
}

/** How many frames of members the second backup has from the first. The list and the manifest, the last two, are no such. */
async function shared(first: string, second: string): Promise<number> {
  const known = new Set((await framesOf(first)).map(({ hash }) => hash));
  return (await framesOf(second)).slice(0, -2).filter(({ hash }) => known.has(hash)).length;
}

async function expectToHold(path: string, tree: string, out: string): Promise<void> {
  expect((await verifyBackup(path)).problems).toEqual([]);
  await unpackBackup(path, { into: (entry) => (entry.as === '' ? out : join(out, entry.as)) });
  expect(await describeTree(out)).toEqual(await describeTree(tree));
}

/** 20 folders with 20 files of 30 KB, about 12 MB, and one of 9 MB. */
async function makeNotes(root: string): Promise<void> {
  for (let folder = 0; folder < 20; folder += 1) {
    const inside = join(root, `folder-${String(folder).padStart(2, '0')}`);
    await mkdir(inside, { recursive: true });
    for (let file = 0; file < 20; file += 1) await writeFile(join(inside, `note-${file}`), randomBytes(15_000).toString('hex'));
  }
  await writeFile(join(root, 'zz-large'), randomBytes(9_000_000));
}

describe('a backup after another', () => {
  it('copies the frames in which nothing changed, and holds the same', async () => {
    const folder = await temporaryFolder('copied');
    const tree = join(folder, 'tree');
    await makeTree(tree);
    await makeNotes(join(tree, 'notes'));
    await settle();
    const [first, second] = [join(folder, 'first.tar.zst'), join(folder, 'second.tar.zst')];
    await backUpAfter(null, first, [workspace(tree)]);
    await backUpAfter(first, second, [workspace(tree)]);
    // All but the marker, the list and the manifest, which have another id and another time.
    expect(await shared(first, second)).toBe((await framesOf(first)).length - 3);
    await expectToHold(second, tree, join(folder, 'out'));
    await mkdir(join(folder, 'plain'));
    await program('tar', '--zstd', '-xpf', second, '-C', join(folder, 'plain'));
    expect(await readFile(join(folder, 'plain', 'items', 'workspace', 'notes', 'zz-large'))).toEqual(
      await readFile(join(tree, 'notes', 'zz-large')),
    );
  });

  it.each([
    ['written to', (file: string) => appendFile(file, 'more')],
    ['written anew with the same size and time', (file: string) => rewriteUnseen(file)],
    ['given another mode', (file: string) => chmod(file, 0o600)],
    ['removed', (file: string) => rm(file)],
    ['renamed', (file: string) => rename(file, `${file}-renamed`)],
    ['replaced by a folder', (file: string) => rm(file).then(() => mkdir(file))],
    ['joined by another', (file: string) => writeFile(`${file}-new`, 'new')],
  ])('packs anew only what stands beside a file that was %s', async (_, change) => {
    const folder = await temporaryFolder('copied');
    const tree = join(folder, 'tree');
    await makeNotes(tree);
    await settle();
    const [first, second] = [join(folder, 'first.tar.zst'), join(folder, 'second.tar.zst')];
    await backUpAfter(null, first, [workspace(tree)]);
    await change(join(tree, 'folder-10', 'note-15'));
    await settle();
    await backUpAfter(first, second, [workspace(tree)]);
    const all = (await framesOf(first)).length - 3;
    const same = await shared(first, second);
    expect(same).toBeLessThan(all);
    // The frame of the file, and the first one: it holds the folder above, whose time may have changed.
    expect(same).toBeGreaterThanOrEqual(all - 2);
    await expectToHold(second, tree, join(folder, 'out'));
  });

  it.each([1, 3, -4])('does not copy frame %i when it was damaged since, and loses nothing by it', async (number) => {
    const folder = await temporaryFolder('copied');
    const tree = join(folder, 'tree');
    await makeNotes(tree);
    await settle();
    const [first, second] = [join(folder, 'first.tar.zst'), join(folder, 'second.tar.zst')];
    await backUpAfter(null, first, [workspace(tree)]);
    const { at, bytes } = (await framesOf(first)).at(number) as { at: number; bytes: number };
    const content = await readFile(first);
    const place = at + Math.floor(bytes / 2);
    content[place] = (content[place] as number) ^ 0x10;
    await writeFile(first, content);
    await backUpAfter(first, second, [workspace(tree)]);
    await expectToHold(second, tree, join(folder, 'out'));
  });

  it.each([
    ['is gone', (file: string) => rm(file)],
    ['is none', (file: string) => writeFile(file, 'no backup at all')],
    ['ends early', async (file: string) => writeFile(file, (await readFile(file)).subarray(0, 100_000))],
  ])('is made all the same when the earlier one %s', async (_, change) => {
    const folder = await temporaryFolder('copied');
    const tree = join(folder, 'tree');
    await makeTree(tree);
    const [first, second] = [join(folder, 'first.tar.zst'), join(folder, 'second.tar.zst')];
    await backUpAfter(null, first, [workspace(tree)]);
    await change(first);
    await backUpAfter(first, second, [workspace(tree)]);
    await expectToHold(second, tree, join(folder, 'out'));
  });

  it('does not copy from a backup that is packed in another way', async () => {
    const folder = await temporaryFolder('copied');
    const tree = join(folder, 'tree');
    await makeTree(tree);
    await settle();
    const [first, second] = [join(folder, 'first.tar.gz'), join(folder, 'second.tar.zst')];
    await backUpAfter(null, first, [workspace(tree)]);
    await backUpAfter(first, second, [workspace(tree)]);
    expect(await shared(first, second)).toBe(0);
    await expectToHold(second, tree, join(folder, 'out'));
  });

  it('tells a snapshot of a datastore by its content', async () => {
    const folder = await temporaryFolder('copied');
    const live = join(folder, 'store.db');
    await writeFile(live, 'live');
    await utimes(live, 1_700_000_000, 1_700_000_000);
    const content = randomBytes(9_000_000);
    const [same, other] = [join(folder, 'same'), join(folder, 'other')];
    await writeFile(same, content);
    await writeFile(other, randomBytes(9_000_000));
    const source = (readFrom: string) => [{ item: 'workspace', path: live, as: 'store.db', readFrom }];
    const backups = ['first', 'again', 'changed'].map((name) => join(folder, `${name}.tar.zst`)) as [string, string, string];
    await backUpAfter(null, backups[0], source(same));
    const copy = join(folder, 'copy');
    await writeFile(copy, content);
    await backUpAfter(backups[0], backups[1], source(copy));
    await backUpAfter(backups[1], backups[2], source(other));
    expect(await shared(backups[0], backups[1])).toBe(3);
    expect(await shared(backups[1], backups[2])).toBe(0);
    const out = join(folder, 'out');
    await unpackBackup(backups[2], { into: () => out });
    expect(await readFile(out)).toEqual(await readFile(other));
  });

  it('holds what is there after many changes, whatever they are', { timeout: 120_000 }, async () => {
    const folder = await temporaryFolder('copied');
    const tree = join(folder, 'tree');
    await makeNotes(tree);
    const random = seeded(20_261_128);
    let previous: string | null = null;
    let copied = 0;
    for (let generation = 0; generation < 6; generation += 1) {
      for (let change = 0; change < generation; change += 1) await changeSomething(tree, random);
      await settle();
      const next = join(folder, `${generation}.tar.zst`);
      await backUpAfter(previous, next, [workspace(tree)]);
      await expectToHold(next, tree, join(folder, `out-${generation}`));
      if (previous !== null) copied += await shared(previous, next);
      previous = next;
    }
    expect(copied).toBeGreaterThan(8);
  });
});

/** Other content, and all that a person can set as it was. */
async function rewriteUnseen(file: string): Promise<void> {
  const { size, atimeMs, mtimeMs } = await stat(file);
  await writeFile(file, 'x'.repeat(size));
  await utimes(file, atimeMs / 1000, mtimeMs / 1000);
}

async function changeSomething(tree: string, random: () => number): Promise<void> {
  const folders = (await readdir(tree, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const folder = join(tree, (folders[Math.floor(random() * folders.length)] as { name: string }).name);
  const names = await readdir(folder);
  const file = join(folder, names[Math.floor(random() * names.length)] ?? 'note-0');
  const kind = Math.floor(random() * 5);
  if (names.length === 0 || kind === 0) await writeFile(join(folder, `new-${Math.floor(random() * 1e9)}`), randomBytes(5000));
  else if (kind === 1) await rm(file, { recursive: true });
  else if (kind === 2) await appendFile(file, 'more');
  else if (kind === 3) await rename(folder, `${folder}x`);
  else await rewriteUnseen(file);
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
