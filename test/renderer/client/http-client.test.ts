import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { httpClient } from '../../../renderer/client/http-client.ts';

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

/** A server that answers as told and remembers what it was asked. */
async function serve(answer: { status?: number; body: string }) {
  const asked: { path: string; method: string; type: string; body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push({
        path: request.url ?? '',
        method: request.method ?? '',
        type: request.headers['content-type'] ?? '',
        body: Buffer.concat(chunks).toString(),
      });
      response.writeHead(answer.status ?? 200).end(answer.body);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  const base = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`);
  return { asked, base, stop: () => server.close(), client: httpClient(base, { fetch, openStream: () => new EventTarget() as never }) };
}

test('a call is one POST with JSON, and its answer is handed on', async () => {
  const { asked, client } = await serve({ body: '{"ok":true,"result":[]}' });
  expect(await client.call('backups', { install: 'sprig' })).toEqual({ ok: true, result: [] });
  expect(asked).toEqual([{ path: '/api/backups', method: 'POST', type: 'application/json', body: '{"install":"sprig"}' }]);
});

test('cancel names the operation', async () => {
  const { asked, client } = await serve({ body: '{"ok":true,"result":{"possible":true,"text":"soon"}}' });
  expect(await client.cancel('op-1')).toEqual({ ok: true, result: { possible: true, text: 'soon' } });
  expect(asked[0]).toMatchObject({ path: '/api/cancel', body: '{"operation":"op-1"}' });
});

test('a failure is handed on as it is, whatever the status', async () => {
  const { client } = await serve({ status: 400, body: '{"ok":false,"error":{"code":"bad-input","message":"no"}}' });
  expect(await client.call('status', {})).toEqual({ ok: false, error: { code: 'bad-input', message: 'no' } });
});

test.for([
  [401, 'go away', 'not-confirmed'],
  [403, '', 'not-confirmed'],
  [502, '<html>', 'internal'],
  [200, '{"ok":true}', 'internal'],
  [200, 'null', 'internal'],
] as const)('status %i with %j is no answer: %s', async ([status, body, code]) => {
  const { client } = await serve({ status, body });
  const answer = await client.call('installs', {});
  expect(answer.ok ? null : answer.error.code).toBe(code);
});

test('nobody there is a failure that says what goes on', async () => {
  const { client, stop } = await serve({ body: '' });
  stop();
  const answer = await client.call('installs', {});
  expect(answer.ok ? null : answer.error).toMatchObject({ code: 'io', remedy: { action: 'retry' } });
});
