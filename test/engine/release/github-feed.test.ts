import { describe, expect, test } from 'vitest';
import { parseChecksums } from '../../../electron/engine/release/checksums-file.ts';
import { readFeed } from '../../../electron/engine/release/feed.ts';
import { smallServer, type SmallServer } from '../../support/small-server.ts';

const os = process.platform === 'darwin' ? 'darwin' : process.platform === 'win32' ? 'windows' : 'linux';
const arch = process.arch === 'x64' ? 'amd64' : process.arch;
const sum = (letter: string) => letter.repeat(64);

interface Told {
  tag: string;
  /** The name of the archive; without it the usual one. */
  archive?: string;
  sum?: string | null;
  digest?: string;
  draft?: boolean;
  prerelease?: boolean;
  body?: string;
}

describe('releases of a repository on GitHub', () => {
  test('are ordered by semver, whatever order and tags GitHub has, with the archive of this machine', async () => {
    const server = await gitHub({
      'now/thing': [
        { tag: 'v0.1.0', sum: sum('1'), body: 'Finished.\n' },
        { tag: 'v0.1.0-rc.1', sum: sum('2'), prerelease: true },
        { tag: 'v0.0.1-prealpha.9', sum: sum('3') },
        { tag: 'v0.0.1-prealpha.17', sum: sum('4') },
        { tag: 'nightly', sum: sum('5') },
        { tag: 'v0.2.0', sum: sum('6'), draft: true },
        { tag: 'v0.3.0', archive: 'thing_0.3.0_plan9_mips.tar.gz', sum: sum('7') },
        { tag: 'v0.4.0', sum: null },
      ],
    });
    const releases = await read(server);
    expect(releases.map((release) => release.version)).toEqual(['0.1.0', '0.1.0-rc.1', '0.0.1-prealpha.17', '0.0.1-prealpha.9']);
    expect(releases[0]).toEqual({
      version: '0.1.0',
      publishedAt: '2026-06-28T10:00:00.000Z',
      notes: 'Finished.\n',
      breaking: [],
      tags: [],
      prerelease: false,
      needs: null,
      schema: null,
      engines: {},
      deprecated: null,
      artifact: { kind: 'url', url: `${server.url}/get/v0.1.0/thing_0.1.0_${os}_${arch}.tar.gz`, bytes: 7, sha256: sum('1') },
    });
    expect(releases.map((release) => release.prerelease)).toEqual([false, true, true, true]);
  });

  test('of a project that was renamed are found under its older name, with its older archives', async () => {
    const server = await gitHub({ 'before/thing': [{ tag: 'v1.0.0', archive: `old_1.0.0_${os}_${arch}.tar.gz`, sum: sum('a') }] });
    const [release] = await read(server);
    expect(release).toMatchObject({
      version: '1.0.0',
      artifact: { sha256: sum('a'), url: expect.stringContaining('/old_1.0.0_') as string },
    });
    expect(server.asked.slice(0, 2)).toEqual([
      'GET /repos/now/thing/releases?per_page=100&page=1',
      'GET /repos/before/thing/releases?per_page=100&page=1',
    ]);
  });

  test('come from all pages', async () => {
    const tags = Array.from({ length: 130 }, (_, index) => ({ tag: `v1.${index}.0`, digest: `sha256:${sum('b')}`, sum: null }));
    const releases = await read(await gitHub({ 'now/thing': tags }));
    expect(releases).toHaveLength(130);
    expect(releases[0]?.version).toBe('1.129.0');
  });

  test('may have their checksum from GitHub alone; one that contradicts the file is refused', async () => {
    const digest = `sha256:${sum('c')}`;
    expect(await read(await gitHub({ 'now/thing': [{ tag: 'v1.0.0', digest, sum: null }] }))).toMatchObject([
      { artifact: { sha256: sum('c') } },
    ]);
    await expect(read(await gitHub({ 'now/thing': [{ tag: 'v1.0.0', digest, sum: sum('d') }] }))).rejects.toMatchObject({
      code: 'bad-feed',
      message: expect.stringMatching(/GitHub says cccc/) as string,
    });
  });

  test.each<[string, number, Record<string, string>, string, string, RegExp]>([
    ['not there', 404, {}, '{}', 'feed-unreachable', /no repository now\/thing or before\/thing/],
    ['not JSON', 200, {}, '<html>portal</html>', 'bad-feed', /not JSON/],
    ['of another shape', 200, {}, '{"message":"Moved"}', 'bad-feed', /at the top/],
    ['empty', 200, {}, '[]', 'bad-feed', /offers no release/],
    ['broken', 503, {}, '', 'feed-unreachable', /answered 503/],
    ['forbidden', 403, {}, '{}', 'feed-unreachable', /answered 403/],
    [
      'asked too often',
      403,
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1790000000' },
      '{}',
      'feed-unreachable',
      /too often; it answers no more until 2026-09-21T/,
    ],
    ['asked much too often', 429, { 'retry-after': '60' }, '', 'feed-unreachable', /too often; it answers no more for 60 s/],
  ])('that are %s', async (_, status, headers, body, code, says) => {
    const server = await smallServer((__, response) => response.writeHead(status, headers).end(body));
    await expect(read(server)).rejects.toMatchObject({ code, message: expect.stringMatching(says) as string });
  });

  test('whose file of checksums is listed and missing are not taken for releases without one', async () => {
    const server = await gitHub({ 'now/thing': [{ tag: 'v1.0.0', sum: sum('a') }] }, (path) => path.endsWith('/checksums.txt'));
    await expect(read(server)).rejects.toMatchObject({
      code: 'feed-unreachable',
      message: expect.stringMatching(/release v1\.0\.0 lists it/) as string,
    });
  });
});

