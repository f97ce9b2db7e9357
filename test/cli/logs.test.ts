import { EventEmitter } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type FakeEngine, fakeEngine } from '../support/fake-engine.ts';
import { moult } from './terminal.ts';

/** A log that grows by a line at each look. */
function growing(): FakeEngine {
  const engine = fakeEngine();
  let lines = 1;
  engine.answer('logs', ({ from }) => {
    const text = from === undefined ? 'line 0\n' : `line ${lines++}\n`;
    return { path: '/log', text, end: Number(from ?? 0) + text.length };
  });
  return engine;
}

it('follows until Ctrl-C, each time from where it was, and that is no failure', async () => {
  const engine = growing();
  const signals = new EventEmitter();
  const running = moult('logs -f', { engine, signals });
  await wait(750);
  signals.emit('SIGINT');
  const { code, output } = await running;
  expect(code).toBe(0);
  expect(output.startsWith('line 0\nline 1\nline 2\n')).toBe(true);
  expect(engine.calls.slice(0, 3).map((call) => call.input)).toEqual([{ lines: 50 }, { from: 7 }, { from: 14 }]);
});

it('gives each part as an event with --json', async () => {
  const signals = new EventEmitter();
  const running = moult('logs -f --json', { engine: growing(), signals });
  await wait(450);
  signals.emit('SIGINT');
  const { json } = await running;
  expect(json.slice(0, 2)).toEqual([
    { event: 'log', text: 'line 0\n' },
    { event: 'log', text: 'line 1\n' },
  ]);
  expect(json.at(-1)).toMatchObject({ ok: true, result: { path: '/log' } });
});

it('ends the last line of a log that does not end it', async () => {
  const engine = fakeEngine();
  engine.answer('logs', { path: '/log', text: 'no end', end: 6 });
  expect((await moult('logs', { engine })).output).toBe('no end\n');
});
