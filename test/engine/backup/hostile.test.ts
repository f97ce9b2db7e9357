import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Failure } from '../../../electron/api/failure.ts';
import type { MemberName } from '../../../electron/engine/backup/backup-format.ts';
import { startBackupWorkers } from '../../../electron/engine/backup/backup-workers.ts';
import { readManifest } from '../../../electron/engine/backup/read-backup.ts';
import { unpackAll } from '../../../electron/engine/backup/unpack-members.ts';
import { verifyAll } from '../../../electron/engine/backup/verify-members.ts';
import { encodeHeader } from '../../../electron/engine/backup/tar-member.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { forge, type Forgery } from './forge.ts';
import { program } from './samples.ts';

// The inside of the two calls: with threads that are kept, so that hundreds of files are looked at in seconds.
let pool: ReturnType<typeof startBackupWorkers>;
beforeAll(() => {
  pool = startBackupWorkers();
});
afterAll(() => pool.end());

const help = () => ({ signal: new AbortController().signal, progress: () => {}, pool });
const verify = (path: string) => verifyAll(path, help());
const unpack = (path: string, into: (entry: MemberName) => string | null) =>
  unpackAll(path, { ...help(), into: async (entries) => entries.map(into) });

const note = { path: 'items/workspace/note.md', content: 'a note' };
const root = { path: 'items/workspace', kind: 'folder' as const };
const bomb = Buffer.alloc(4 * 1024 * 1024);

/** Changes a number in the header of the second gzip member. */
const inMember = (at: number, value: number): Forgery => ({
  entries: [note],
  compressed: (frame, index) => {
    if (index === 1) frame.writeUInt32LE(value, at);
    return frame;
  },
});

