import { describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../electron/api/events.ts';
import { Failure } from '../../electron/api/failure.ts';
import { call } from '../../electron/transport/call.ts';
import { follow } from '../../electron/transport/follow.ts';
import { fakeEngine, operationId } from '../support/fake-engine.ts';
import { install } from '../support/fake-world.ts';

describe('call', () => {
  it('answers a query', async () => {
    expect(await call(fakeEngine(), 'installs', {})).toEqual({ ok: true, result: [install] });
  });

  it('turns what is thrown into data', async () => {
    const engine = fakeEngine();
    engine.answer('installs', () => {
      throw new Failure('locked', 'another process holds it', { remedy: { action: 'wait', text: 'Wait.' } });
    });
    expect(await call(engine, 'installs', {})).toEqual({
      ok: false,
      error: { code: 'locked', message: 'another process holds it', remedy: { action: 'wait', text: 'Wait.' } },
    });
  });

  it('asks the engine nothing when the input is wrong', async () => {
    const engine = fakeEngine();
    expect(await call(engine, 'verify', {})).toMatchObject({ ok: false, error: { code: 'bad-input' } });
    expect(engine.calls).toEqual([]);
  });
});

describe('follow', () => {
  it('hands on the events of its operation, the early ones too, and no others', async () => {
    const heard: EngineEvent[] = [];
    const ended = await follow(fakeEngine(), 'start', {}, (event) => heard.push(event)).end;
    expect(ended.ok).toBe(true);
    expect(heard.map((event) => event.event)).toEqual(['started', 'step', 'progress', 'step', 'note', 'step', 'step', 'ended']);
    expect(new Set(heard.map((event) => event.operation))).toEqual(new Set([operationId]));
  });

  it('hears nothing any more after the end', async () => {
    const engine = fakeEngine();
    const heard: EngineEvent[] = [];
    await follow(engine, 'start', {}, (event) => heard.push(event)).end;
    const before = heard.length;
    await follow(engine, 'stop', {}, () => undefined).end;
    expect(heard.length).toBe(before);
  });

  it('hands on a wish to stop that came before the operation had an id', async () => {
    const engine = fakeEngine();
    engine.play('start', { end: (cancelled) => cancelled.then(() => Promise.reject(new Failure('cancelled', 'cancelled'))) });
    const followed = follow(engine, 'start', {}, () => undefined);
    const answers: boolean[] = [];
    followed.cancel(({ possible }) => answers.push(possible));
    expect(await followed.end).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    expect(answers).toEqual([true]);
  });
});
