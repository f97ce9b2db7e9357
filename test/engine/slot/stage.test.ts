import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  compareShipped,
  listSlots,
  readShipped,
  removeSlot,
  slotBytes,
  stageRelease,
  type StageOptions,
} from '../../../electron/engine/slot/stage.ts';
import { flipped, noise, tarball } from '../../support/tarballs.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const archive = gzipSync(
  tarball(
    { path: 'app-1.0.0/bin/app', content: '#!/bin/sh\n', mode: 0o755 },
    { path: 'app-1.0.0/data', content: noise(50_000) },
    { path: 'app-1.0.0/latest', type: 'SymbolicLink', linkpath: 'bin/app' },
    { path: 'app-1.0.0/empty', type: 'Directory' },
  ),
);

describe('staging an archive', () => {
  test('makes a slot and a manifest, and leaves nothing aside', async () => {
    const { home, options } = await scene();
    const seen: number[] = [];
    const staged = await stageRelease({ ...options, onProgress: ({ fraction }) => fraction !== undefined && seen.push(fraction) });
    expect(staged).toEqual({
      slot: join(home, 'slots/1.0.0'),
      manifest: join(home, 'slots/1.0.0.json'),
      files: 3,
      bytes: 50_010,
      kept: false,
      setAside: null,
    });
    expect((await readdir(join(home, 'slots'))).sort()).toEqual(['1.0.0', '1.0.0.json']);
    expect(await readdir(join(home, 'staging'))).toEqual([]);
    expect(await readFile(join(staged.slot, 'data'))).toEqual(noise(50_000));
    const shipped = await readShipped(options.slots, '1.0.0');
    expect(shipped).toMatchObject({ format: 1, release: '1.0.0', artifact: sha256(archive) });
    expect(await compareShipped(staged.slot, shipped as NonNullable<typeof shipped>)).toEqual({ changed: [], missing: [], foreign: [] });
    expect(seen.length).toBeGreaterThan(0);
    expect(seen).toEqual(seen.toSorted((one, other) => one - other));
    expect(await listSlots(options.slots)).toEqual(['1.0.0']);
    expect(await slotBytes(options.slots, '1.0.0')).toBe(50_010);
  });

  test('again keeps what is whole, also with a foreign file in it', async () => {
    const { options } = await scene();
    const { slot } = await stageRelease(options);
    await writeFile(join(slot, 'mine.txt'), 'mine');
    expect(await stageRelease({ ...options, artifact: null })).toMatchObject({ kept: true, files: 3, setAside: null });
    expect(await readFile(join(slot, 'mine.txt'), 'utf8')).toBe('mine');
  });

  test.each<[string, (slot: string) => Promise<void>]>([
    ['changed', (slot) => writeFile(join(slot, 'data'), 'changed')],
    ['missing', (slot) => rm(join(slot, 'data'))],
    ['lost its manifest', (slot) => rm(`${slot}.json`)],
    ['has a damaged manifest', (slot) => writeFile(`${slot}.json`, '{"format":1,"release":')],
    ['has a manifest of another release', (slot) => writeFile(`${slot}.json`, '{"format":1,"release":"9.9.9","artifact":"x","files":[]}')],
  ])('again makes anew what is %s, and loses nothing of it', async (_, harm) => {
    const { options } = await scene();
    const { slot } = await stageRelease(options);
    await writeFile(join(slot, 'mine.txt'), 'mine');
    await harm(slot);
    const staged = await stageRelease(options);
    expect(staged.kept).toBe(false);
    expect(await readFile(join(slot, 'data'))).toEqual(noise(50_000));
    expect(await readdir(slot)).not.toContain('mine.txt');
    expect(await readFile(join(staged.setAside as string, 'mine.txt'), 'utf8')).toBe('mine');
    expect(await listSlots(options.slots)).toEqual(['1.0.0']);
  });

  test('anew when the feed now means another artifact by the same version', async () => {
    const { home, options } = await scene();
    await stageRelease(options);
    const other = gzipSync(tarball({ path: 'app/data', content: 'other' }));
    await writeFile(join(home, 'other'), other);
    const release = { version: '1.0.0', artifact: { kind: 'file', sha256: sha256(other) } } as const;
    expect(await stageRelease({ ...options, release, artifact: join(home, 'other') })).toMatchObject({ kept: false, files: 1 });
  });

  test('puts two altered slots aside under two names, where it is told', async () => {
    const { home, options } = await scene();
    const places: (string | null)[] = [];
    for (let round = 0; round < 3; round += 1) {
      const { slot, setAside } = await stageRelease({ ...options, setAside: join(home, 'trash') });
      places.push(setAside);
      await writeFile(join(slot, 'data'), `altered ${round}`);
    }
    expect(places).toEqual([null, join(home, 'trash/1.0.0'), join(home, 'trash/1.0.0_2')]);
  });

  test('clears what a killed run left half unpacked', async () => {
    const { home, options } = await scene();
    await mkdir(join(home, 'staging/unpack-1.0.0/app'), { recursive: true });
    await writeFile(join(home, 'staging/unpack-1.0.0/app/half'), 'half');
    const { slot } = await stageRelease(options);
    expect((await readdir(slot)).sort()).toEqual(['bin', 'data', 'empty', 'latest']);
  });

  test('that is damaged, changed since it was verified, or cancelled leaves nothing behind', async () => {
    const { home, options } = await scene();
    await writeFile(join(home, 'archive'), flipped(archive, 30_000));
    await expect(stageRelease(options)).rejects.toMatchObject({ code: 'bad-archive' });
    await writeFile(join(home, 'archive'), gzipSync(tarball({ path: 'app/evil', content: 'evil' })));
    await expect(stageRelease(options)).rejects.toMatchObject({ code: 'bad-archive', message: expect.stringMatching(/changed after/) });
    await writeFile(join(home, 'archive'), archive);
    await expect(stageRelease({ ...options, signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop');
    expect(await readdir(join(home, 'slots'))).toEqual([]);
    expect(await readdir(join(home, 'staging'))).toEqual([]);
    expect(await listSlots(options.slots)).toEqual([]);
  });

  test('a failure leaves a slot that is there alone', async () => {
    const { home, options } = await scene();
    const { slot } = await stageRelease(options);
    await writeFile(join(slot, 'data'), 'altered');
    await writeFile(join(home, 'archive'), 'no archive');
    await expect(stageRelease(options)).rejects.toMatchObject({ code: 'bad-archive' });
    expect(await readFile(join(slot, 'data'), 'utf8')).toBe('altered');
  });

  test.each(['../evil', '1.0', 'v1.0.0', '', '1.0.0-x.json'])('a release named "%s" gets no slot', async (version) => {
    const { options } = await scene();
    await expect(stageRelease({ ...options, release: { ...options.release, version } })).rejects.toMatchObject({ code: 'bad-input' });
    await expect(removeSlot(options.slots, version)).rejects.toMatchObject({ code: 'bad-input' });
  });

  test('needs an archive, and a feed that fits the payload', async () => {
    const { options } = await scene();
    await expect(stageRelease({ ...options, artifact: null })).rejects.toMatchObject({ code: 'unsupported' });
    await expect(stageRelease({ ...options, payload: { driver: 'npm', package: 'x' } })).rejects.toMatchObject({ code: 'unsupported' });
  });
});

describe('comparing a slot', () => {
  test('tells every kind of difference', async () => {
    const { options } = await scene();
    const { slot } = await stageRelease(options);
    const shipped = await readShipped(options.slots, '1.0.0');
    if (shipped === null) throw new Error('no manifest');
    const altered = noise(50_000);
    altered[49_999] = (altered[49_999] as number) ^ 1;
    await writeFile(join(slot, 'data'), altered);
    await chmod(join(slot, 'bin/app'), 0o4755);
    await rm(join(slot, 'latest'));
    await symlink('data', join(slot, 'latest'));
    await rm(join(slot, 'empty'), { recursive: true });
    await mkdir(join(slot, 'cache/deep'), { recursive: true });
    await writeFile(join(slot, 'cache/deep/new'), 'x');
    await symlink('nowhere', join(slot, 'dangling'));
    expect(await compareShipped(slot, shipped)).toEqual({
      changed: ['bin/app', 'data', 'latest'],
      missing: ['empty'],
      foreign: ['cache/deep/new', 'dangling'],
    });
    const skip = (path: string) => path === 'cache' || path === 'data';
    expect(await compareShipped(slot, shipped, { skip })).toEqual({
      changed: ['bin/app', 'latest'],
      missing: ['empty'],
      foreign: ['dangling'],
    });
    await rm(join(slot, 'data'));
    await mkdir(join(slot, 'data'));
    expect((await compareShipped(slot, shipped)).changed).toContain('data');
  });

  test('nothing is known of a release that was never staged; a damaged or newer manifest is told', async () => {
    const { home, options } = await scene();
    expect(await readShipped(options.slots, '1.0.0')).toBeNull();
    await mkdir(join(home, 'slots'), { recursive: true });
    await writeFile(join(home, 'slots/1.0.0.json'), 'garbage');
    await expect(readShipped(options.slots, '1.0.0')).rejects.toMatchObject({ code: 'io', remedy: { action: 'reinstall-release' } });
    await writeFile(join(home, 'slots/1.0.0.json'), '{"format":2}');
    await expect(readShipped(options.slots, '1.0.0')).rejects.toMatchObject({ code: 'newer-format', remedy: { action: 'upgrade-moult' } });
  });
});

test('slots are listed by version and removed whole', async () => {
  const { home, options } = await scene();
  for (const version of ['1.10.0', '1.9.0', '2.0.0-beta.1']) await stageRelease({ ...options, release: { ...options.release, version } });
  await mkdir(join(home, 'slots/.removing-0.1.0'));
  expect(await listSlots(options.slots)).toEqual(['1.9.0', '1.10.0', '2.0.0-beta.1']);
  await removeSlot(options.slots, '1.9.0');
  await removeSlot(options.slots, '1.9.0');
  await removeSlot(join(home, 'nowhere'), '1.9.0');
  expect(await listSlots(options.slots)).toEqual(['1.10.0', '2.0.0-beta.1']);
  expect((await readdir(options.slots)).sort()).toEqual(['1.10.0', '1.10.0.json', '2.0.0-beta.1', '2.0.0-beta.1.json']);
  expect(await slotBytes(options.slots, '1.9.0')).toBe(0);
  expect(await listSlots(join(home, 'nowhere'))).toEqual([]);
});

async function scene(): Promise<{ home: string; options: StageOptions }> {
  const home = await temporaryFolder('slot');
  await writeFile(join(home, 'archive'), archive);
  const release = { version: '1.0.0', artifact: { kind: 'file', sha256: sha256(archive) } } as const;
  return {
    home,
    options: {
      payload: { driver: 'archive', strip: 1 },
      release,
      artifact: join(home, 'archive'),
      slots: join(home, 'slots'),
      staging: join(home, 'staging'),
    },
  };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