/** Each is a backup that no Moult would write, and what is said of it. */
const hostile: [what: string, forgery: Forgery, says: RegExp][] = [
  ['a name that climbs', { entries: [{ path: 'items/workspace/../../etc/passwd' }] }, /climbs/],
  ['a name that climbs at its end', { entries: [{ path: 'items/workspace/..', kind: 'folder' }] }, /climbs/],
  ['an absolute name', { entries: [{ path: '/etc/passwd' }] }, /does not belong/],
  ['an absolute name below an item', { entries: [{ path: 'items/workspace//etc/passwd' }] }, /climbs or repeats/],
  ['a name outside of the items', { entries: [{ path: 'manifest.json' }] }, /does not belong/],
  ['an item that climbs', { entries: [{ path: 'items/../x' }] }, /names no item/],
  ['an item with capitals', { entries: [{ path: 'items/Workspace/x' }] }, /names no item/],
  ['a name with a NUL', { entries: [{ path: 'items/workspace/a', line: { path: 'items/workspace/a\0b' } }] }, /NUL/],
  ['a name that is too long', { entries: [{ path: `items/workspace/${'n'.repeat(256)}` }] }, /longer than 255/],
  ['a path that is too long', { entries: [{ path: `items/workspace/${'d/'.repeat(3000)}x` }] }, /longer than any path/],
  [
    'a name that stands for no bytes',
    { entries: [{ path: 'items/workspace/x', line: { path: 'items/workspace/\ud800' } }] },
    /stands for no bytes/,
  ],
  ['the same name twice', { entries: [root, note, note] }, /twice/],
  ['a file and a folder of one name', { entries: [root, note, { path: note.path, kind: 'folder' }] }, /twice/],
  [
    'a file behind a link',
    { entries: [root, { path: 'items/workspace/out', kind: 'link', target: '/etc' }, { path: 'items/workspace/out/passwd' }] },
    /inside of .* which is a link/,
  ],
  ['a file inside of a file', { entries: [root, note, { path: `${note.path}/x` }] }, /inside of .* which is a file/],
  [
    'a link that leads nowhere',
    { entries: [{ path: 'items/workspace/l', kind: 'link', target: 'x', line: { target: '' } }] },
    /link to nowhere/,
  ],
  [
    'a link with a NUL',
    { entries: [{ path: 'items/workspace/l', kind: 'link', target: 'x', line: { target: 'x\0y' } }] },
    /link to nowhere/,
  ],
  ['a device', { entries: [{ path: 'items/workspace/sda', line: { kind: 'device' } }] }, /neither file nor folder/],
  ['a size that is negative', { entries: [{ path: 'items/workspace/x', line: { bytes: -1 } }] }, /impossible bytes/],
  ['a size that is huge', { entries: [root, { ...note, line: { bytes: 2 ** 52 } }] }, /./],
  ['a size that is no number', { entries: [{ ...note, line: { bytes: '6' } }] }, /impossible bytes/],
  ['a mode with more than permissions', { entries: [{ ...note, line: { mode: 0o100644 } }] }, /impossible mode/],
  ['a time that is not finite', { entries: [{ ...note, line: { mtime: 1e300 } }] }, /impossible mtime/],
  ['an owner that cannot be', { entries: [{ ...note, line: { uid: -1 } }] }, /impossible uid/],
  ['a folder with content', { entries: [{ path: 'items/workspace', kind: 'folder', line: { bytes: 5 } }] }, /impossible bytes/],
  ['a file without a hash', { entries: [{ ...note, line: { sha256: undefined } }] }, /no SHA-256/],
  ['a hash that does not fit', { entries: [root, { ...note, line: { sha256: '0'.repeat(64) } }] }, /not what its SHA-256 says/],
  ['a line that is not JSON', { entries: [{ ...note, rawLine: '{"path":' }] }, /not an object/],
  ['a line that is an array', { entries: [{ ...note, rawLine: '[]' }] }, /not an object/],
  ['a prototype in a line', { entries: [{ ...note, rawLine: '{"__proto__":{"path":"items/workspace/x"}}' }] }, /without a name/],
  [
    'a tar that has another name than the list',
    { entries: [root, { ...note, facts: { path: 'items/workspace/evil' } }] },
    /tar header is not what the list says/,
  ],
  [
    'a tar that has a link where the list has a file',
    { entries: [root, { path: note.path, facts: { kind: 'link', target: '/etc/passwd' } }] },
    /tar header/,
  ],
  [
    'a tar that has more than the list',
    { entries: [root], stray: encodeHeader({ path: '../../evil', kind: 'folder', bytes: 0, mode: 0o777, mtime: 0, uid: 0, gid: 0 }) },
    /not where|do not fit together/,
  ],
  ['a tar with something behind its end', { end: Buffer.concat([Buffer.alloc(1024), Buffer.alloc(512, 'x')]) }, /not where it says/],
  [
    'a place in the tar that is another',
    { entries: [root, { ...note, line: { offset: 512 } }] },
    /not where the list says|not where its list/,
  ],
  [
    'a list with more lines than it says',
    { entries: [root, note], manifest: (manifest) => ({ ...manifest, list: { ...manifest.list, lines: 1 } }) },
    /2 lines instead of 1/,
  ],
  [
    'a list with another hash',
    { entries: [root], manifest: (manifest) => ({ ...manifest, list: { ...manifest.list, sha256: '0'.repeat(64) } }) },
    /list of files cannot be read/,
  ],
  [
    'a list that is elsewhere',
    { entries: [root], manifest: (manifest) => ({ ...manifest, list: { ...manifest.list, offset: 1024 } }) },
    /not where it says/,
  ],
  [
    'counts that are others',
    { entries: [root, note], manifest: (manifest) => ({ ...manifest, counts: { ...manifest.counts, files: 7 } }) },
    /counts other files/,
  ],
  ['a manifest that is none', { manifest: () => 'hello' }, /manifest is wrong/],
  ['a manifest with a wrong reason', { manifest: (manifest) => ({ ...manifest, reason: 'fun' }) }, /manifest is wrong at reason/],
  [
    'a frame that is larger than it says',
    {
      entries: [{ path: note.path, content: bomb }],
      frames: (frames) => frames.map((frame, index) => (index === 1 ? { ...frame, plainBytes: 1024 } : frame)),
      trailer: {},
    },
    /./,
  ],
  [
    'a frame that says it is a terabyte',
    { entries: [note], frames: (frames) => frames.map((frame, index) => (index === 1 ? { ...frame, plainBytes: 0xffff_ffff } : frame)) },
    /larger than 4 MiB/,
  ],
  ['a trailer that points elsewhere', { entries: [note], trailer: { manifestAt: 512 } }, /manifest cannot be read/],
  ['a trailer that points behind the end', { entries: [note], trailer: { manifestAt: 2 ** 50 } }, /manifest cannot be read/],
];