test('a file of checksums is read line by line', () => {
  const sums = parseChecksums(
    `# made by CI\n${sum('A')}  one.tar.gz\r\n${sum('b')} *two.tar.gz\n${sum('c')}  ./three.tar.gz\nshort  four\n${sum('d')}  five\n${sum('e')}  five\n`,
  );
  expect(Object.fromEntries(sums)).toEqual({ 'one.tar.gz': sum('a'), 'two.tar.gz': sum('b'), 'three.tar.gz': sum('c') });
});

/** Answers as api.github.com and as the place of the downloads. */
async function gitHub(repositories: Record<string, Told[]>, lost: (path: string) => boolean = () => false): Promise<SmallServer> {
  const server: SmallServer = await smallServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const name = /^\/repos\/(.+)\/releases$/.exec(url.pathname)?.[1];
    const found = name === undefined ? undefined : repositories[name];
    const told = Object.values(repositories)
      .flat()
      .find(({ tag }) => url.pathname === `/get/${tag}/checksums.txt`);
    const from = (Number(url.searchParams.get('page')) - 1) * 100;
    if (found !== undefined) response.end(JSON.stringify(found.slice(from, from + 100).map((one) => entry(server.url, one))));
    else if (told === undefined || lost(url.pathname)) response.writeHead(404).end('{"message":"Not Found"}');
    else response.end(`${told.sum}  ${archiveOf(told)}\n`);
  });
  return server;
}

function archiveOf({ tag, archive }: Told): string {
  return archive ?? `thing_${tag.slice(1)}_${os}_${arch}.tar.gz`;
}

function entry(url: string, told: Told): object {
  const asset = (name: string, digest?: string) => ({
    name,
    size: 7,
    browser_download_url: `${url}/get/${told.tag}/${name}`,
    ...(digest && { digest }),
  });
  return {
    tag_name: told.tag,
    draft: told.draft ?? false,
    prerelease: told.prerelease ?? false,
    published_at: '2026-06-28T10:00:00Z',
    body: told.body ?? '',
    assets: [asset(archiveOf(told), told.digest), ...(told.sum === null ? [] : [asset('checksums.txt')])],
  };
}

function read(server: SmallServer) {
  return readFeed(
    {
      driver: 'github',
      repositories: ['now/thing', 'before/thing'],
      assets: ['thing_{version}_{os}_{arch}.tar.gz', 'old_{version}_{os}_{arch}.tar.gz'],
      checksums: 'checksums.txt',
      tagPrefix: 'v',
      api: server.url,
    },
    { fill: (text) => text, limit: 2 },
  );
}
