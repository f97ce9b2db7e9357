import { chmod, link, mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { hashFile, hashText, hashTrees, measureTrees, walk } from '../../../electron/engine/platform/tree.ts';
import { asNobody } from '../../support/as-nobody.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let root: string;
beforeEach(async () => {
  root = join(await temporaryFolder('tree'), 'root');
  await mkdir(join(root, 'b/deep'), { recursive: true });
  await writeFile(join(root, 'a.txt'), 'alpha');
  await writeFile(join(root, 'b/deep/c.txt'), 'gamma!');
  await symlink('/etc/passwd', join(root, 'link'));
});

async function paths(skip?: (relative: string) => boolean): Promise<string[]> {
  const entries = await Array.fromAsync(walk(root, skip));
  return entries.map((entry) => `${entry.kind} ${entry.path}`);
}

describe('walk', () => {
  test('yields the root and everything below it, sorted, links not followed', async () => {
    await symlink('b', join(root, 'link-to-folder'));
    expect(await paths()).toEqual([
      'folder ',
      'file a.txt',
      'folder b',
      'folder b/deep',
      'file b/deep/c.txt',
      'link link',
      'link link-to-folder',
    ]);
  });

  test('does not enter what is skipped', async () => {
    expect(await paths((relative) => relative === 'b')).toEqual(['folder ', 'file a.txt', 'link link']);
  });

  test('yields nothing for a missing root, and one entry for a file', async () => {
    expect(await Array.fromAsync(walk(join(root, 'none')))).toEqual([]);
    expect(await Array.fromAsync(walk(join(root, 'a.txt')))).toMatchObject([{ path: '', kind: 'file', bytes: 5, links: 1 }]);
  });

  test('leaves out what vanishes or turns into a file on the way', async () => {
    const seen: string[] = [];
    for await (const entry of walk(root)) {
      seen.push(entry.path);
      if (entry.path === '') await rm(join(root, 'a.txt'));
      if (entry.path === 'b') {
        await rename(join(root, 'b'), join(root, '../b'));
        await writeFile(join(root, 'b'), 'a file now');
      }
    }
    expect(seen).toEqual(['', 'b', 'link']);
  });

  test.runIf(process.platform === 'linux')('does not lose a file whose name is not UTF-8', async () => {
    const name = Buffer.from([0x66, 0xfc, 0x72]);
    await writeFile(Buffer.concat([Buffer.from(`${root}/`), name]), 'latin-1');
    const entry = (await Array.fromAsync(walk(root))).find((candidate) => candidate.path.startsWith('f'));
    expect(entry).toMatchObject({ kind: 'file', bytes: 7 });
    expect(entry?.rawPath?.subarray(-3)).toEqual(name);
    const before = await hashTrees([root]);
    await writeFile(Buffer.concat([Buffer.from(`${root}/`), name]), 'LATIN-1');
    expect((await hashTrees([root])).hash).not.toBe(before.hash);
    expect(before.files).toBe(4);
  });

  test('ends with the signal', async () => {
    const walking = Array.fromAsync(walk(root, undefined, AbortSignal.abort(new Error('enough'))));
    await expect(walking).rejects.toThrow('enough');
  });

  test.runIf(process.platform !== 'win32')('says which folder it may not read', async () => {
    await chmod(join(root, 'b'), 0o000);
    await chmod(join(root, '..'), 0o755);
    await asNobody(() => expect(Array.fromAsync(walk(root))).rejects.toThrow(`cannot read the folder ${join(root, 'b')}`));
    await chmod(join(root, 'b'), 0o700);
  });
});

describe('hashes', () => {
  test('of a file are those of its bytes, whatever its size', async () => {
    for (const bytes of [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1]) {
      const content = Buffer.alloc(bytes, 7);
      await writeFile(join(root, 'sized'), content);
      expect(await hashFile(join(root, 'sized'))).toBe(hashText(content));
    }
  });

  test('of nothing are null', async () => {
    expect(await hashTrees([join(root, 'none')])).toEqual({ hash: null, files: 0, bytes: 0 });
  });

  test('count files and links, and the bytes of files', async () => {
    expect(await hashTrees([root])).toMatchObject({ files: 3, bytes: 11 });
    expect(await measureTrees([root, join(root, 'a.txt')])).toEqual({ files: 4, bytes: 16 });
  });

  const changes: Record<string, () => Promise<unknown>> = {
    'a content': () => writeFile(join(root, 'a.txt'), 'alphA'),
    'a name': () => rename(join(root, 'a.txt'), join(root, 'z.txt')),
    'a mode': () => chmod(join(root, 'a.txt'), 0o600),
    'a folder': () => mkdir(join(root, 'empty')),
    "a link's target": async () => {
      await rm(join(root, 'link'));
      await symlink('/etc/group', join(root, 'link'));
    },
    'a link that became a file': async () => {
      await rm(join(root, 'link'));
      await writeFile(join(root, 'link'), '/etc/passwd');
    },
  };
  test.each(Object.keys(changes))('of a tree tell a change of %s', async (what) => {
    await chmod(join(root, 'a.txt'), 0o644);
    const before = await hashTrees([root]);
    await changes[what]?.();
    expect((await hashTrees([root])).hash).not.toBe(before.hash);
  });

  test('of a tree do not depend on times, hard links or what was skipped', async () => {
    const before = await hashTrees([root]);
    await utimes(join(root, 'a.txt'), 1, 1);
    await link(join(root, 'a.txt'), join(root, 'twin'));
    expect((await hashTrees([root], (relative) => relative === 'twin')).hash).toBe(before.hash);
  });

  test('of a tree cannot be forged with a clever name', async () => {
    const folder = join(root, '../f');
    const hashOf = async (names: string[]) => {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder);
      for (const name of names) await symlink('x', join(folder, name));
      return (await hashTrees([folder])).hash;
    };
    for (const separator of ['\n', '\t', '","', '"]\n["']) {
      expect(await hashOf([`a${separator}b`])).not.toBe(await hashOf(['a', 'b']));
    }
  });
});
