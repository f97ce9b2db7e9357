import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { unpackArchive } from '../../../electron/engine/slot/archive.ts';
import { hostileArchives } from '../../support/hostile-archives.ts';
import { flipped, longName, noise, paxHeader, tarball, type Member } from '../../support/tarballs.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const members: Member[] = [
  { path: './app', type: 'Directory' },
  { path: './app/bin/run', content: '#!/bin/sh\n', mode: 0o6777 },
  { path: './app/read me.txt', content: 'hello', mode: 0o400 },
  { path: './app/empty', content: '' },
  { path: './app/latest', type: 'SymbolicLink', linkpath: 'bin/run' },
  { path: './app/bin/up', type: 'SymbolicLink', linkpath: '../read me.txt' },
  { path: './app/same', type: 'Link', linkpath: './app/read me.txt' },
];

describe('what is unpacked', () => {
  test.each([
    ['plain', (bytes: Buffer) => bytes],
    ['gzip', (bytes: Buffer) => gzipSync(bytes)],
    ['two gzip members', (bytes: Buffer) => Buffer.concat([gzipSync(bytes.subarray(0, 700)), gzipSync(bytes.subarray(700))])],
    ['zstd', (bytes: Buffer) => zstdCompressSync(bytes)],
    [
      'two zstd frames',
      (bytes: Buffer) => Buffer.concat([zstdCompressSync(bytes.subarray(0, 700)), zstdCompressSync(bytes.subarray(700))]),
    ],
  ])('%s: files, folders, links and modes', async (_, compress) => {
    const { into, archive } = await place(compress(tarball(...members, { path: 'app/noise', content: noise(700_000) })));
    const files = await unpackArchive(archive, { into, strip: 0 });
    const listed = Object.fromEntries(files.map((file) => [file.path, file]));
    expect(Object.keys(listed).sort()).toEqual([
      'app',
      'app/bin',
      'app/bin/run',
      'app/bin/up',
      'app/empty',
      'app/latest',
      'app/noise',
      'app/read me.txt',
      'app/same',
    ]);
    expect(await readFile(join(into, 'app/same'), 'utf8')).toBe('hello');
    expect(await readlink(join(into, 'app/bin/up'))).toBe('../read me.txt');
    expect((await stat(join(into, 'app/bin/run'))).mode & 0o7777).toBe(0o755);
    expect((await stat(join(into, 'app/read me.txt'))).mode & 0o7777).toBe(0o644);
    expect((await stat(join(into, 'app/read me.txt'))).mtimeMs).toBe(Date.parse('2026-01-01T00:00:00Z'));
    expect(listed['app/noise']).toMatchObject({ bytes: 700_000, sha256: sha256(noise(700_000)) });
    expect(listed['app/latest']).toMatchObject({ kind: 'link', target: 'bin/run', sha256: null });
    expect((await stat(join(into, 'app/same'))).nlink).toBe(1);
  });

  test('the folders at the top are left away', async () => {
    const { into, archive } = await place(tarball(...members));
    const files = await unpackArchive(archive, { into, strip: 1 });
    expect(files.map((file) => file.path)).toContain('bin/run');
    expect(await readFile(join(into, 'same'), 'utf8')).toBe('hello');
  });

  test('with folders left away, a link may climb less high and no file may stand above', async () => {
    const link = await place(tarball(...members, { path: 'app/out', type: 'SymbolicLink', linkpath: '../x' }));
    await expect(unpackArchive(link.archive, { into: link.into, strip: 1 })).rejects.toMatchObject({
      code: 'bad-archive',
      message: expect.stringMatching(/leads out/),
    });
    const file = await place(tarball(...members, { path: 'loose', content: 'x' }));
    await expect(unpackArchive(file.archive, { into: file.into, strip: 1 })).rejects.toMatchObject({
      code: 'bad-archive',
      message: expect.stringMatching(/outside the 1 folders/),
    });
  });

  test('long names of both kinds, also one whose cut-off form ends in a slash', async () => {
    const slashed = `${'x'.repeat(98)}/rest.txt`;
    const deep = `${'folder/'.repeat(40)}file`;
    const { into, archive } = await place(
      tarball(longName(slashed), { path: slashed.slice(0, 99), content: 'one' }, paxHeader({ path: deep, comment: 'ü' }), {
        path: 'short',
        content: 'two',
      }),
    );
    await unpackArchive(archive, { into, strip: 0 });
    expect(await readFile(join(into, slashed), 'utf8')).toBe('one');
    expect(await readFile(join(into, deep), 'utf8')).toBe('two');
  });

  test('what tar itself writes', async () => {
    const root = await temporaryFolder();
    await mkdir(join(root, 'from/deep/er'), { recursive: true });
    await writeFile(join(root, 'from/deep/er/file'), noise(100_000));
    await writeFile(join(root, 'from', 'ü'.repeat(120)), 'umlauts');
    const { run } = await import('../../../electron/engine/platform/processes.ts');
    for (const format of ['gnu', 'pax', 'ustar', 'v7']) {
      const archive = join(root, `${format}.tar`);
      const only = format === 'gnu' || format === 'pax' ? ['.'] : ['deep'];
      expect((await run(['tar', `--format=${format}`, '-cf', archive, '-C', join(root, 'from'), ...only])).code).toBe(0);
      const into = join(root, format);
      await mkdir(into);
      await unpackArchive(archive, { into, strip: 0 });
      expect(await readFile(join(into, 'deep/er/file'))).toEqual(noise(100_000));
    }
  });
});

