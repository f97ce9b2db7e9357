import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { applyCopies, readCopyRecord, undoCopies } from '../../../electron/engine/slot/copies.ts';
import { hashTrees } from '../../../electron/engine/platform/tree.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const copies = [
  { from: 'www', to: 'htdocs' },
  { from: 'conf/app.conf', to: 'etc/app.conf' },
];

describe('copies', () => {
  test('put files into place, merge folders, and can be undone to the byte', async () => {
    const { home, slot, trash } = await scene();
    const before = await hashTrees([home]);
    const record = await applyCopies({ slot, home, copies, trash });
    expect(await readFile(join(home, 'htdocs/index.html'), 'utf8')).toBe('new page');
    expect(await readFile(join(home, 'htdocs/deep/new.js'), 'utf8')).toBe('new script');
    expect(await readFile(join(home, 'htdocs/mine.html'), 'utf8')).toBe('my page');
    expect(await readFile(join(home, 'etc/app.conf'), 'utf8')).toBe('new conf');
    expect((await stat(join(home, 'htdocs/deep/new.js'))).mode & 0o777).toBe(0o755);
    expect(await readFile(join(trash, 'copies/htdocs/index.html'), 'utf8')).toBe('old page');
    expect(await readCopyRecord(trash)).toEqual(record);
    await undoCopies(record, trash);
    await rm(join(home, 'htdocs/deep'), { recursive: true });
    await rm(join(home, 'etc'), { recursive: true });
    expect(await hashTrees([home])).toEqual(before);
  });

  test('can be undone after a kill at any point, twice too', async () => {
    for (let done = 0; done <= 3; done += 1) {
      const { home, slot, trash } = await scene();
      const record = await applyCopies({ slot, home, copies, trash });
      // What a kill after `done` entries would have left: the others as they were before.
      for (const entry of record.entries.slice(done)) {
        if (entry.kept === null) await rm(entry.to);
        else {
          await writeFile(entry.to, await readFile(entry.kept));
          await rm(entry.kept);
        }
      }
      await undoCopies(record, trash);
      await undoCopies(record, trash);
      expect(await readFile(join(home, 'htdocs/index.html'), 'utf8')).toBe('old page');
      expect(await readdir(join(home, 'htdocs/deep')).catch(() => [])).toEqual([]);
    }
  });

  test('undone keep what somebody changed since', async () => {
    const { home, slot, trash } = await scene();
    const record = await applyCopies({ slot, home, copies, trash });
    await writeFile(join(home, 'htdocs/index.html'), 'changed by hand');
    await writeFile(join(home, 'etc/app.conf'), 'also changed');
    await undoCopies(record, trash);
    expect(await readFile(join(home, 'htdocs/index.html'), 'utf8')).toBe('old page');
    expect(await readFile(join(home, 'etc/app.conf'), 'utf8')).toBe('also changed');
    const [kept = ''] = await readdir(join(trash, 'changed-since'));
    expect(await readFile(join(trash, 'changed-since', kept), 'utf8')).toBe('changed by hand');
  });

  test('of the slot before that the new one has not go to the trash', async () => {
    const { home, slot, trash } = await scene();
    const previous = join(dirname(slot), '1.0.0');
    await write(join(previous, 'www/index.html'), 'old page');
    await write(join(previous, 'www/gone.html'), 'gone');
    await write(join(home, 'htdocs/gone.html'), 'gone, with my words');
    const record = await applyCopies({ slot, home, copies, trash, previous });
    expect(await readdir(join(home, 'htdocs'))).not.toContain('gone.html');
    await undoCopies(record, trash);
    expect(await readFile(join(home, 'htdocs/gone.html'), 'utf8')).toBe('gone, with my words');
  });

  test('are not led out of the home folder by a link, nor through one in the slot', async () => {
    const { home, slot, trash } = await scene();
    const outside = await temporaryFolder();
    await rm(join(home, 'htdocs'), { recursive: true });
    await symlink(outside, join(home, 'htdocs'));
    await expect(applyCopies({ slot, home, copies, trash })).rejects.toMatchObject({ code: 'outside-roots' });
    expect(await readdir(outside)).toEqual([]);
    await rm(join(home, 'htdocs'));
    await symlink('/etc/passwd', join(slot, 'www/link'));
    await expect(applyCopies({ slot, home, copies, trash })).rejects.toMatchObject({ code: 'unsupported' });
    expect(await readCopyRecord(trash)).toBeNull();
  });

  test('stop before anything is touched when a folder is in the way', async () => {
    const { home, slot, trash } = await scene();
    await mkdir(join(home, 'etc/app.conf'), { recursive: true });
    await expect(applyCopies({ slot, home, copies, trash })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/in the way/),
    });
    expect(await readFile(join(home, 'htdocs/index.html'), 'utf8')).toBe('old page');
  });
});

async function scene(): Promise<{ home: string; slot: string; trash: string }> {
  const root = await temporaryFolder('copies');
  const home = join(root, 'home');
  const slot = join(root, 'slots/2.0.0');
  await write(join(home, 'htdocs/index.html'), 'old page');
  await write(join(home, 'htdocs/mine.html'), 'my page');
  await write(join(slot, 'www/index.html'), 'new page');
  await write(join(slot, 'www/deep/new.js'), 'new script');
  await chmod(join(slot, 'www/deep/new.js'), 0o755);
  await write(join(slot, 'conf/app.conf'), 'new conf');
  return { home, slot, trash: join(root, 'trash') };
}

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
