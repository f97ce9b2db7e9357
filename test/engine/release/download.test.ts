import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fetchArtifact } from '../../../electron/engine/release/download.ts';
import type { Artifact } from '../../../electron/engine/release/feed.ts';
import { noise } from '../../support/tarballs.ts';
import { serveBytes, smallServer } from '../../support/small-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const content = noise(400_000);
const sha256 = hashOf('sha256', content).toString('hex');
const part = `sha256-${sha256}.download.part`;
const quick = { pause: 0.01, stall: 2 };

test('a file of a folder feed is proven where it is', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'x.tar.gz');
  await writeFile(path, content);
  expect(await fetchArtifact({ kind: 'file', path, bytes: content.length, sha256 }, { folder })).toEqual({
    path,
    bytes: content.length,
    sha256,
  });
  await expect(fetchArtifact({ kind: 'file', path, bytes: 12, sha256 }, { folder })).rejects.toMatchObject({
    code: 'wrong-checksum',
    details: { expected: 12, found: 400_000 },
  });
  const other = 'a'.repeat(64);
  const wrong = await fetchArtifact({ kind: 'file', path, bytes: null, sha256: other }, { folder }).catch((error: Error) => error);
  expect(wrong).toMatchObject({ code: 'wrong-checksum', details: { expected: other, found: sha256 } });
  expect((wrong as Error).message).toContain(other);
  expect((wrong as Error).message).toContain(sha256);
  expect(await readFile(path)).toEqual(content);
  await expect(fetchArtifact({ kind: 'file', path: join(folder, 'none'), bytes: null, sha256 }, { folder })).rejects.toMatchObject({
    code: 'feed-unreachable',
  });
});

