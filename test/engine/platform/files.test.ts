import { chmod, lstat, mkdir, readFile, readdir, readlink, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import * as files from '../../../electron/engine/platform/files.ts';
import { hashFile, hashText } from '../../../electron/engine/platform/tree.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder('files');
});

const at = (name: string) => join(folder, name);
const modeOf = async (path: string) => (await lstat(path)).mode & 0o7777;

describe('what is there', () => {
  test('a dangling link exists, but leads nowhere', async () => {
    await symlink('nowhere', at('link'));
    expect(await files.exists(at('link'))).toBe(true);
    expect(await files.followOrNull(at('link'))).toBeNull();
    expect(await files.realPathOrNull(at('link'))).toBeNull();
    expect(await files.readTextOrNull(at('link'))).toBeNull();
  });

  test('nothing is below a file', async () => {
    await writeFile(at('file'), '');
    expect(await files.statOrNull(at('file/below'))).toBeNull();
    expect(await files.namesIn(at('file'))).toEqual([]);
    expect(await files.namesIn(at('none'))).toEqual([]);
  });

  test('names are sorted', async () => {
    for (const name of ['b', 'a', 'C']) await writeFile(at(name), '');
    expect(await files.namesIn(folder)).toEqual(['C', 'a', 'b']);
  });

  test('other errors are not taken for absence', async () => {
    await symlink('loop', at('loop'));
    await expect(files.followOrNull(at('loop'))).rejects.toMatchObject({ code: 'ELOOP' });
    await expect(files.readTextOrNull(folder)).rejects.toMatchObject({ code: 'EISDIR' });
  });
});

test.skipIf(process.platform === 'win32')('a pipe in the place of a file is refused at once: nobody may ever write into it', async () => {
  const pipe = join(folder, 'pipe');
  await promisify(execFile)('mkfifo', [pipe]);
  await expect(files.readText(pipe)).rejects.toMatchObject({
    code: 'EINVAL',
    message: expect.stringContaining('neither a file nor a folder') as string,
  });
  await expect(files.readTextOrNull(pipe)).rejects.toMatchObject({ code: 'EINVAL' });
  const handle = await files.openFile(pipe, 'r');
  expect((await handle.stat()).isFIFO()).toBe(true);
  await handle.close();
  expect(await hashFile(pipe)).toBe(hashText(''));
});

