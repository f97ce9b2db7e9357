import type { IncomingMessage, ServerResponse } from 'node:http';
import { fail } from '../api/result.ts';
import type { Hub } from '../transport/hub.ts';
import { isMethod } from '../transport/parse.ts';
import { answerResult, answerText, answerWith, notLetIn, refuse } from './answer.ts';
import type { EventStreams } from './event-streams.ts';
import { comesFrom, isLoopbackHost, isOwnOrigin } from './origin-checks.ts';
import { userOfPeer } from './peer-user.ts';
import { readJson } from './read-json.ts';
import type { Sessions } from './sessions.ts';
import { sendFile } from './static-files.ts';

export interface WebParts {
  hub: Hub;
  streams: EventStreams;
  sessions: Sessions;
  files: string;
}

/** One request, from the checks that need nothing but its head to its answer. */
export async function handleRequest(parts: WebParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!isLoopbackHost(request.headers.host)) {
    answerText(response, 403, 'Moult answers only to 127.0.0.1 and localhost.');
    return;
  }
  const target = request.url ?? '';
  const [path = '', query = ''] = target.split('?', 2);
  if (!path.startsWith('/')) {
    answerText(response, 400, 'This is no address of Moult.');
    return;
  }
  const user = await userOfPeer(request.socket);
  const token = path === '/' && isReading(request) ? new URLSearchParams(query).get('token') : null;
  if (token !== null) {
    letIn(parts.sessions, request, response, token, user);
    return;
  }
  const isCall = path === '/api' || path.startsWith('/api/');
  if (!parts.sessions.admits(request.headers.cookie, user)) {
    if (isCall) answerResult(response, 401, fail(notLetIn));
    else answerText(response, 401, `${notLetIn.message} ${notLetIn.remedy?.text ?? ''}`);
    return;
  }
  if (isCall) await answerCall(parts, request, response, path.slice('/api/'.length));
  else if (isReading(request)) await sendFile(parts.files, path, response);
  else answerText(response, 405, 'Pages are only read.', { allow: 'GET, HEAD' });
}

function isReading({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

/**
 * The token becomes a cookie and leaves the address. Browsers withhold a strict cookie from a redirect that began on another site (a link
 * in a web mail), so for those our own page leads on.
 */
function letIn(sessions: Sessions, request: IncomingMessage, response: ServerResponse, token: string, user: number | null): void {
  const cookie = sessions.exchange(token, user);
  if (cookie === null) {
    answerText(response, 401, 'This token is not from the server that runs now. Open the address that moult serve printed last.');
  } else if (comesFrom(request.headers, 'none', 'same-origin')) {
    answerWith(response, 303, 'text/plain; charset=utf-8', '', { 'set-cookie': cookie, location: '/' });
  } else {
    const page = '<!doctype html><html lang="en"><title>Moult</title><p><a href="/">Open Moult</a></p></html>\n';
    answerWith(response, 200, 'text/html; charset=utf-8', page, { 'set-cookie': cookie, refresh: '0; url=/' });
  }
}

async function answerCall(parts: WebParts, request: IncomingMessage, response: ServerResponse, name: string): Promise<void> {
  const method = request.method ?? '';
  if (!isOwnOrigin(request.headers, method)) {
    refuse(response, 403, 'Only pages of Moult itself may call it.');
  } else if (name === 'stream') {
    if (method === 'GET') parts.streams.open(response);
    else refuse(response, 405, 'The stream is read with GET.', { allow: 'GET' });
  } else if (name !== 'cancel' && !isMethod(name)) {
    answerResult(response, 404, await parts.hub.callUnchecked(/^\w{1,40}$/.test(name) ? name : '', null));
  } else if (method !== 'POST') {
    refuse(response, 405, 'Calls are made with POST.', { allow: 'POST' });
  } else {
    const body = await readJson(request, response);
    if (body === null) return;
    const result = name === 'cancel' ? parts.hub.cancel(body.value) : await parts.hub.callUnchecked(name, body.value);
    answerResult(response, !result.ok && result.error.code === 'bad-input' ? 400 : 200, result);
  }
}