describe('a download', () => {
  test('arrives with progress, and is not fetched again', async () => {
    const folder = await temporaryFolder();
    const server = await smallServer((request, response) => serveBytes(request, response, content));
    const seen: { bytes: number; total: number | null }[] = [];
    const artifact = at(server.url);
    const fetched = await fetchArtifact(artifact, { folder, ...quick, onProgress: (progress) => seen.push(progress) });
    expect(fetched).toMatchObject({ bytes: content.length, sha256 });
    expect(await readFile(fetched.path)).toEqual(content);
    expect(seen.at(-1)).toEqual({ bytes: content.length, total: content.length });
    expect(await fetchArtifact(artifact, { folder, ...quick })).toEqual(fetched);
    expect(server.asked).toHaveLength(1);
  });

  test('that was altered on disk afterwards is fetched again', async () => {
    const folder = await temporaryFolder();
    const server = await smallServer((request, response) => serveBytes(request, response, content));
    const { path } = await fetchArtifact(at(server.url), { folder, ...quick });
    await writeFile(path, 'tampered');
    await fetchArtifact(at(server.url), { folder, ...quick });
    expect(await readFile(path)).toEqual(content);
  });

  test('goes on where an earlier one stopped', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, part), content.subarray(0, 150_000));
    const server = await smallServer((request, response) => serveBytes(request, response, content));
    const { path } = await fetchArtifact(at(server.url), { folder, ...quick });
    expect(server.asked).toEqual(['GET /x.tar.gz bytes=150000-']);
    expect(await readFile(path)).toEqual(content);
  });

  test('of which everything is there already needs no server', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, part), content);
    const { path } = await fetchArtifact(at('http://127.0.0.1:1'), { folder, ...quick });
    expect(await readFile(path)).toEqual(content);
  });

  test('starts again where the server does not continue', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, part), content.subarray(0, 150_000));
    const server = await smallServer((_, response) => response.writeHead(200, { 'content-length': content.length }).end(content));
    const { path } = await fetchArtifact(at(server.url), { folder, ...quick });
    expect(await readFile(path)).toEqual(content);
  });

  test('starts again where the server continues somewhere else', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, part), content.subarray(0, 150_000));
    const server = await smallServer((request, response) => {
      if (request.headers.range === undefined) return serveBytes(request, response, content);
      response.writeHead(206, { 'content-range': `bytes 100-${content.length - 1}/${content.length}` }).end(content.subarray(100));
    });
    const { path } = await fetchArtifact(at(server.url), { folder, ...quick });
    expect(await readFile(path)).toEqual(content);
  });

  test('of which the part is wrong is fetched once more from its beginning', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, part), noise(150_000, 7));
    const server = await smallServer((request, response) => serveBytes(request, response, content));
    const { path } = await fetchArtifact(at(server.url), { folder, ...quick });
    expect(server.asked).toEqual(['GET /x.tar.gz bytes=150000-', 'GET /x.tar.gz']);
    expect(await readFile(path)).toEqual(content);
  });

  test('of which the part is longer than the whole is fetched anew', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, part), noise(500_000, 7));
    const server = await smallServer((request, response) => serveBytes(request, response, content));
    expect(await readFile((await fetchArtifact(at(server.url), { folder, ...quick })).path)).toEqual(content);
    await writeFile(join(folder, part), noise(500_000, 7));
    await writeFile(join(folder, part.replace('.part', '')), 'bad');
    expect(await readFile((await fetchArtifact({ ...at(server.url), bytes: null }, { folder, ...quick })).path)).toEqual(content);
  });

  test('is continued when the server cuts it off, again and again', async () => {
    const folder = await temporaryFolder();
    const server = await smallServer((request, response) => {
      const from = Number(/bytes=(\d+)/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const headers = {
        'content-length': content.length - from,
        ...(from > 0 && { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }),
      };
      response.writeHead(from > 0 ? 206 : 200, headers);
      response.write(content.subarray(from, from + 60_000), () => setTimeout(() => response.destroy(), 20));
    });
    const { path } = await fetchArtifact(at(server.url), { folder, ...quick });
    expect(server.asked.length).toBeGreaterThan(6);
    expect(await readFile(path)).toEqual(content);
  });

  test('is tried again after 500, 503 and 429', async () => {
    const folder = await temporaryFolder();
    const server = await smallServer((request, response, turn) => {
      const status = [500, 503, 429][turn - 1];
      if (status === undefined) serveBytes(request, response, content);
      else response.writeHead(status, { 'retry-after': '0' }).end('later');
    });
    expect((await fetchArtifact(at(server.url), { folder, ...quick })).sha256).toBe(sha256);
    expect(server.asked).toHaveLength(4);
  });

  test('is given up after five failures, and the part is kept', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, part), content.subarray(0, 1000));
    const server = await smallServer((_, response) => response.writeHead(500).end());
    const failure = await fetchArtifact(at(`${server.url}/secret?token=hush`), { folder, ...quick }).catch((error: Error) => error);
    expect(failure).toMatchObject({ code: 'feed-unreachable', remedy: { action: 'check-network' } });
    expect((failure as Error).message).toMatch(/tried 5 times; it answered 500/);
    expect(JSON.stringify(failure) + (failure as Error).message).not.toContain('hush');
    expect(server.asked).toHaveLength(5);
    expect(await readFile(join(folder, part))).toEqual(content.subarray(0, 1000));
  });

  test.each([404, 403, 410])('is not tried again after %i', async (status) => {
    const folder = await temporaryFolder();
    const server = await smallServer((_, response) => response.writeHead(status).end());
    await expect(fetchArtifact(at(server.url), { folder, ...quick })).rejects.toMatchObject({ code: 'feed-unreachable' });
    expect(server.asked).toHaveLength(1);
  });

  test('from nobody', async () => {
    const folder = await temporaryFolder();
    await expect(fetchArtifact(at('http://127.0.0.1:1'), { folder, ...quick })).rejects.toMatchObject({ code: 'feed-unreachable' });
  });

  test('from a server that hangs, before its answer and in the middle', async () => {
    const folder = await temporaryFolder();
    const silent = await smallServer(() => {});
    await expect(fetchArtifact(at(silent.url), { folder, pause: 0.01, stall: 0.1 })).rejects.toMatchObject({
      message: expect.stringMatching(/no byte came for 0.1 s/),
    });
    const stuck = await smallServer(
      (_, response) => void response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 1000)),
    );
    await expect(fetchArtifact(at(stuck.url), { folder, pause: 0.01, stall: 0.1 })).rejects.toMatchObject({ code: 'feed-unreachable' });
    expect(stuck.asked.at(-1)).toBe('GET /x.tar.gz bytes=1000-');
  });

  test.each([
    ['says another size', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('more')]), { expected: 400_000, found: 400_004 }],
    ['sends too little', (bytes: Buffer) => bytes.subarray(0, 1000), { expected: 400_000, found: 1000 }],
    ['sends something else', () => noise(400_000, 9), { expected: sha256, found: hashOf('sha256', noise(400_000, 9)).toString('hex') }],
    ['sends a bit less', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 399_999), Buffer.from([(bytes[399_999] as number) ^ 1])]), {}],
  ])('from a server that %s is refused and removed', async (_, lie, details) => {
    const folder = await temporaryFolder();
    const server = await smallServer((request, response) => serveBytes(request, response, lie(content)));
    await expect(fetchArtifact(at(server.url), { folder, ...quick })).rejects.toMatchObject({ code: 'wrong-checksum', details });
    expect(await readdir(folder)).toEqual([]);
  });

  test('that never ends is cut off at its size', async () => {
    const folder = await temporaryFolder();
    let sent = 0;
    const server = await smallServer((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(noise(64_000))) sent += 64_000;
        response.once('drain', more);
      };
      more();
    });
    await expect(fetchArtifact(at(server.url), { folder, ...quick })).rejects.toMatchObject({ code: 'wrong-checksum' });
    expect(sent).toBeLessThan(20_000_000);
    expect(await readdir(folder)).toEqual([]);
  });

  test('stops at once when it is cancelled, and keeps the part', async () => {
    const folder = await temporaryFolder();
    const control = new AbortController();
    const server = await smallServer(
      (_, response) => void response.writeHead(200, { 'content-length': content.length }).write(content.subarray(0, 100_000)),
    );
    const running = fetchArtifact(at(server.url), {
      folder,
      stall: 20,
      signal: control.signal,
      onProgress: () => control.abort(new Error('cancelled by hand')),
    });
    await expect(running).rejects.toThrow('cancelled by hand');
    expect(await readdir(folder)).toEqual([part]);
  });
});

