/** The network: answers over HTTP, and whether a port of this machine is free. */
import { createServer, connect } from 'node:net';

export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  text: string;
}

/** The most that is read of an answer that is kept in memory, in bytes. */
const longestAnswer = 64 * 1024 * 1024;

/** A GET whose answer is kept in memory. Never cached. Throws on a network error and after `limit` seconds. */
export async function get(
  url: string,
  options: { limit?: number; headers?: Record<string, string>; signal?: AbortSignal; most?: number } = {},
): Promise<HttpAnswer> {
  const limit = AbortSignal.timeout((options.limit ?? 30) * 1000);
  const signal = options.signal ? AbortSignal.any([limit, options.signal]) : limit;
  const answer = await fetch(url, { headers: { 'cache-control': 'no-cache', ...options.headers }, signal, redirect: 'follow' });
  const most = options.most ?? longestAnswer;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > most) throw new Error(`the answer of ${url} is longer than ${most} bytes`);
    chunks.push(chunk);
  }
  return { status: answer.status, headers: Object.fromEntries(answer.headers), text: Buffer.concat(chunks).toString('utf8') };
}

/** A GET as a stream, from a byte offset where the server allows it. */
export async function download(
  url: string,
  from: number,
  signal?: AbortSignal,
): Promise<{ status: number; total: number | null; body: AsyncIterable<Uint8Array> }> {
  // The bytes as they lie on the server: an archive that is unpacked on the way has another size and another hash.
  const headers = { 'accept-encoding': 'identity', ...(from > 0 && { range: `bytes=${from}-` }) };
  const answer = await fetch(url, { headers, ...(signal && { signal }), redirect: 'follow' });
  const length = answer.headers.get('content-length');
  const total = length === null ? null : Number(length) + (answer.status === 206 ? from : 0);
  return { status: answer.status, total, body: answer.body ?? (async function* () {})() };
}

/** Milliseconds for a connection within this machine. One that hangs longer waits in the queue of somebody who listens and does not answer. */
const connectLimit = 2000;

/**
 * Whether something listens on the loopback port. Only looks: to try whether the port can be taken would be to take it, and a product that
 * is just starting would find it taken.
 */
export function isListenedOn(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ port, host: '127.0.0.1', timeout: connectLimit });
    const answer = (listens: boolean) => {
      probe.destroy();
      resolve(listens);
    };
    // Without a limit of its own a connection to a full queue hangs for two minutes, and whoever waits for the port with it.
    probe.once('timeout', () => answer(true));
    probe.once('connect', () => answer(true));
    probe.once('error', () => answer(false));
  });
}

/** Whether nothing listens on the loopback port and it can be taken: for who is about to take it, as it is taken for a moment. */
export async function isPortFree(port: number): Promise<boolean> {
  if (await isListenedOn(port)) return false;
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A port of the loopback interface that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1' }, () => {
      const address = server.address();
      server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
