import { createHash } from 'node:crypto';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { list } from 'tar';
import { expect, test } from 'vitest';
import { buildFeed, type FeedEntry } from '../../../resources/sample/build.ts';
import { run } from '../../../electron/engine/platform/processes.ts';
import { temporaryFolder, suiteFolder } from '../../support/temporary-folder.ts';
import { unpackRelease } from '../../support/sprig.ts';

const out = await suiteFolder('sample');
const feed = await buildFeed(out);
const entries = (JSON.parse(await readFile(join(feed, 'releases.json'), 'utf8')) as { releases: FeedEntry[] }).releases;

test('the feed lists four releases, and its sizes and hashes are those of the files', async () => {
  expect(entries.map(({ version, schema }) => `${version} ${schema}`)).toEqual(['1.0.0 2', '1.1.0 3', '1.2.0 4', '2.0.0 6']);
  expect(entries.find(({ version }) => version === '2.0.0')?.needs).toBe('>=1.2.0');
  for (const entry of entries) {
    const archive = await readFile(join(feed, entry.file));
    expect(archive.length).toBe(entry.bytes);
    expect(createHash('sha256').update(archive).digest('hex')).toBe(entry.sha256);
  }
});

test('another build by another process, in another place and time zone, makes the same bytes', async () => {
  const other = await temporaryFolder('sample-again');
  const script = new URL('../../../resources/sample/build.ts', import.meta.url).pathname;
  const env = { ...(process.env as Record<string, string>), TZ: 'Asia/Kathmandu', LANG: 'tr_TR.UTF-8' };
  const finished = await run([process.execPath, script, '--out', other], { env });
  expect(finished).toMatchObject({ code: 0 });
  expect(await readdir(join(other, 'feed'))).toEqual(await readdir(feed));
  for (const name of await readdir(feed)) {
    expect((await readFile(join(other, 'feed', name))).equals(await readFile(join(feed, name))), name).toBe(true);
  }
});

test('building over an older feed removes what is no longer offered', async () => {
  const other = await temporaryFolder('sample-stale');
  await buildFeed(other);
  await writeFile(join(other, 'feed', 'sprig-0.9.0.tar.gz'), 'old');
  await buildFeed(other);
  expect(await readdir(join(other, 'feed'))).toEqual(await readdir(feed));
});

test.each(entries)('$version has one top folder, no owner, sorted entries and the layout of a release', async ({ version, file }) => {
  const found: { path: string; uid: number | undefined; mode: number | undefined }[] = [];
  await list({ file: join(feed, file), onReadEntry: ({ path, uid, mode }) => found.push({ path, uid, mode }) });
  const paths = found.map(({ path }) => path);
  expect(paths.every((path) => path.startsWith(`sprig-${version}/`))).toBe(true);
  expect(paths).toEqual(paths.toSorted());
  expect(new Set(found.map(({ uid }) => uid))).toEqual(new Set([0]));
  const needed = [
    'bin/sprig.mjs',
    'bin/sprig',
    'migrations/0001_init.sql',
    'config.schema.json',
    'release.json',
    'runtime/render.mjs',
    'runtime/VERSION',
    'README.md',
  ];
  for (const name of needed) expect(paths).toContain(`sprig-${version}/${name}`);
});

test('release.json tells version, schema, runtime and a build of its own', async () => {
  const folder = await temporaryFolder('sample-slots');
  const identities = await Promise.all(
    entries.map(async ({ version }) => {
      const slot = await unpackRelease(feed, version, folder);
      expect((await stat(join(slot, 'bin/sprig'))).mode & 0o777).toBe(0o755);
      return JSON.parse(await readFile(join(slot, 'release.json'), 'utf8')) as Record<string, string>;
    }),
  );
  expect(identities.map(({ product, version, schema, runtime }) => [product, version, schema, runtime])).toEqual([
    ['sprig', '1.0.0', '2', '1.0'],
    ['sprig', '1.1.0', '3', '1.0'],
    ['sprig', '1.2.0', '4', '1.1'],
    ['sprig', '2.0.0', '6', '2.0'],
  ]);
  expect(new Set(identities.map(({ build }) => build)).size).toBe(4);
});
