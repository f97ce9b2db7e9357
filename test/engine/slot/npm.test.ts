import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test, vi } from 'vitest';
import { readFeed } from '../../../electron/engine/release/feed.ts';
import { compareShipped, readShipped, stageRelease, type StagedRelease } from '../../../electron/engine/slot/stage.ts';
import { tarball } from '../../support/tarballs.ts';
import { smallServer } from '../../support/small-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

afterEach(() => vi.unstubAllEnvs());

const pack = (name: string, more: object = {}) =>
  gzipSync(
    tarball(
      { path: 'package/package.json', content: JSON.stringify({ name, version: '1.0.0', ...more }) },
      { path: 'package/index.js', content: 'export {};\n' },
    ),
  );
const integrityOf = (bytes: Buffer) => `sha512-${createHash('sha512').update(bytes).digest('base64')}`;

test('a package of the real registry, with its integrity', async () => {
  const home = await temporaryFolder();
  const releases = await readFeed({ driver: 'npm', package: 'is-number' }, { fill: (text) => text });
  const release = releases.find(({ version }) => version === '7.0.0');
  const details: string[] = [];
  const staged = await stage(home, 'is-number', release as StagedRelease, (detail) => details.push(detail));
  expect(JSON.parse(await readFile(join(staged.slot, 'node_modules/is-number/package.json'), 'utf8'))).toMatchObject({ version: '7.0.0' });
  const shipped = await readShipped(join(home, 'slots'), '7.0.0');
  expect(shipped?.artifact).toMatch(/^sha512-/);
  expect(await compareShipped(staged.slot, shipped as NonNullable<typeof shipped>)).toEqual({ changed: [], missing: [], foreign: [] });
  expect(details).toContain('npm installs is-number 7.0.0');
  expect(await stage(home, 'is-number', release as StagedRelease)).toMatchObject({ kept: true });
});

test('neither install scripts nor settings of another npm have a say', async () => {
  const home = await temporaryFolder();
  const dependency = pack('dep', { scripts: { install: 'touch ran' } });
  const thing = pack('thing', {
    scripts: { preinstall: 'touch ran', postinstall: 'touch ran' },
    dependencies: { dep: '^1.0.0' },
    bin: { thing: 'index.js' },
  });
  const registry = await registryOf({ thing: { bytes: thing, dependencies: { dep: '^1.0.0' } }, dep: { bytes: dependency } });
  vi.stubEnv('npm_config_ignore_scripts', 'false');
  vi.stubEnv('npm_config_global', 'true');
  vi.stubEnv('npm_config_registry', 'http://127.0.0.1:1/');
  vi.stubEnv('NPM_CONFIG_DRY_RUN', 'true');
  const staged = await stage(home, 'thing', releaseOf('thing', thing, registry.url));
  const names = (await readdir(staged.slot, { recursive: true })).map((name) => name.split('/').at(-1));
  expect(names).toContain('package-lock.json');
  expect(names).not.toContain('ran');
  expect((await readdir(join(staged.slot, 'node_modules'))).sort()).toEqual(['.package-lock.json', 'dep', 'thing']);
});

test.each<[string, (good: Buffer) => { served?: Buffer; listed?: string; expected?: string }, string]>([
  ['the feed gave another integrity', () => ({ expected: integrityOf(Buffer.from('other')) }), 'wrong-checksum'],
  ['the registry serves other bytes than it lists', () => ({ served: pack('thing', { evil: true }) }), 'wrong-checksum'],
  [
    'the registry changed both since',
    () => ({ served: pack('thing', { evil: true }), listed: integrityOf(pack('thing', { evil: true })) }),
    'wrong-checksum',
  ],
])('refused when %s', async (_, lie, code) => {
  const home = await temporaryFolder();
  const good = pack('thing');
  const { served, listed, expected } = lie(good);
  const registry = await registryOf({ thing: { bytes: served ?? good, integrity: listed ?? integrityOf(good) } });
  const release = releaseOf('thing', good, registry.url, expected);
  await expect(stage(home, 'thing', release)).rejects.toMatchObject({ code });
  expect(await readdir(join(home, 'slots'))).toEqual([]);
  expect(await readdir(join(home, 'staging'))).toEqual([]);
});

test('a version, a dependency or a registry that is not there is told as that', async () => {
  const home = await temporaryFolder();
  const thing = pack('thing');
  const registry = await registryOf({ thing: { bytes: thing, dependencies: { missing: '1.0.0' } } });
  const wanted = releaseOf('thing', thing, registry.url);
  await expect(stage(home, 'thing', wanted)).rejects.toMatchObject({ code: 'unknown-release', message: expect.stringMatching(/missing/) });
  const newer = { ...wanted, artifact: { ...wanted.artifact, version: '3.0.0' } } as StagedRelease;
  await expect(stage(home, 'thing', newer)).rejects.toMatchObject({ code: 'unknown-release' });
});

test('no npm anywhere is said in so many words', async () => {
  const home = await temporaryFolder();
  vi.stubEnv('PATH', home);
  await expect(stage(home, 'thing', releaseOf('thing', pack('thing'), 'http://127.0.0.1:1'))).rejects.toMatchObject({
    code: 'unsupported',
    message: expect.stringMatching(/no npm/),
  });
});

test('a cancelled install ends at once and leaves nothing', async () => {
  const home = await temporaryFolder();
  const silent = await smallServer(() => {});
  const control = new AbortController();
  const running = stage(home, 'thing', releaseOf('thing', pack('thing'), silent.url), undefined, control.signal);
  while (silent.asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  control.abort(new Error('cancelled'));
  await expect(running).rejects.toThrow('cancelled');
  expect(await readdir(join(home, 'staging'))).toEqual([]);
});

function stage(home: string, name: string, release: StagedRelease, onDetail?: (detail: string) => void, signal?: AbortSignal) {
  return stageRelease({
    payload: { driver: 'npm', package: name },
    release,
    artifact: null,
    slots: join(home, 'slots'),
    staging: join(home, 'staging'),
    npmCache: join(home, 'npm-cache'),
    ...(onDetail && { onProgress: ({ detail }) => detail !== undefined && onDetail(detail) }),
    ...(signal && { signal }),
  });
}

function releaseOf(name: string, bytes: Buffer, registry: string, integrity: string = integrityOf(bytes)): StagedRelease {
  return { version: '1.0.0', artifact: { kind: 'npm', package: name, version: '1.0.0', registry, integrity } };
}

/** A registry of packages in their version 1.0.0. */
async function registryOf(packages: Record<string, { bytes: Buffer; integrity?: string; dependencies?: Record<string, string> }>) {
  const server = await smallServer((request, response) => {
    const [, name = '', file] = (request.url ?? '').split('/');
    const entry = packages[name];
    if (entry === undefined || file !== undefined) {
      response.writeHead(entry === undefined ? 404 : 200).end(entry?.bytes ?? '{}');
      return;
    }
    const dist = { tarball: `${server.url}/${name}/${name}-1.0.0.tgz`, integrity: entry.integrity ?? integrityOf(entry.bytes) };
    const version = { name, version: '1.0.0', dependencies: entry.dependencies, dist, hasInstallScript: true };
    response.end(JSON.stringify({ name, 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': version } }));
  });
  return server;
}