describe('what is refused', () => {
  test.each(hostileArchives.map((each) => [each.name, each] as const))('%s', async (_, hostile) => {
    const { root, into, archive } = await place(hostile.build());
    const refusal = await unpackArchive(archive, { into, strip: 0 }).then(
      () => null,
      (error: unknown) => error,
    );
    expect(refusal).toMatchObject({ code: 'bad-archive', message: expect.stringMatching(hostile.says) });
    expect((refusal as Error).message).not.toMatch(/[\u0000-\u001f]/);
    expect((await readdir(root)).sort()).toEqual(['archive', 'deep']);
    expect(await readdir(join(root, 'deep'))).toEqual(['into']);
  });

  test('the table has at least the twenty kinds that were promised', () => {
    expect(hostileArchives.length).toBeGreaterThan(60);
    expect(new Set(hostileArchives.map((each) => each.name)).size).toBe(hostileArchives.length);
  });

  test('more content than the volume has room for', async () => {
    const { into, archive } = await place(tarball({ path: 'large', content: noise(5000) }));
    await expect(unpackArchive(archive, { into, strip: 0, free: 4999 })).rejects.toMatchObject({ code: 'no-space' });
    expect(await readdir(into)).toEqual([]);
  });

  test('an archive that is not the one that was verified', async () => {
    const bytes = tarball({ path: 'a', content: 'x' });
    const { into, archive } = await place(flipped(bytes, 512));
    const expected = { algorithm: 'sha256', allowed: [sha256(bytes)] } as const;
    await expect(unpackArchive(archive, { into, strip: 0, expected })).rejects.toMatchObject({
      code: 'bad-archive',
      message: expect.stringMatching(/changed after/),
    });
  });

  test('every one of 300 random bit flips in a gzipped tarball, or it had no effect', async () => {
    const bytes = gzipSync(tarball({ path: 'a/b', content: noise(2000) }, { path: 'a/c', content: 'text '.repeat(200) }));
    const { root } = await place(bytes);
    const clean = await unpackTo(root, 'clean', bytes);
    for (let flip = 0; flip < 300; flip += 1) {
      const at = Math.floor((flip * bytes.length) / 300);
      const result = await unpackTo(root, `flip-${flip}`, flipped(bytes, at)).catch((error: unknown) => error);
      if (Array.isArray(result)) expect(result).toEqual(clean);
      else expect(result).toMatchObject({ code: 'bad-archive' });
    }
  });

  test('an abort ends it at once', async () => {
    const { into, archive } = await place(tarball({ path: 'large', content: noise(2_000_000) }));
    await expect(unpackArchive(archive, { into, strip: 0, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });
});

async function place(bytes: Buffer): Promise<{ root: string; into: string; archive: string }> {
  const root = await temporaryFolder();
  const into = join(root, 'deep', 'into');
  await mkdir(into, { recursive: true });
  const archive = join(root, 'archive');
  await writeFile(archive, bytes);
  return { root, into, archive };
}

async function unpackTo(root: string, name: string, bytes: Buffer) {
  const into = join(root, name);
  await mkdir(into);
  await writeFile(join(root, `${name}.tar`), bytes);
  return unpackArchive(join(root, `${name}.tar`), { into, strip: 0 });
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
