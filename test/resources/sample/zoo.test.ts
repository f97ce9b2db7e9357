import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { list } from 'tar';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { FeedEntry } from '../../../resources/sample/build.ts';
import { descriptorSchema } from '../../../electron/engine/product/schema.ts';
import { askSprig, freePort, initSprig, runSprig, signIn, startSprig, unpackRelease } from '../../support/sprig.ts';
import { suiteFolder, temporaryFolder } from '../../support/temporary-folder.ts';
import { absoluteEscape, badVersion, buildZoo, descriptorWithFeed, escapeName, type ZooName, zooNames } from '../../support/zoo.ts';

const out = await suiteFolder('zoo');
const begun = performance.now();
const zoo = await buildZoo(join(out, 'feeds'));
const seconds = (performance.now() - begun) / 1000;
const goodSlot = await unpackRelease(zoo.hangs.feed, '1.1.0', out);

/** A home folder that 1.1.0 has served, with a tagged note in it, and the slot of a member's bad release. */
async function meet(name: ZooName) {
  const home = join(await temporaryFolder('zoo-home'), 'home');
  const port = await freePort();
  const password = await initSprig(goodSlot, home, port);
  const server = await startSprig(goodSlot, home, port);
  const token = await signIn(port, password);
  await askSprig(port, '/api/notes/Plan', { token, method: 'PUT', body: { text: 'beans', tags: ['garden'] } });
  await server.stop();
  const slot = await unpackRelease(zoo[name].feed, badVersion, join(out, name));
  return { home, port, slot, database: join(home, 'data/sprig.db') };
}

async function entryOf(name: ZooName): Promise<{ entry: FeedEntry; archive: Buffer }> {
  const feed = JSON.parse(await readFile(join(zoo[name].feed, 'releases.json'), 'utf8')) as { releases: FeedEntry[] };
  const entry = feed.releases.find(({ version }) => version === badVersion);
  if (!entry) throw new Error(`${name} offers no ${badVersion}`);
  return { entry, archive: await readFile(join(zoo[name].feed, entry.file)) };
}

function rowsOf<Row>(file: string, sql: string): Row[] {
  const database = new DatabaseSync(file);
  try {
    return database.prepare(sql).all() as Row[];
  } finally {
    database.close();
  }
}

test('every feed offers 1.0.0, 1.1.0 and a bad 1.3.0, and all are built within 3 s', async () => {
  for (const name of zooNames) {
    const files = (await readdir(zoo[name].feed)).toSorted();
    expect(files, name).toEqual(['releases.json', 'sprig-1.0.0.tar.gz', 'sprig-1.1.0.tar.gz', 'sprig-1.3.0.tar.gz']);
  }
  expect(seconds).toBeLessThan(3);
});

test('a descriptor with a feed of the zoo is a whole descriptor', async () => {
  const descriptor = descriptorSchema.parse(parse(await descriptorWithFeed(zoo.hangs.feed)));
  expect(descriptor.feed).toEqual({ driver: 'folder', path: zoo.hangs.feed });
});

test('crashes-at-start ends with 1 and leaves the data alone', async () => {
  const { home, slot, database } = await meet('crashes-at-start');
  const before = await readFile(database);
  const server = runSprig(slot, ['serve', '--home', home]);
  expect(await server.ended).toBe(1);
  expect(server.output()).toContain('leaf-engine');
  expect((await readFile(database)).equals(before)).toBe(true);
});

test('hangs runs on and never listens', async () => {
  const { home, port, slot } = await meet('hangs');
  const server = runSprig(slot, ['serve', '--home', home]);
  await pause(700);
  await expect(askSprig(port, '/healthz')).rejects.toThrow();
  expect(await Promise.race([server.ended, pause(1, 'alive')])).toBe('alive');
});

test('dies-after-3s is healthy as 1.3.0 and then dies', async () => {
  const { home, port, slot } = await meet('dies-after-3s');
  const server = await startSprig(slot, home, port);
  const ready = performance.now();
  expect((await askSprig(port, '/healthz')).value).toMatchObject({ status: 'ok', version: '1.3.0' });
  expect(await server.ended).toBe(1);
  expect(performance.now() - ready).toBeGreaterThan(2500);
});

