import { appendFile, chmod, mkdir, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { openBackup } from '../../../electron/engine/backup/open-backup.ts';
import { listMembers, readManifest } from '../../../electron/engine/backup/read-backup.ts';
import { unpackBackup } from '../../../electron/engine/backup/unpack-backup.ts';
import { verifyBackup } from '../../../electron/engine/backup/verify-backup.ts';
import { asNobody } from '../../support/as-nobody.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { backUp, describeTree, header, program, workspace } from './samples.ts';

async function unpackTo(path: string, root: string): Promise<void> {
  await unpackBackup(path, { into: (entry) => (entry.as === '' ? root : join(root, entry.as)) });
}

describe('a backup in two passes', () => {
  it('holds what is there at the end, and reads only what changed a second time', async () => {
    const folder = await temporaryFolder('passes');
    const tree = join(folder, 'tree');
    await mkdir(join(tree, 'sub'), { recursive: true });
    for (const name of ['same', 'changed', 'touched', 'gone', 'becomes-folder', 'sub/moved'])
      await writeFile(join(tree, name), `first ${name}`);
    await writeFile(join(tree, 'large'), Buffer.alloc(10_000_000, 'abc'));
    await symlink('same', join(tree, 'link'));
    await settle();
    const path = join(folder, 'b.tar.zst');
    const writer = await openBackup({ to: path });
    const files: number[] = [];
    await writer.addFirstPass([workspace(tree)]);
    await writer.verifyWritten();
    files.push((await partialSize(folder)) ?? 0);
    await writeFile(join(tree, 'changed'), 'second');
    await utimes(join(tree, 'touched'), 1_600_000_000, 1_600_000_000);
    await rm(join(tree, 'gone'));
    await rm(join(tree, 'becomes-folder'));
    await mkdir(join(tree, 'becomes-folder'));
    await rename(join(tree, 'sub', 'moved'), join(tree, 'moved'));
    await rm(join(tree, 'link'));
    await symlink('changed', join(tree, 'link'));
    await settle();
    // changed, touched, becomes-folder, moved, link; the folders `tree` and `sub`, whose times changed with what is in them.
    expect(await writer.addChanges([workspace(tree)])).toEqual({ changed: 7, removed: 2 });
    expect(await writer.addChanges([workspace(tree)])).toEqual({ changed: 0, removed: 0 });
    const sealed = await writer.seal(header);
    expect(sealed.bytes - (files[0] ?? 0)).toBeLessThan(5000);
    await unpackTo(path, join(folder, 'out'));
    expect(await describeTree(join(folder, 'out'))).toEqual(await describeTree(tree));
    expect((await verifyBackup(path)).problems).toEqual([]);
    expect((await readManifest(path)).counts).toEqual({ files: 5, folders: 3, links: 1, superseded: 8 });
    // Plain tar takes the last of several members of a name.
    await mkdir(join(folder, 'plain'));
    await program('tar', '--zstd', '-xf', path, '-C', join(folder, 'plain'), 'items/workspace/changed');
    expect(await readFile(join(folder, 'plain', 'items', 'workspace', 'changed'), 'utf8')).toBe('second');
  });

  it('notices a change that left size and time as they were', async () => {
    const folder = await temporaryFolder('passes');
    const tree = join(folder, 'tree');
    await mkdir(tree);
    await writeFile(join(tree, 'file'), 'first');
    await utimes(join(tree, 'file'), 1_700_000_000, 1_700_000_000);
    const path = join(folder, 'b.tar.zst');
    const writer = await openBackup({ to: path });
    await writer.addFirstPass([workspace(tree)]);
    await writeFile(join(tree, 'file'), 'other');
    await utimes(join(tree, 'file'), 1_700_000_000, 1_700_000_000);
    expect(await writer.addChanges([workspace(tree)])).toEqual({ changed: 1, removed: 0 });
    await writer.seal(header);
    await unpackTo(path, join(folder, 'out'));
    expect(await readFile(join(folder, 'out', 'file'), 'utf8')).toBe('other');
  });

  it('does not take a snapshot in again that has the same content', async () => {
    const folder = await temporaryFolder('passes');
    await writeFile(join(folder, 'store.db'), 'live');
    await writeFile(join(folder, 'one'), Buffer.alloc(6_000_000, 'database '));
    await writeFile(join(folder, 'two'), Buffer.alloc(6_000_000, 'database '));
    const source = (readFrom: string) => [
      { item: 'store', path: join(folder, 'store.db'), as: 'store.db', readFrom: join(folder, readFrom) },
    ];
    const writer = await openBackup({ to: join(folder, 'b.tar.zst') });
    await writer.addFirstPass(source('one'));
    expect(await writer.addChanges(source('two'))).toEqual({ changed: 0, removed: 0 });
    await appendFile(join(folder, 'two'), '!');
    expect(await writer.addChanges(source('two'))).toEqual({ changed: 1, removed: 0 });
    await writer.seal(header);
    const [member] = await Array.fromAsync(listMembers(join(folder, 'b.tar.zst')));
    expect(member?.bytes).toBe(6_000_001);
  });
});

describe('what changes while it is read', () => {
  it('is refused by name when it never stands still', async () => {
    const folder = await temporaryFolder('restless');
    const tree = join(folder, 'tree');
    await mkdir(tree);
    // Large enough that each reading meets several changes.
    await writeFile(join(tree, 'restless.db'), Buffer.alloc(40_000_000));
    const child = writer(
      `const f = fs.openSync(${JSON.stringify(join(tree, 'restless.db'))}, 'r+'); for (let i = 0; ; i += 1) { fs.writeSync(f, String(i), 0); pause(2); }`,
    );
    await once(child.stdout, 'data');
    await expect(backUp(join(folder, 'b.tar.zst'), [workspace(tree)])).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('restless.db'),
    });
    child.kill('SIGKILL');
    expect(await readdir(folder)).toEqual(['tree']);
  });

  it('is taken as it was when it was opened, and marked, when it only grows', async () => {
    const folder = await temporaryFolder('growing');
    const tree = join(folder, 'tree');
    await mkdir(tree);
    await writeFile(join(tree, 'app.log'), 'x'.repeat(30_000_000));
    const child = writer(
      `for (let i = 0; ; i += 1) { fs.appendFileSync(${JSON.stringify(join(tree, 'app.log'))}, 'a further line\\n'); pause(1); }`,
    );
    await once(child.stdout, 'data');
    const path = join(folder, 'b.tar.zst');
    await backUp(path, [workspace(tree)]);
    child.kill('SIGKILL');
    const log = (await Array.fromAsync(listMembers(path))).find(({ as }) => as === 'app.log');
    expect(log?.changedWhileRead).toBe(true);
    await unpackTo(path, join(folder, 'out'));
    const kept = await readFile(join(folder, 'out', 'app.log'), 'utf8');
    expect((await readFile(join(tree, 'app.log'), 'utf8')).startsWith(kept)).toBe(true);
    expect(kept.length).toBeGreaterThanOrEqual(30_000_000);
  });

  it('is taken in the second pass when it stands still by then', async () => {
    const folder = await temporaryFolder('restless');
    const tree = join(folder, 'tree');
    await mkdir(tree);
    await writeFile(join(tree, 'store.db'), Buffer.alloc(20_000_000));
    const child = writer(
      `const f = fs.openSync(${JSON.stringify(join(tree, 'store.db'))}, 'r+'); for (let i = 0; ; i += 1) { fs.writeSync(f, String(i), 0); pause(1); }`,
    );
    await once(child.stdout, 'data');
    const path = join(folder, 'b.tar.zst');
    const backup = await openBackup({ to: path });
    await backup.addFirstPass([workspace(tree)]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect((await backup.addChanges([workspace(tree)])).changed).toBe(1);
    await backup.seal(header);
    await unpackTo(path, join(folder, 'out'));
    expect((await readFile(join(folder, 'out', 'store.db'))).equals(await readFile(join(tree, 'store.db')))).toBe(true);
  });

  it('fails clearly where it may not be read', async () => {
    const folder = await temporaryFolder('forbidden');
    await chmod(folder, 0o777);
    await mkdir(join(folder, 'tree'), { mode: 0o755 });
    await writeFile(join(folder, 'tree', 'secret'), 'x', { mode: 0o000 });
    const failing = asNobody(() => backUp(join(folder, 'b.tar.zst'), [workspace(join(folder, 'tree'))]));
    await expect(failing).rejects.toMatchObject({ code: 'io', message: expect.stringContaining(join(folder, 'tree', 'secret')) });
    expect(await readdir(folder)).toEqual(['tree']);
  });
});

/** Longer than the time in which a change is too young to be told by its times. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 120));
}

async function partialSize(folder: string): Promise<number | undefined> {
  const name = (await readdir(folder)).find((each) => each.endsWith('.partial'));
  return name === undefined ? undefined : (await stat(join(folder, name))).size;
}

/** A process that goes on writing until it is killed. */
function writer(code: string) {
  const prelude = `const fs = require('fs'); const pause = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms); console.log('go');`;
  const child = spawn(process.execPath, ['-e', prelude + code], { stdio: ['ignore', 'pipe', 'inherit'] });
  return child;
}
