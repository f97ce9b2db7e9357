import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { StreamMessage } from '../../electron/api/client.ts';
import { serve } from '../../electron/web/serve.ts';
import { userIn } from '../../electron/web/peer-user.ts';
import { fakeEngine, operationId } from '../support/fake-engine.ts';
import { install, outcomeOf } from '../support/fake-world.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { type Served, served } from './served.ts';

/** Reads the stream as a browser would. */
async function listen({
  server,
  cookie,
}: Served): Promise<{ messages: StreamMessage[]; comments: string[]; leave: () => void; ended: Promise<void> }> {
  const leave = new AbortController();
  onTestFinished(() => leave.abort());
  const answer = await fetch(`${server.origin}/api/stream`, { headers: { cookie }, signal: leave.signal });
  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  const messages: StreamMessage[] = [];
  const comments: string[] = [];
  const read = async () => {
    let text = '';
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        if (block.startsWith('data: ')) messages.push(JSON.parse(block.slice(6)) as StreamMessage);
        else comments.push(block);
      }
    }
  };
  return { messages, comments, leave: () => leave.abort(), ended: read().catch(() => undefined) };
}

const settle = () => wait(50);

describe('the stream', () => {
  it('begins with the whole state and goes on with every event', async () => {
    const parts = await served();
    const { messages } = await listen(parts);
    await settle();
    expect(messages).toEqual([{ kind: 'snapshot', snapshot: { version: '0.0.0-test', installs: [install], operations: [] } }]);
    const started = JSON.parse((await parts.call('backUp', {})).body) as { result: { operation: string } };
    expect(started).toEqual({ ok: true, result: { operation: operationId } });
    await settle();
    const events = messages.flatMap((message) =>
      message.kind === 'event' && message.event.operation === operationId ? [message.event.event] : [],
    );
    expect(events).toEqual(['started', 'step', 'progress', 'step', 'note', 'step', 'step', 'ended']);
    expect(messages.at(-1)).toEqual({ kind: 'changed', install: 'sprig' });
  });

  it('shows who comes in the middle what runs, and afterwards its receipt', async () => {
    const parts = await served();
    const end = Promise.withResolvers<void>();
    parts.engine.play('upgrade', { end: async () => end.promise.then(() => ({ ok: true, result: outcomeOf('upgrade') })) });
    await parts.call('upgrade', {});
    await settle();
    const late = await listen(parts);
    await settle();
    expect(late.messages[0]).toMatchObject({
      kind: 'snapshot',
      snapshot: {
        operations: [
          {
            operation: operationId,
            action: 'upgrade',
            progress: { fraction: 0.25 },
            ended: null,
            notes: [{ text: 'the second step is short' }],
          },
        ],
      },
    });
    end.resolve();
    await settle();
    expect(late.messages.at(-2)).toMatchObject({ kind: 'event', event: { event: 'ended', outcome: { action: 'upgrade' } } });
    const later = await listen(parts);
    await settle();
    expect(later.messages[0]).toMatchObject({ snapshot: { operations: [{ ended: { outcome: { action: 'upgrade' } } }] } });
  });

  it('gives signs of life, and forgets who left', async () => {
    const parts = await served({ heartbeat: 20 });
    const stream = await listen(parts);
    await wait(120);
    expect(stream.comments.length).toBeGreaterThan(2);
    stream.leave();
    await stream.ended;
    await parts.call('backUp', {});
    expect((await parts.call('installs', {})).status).toBe(200);
  });

  it('ends when the server closes, which does not wait for it', async () => {
    const parts = await served();
    const stream = await listen(parts);
    const begun = performance.now();
    await parts.server.close();
    await stream.ended;
    expect(performance.now() - begun).toBeLessThan(900);
  });
});

describe('calls', () => {
  it('answers a query, and hands on a cancel', async () => {
    const { call, engine } = await served();
    expect(JSON.parse((await call('installs', {})).body)).toEqual({ ok: true, result: [install] });
    expect(JSON.parse((await call('cancel', { operation: 'op-1' })).body)).toEqual({
      ok: true,
      result: { possible: true, text: 'Cancelling …' },
    });
    expect(engine.cancels).toBe(1);
    expect((await call('cancel', {})).status).toBe(400);
  });
});

describe('files', () => {
  it('keeps hashed ones for ever and the page not at all', async () => {
    const { ask } = await served();
    expect((await ask()).headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'text/html; charset=utf-8' });
    expect((await ask({ path: '/assets/main-abc123.js' })).headers).toMatchObject({
      'cache-control': 'private, max-age=31536000, immutable',
      'content-type': 'text/javascript; charset=utf-8',
    });
    expect(await ask({ method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
  });

  it('says so when the screens were not built', async () => {
    const files = join(await temporaryFolder('web'), 'nothing');
    await expect(serve(fakeEngine(), { version: 'x', files })).rejects.toMatchObject({ code: 'io', remedy: { command: 'npm run build' } });
  });
});

it('refuses a port that is taken, by its number', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as { port: number };
  await expect(served({ port })).rejects.toMatchObject({ code: 'port-in-use', details: { port } });
});

it('reads whose a connection is as Linux tells it', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:1A1D 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 1 1 0 20 4 30 10 -1',
    '   1: 0100007F:C350 0100007F:1A1D 01 00000000:00000000 00:00000000 00000000  1000        0 2 1 0 20 4 30 10 -1',
  ].join('\n');
  expect(userIn(table, 0xc350, 0x1a1d)).toBe(1000);
  expect(userIn(table, 0xc351, 0x1a1d)).toBeNull();
  expect(userIn('', 1, 2)).toBeNull();
});
