import type { ServerResponse } from 'node:http';
import type { FailureData } from '../api/failure.ts';
import { fail, type Result } from '../api/result.ts';
import { securityHeaders } from '../transport/content-policy.ts';
import { toLine } from '../transport/envelope.ts';

/** Sends a whole answer with every header that keeps a page inside its walls. Nothing is kept by caches unless a header says so. */
export function answerWith(
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): void {
  const content = typeof body === 'string' ? Buffer.from(body) : body;
  response.writeHead(status, {
    ...securityHeaders,
    'cache-control': 'no-store',
    'content-type': type,
    'content-length': content.length,
    ...headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : content);
}

export function answerText(response: ServerResponse, status: number, text: string, headers: Readonly<Record<string, string>> = {}): void {
  answerWith(response, status, 'text/plain; charset=utf-8', `${text}\n`, headers);
}

export function answerResult(
  response: ServerResponse,
  status: number,
  result: Result<unknown>,
  headers: Readonly<Record<string, string>> = {},
): void {
  answerWith(response, status, 'application/json; charset=utf-8', toLine(result), headers);
}

/** A call that was refused before the engine heard of it. */
export function refuse(response: ServerResponse, status: number, message: string, headers: Readonly<Record<string, string>> = {}): void {
  answerResult(response, status, fail({ code: 'bad-input', message }), headers);
}

/** For who is not let in. It does not tell what was missing. */
export const notLetIn: FailureData = {
  code: 'not-confirmed',
  message: 'This page has no key to Moult, or its key is from an earlier start.',
  remedy: { action: 'show-help', text: 'Open the address that moult serve printed, with its token.', command: 'moult serve' },
};
