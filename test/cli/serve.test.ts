import { EventEmitter } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { ServedScreens } from '../../electron/cli/served-screens.ts';
import { fakeEngine, operationId } from '../support/fake-engine.ts';
import { outcomeOf } from '../support/fake-world.ts';
import { moult } from './terminal.ts';

interface Double extends ServedScreens {
  did: string[];
}

function double(runs: string[] = []): Double {
  const did: string[] = [];
  return {
    did,
    origin: 'http://127.0.0.1:6685',
    address: 'http://127.0.0.1:6685/?token=secret',
    openBrowser: async () => did.push('browser') > 10,
    running: () => runs,
    close: async () => void did.push('closed'),
  };
}

async function serve(typed: string, server: Double, signals: EventEmitter) {
  const ports: (number | undefined)[] = [];
  const engine = fakeEngine();
  const session = moult(typed, { engine, signals, openServer: async (_engine, port) => (ports.push(port), server) });
  await wait(20);
  return { session, ports, engine };
}

it('prints the address, stays until it is told to end, and closes', async () => {
  const signals = new EventEmitter();
  const server = double();
  const { session, ports } = await serve('serve', server, signals);
  expect(server.did).toEqual([]);
  signals.emit('SIGINT');
  const { code, output } = await session;
  expect(code).toBe(0);
  expect(output).toContain('http://127.0.0.1:6685/?token=secret');
  expect(ports).toEqual([undefined]);
  expect(server.did).toEqual(['closed']);
});

it('takes a port, opens a browser when asked, and says when there is none', async () => {
  const signals = new EventEmitter();
  const server = double();
  const { session, ports } = await serve('serve --port 0 --open', server, signals);
  signals.emit('SIGTERM');
  expect((await session).output).toContain('No browser was found');
  expect(ports).toEqual([0]);
  expect(server.did).toEqual(['browser', 'closed']);
});

it('tells scripts the address as JSON', async () => {
  const signals = new EventEmitter();
  const { session } = await serve('serve --json', double(), signals);
  signals.emit('SIGINT');
  const { json } = await session;
  expect(json[0]).toEqual({ event: 'serving', origin: 'http://127.0.0.1:6685', address: 'http://127.0.0.1:6685/?token=secret' });
  expect(json.at(-1)).toEqual({ ok: true, result: { served: 'http://127.0.0.1:6685' } });
});

it('waits for what runs, and cancels it only when it is told again', async () => {
  const signals = new EventEmitter();
  const server = double([operationId]);
  const { session, engine } = await serve('serve', server, signals);
  const ended = Promise.withResolvers<void>();
  engine.play('backUp', { end: async () => ended.promise.then(() => ({ ok: true, result: outcomeOf('back-up') })) });
  await engine.api.backUp({});
  signals.emit('SIGINT');
  await wait(20);
  expect(server.did).toEqual([]);
  expect(engine.cancels).toBe(0);
  signals.emit('SIGINT');
  expect(engine.cancels).toBe(1);
  ended.resolve();
  const { code, output } = await session;
  expect(code).toBe(0);
  expect(output).toContain('An operation still runs');
});