describe('writeDurably', () => {
  test('makes a private file where there was none', async () => {
    await files.writeDurably(at('new'), 'text');
    expect(await readFile(at('new'), 'utf8')).toBe('text');
    expect(await modeOf(at('new'))).toBe(0o600);
  });

  test('keeps the mode of the file it replaces, unless told another', async () => {
    await writeFile(at('old'), 'old');
    await chmod(at('old'), 0o664);
    await files.writeDurably(at('old'), 'new');
    expect(await modeOf(at('old'))).toBe(0o664);
    await files.writeDurably(at('old'), 'newer', 0o640);
    expect(await modeOf(at('old'))).toBe(0o640);
  });

  test.runIf(process.getuid?.() === 0)('keeps the owner of the file it replaces', async () => {
    await writeFile(at('old'), 'old');
    await files.setOwner(at('old'), 12_345, 23_456);
    await files.writeDurably(at('old'), 'new');
    expect(await stat(at('old'))).toMatchObject({ uid: 12_345, gid: 23_456 });
  });

  test('leaves the old content and nothing aside when it cannot finish', async () => {
    await mkdir(at('taken/inner'), { recursive: true });
    await expect(files.writeDurably(at('taken'), 'text')).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['taken']);
    await expect(files.writeDurably(at('none/file'), 'text')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('never shows a half-written file, and the last of many writers wins whole', async () => {
    const texts = Array.from({ length: 8 }, (_, index) => String(index).repeat(200_000));
    const seen = new Set<string>();
    await writeFile(at('shared'), texts[0] as string);
    const writing = Promise.all(texts.map((text) => files.writeDurably(at('shared'), text)));
    for (let look = 0; look < 30; look += 1) seen.add(await readFile(at('shared'), 'utf8'));
    await writing;
    seen.add(await readFile(at('shared'), 'utf8'));
    for (const text of seen) expect(texts.includes(text)).toBe(true);
    expect(await readdir(folder)).toEqual(['shared']);
  });

  test('replaces a link instead of writing through it', async () => {
    await writeFile(at('target'), 'untouched');
    await symlink('target', at('link'));
    await files.writeDurably(at('link'), 'new');
    expect(await readFile(at('target'), 'utf8')).toBe('untouched');
    expect((await lstat(at('link'))).isFile()).toBe(true);
  });
});

describe('links', () => {
  test('replaceLink makes a link, points it elsewhere and is never without it', async () => {
    await mkdir(at('one'));
    await mkdir(at('two'));
    await files.replaceLink('one', at('current'));
    let missing = 0;
    let busy = true;
    const watching = (async () => {
      while (busy) if (!(await files.exists(at('current')))) missing += 1;
    })();
    for (let turn = 0; turn < 50; turn += 1) await files.replaceLink(turn % 2 === 0 ? 'two' : 'one', at('current'));
    busy = false;
    await watching;
    expect(missing).toBe(0);
    expect(await readlink(at('current'))).toBe('one');
    expect(await readdir(folder)).toEqual(['current', 'one', 'two']);
  });

  test('replaceLink refuses to replace a folder and leaves nothing aside', async () => {
    await mkdir(at('current/inner'), { recursive: true });
    await expect(files.replaceLink('x', at('current'))).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['current']);
  });

  test('remove takes a link away, never what it leads to', async () => {
    await mkdir(at('kept'));
    await writeFile(at('kept/file'), 'kept');
    await mkdir(at('gone'));
    await symlink(at('kept'), at('gone/link'));
    await symlink(at('kept'), at('direct'));
    await files.remove(at('gone'));
    await files.remove(at('direct'));
    await files.remove(at('was-never-there'));
    expect(await readdir(folder)).toEqual(['kept']);
    expect(await readFile(at('kept/file'), 'utf8')).toBe('kept');
  });
});

describe('copyTree', () => {
  test('keeps contents, modes, times and links', async () => {
    await mkdir(at('from/inner'), { recursive: true });
    await writeFile(at('from/inner/run'), 'x');
    await chmod(at('from/inner/run'), 0o750);
    await utimes(at('from/inner/run'), 1000, 1000);
    await symlink('inner/run', at('from/relative'));
    await symlink('/nowhere/at/all', at('from/dangling'));
    await chmod(at('from/inner'), 0o711);
    await utimes(at('from/inner'), 2000, 2000);
    await files.copyTree(at('from'), at('to'));
    expect(await stat(at('to/inner/run'))).toMatchObject({ mtimeMs: 1_000_000, size: 1 });
    expect(await modeOf(at('to/inner/run'))).toBe(0o750);
    expect(await modeOf(at('to/inner'))).toBe(0o711);
    expect((await stat(at('to/inner'))).mtimeMs).toBe(2_000_000);
    expect(await readlink(at('to/relative'))).toBe('inner/run');
    expect(await readlink(at('to/dangling'))).toBe('/nowhere/at/all');
  });

  test.runIf(process.getuid?.() === 0)('keeps owners when it may', async () => {
    await mkdir(at('from'));
    await writeFile(at('from/file'), 'x');
    await chmod(at('from/file'), 0o4755);
    await symlink('file', at('from/link'));
    for (const name of ['from', 'from/file', 'from/link']) await files.setOwner(at(name), 12_345, 23_456);
    await chmod(at('from/file'), 0o4755);
    await files.copyTree(at('from'), at('to'));
    for (const name of ['to', 'to/file', 'to/link']) expect(await lstat(at(name))).toMatchObject({ uid: 12_345, gid: 23_456 });
    expect(await modeOf(at('to/file'))).toBe(0o4755);
  });

  test('keeps names that are not UTF-8, and tells what it left out', async () => {
    const name = Buffer.from([0x66, 0xfc, 0x72]);
    await mkdir(at('from'));
    await writeFile(Buffer.concat([Buffer.from(`${at('from')}/`), name]), 'latin-1');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(at('from/socket'), resolve));
    onTestFinished(() => void server.close());
    expect(await files.copyTree(at('from'), at('to'))).toEqual([at('from/socket')]);
    expect(await readdir(at('to'), { encoding: 'buffer' })).toEqual([name]);
  });

  test('ends with the signal', async () => {
    await mkdir(at('from'));
    await expect(files.copyTree(at('from'), at('to'), AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    expect(await files.exists(at('to'))).toBe(false);
  });

  test('does not write over what is there', async () => {
    await mkdir(at('from'));
    await mkdir(at('to'));
    await writeFile(at('from/file'), 'new');
    await writeFile(at('to/file'), 'old');
    await expect(files.copyTree(at('from'), at('to'))).rejects.toThrow();
    expect(await readFile(at('to/file'), 'utf8')).toBe('old');
  });
});

describe('moving and volumes', () => {
  test('moveDurably moves', async () => {
    await mkdir(at('a'));
    await mkdir(at('b'));
    await writeFile(at('a/file'), 'x');
    await files.moveDurably(at('a/file'), at('b/file'));
    expect(await readdir(at('a'))).toEqual([]);
    expect(await readFile(at('b/file'), 'utf8')).toBe('x');
  });

  test('volumeOf tells of the nearest folder that exists', async () => {
    await writeFile(at('file'), '');
    for (const path of [folder, at('not/there/yet'), at('file'), at('file/below')]) {
      const volume = await files.volumeOf(path);
      expect(volume.folder).toBe(folder);
      expect(volume.device).toBe((await stat(dirname(folder))).dev);
      expect(volume.free).toBeGreaterThan(0);
      expect(volume.total).toBeGreaterThanOrEqual(volume.free);
    }
  });

  test('makeFolder is private and leaves an existing one as it is', async () => {
    await files.makeFolder(at('new/inner'));
    expect(await modeOf(at('new'))).toBe(0o700);
    await chmod(at('new'), 0o755);
    await files.makeFolder(at('new'));
    expect(await modeOf(at('new'))).toBe(0o755);
  });

  test('removeFolderIfEmpty keeps what has something in it', async () => {
    await mkdir(at('full'));
    await writeFile(at('full/file'), '');
    expect(await files.removeFolderIfEmpty(at('full'))).toBe(false);
    await mkdir(at('empty'));
    expect(await files.removeFolderIfEmpty(at('empty'))).toBe(true);
  });

  test('isWritable tells folders from nothing', async () => {
    expect(await files.isWritable(folder)).toBe(true);
    expect(await files.isWritable(at('none'))).toBe(false);
  });
});
