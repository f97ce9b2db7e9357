/**
 * One look at a running product over HTTP. Each look has a connection of its own, as one that was kept open could still lead to the
 * process before; it knows no cache and no proxy, ends after its own short limit, and never goes to another host.
 */
import type { IncomingMessage } from 'node:http';

export interface ProbeAnswer {
  status: number;
  headers: Record<string, string>;
  text: string;
}

/** Redirects that are followed, each to the same scheme, host and port only. */
const mostRedirects = 3;
/** The most that is read of an answer, in bytes: a health page is small. */
const longestAnswer = 1024 * 1024;

/**
 * Asks once, within `limit` seconds in all. A redirect to elsewhere is the answer itself, with its 3xx status.
 * Throws where there is no whole answer: an error whose message says why in a few words. An abort throws the signal's reason.
 */
export async function probe(url: string, options: { limit: number; signal?: AbortSignal }): Promise<ProbeAnswer> {
  options.signal?.throwIfAborted();
  const limit = AbortSignal.timeout(Math.max(1, Math.round(options.limit * 1000)));
  const signal = options.signal ? AbortSignal.any([limit, options.signal]) : limit;
  try {
    return await follow(new URL(url), signal);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw limit.aborted ? new Error(`no answer within ${Math.round(options.limit * 10) / 10} s`, { cause: error }) : inWords(error);
  }
}

async function follow(first: URL, signal: AbortSignal): Promise<ProbeAnswer> {
  let url = first;
  for (let redirects = 0; ; redirects += 1) {
    const answer = await ask(url, signal);
    const target = answer.headers['location'];
    if (answer.status < 300 || answer.status > 399 || target === undefined || redirects >= mostRedirects) return answer;
    const next = URL.parse(target, url.href);
    if (next === null || next.origin !== first.origin) return answer;
    url = next;
  }
}

/**
 * Node's clients are taken when they are first needed, and not by `import`: a module that imports `node:http` loads all of `fetch` and
 * `WebSocket` with it, which is a fifth of what a short command takes.
 */
function ask(url: URL, signal: AbortSignal): Promise<ProbeAnswer> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? process.getBuiltinModule('node:https').request : process.getBuiltinModule('node:http').request;
    const headers = { accept: 'application/json, */*', 'cache-control': 'no-cache, no-store', pragma: 'no-cache', connection: 'close' };
    const asking = send(url, { agent: false, headers, signal }, (answer) => {
      readAll(answer).then(
        (text) => resolve({ status: answer.statusCode ?? 0, headers: plain(answer), text }),
        (error: Error) => {
          asking.destroy();
          reject(error);
        },
      );
    });
    asking.once('error', reject);
    asking.end();
  });
}

async function readAll(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > longestAnswer) throw new Error(`an answer longer than ${longestAnswer} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function plain(answer: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(answer.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}

function inWords(error: unknown): Error {
  const code = (error as { code?: unknown }).code;
  const words: Record<string, string> = {
    ECONNREFUSED: 'nothing listens there',
    ECONNRESET: 'the connection was cut',
    ENOTFOUND: 'there is no such host',
    HPE_INVALID_CONSTANT: 'that is no HTTP server',
  };
  const known = typeof code === 'string' ? words[code] : undefined;
  return known === undefined ? (error as Error) : new Error(known, { cause: error });
}