test('migrates-then-fails commits a migration that loses tags, and ends with 1', async () => {
  const { home, slot, database } = await meet('migrates-then-fails');
  const server = runSprig(slot, ['serve', '--home', home]);
  expect(await server.ended).toBe(1);
  expect(rowsOf(database, 'SELECT max(version) AS version FROM schema_migrations WHERE applied_at IS NOT NULL')).toEqual([{ version: 4 }]);
  expect(rowsOf(database, "SELECT tags FROM notes WHERE name = 'Plan'")).toEqual([{ tags: '' }]);
  const old = runSprig(goodSlot, ['serve', '--home', home]);
  expect(await old.ended).toBe(3);
});

test('leaves-ledger-dirty leaves a row without applied_at and half a migration', async () => {
  const { home, slot, database } = await meet('leaves-ledger-dirty');
  expect(await runSprig(slot, ['serve', '--home', home]).ended).toBe(1);
  expect(rowsOf(database, 'SELECT version FROM schema_migrations WHERE applied_at IS NULL')).toEqual([{ version: 4 }]);
  expect(rowsOf(database, "SELECT tags FROM notes WHERE name = 'Plan'")).toEqual([{ tags: 'lost' }]);
  const old = runSprig(goodSlot, ['serve', '--home', home]);
  expect(await old.ended).toBe(3);
  expect(old.output()).toContain('begun and not finished');
});

test('rewrites-config loses the login and the secret, and opens the file to all', async () => {
  const { home, slot } = await meet('rewrites-config');
  expect(await runSprig(slot, ['serve', '--home', home]).ended).toBe(1);
  const config = join(home, 'config.yaml');
  expect(await readFile(config, 'utf8')).not.toContain('password_hash');
  expect((await stat(config)).mode & 0o777).toBe(0o644);
  expect(await runSprig(goodSlot, ['serve', '--home', home]).ended).toBe(4);
});

test('fills-disk writes into data/ up to its bound and ends with 1', async () => {
  const { home, slot, database } = await meet('fills-disk');
  const server = runSprig(slot, ['serve', '--home', home], { ZOO_FILL_BYTES: String(4 * 1024 * 1024) });
  expect(await server.ended).toBe(1);
  expect(server.output()).toContain('ENOSPC');
  expect(rowsOf(database, 'SELECT sum(length(content)) AS bytes FROM ballast')).toEqual([{ bytes: 4 * 1024 * 1024 }]);
});

test('reports-old-build is ready and says that it is 1.1.0', async () => {
  const { home, port, slot } = await meet('reports-old-build');
  const server = await startSprig(slot, home, port);
  expect((await askSprig(port, '/healthz')).value).toMatchObject({ status: 'ok', version: '1.1.0' });
  expect(JSON.parse(await readFile(join(slot, 'release.json'), 'utf8'))).toMatchObject({ version: '1.3.0' });
  await server.stop();
});

test.each(['wrong-checksum', 'bit-flipped'] as const)('%s does not fit the checksum in the feed', async (name) => {
  const { entry, archive } = await entryOf(name);
  expect(sha256(archive)).not.toBe(entry.sha256);
  expect(archive.length).toBe(entry.bytes);
});

test.each(['truncated-archive', 'not-a-tarball', 'archive-dotdot', 'archive-absolute', 'archive-link-outside'] as const)(
  '%s fits the checksum in the feed',
  async (name) => {
    const { entry, archive } = await entryOf(name);
    expect(sha256(archive)).toBe(entry.sha256);
  },
);

test.each(['truncated-archive', 'bit-flipped', 'not-a-tarball'] as const)('%s cannot be unpacked', async (name) => {
  const { archive } = await entryOf(name);
  expect(() => gunzipSync(archive)).toThrow();
});

test('hostile archives hold a whole release and one way out of it', async () => {
  const lastOf = async (name: ZooName) => {
    const paths: string[] = [];
    await list({
      file: join(zoo[name].feed, `sprig-${badVersion}.tar.gz`),
      preservePaths: true,
      onReadEntry: ({ path }) => paths.push(path),
    });
    expect(paths).toContain(`sprig-${badVersion}/lib/serve.mjs`);
    return paths.at(-1);
  };
  expect(await lastOf('archive-dotdot')).toBe(`sprig-1.3.0/../../${escapeName}`);
  expect(await lastOf('archive-absolute')).toBe(absoluteEscape);
  expect(await lastOf('archive-link-outside')).toBe(`sprig-1.3.0/attic/${escapeName}`);
  expect(existsSync(absoluteEscape)).toBe(false);
});

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