test('an npm tarball is held against its integrity, the strongest part of it', async () => {
  const folder = await temporaryFolder();
  const server = await smallServer((request, response) => serveBytes(request, response, content));
  const strong = hashOf('sha512', content).toString('base64');
  const npm = { kind: 'npm', package: 'x', version: '1.0.0', registry: server.url, tarball: `${server.url}/x.tgz`, bytes: null } as const;
  const fetched = await fetchArtifact({ ...npm, integrity: `sha256-${'A'.repeat(43)}= sha512-${strong}` }, { folder, ...quick });
  expect(fetched.sha256).toBe(sha256);
  const weak = {
    ...npm,
    integrity: `sha512-${Buffer.alloc(64).toString('base64')} sha256-${Buffer.from(sha256, 'hex').toString('base64')}`,
  };
  await expect(fetchArtifact(weak, { folder, ...quick })).rejects.toMatchObject({ code: 'wrong-checksum' });
  await expect(fetchArtifact({ ...npm, integrity: 'md5-abc' }, { folder, ...quick })).rejects.toMatchObject({ code: 'bad-feed' });
});

function at(url: string): Artifact {
  const address = new URL(url);
  if (address.pathname === '/') address.pathname = '/x.tar.gz';
  return { kind: 'url', url: address.href, bytes: content.length, sha256 };
}

function hashOf(name: string, bytes: Buffer): Buffer {
  return createHash(name).update(bytes).digest();
}
