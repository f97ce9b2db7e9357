import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import { download, freePort, get, isListenedOn, isPortFree } from '../../../electron/engine/platform/network.ts';

async function serve(listener: RequestListener): Promise<{ url: string; port: number }> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, port };
}

async function collect(body: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(body)).toString();
}

describe('get', () => {
  test('answers with status, headers and text, also when the status is an error', async () => {
    const { url } = await serve((_, answer) => answer.writeHead(503, { 'x-kind': 'test' }).end('grüezi'));
    expect(await get(url)).toMatchObject({ status: 503, headers: { 'x-kind': 'test' }, text: 'grüezi' });
  });

  test('asks for a fresh answer and sends what it is told to', async () => {
    const { url } = await serve((request, answer) => answer.end(`${request.headers['cache-control']} ${request.headers['accept']}`));
    expect((await get(url, { headers: { accept: 'application/json' } })).text).toBe('no-cache application/json');
  });

  test('refuses more than it may keep', async () => {
    const { url } = await serve((_, answer) => answer.end('x'.repeat(5000)));
    await expect(get(url, { most: 1000 })).rejects.toThrow('longer than 1000 bytes');
  });

  test('ends at its limit, also when the answer has begun', async () => {
    const { url } = await serve((_, answer) => {
      answer.writeHead(200);
      answer.write('half');
    });
    const started = performance.now();
    await expect(get(url, { limit: 0.2 })).rejects.toThrow();
    expect(performance.now() - started).toBeLessThan(3000);
  });

  test('ends with the signal', async () => {
    const { url } = await serve(() => undefined);
    const controller = new AbortController();
    const answer = get(url, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
  });

  test('rejects where nobody listens', async () => {
    await expect(get(`http://127.0.0.1:${await freePort()}/`)).rejects.toThrow();
  });
});

describe('download', () => {
  const whole = 'the whole of it';
  const ranged: RequestListener = (request, answer) => {
    const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
    if (from === undefined) return answer.writeHead(200, { 'content-length': whole.length }).end(whole);
    const rest = whole.slice(Number(from));
    return answer
      .writeHead(206, { 'content-length': rest.length, 'content-range': `bytes ${from}-${whole.length - 1}/${whole.length}` })
      .end(rest);
  };

  test('streams all of it and tells how much that is', async () => {
    const { url } = await serve(ranged);
    const answer = await download(url, 0);
    expect({ status: answer.status, total: answer.total }).toEqual({ status: 200, total: whole.length });
    expect(await collect(answer.body)).toBe(whole);
  });

  test('goes on from an offset; the total is still that of the whole', async () => {
    const { url } = await serve(ranged);
    const answer = await download(url, 4);
    expect({ status: answer.status, total: answer.total }).toEqual({ status: 206, total: whole.length });
    expect(await collect(answer.body)).toBe(whole.slice(4));
  });

  test('says so when the server sends everything after all', async () => {
    const { url } = await serve((_, answer) => answer.end(whole));
    const answer = await download(url, 4);
    expect(answer.status).toBe(200);
    expect(await collect(answer.body)).toBe(whole);
  });

  test('takes the bytes as they lie on the server: an archive is not unpacked on the way', async () => {
    const packed = gzipSync(whole);
    const { url } = await serve((request, answer) => {
      const compressed = (request.headers['accept-encoding'] ?? '').includes('gzip');
      answer.writeHead(200, compressed ? { 'content-encoding': 'gzip' } : {}).end(packed);
    });
    const { body } = await download(url, 0);
    expect(Buffer.concat(await Array.fromAsync(body)).equals(packed)).toBe(true);
  });

  test('has no total where the server tells none', async () => {
    const { url } = await serve((_, answer) => {
      answer.write('a');
      answer.end('b');
    });
    expect((await download(url, 0)).total).toBeNull();
  });
});

describe('ports', () => {
  test('a port somebody listens on is not free, and is free afterwards', async () => {
    const { port } = await serve((_, answer) => answer.end());
    expect(await isPortFree(port)).toBe(false);
    expect(await isListenedOn(port)).toBe(true);
    const free = await freePort();
    expect(await isPortFree(free)).toBe(true);
    expect(await isPortFree(free)).toBe(true);
    expect(await isListenedOn(free)).toBe(false);
  });
});
