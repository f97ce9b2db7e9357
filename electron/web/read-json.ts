import type { IncomingMessage, ServerResponse } from 'node:http';
import { refuse } from './answer.ts';

/** Bytes of a body; the longest honest one is a few paths. */
export const mostBytes = 1024 * 1024;

/** Milliseconds for which the rest of a refused body is thrown away, so that its sender reads the answer before the connection ends. */
const patience = 2000;

/** The JSON value of a body; null when it was refused and answered. */
export async function readJson(request: IncomingMessage, response: ServerResponse): Promise<{ value: unknown } | null> {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity', 'content-length': length = '0' } = request.headers;
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(type) || encoding !== 'identity') {
    refuseRest(request, response, 415, 'Calls are made with JSON: content-type: application/json.');
    return null;
  }
  const bytes = Number(length) > mostBytes ? null : await readBytes(request);
  if (bytes === null) {
    refuseRest(request, response, 413, `A call holds at most ${mostBytes} bytes.`);
    return null;
  }
  try {
    return { value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown };
  } catch {
    refuse(response, 400, 'The body is not JSON in UTF-8.');
    return null;
  }
}

/** The whole body, or null as soon as it is too long. */
async function readBytes(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refuseRest(request: IncomingMessage, response: ServerResponse, status: number, message: string): void {
  refuse(response, status, message, { connection: 'close' });
  request.resume();
  const timer = setTimeout(() => request.destroy(), patience).unref();
  request.once('close', () => clearTimeout(timer));
}
