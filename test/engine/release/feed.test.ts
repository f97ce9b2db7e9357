import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readFeed } from '../../../electron/engine/release/feed.ts';
import { smallServer } from '../../support/small-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const sha256 = 'ab'.repeat(32);
const entry = { version: '1.0.0', file: 'x-1.0.0.tar.gz', sha256 };
const whole = {
  ...entry,
  version: '2.0.0',
  file: 'x-2.0.0.tar.gz',
  bytes: 12,
  published: '2026-03-01T10:00:00+02:00',
  schema: '6',
  notes: 'Faster.',
  breaking: ['title is now site_title'],
  needs: '>=1.2.0',
  engines: { node: '>=22.13.0' },
  tags: ['latest'],
};

describe('a folder feed', () => {
  test('newest first by semver and not by text, with all that it says', async () => {
    const folder = await feedOf({
      format: 1,
      product: 'x',
      releases: [entry, whole, { ...entry, version: '1.10.0' }, { ...entry, version: '1.9.0' }, { ...entry, version: '2.0.0-beta.1' }],
    });
    const releases = await read(folder, { product: 'x' });
    expect(releases.map((release) => release.version)).toEqual(['2.0.0', '2.0.0-beta.1', '1.10.0', '1.9.0', '1.0.0']);
    expect(releases[0]).toEqual({
      version: '2.0.0',
      publishedAt: '2026-03-01T08:00:00.000Z',
      notes: 'Faster.',
      breaking: ['title is now site_title'],
      tags: ['latest'],
      prerelease: false,
      needs: '>=1.2.0',
      schema: '6',
      engines: { node: '>=22.13.0' },
      deprecated: null,
      artifact: { kind: 'file', path: join(folder, 'x-2.0.0.tar.gz'), bytes: 12, sha256 },
    });
    expect(releases[1]).toMatchObject({ prerelease: true, notes: null, needs: null, engines: {}, artifact: { bytes: null } });
  });

  test('may name addresses instead of files', async () => {
    const folder = await feedOf({
      format: 1,
      releases: [{ version: '1.0.0', url: 'https://example.org/x.tar.gz', sha256: sha256.toUpperCase() }],
    });
    expect((await read(folder))[0]?.artifact).toEqual({ kind: 'url', url: 'https://example.org/x.tar.gz', bytes: null, sha256 });
  });

  const releases = (...list: unknown[]) => ({ format: 1, releases: list });
  test.each<[string, unknown, RegExp]>([
    ['empty', '', /it is empty/],
    ['white space', ' \n', /it is empty/],
    ['not JSON', '<html>502</html>', /not JSON/],
    ['cut-off JSON', '{"format":1,"releases":[', /not JSON/],
    ['a list', [], /at the top/],
    ['no releases', releases(), /offers no release/],
    ['releases of another shape', { format: 1, releases: {} }, /at \/releases/],
    ['no format', { releases: [entry] }, /at \/format/],
    ['no version', releases({ ...entry, version: undefined }), /at \/releases\/0\/version/],
    ['a version that is no semver', releases(entry, { ...entry, version: '1.2' }), /at \/releases\/1\/version: not a semver/],
    ['a version with a v', releases({ ...entry, version: 'v1.2.0' }), /not a semver/],
    ['a version that climbs', releases({ ...entry, version: '../../evil' }), /not a semver/],
    ['a version named as a manifest', releases({ ...entry, version: '1.0.0-x.json' }), /may not end in .json/],
    ['two releases of one version', releases(entry, entry), /1\.0\.0 and 1\.0\.0, which are the same/],
    [
      'two releases that only differ in build',
      releases({ ...entry, version: '1.0.0+a' }, { ...entry, version: '1.0.0+b' }),
      /same release/,
    ],
    [
      'two releases that only differ in case',
      releases({ ...entry, version: '1.0.0-RC.1' }, { ...entry, version: '1.0.0-rc.1' }),
      /same release/,
    ],
    ['no checksum', releases({ ...entry, sha256: undefined }), /at \/releases\/0\/sha256/],
    ['a short checksum', releases({ ...entry, sha256: 'abc' }), /SHA-256/],
    ['a file that climbs out', releases({ ...entry, file: '../x.tar.gz' }), /at \/releases\/0\/file: a file must be inside/],
    ['an absolute file', releases({ ...entry, file: '/etc/passwd' }), /must be inside/],
    ['a file on a drive', releases({ ...entry, file: 'C:\\x.tar.gz' }), /must be inside/],
    ['neither file nor address', releases({ version: '1.0.0', sha256 }), /either a file or a url/],
    ['an address that is no web address', releases({ version: '1.0.0', sha256, url: 'file:///etc/passwd' }), /at \/releases\/0\/url/],
    ['negative bytes', releases({ ...entry, bytes: -1 }), /at \/releases\/0\/bytes/],
    ['a range that is none', releases({ ...entry, needs: 'soon' }), /not a semver range/],
    ['a time that is none', releases({ ...entry, published: 'yesterday' }), /at \/releases\/0\/published/],
    ['another product', { format: 1, product: 'y', releases: [entry] }, /feed of "y", not of "x"/],
  ])('is refused when it is or has %s', async (_, content, says) => {
    const folder = await feedOf(content);
    await expect(read(folder, { product: 'x' })).rejects.toMatchObject({ code: 'bad-feed', message: expect.stringMatching(says) });
  });

  test('of a newer format says what to upgrade', async () => {
    const folder = await feedOf({ format: 2, releases: 'in a new way' });
    await expect(read(folder)).rejects.toMatchObject({ code: 'newer-format', remedy: { action: 'upgrade-moult' } });
  });

  test('that is not there, is a folder, or offers a link that leads out', async () => {
    const folder = await temporaryFolder();
    await expect(read(folder)).rejects.toMatchObject({ code: 'feed-unreachable', details: { tried: join(folder, 'releases.json') } });
    await mkdir(join(folder, 'releases.json'));
    await expect(read(folder)).rejects.toMatchObject({ code: 'bad-feed' });
    const linked = await feedOf({ format: 1, releases: [entry] });
    await symlink('/etc/passwd', join(linked, entry.file));
    await expect(read(linked)).rejects.toMatchObject({ code: 'bad-feed', message: expect.stringMatching(/leads out/) });
  });
});

