import type { Client, StreamMessage } from '../../electron/api/client.ts';
import type { FailureData } from '../../electron/api/failure.ts';
import { fail, type Result } from '../../electron/api/result.ts';
import { followStream, type OpenStream } from './event-stream.ts';

/** What the client needs of the browser; tests hand in their own. */
export interface HttpTools {
  fetch: typeof fetch;
  openStream: OpenStream;
}

/**
 * A client over `moult serve`: `POST <base><method>`, `POST <base>cancel` and the stream at `<base>stream`.
 * @param base the address of the API, with a slash at its end
 */
export function httpClient(base: URL, tools: HttpTools = browserTools): Client {
  return {
    call: (method, input) => post(tools, new URL(method, base), input),
    cancel: (operation) => post(tools, new URL('cancel', base), { operation }),
    subscribe: (listener, onConnection) =>
      followStream(
        () => tools.openStream(new URL('stream', base)),
        (text) => listener(JSON.parse(text) as StreamMessage),
        onConnection,
      ),
  };
}

const browserTools: HttpTools = {
  fetch: (input, init) => fetch(input, init),
  openStream: (address) => new EventSource(address, { withCredentials: true }),
};

async function post<T>(tools: HttpTools, address: URL, input: unknown): Promise<Result<T>> {
  let response: Response;
  try {
    response = await tools.fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      credentials: 'same-origin',
      cache: 'no-store',
      body: JSON.stringify(input),
    });
  } catch (error) {
    return fail(unreachable(error));
  }
  const body: unknown = await response.json().catch(() => null);
  if (isResult(body)) return body as Result<T>;
  return fail(response.status === 401 || response.status === 403 ? notLetIn : strange(response.status));
}

function isResult(body: unknown): boolean {
  if (typeof body !== 'object' || body === null || !('ok' in body)) return false;
  return body.ok === true ? 'result' in body : body.ok === false && 'error' in body;
}

function unreachable(error: unknown): FailureData {
  return {
    code: 'io',
    message: 'Moult did not answer. What was running goes on without this page.',
    remedy: { action: 'retry', text: 'Check that moult serve still runs, then try again.', command: 'moult serve' },
    cause: { message: error instanceof Error ? error.message : String(error) },
  };
}

const notLetIn: FailureData = {
  code: 'not-confirmed',
  message: 'This page has no key to Moult, or its key is from an earlier start.',
  remedy: { action: 'show-help', text: 'Open the address that moult serve printed, with its token.' },
};

function strange(status: number): FailureData {
  return { code: 'internal', message: `Moult answered with something that is no answer (HTTP ${status}).` };
}