describe('a hostile backup is refused, and nothing is written outside of where it should go:', () => {
  it.each(hostile)('%s', async (_what, forgery, says) => {
    // The index is zstd's; gzip members tell their own lengths.
    for (const container of forgery.frames ? (['zstd'] as const) : (['zstd', 'gzip'] as const)) {
      const folder = await temporaryFolder('hostile');
      const path = join(folder, `b.tar.${container === 'zstd' ? 'zst' : 'gz'}`);
      await forge(path, { ...forgery, container });
      const verification = await verify(path);
      expect(verification.verdict).toBe('bad');
      expect(verification.problems.join('\n')).toMatch(container === 'zstd' ? says : /./);
      const out = join(folder, 'out');
      const problem = await unpack(path, (entry) => join(out, entry.item, entry.as)).catch((error: unknown) => error);
      // Counts are for people: a file that lies only about them can be unpacked.
      if (!says.source.includes('counts')) expect(problem).toBeInstanceOf(Failure);
      if (problem instanceof Failure) expect(['bad-archive', 'bad-backup']).toContain(problem.code);
      const made = (await readdir(folder)).filter((name) => name !== 'out');
      expect(made).toEqual([path.slice(folder.length + 1)]);
    }
  });
});

describe('a gzip member that lies about its length', () => {
  it.each<[string, number, number]>([
    ['shorter', 16, 40],
    ['longer', 16, 100_000],
    ['nothing', 16, 0],
    ['a terabyte of content', 20, 0xffff_ffff],
    ['no content', 20, 0],
    ['less content', 20, 512],
  ])('is refused: %s', async (_what, at, value) => {
    const folder = await temporaryFolder('gzip');
    const path = join(folder, 'b.tar.gz');
    await forge(path, { container: 'gzip', ...inMember(at, value) });
    expect((await verify(path)).verdict).toBe('bad');
    await expect(unpack(path, () => join(folder, 'out'))).rejects.toBeInstanceOf(Failure);
  });
});

describe('a forged backup that is right', () => {
  it('is taken', async () => {
    const folder = await temporaryFolder('forged');
    for (const container of ['zstd', 'gzip'] as const) {
      const path = join(folder, container);
      await forge(path, {
        container,
        entries: [
          root,
          note,
          { path: 'items/workspace/big', content: Buffer.alloc(9_000_000, 'x') },
          { path: 'items/workspace/l', kind: 'link', target: '/etc' },
        ],
      });
      expect((await verify(path)).problems).toEqual([]);
      const out = join(folder, `out-${container}`);
      expect(await unpack(path, (entry) => join(out, entry.as))).toEqual({ files: 3, bytes: 9_000_006 });
      expect(await readFile(join(out, 'note.md'), 'utf8')).toBe('a note');
    }
  });

  it('may have names that differ only in case, where the file system keeps them apart', async () => {
    const folder = await temporaryFolder('forged');
    const path = join(folder, 'b');
    await forge(path, { entries: [root, { path: 'items/workspace/A', content: '1' }, { path: 'items/workspace/a', content: '2' }] });
    await unpack(path, (entry) => join(folder, 'out', entry.as));
    expect(await readdir(join(folder, 'out'))).toEqual(['A', 'a']);
    // Where it does not, the second finds the first in its place: the same as two names that lead to one target.
    const folded = unpack(path, (entry) => join(folder, 'folded', entry.as.toLowerCase()));
    await expect(folded).rejects.toMatchObject({ code: 'bad-archive', message: expect.stringContaining('one for this file system') });
  });
});

