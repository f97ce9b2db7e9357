import { createServer } from 'node:net';
import { chmod, lstat, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { MemberName } from '../../../electron/engine/backup/backup-format.ts';
import { openBackup } from '../../../electron/engine/backup/open-backup.ts';
import { listMembers, readManifest } from '../../../electron/engine/backup/read-backup.ts';
import { unpackBackup } from '../../../electron/engine/backup/unpack-backup.ts';
import { verifyBackup } from '../../../electron/engine/backup/verify-backup.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { backUp, describeTree, header, makeTree, program, workspace } from './samples.ts';

const below = (root: string) => (entry: MemberName) => (entry.as === '' ? root : join(root, entry.as));

describe.each(['tar.zst', 'tar.gz'])('a backup as .%s', (ending) => {
  it('brings every kind of entry back as it was', async () => {
    const folder = await temporaryFolder('backup');
    const tree = join(folder, 'tree');
    await makeTree(tree);
    const path = join(folder, `backup.${ending}`);
    const sealed = await backUp(path, [workspace(tree)]);
    const unpacked = await unpackBackup(path, { into: below(join(folder, 'out')) });
    expect(await describeTree(join(folder, 'out'))).toEqual(await describeTree(tree));
    expect(unpacked).toEqual({ files: sealed.files, bytes: sealed.contentBytes });
    const bytes = await readFile(path);
    expect(sealed).toMatchObject({ path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
    await chmod(join(folder, 'out', 'empty'), 0o700);
    await chmod(join(tree, 'empty'), 0o700);
  });

  it('tells what it is of, and verifies', async () => {
    const folder = await temporaryFolder('backup');
    await makeTree(join(folder, 'tree'));
    const path = join(folder, `backup.${ending}`);
    const sealed = await backUp(path, [workspace(join(folder, 'tree'))]);
    const manifest = await readManifest(path);
    expect(manifest).toMatchObject({
      ...header,
      format: 1,
      id: sealed.id,
      counts: { links: 3, superseded: 0 },
      contentBytes: sealed.contentBytes,
      leftOut: [],
    });
    const fractions: number[] = [];
    const verification = await verifyBackup(path, { onProgress: ({ bytes, totalBytes }) => fractions.push(bytes / (totalBytes ?? 0)) });
    expect(verification).toMatchObject({
      id: sealed.id,
      path,
      verdict: 'unproven',
      files: sealed.files,
      bytes: sealed.bytes,
      problems: [],
    });
    expect(fractions.at(-1)).toBe(1);
    expect(fractions).toEqual(fractions.toSorted((one, other) => one - other));
    await chmod(join(folder, 'tree', 'empty'), 0o700);
  });

  it('is read by plain tar', async () => {
    const folder = await temporaryFolder('backup');
    const tree = join(folder, 'tree');
    await makeTree(tree);
    const path = join(folder, `backup.${ending}`);
    await backUp(path, [workspace(tree)]);
    const flag = ending === 'tar.zst' ? '--zstd' : '-z';
    const names = (await program('tar', flag, '-tf', path)).split('\n');
    expect(names[0]).toBe('moult-backup');
    expect(names.slice(-3)).toEqual(['files.jsonl', 'manifest.json', '']);
    await mkdir(join(folder, 'plain'));
    await program('tar', flag, '-xpf', path, '-C', join(folder, 'plain'));
    const seconds = (lines: string[]) =>
      lines.map((line) => line.replace(/(:\d+ )(-?\d+)/, (_, before: string, time: string) => before + Math.floor(Number(time) / 1000)));
    expect(seconds(await describeTree(join(folder, 'plain', 'items', 'workspace')))).toEqual(seconds(await describeTree(tree)));
    expect(await program(ending === 'tar.zst' ? 'zstd' : 'gzip', '-t', path)).toBe('');
    await chmod(join(folder, 'plain', 'items', 'workspace', 'empty'), 0o700);
    await chmod(join(tree, 'empty'), 0o700);
  });
});

describe('a backup', () => {
  it('is private, and nothing is left beside it', async () => {
    const folder = await temporaryFolder('backup');
    await writeFile(join(folder, 'one'), 'one');
    await mkdir(join(folder, 'backups'));
    const path = join(folder, 'backups', 'b.tar.zst');
    const writer = await openBackup({ to: path });
    await writer.addFirstPass([{ item: 'config', path: join(folder, 'one'), as: 'one' }]);
    const [partial = ''] = await readdir(join(folder, 'backups'));
    expect(partial).toMatch(/^\.b\.tar\.zst\.[0-9a-f]{8}\.partial$/);
    expect((await stat(join(folder, 'backups', partial))).mode & 0o777).toBe(0o600);
    await writer.seal(header);
    await writer.abandon();
    expect(await readdir(join(folder, 'backups'))).toEqual(['b.tar.zst']);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('takes files, folders and snapshots to their names, and leaves out what it is told to', async () => {
    const folder = await temporaryFolder('backup');
    await mkdir(join(folder, 'data', 'cache'), { recursive: true });
    await writeFile(join(folder, 'data', 'store.db'), 'live');
    await writeFile(join(folder, 'data', 'cache', 'x'), 'rebuilt');
    await writeFile(join(folder, 'data', 'kept'), 'kept');
    await writeFile(join(folder, 'snapshot'), 'consistent', { mode: 0o600 });
    await chmod(join(folder, 'data', 'store.db'), 0o644);
    const path = join(folder, 'b.tar.zst');
    await backUp(path, [
      { item: 'data', path: join(folder, 'data'), as: 'data', skip: (relative) => relative === 'cache' || relative === 'store.db' },
      { item: 'store', path: join(folder, 'data', 'store.db'), as: 'store.db', readFrom: join(folder, 'snapshot') },
      { item: 'absent', path: join(folder, 'no-such'), as: 'x' },
    ]);
    const members = await Array.fromAsync(listMembers(path));
    expect(members.map(({ path: name, item, as, kind, bytes, mode }) => ({ name, item, as, kind, bytes, mode }))).toMatchObject([
      { name: 'items/data/data', item: 'data', as: 'data', kind: 'folder' },
      { name: 'items/data/data/kept', item: 'data', as: 'data/kept', kind: 'file', bytes: 4 },
      { name: 'items/store/store.db', item: 'store', as: 'store.db', kind: 'file', bytes: 10, mode: 0o644 },
    ]);
    const unpacked = await unpackBackup(path, {
      into: (entry) => (entry.item === 'store' ? join(folder, 'new', 'folder', entry.as) : null),
    });
    expect(unpacked).toEqual({ files: 1, bytes: 10 });
    expect(await readFile(join(folder, 'new', 'folder', 'store.db'), 'utf8')).toBe('consistent');
    expect(await readdir(join(folder, 'new'))).toEqual(['folder']);
  });

  it('lists sockets and pipes as left out', async () => {
    const folder = await temporaryFolder('backup');
    const tree = join(folder, 'tree');
    await mkdir(tree);
    await program('mkfifo', join(tree, 'pipe'));
    const server = createServer().listen(join(tree, 'socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    await writeFile(join(tree, 'file'), 'x');
    const path = join(folder, 'b.tar.zst');
    await backUp(path, [workspace(tree)]);
    await new Promise((resolve) => server.close(resolve));
    const { leftOut, counts } = await readManifest(path);
    expect(leftOut).toEqual([
      { path: 'items/workspace/pipe', item: 'workspace', reason: 'pipe' },
      { path: 'items/workspace/socket', item: 'workspace', reason: 'socket' },
    ]);
    expect(counts).toEqual({ files: 1, folders: 1, links: 0, superseded: 0 });
  });

  it('may hold nothing at all', async () => {
    const folder = await temporaryFolder('backup');
    const path = join(folder, 'b.tgz');
    expect(await backUp(path, [])).toMatchObject({ files: 0, contentBytes: 0 });
    expect((await verifyBackup(path)).problems).toEqual([]);
    expect(await unpackBackup(path, { into: () => null })).toEqual({ files: 0, bytes: 0 });
  });

  it('keeps hard links as files of their own and leaves holes as holes', async () => {
    const folder = await temporaryFolder('backup');
    const tree = join(folder, 'tree');
    await mkdir(tree);
    await writeFile(join(tree, 'one'), 'same');
    await program('ln', join(tree, 'one'), join(tree, 'two'));
    await program('truncate', '-s', '64M', join(tree, 'holes'));
    await backUp(join(folder, 'b.tar.zst'), [workspace(tree)]);
    await unpackBackup(join(folder, 'b.tar.zst'), { into: below(join(folder, 'out')) });
    expect((await lstat(join(folder, 'out', 'one'))).nlink).toBe(1);
    const holes = await lstat(join(folder, 'out', 'holes'));
    expect(holes.size).toBe(64 * 1024 * 1024);
    expect(holes.blocks).toBeLessThan(1000);
  });

  it('is refused under a name that is taken or that is none of a backup', async () => {
    const folder = await temporaryFolder('backup');
    await writeFile(join(folder, 'b.tar.zst'), 'mine');
    await expect(openBackup({ to: join(folder, 'b.tar.zst') })).rejects.toMatchObject({ code: 'bad-input' });
    await expect(openBackup({ to: join(folder, 'b.zip') })).rejects.toMatchObject({ code: 'bad-input' });
    await expect(openBackup({ to: join(folder, 'no', 'b.tar.zst') })).rejects.toMatchObject({ code: 'io' });
    expect(await readFile(join(folder, 'b.tar.zst'), 'utf8')).toBe('mine');
    expect(await readdir(folder)).toEqual(['b.tar.zst']);
  });

  it('refuses to leave out what it must hold or cannot read', async () => {
    const folder = await temporaryFolder('backup');
    const to = join(folder, 'b.tar.zst');
    await expect(
      backUp(to, [{ item: 'config', path: join(folder, 'config.yaml'), as: 'config.yaml', required: true }]),
    ).rejects.toMatchObject({ code: 'io' });
    await writeFile(join(folder, 'one'), 'one');
    const twice = { item: 'config', path: join(folder, 'one'), as: 'one' };
    await expect(backUp(to, [twice, twice])).rejects.toThrow('items/config/one');
    expect(await readdir(folder)).toEqual(['one']);
  });

  it('can be cancelled, and then leaves nothing', async () => {
    const folder = await temporaryFolder('backup');
    await makeTree(join(folder, 'tree'));
    await mkdir(join(folder, 'backups'));
    const stopper = new AbortController();
    const writer = await openBackup({
      to: join(folder, 'backups', 'b.tar.zst'),
      signal: stopper.signal,
      onProgress: () => stopper.abort(new Error('enough')),
    });
    await expect(writer.addFirstPass([workspace(join(folder, 'tree'))]).then(() => writer.seal(header))).rejects.toThrow('enough');
    await writer.abandon();
    expect(await readdir(join(folder, 'backups'))).toEqual([]);
    await chmod(join(folder, 'tree', 'empty'), 0o700);
  });
});
