import { EventEmitter } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../electron/api/failure.ts';
import { outcomeOf } from '../support/fake-world.ts';
import { fakeEngine } from '../support/fake-engine.ts';
import { moult } from './terminal.ts';

const cancelledEnd = (cancelled: Promise<void>) =>
  cancelled.then(() => Promise.reject(new Failure('cancelled', 'the upgrade was cancelled')));

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('%s', (signal) => {
  it('asks the engine to stop, says so, and exits with 130 when it did', async () => {
    const engine = fakeEngine();
    const signals = new EventEmitter();
    engine.play('upgrade', { end: cancelledEnd });
    const running = moult('upgrade --yes', { engine, signals });
    await wait(30);
    signals.emit(signal);
    const { code, output } = await running;
    expect(code).toBe(130);
    expect(output).toContain('Cancelling …');
    expect(engine.cancels).toBe(1);
  });
});

it('says why it cannot any more, goes on to the end, and tells the second signal that it is finishing', async () => {
  const engine = fakeEngine();
  const signals = new EventEmitter();
  engine.play('upgrade', {
    end: async () => {
      await wait(80);
      return { ok: true, result: outcomeOf('upgrade') };
    },
    cancel: { possible: false, text: 'The new release is live; it can only be rolled back now.' },
  });
  const running = moult('upgrade --yes', { engine, signals });
  await wait(20);
  signals.emit('SIGINT');
  signals.emit('SIGINT');
  const { code, output } = await running;
  expect(code).toBe(0);
  expect(output).toContain('it can only be rolled back now.');
  expect(output).toContain('Still finishing safely');
  expect(engine.cancels).toBe(1);
});

it('ends a question that is only looked at, with 130', async () => {
  const engine = fakeEngine();
  const signals = new EventEmitter();
  const status = engine.api.status;
  engine.api.status = async (input) => {
    await wait(10_000, undefined, { ref: false });
    return status(input);
  };
  const running = moult('status', { engine, signals });
  await wait(20);
  signals.emit('SIGINT');
  const { code, errors } = await running;
  expect(code).toBe(130);
  expect(errors).toContain('Nothing was touched.');
});

it('takes Ctrl-C at the question for a no, and touches nothing', async () => {
  const engine = fakeEngine();
  const signals = new EventEmitter();
  const running = moult('upgrade', { engine, signals, isTerminal: true, staysOpen: true });
  await wait(30);
  signals.emit('SIGINT');
  const { code } = await running;
  expect(code).toBe(130);
  await wait(30);
  expect(engine.calls.map((call) => call.method)).toEqual(['plan']);
});

it('starts nothing when the signal came while the plan was made', async () => {
  const engine = fakeEngine();
  const signals = new EventEmitter();
  const plan = engine.api.plan;
  engine.api.plan = async (input) => {
    signals.emit('SIGINT');
    await wait(20);
    return plan(input);
  };
  const { code } = await moult('upgrade --yes', { engine, signals });
  expect(code).toBe(130);
  await wait(60);
  expect(engine.calls.map((call) => call.method)).toEqual(['plan']);
});

it('leaves no listener behind', async () => {
  const signals = new EventEmitter();
  await moult('list', { signals });
  expect(signals.eventNames()).toEqual([]);
});