describe('unpacking', () => {
  it('never writes over what is there, nor through a link', async () => {
    const folder = await temporaryFolder('through');
    const path = join(folder, 'b');
    await forge(path, {
      entries: [root, { path: 'items/workspace/sub', kind: 'folder' }, { path: 'items/workspace/sub/x', content: 'new' }],
    });
    await mkdir(join(folder, 'elsewhere'));
    await mkdir(join(folder, 'one'));
    await symlink(join(folder, 'elsewhere'), join(folder, 'one', 'sub'));
    await expect(unpack(path, (entry) => join(folder, 'one', entry.as))).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('is in the way'),
    });
    await symlink(join(folder, 'elsewhere'), join(folder, 'two'));
    await expect(unpack(path, (entry) => (entry.as === '' ? null : join(folder, 'two', entry.as)))).rejects.toMatchObject({ code: 'io' });
    await mkdir(join(folder, 'three', 'sub'), { recursive: true });
    await writeFile(join(folder, 'three', 'sub', 'x'), 'old');
    await expect(unpack(path, (entry) => join(folder, 'three', entry.as))).rejects.toMatchObject({ code: 'bad-archive' });
    await mkdir(join(folder, 'four', 'sub'), { recursive: true });
    await symlink(join(folder, 'elsewhere', 'made'), join(folder, 'four', 'sub', 'x'));
    await expect(unpack(path, (entry) => join(folder, 'four', entry.as))).rejects.toMatchObject({ code: 'bad-archive' });
    expect(await readFile(join(folder, 'three', 'sub', 'x'), 'utf8')).toBe('old');
    expect(await readdir(join(folder, 'elsewhere'))).toEqual([]);
  });

  it('is refused before it begins when the disk is too small', async () => {
    const folder = await temporaryFolder('space');
    const path = join(folder, 'b.tar.zst');
    // 64 TiB of zeros would not fit; what is declared must be in the tar, so a smaller disk stands in for a larger file.
    await forge(path, { entries: [{ path: 'items/workspace/zeros', content: Buffer.alloc(40_000_000) }] });
    await mkdir(join(folder, 'small'));
    const mounted = await program('mount', '-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', join(folder, 'small')).then(
      () => true,
      () => false,
    );
    if (!mounted) return expect(process.getuid?.(), 'a small disk can only be made by the superuser').not.toBe(0);
    try {
      await expect(unpack(path, (entry) => join(folder, 'small', entry.as))).rejects.toMatchObject({ code: 'no-space' });
      expect(await readdir(join(folder, 'small'))).toEqual([]);
    } finally {
      await program('umount', join(folder, 'small'));
    }
  });
});

describe('what is no backup of this format', () => {
  it('is told from a backup, and a newer format from a broken one', async () => {
    const folder = await temporaryFolder('foreign');
    await mkdir(join(folder, 'files'));
    await writeFile(join(folder, 'files', 'moult'), 'x');
    const files: Record<string, () => Promise<unknown>> = {
      empty: () => writeFile(join(folder, 'empty'), ''),
      text: () => writeFile(join(folder, 'text'), 'hello'),
      'plain.tar': () => program('tar', '-cf', join(folder, 'plain.tar'), '-C', join(folder, 'files'), '.'),
      'foreign.tar.zst': () => program('tar', '--zstd', '-cf', join(folder, 'foreign.tar.zst'), '-C', join(folder, 'files'), '.'),
      'foreign.tar.gz': () => program('tar', '-czf', join(folder, 'foreign.tar.gz'), '-C', join(folder, 'files'), '.'),
      other: () => forge(join(folder, 'other'), { marker: Buffer.from('{}\n') }),
    };
    for (const [name, make] of Object.entries(files)) {
      await make();
      await expect(readManifest(join(folder, name)), name).rejects.toMatchObject({ code: 'bad-backup' });
      expect(await verify(join(folder, name)), name).toMatchObject({ verdict: 'bad', id: null });
    }
    await expect(readManifest(join(folder, 'files'))).rejects.toMatchObject({ code: 'bad-backup' });
    await expect(readManifest(join(folder, 'missing'))).rejects.toMatchObject({ code: 'unknown-backup' });
    await expect(verify(join(folder, 'missing'))).rejects.toMatchObject({ code: 'unknown-backup' });
    const newer: Forgery[] = [
      { marker: Buffer.from('{"moult-backup":2,"id":"x"}\n') },
      { trailer: { format: 2 } },
      { manifest: (manifest) => ({ ...manifest, format: 2 }) },
    ];
    for (const forgery of newer) {
      await forge(join(folder, 'newer'), forgery);
      const refusal = { code: 'newer-format', message: expect.stringContaining('Upgrade Moult') };
      await expect(readManifest(join(folder, 'newer'))).rejects.toMatchObject(refusal);
      await expect(verify(join(folder, 'newer'))).rejects.toMatchObject(refusal);
    }
  });
});