describe('an npm feed', () => {
  const version = (more: object = {}) => ({ dist: { tarball: 'https://r.example/x.tgz', integrity: 'sha512-abc', ...more } });
  const packument = {
    name: 'thing',
    'dist-tags': { latest: '2.0.0', next: '3.0.0-beta.1' },
    time: { created: '2020-01-01T00:00:00.000Z', '2.0.0': '2026-01-02T03:04:05.678Z' },
    versions: {
      '1.0.0': { ...version(), engines: ['node >= 0.4'] },
      '1.1.0': { ...version({ integrity: undefined }), engines: { node: '>=20' } },
      '2.0.0': { ...version(), engines: { node: '>=22.9' } },
      '1.9.0': { ...version(), deprecated: 'has a hole' },
      '3.0.0-beta.1': version(),
    },
  };

  test('has the versions with their tags, times and warnings; what cannot be verified is left out', async () => {
    const server = await smallServer((_, response) => response.end(JSON.stringify(packument)));
    const releases = await npm(server.url);
    expect(releases.map((release) => release.version)).toEqual(['3.0.0-beta.1', '2.0.0', '1.9.0', '1.0.0']);
    expect(releases[1]).toMatchObject({
      tags: ['latest'],
      publishedAt: '2026-01-02T03:04:05.678Z',
      engines: { node: '>=22.9' },
      artifact: { kind: 'npm', registry: server.url, integrity: 'sha512-abc' },
    });
    expect(releases[2]?.deprecated).toBe('has a hole');
    expect(releases[3]?.engines).toEqual({});
    expect(server.asked).toEqual(['GET /thing']);
  });

  test('of a scoped package is asked for in one part of the path', async () => {
    const server = await smallServer((_, response) => response.end(JSON.stringify({ ...packument, name: '@scope/thing' })));
    await npm(`${server.url}/`, '@scope/thing');
    expect(server.asked).toEqual(['GET /@scope%2fthing']);
  });

  test('is asked a second time after a failure', async () => {
    const server = await smallServer((_, response, turn) =>
      turn === 1 ? response.writeHead(502).end() : response.end(JSON.stringify(packument)),
    );
    expect(await npm(server.url)).toHaveLength(4);
  });

  test.each<[string, number, string, string, RegExp]>([
    ['empty', 200, '', 'bad-feed', /it is empty/],
    ['not JSON', 200, '<html>captive portal</html>', 'bad-feed', /not JSON/],
    ['of another shape', 200, '{"name":"thing","versions":[1]}', 'bad-feed', /at \/versions/],
    ['about another package', 200, JSON.stringify({ ...packument, name: 'evil' }), 'bad-feed', /about the package "evil"/],
    ['with a version that is none', 200, JSON.stringify({ ...packument, versions: { '1.x/../..': version() } }), 'bad-feed', /versions/],
    ['with nothing to offer', 200, '{"name":"thing","versions":{}}', 'bad-feed', /offers no release/],
    ['not there', 404, '{}', 'feed-unreachable', /no package "thing"/],
    ['not for us', 403, '{}', 'feed-unreachable', /answered 403/],
    ['broken', 500, '', 'feed-unreachable', /answered 500/],
  ])('that is %s', async (_, status, body, code, says) => {
    const server = await smallServer((__, response) => response.writeHead(status).end(body));
    await expect(npm(server.url)).rejects.toMatchObject({ code, message: expect.stringMatching(says) });
  });

  test('that hangs, and one that nobody serves', async () => {
    const silent = await smallServer(() => {});
    await expect(npm(silent.url)).rejects.toMatchObject({
      code: 'feed-unreachable',
      message: expect.stringMatching(/no answer within 0.2 s/),
      details: { tried: `${silent.url}/thing` },
    });
    await expect(npm('http://127.0.0.1:1')).rejects.toMatchObject({ code: 'feed-unreachable' });
  });

  test('can be cancelled', async () => {
    const silent = await smallServer(() => {});
    const signal = AbortSignal.timeout(50);
    await expect(
      readFeed({ driver: 'npm', package: 'thing', registry: silent.url }, { fill: (text) => text, signal }),
    ).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});

test('Node-RED in the real registry', async () => {
  const releases = await readFeed({ driver: 'npm', package: 'node-red' }, { fill: (text) => text });
  const named = releases.find((release) => release.version === '4.1.15');
  expect(named).toMatchObject({
    prerelease: false,
    artifact: { kind: 'npm', package: 'node-red', integrity: expect.stringMatching(/^sha512-/) },
  });
  expect(named?.engines.node).toMatch(/\d/);
  expect(releases.find((release) => release.tags.includes('latest'))).toBeDefined();
  expect(releases.every((release) => release.publishedAt !== null)).toBe(true);
});

async function feedOf(content: unknown): Promise<string> {
  const folder = await temporaryFolder('feed');
  await writeFile(join(folder, 'releases.json'), typeof content === 'string' ? content : JSON.stringify(content));
  return folder;
}

function read(folder: string, more: { product?: string } = {}) {
  return readFeed({ driver: 'folder', path: '{here}' }, { fill: (text) => text.replace('{here}', folder), ...more });
}

function npm(registry: string, name: string = 'thing') {
  return readFeed({ driver: 'npm', package: name, registry }, { fill: (text) => text, limit: 0.2 });
}
