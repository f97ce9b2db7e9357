import { describe, expect, it } from 'vitest';
import type { StreamMessage } from '../../electron/api/client.ts';
import { Failure } from '../../electron/api/failure.ts';
import { openHub } from '../../electron/transport/hub.ts';
import { type FakeEngine, fakeEngine, operationId } from '../support/fake-engine.ts';
import { backup, install, outcomeOf } from '../support/fake-world.ts';

/** A clock that moves when the test says so. */
function testClock() {
  const works = new Set<() => void>();
  const clock = { now: () => testTime.now, every: (_: number, work: () => void) => (works.add(work), () => works.delete(work)) };
  const testTime = { now: 1_000_000, clock, works, tick: () => works.forEach((work) => work()) };
  return testTime;
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

function hubOn(engine: FakeEngine) {
  const time = testClock();
  return { hub: openHub(engine, '1.2.3', time.clock), time };
}

async function hear(hub: ReturnType<typeof openHub>) {
  const messages: StreamMessage[] = [];
  const leave = await hub.subscribe((message) => messages.push(message));
  return { messages, leave };
}

describe('a subscriber', () => {
  it('gets the state first and then what comes, until it leaves', async () => {
    const engine = fakeEngine();
    const { hub } = hubOn(engine);
    const { messages, leave } = await hear(hub);
    expect(messages).toEqual([{ kind: 'snapshot', snapshot: { version: '1.2.3', installs: [install], operations: [] } }]);
    await hub.call('backUp', {});
    await hub.wait(operationId);
    const count = messages.length;
    expect(count).toBeGreaterThan(8);
    leave();
    leave();
    await hub.call('backUp', {});
    await hub.wait(operationId);
    expect(messages.length).toBe(count);
  });

  it('does not miss what happens while the state is read', async () => {
    const engine = fakeEngine();
    const { hub } = hubOn(engine);
    const gate = Promise.withResolvers<void>();
    let asked = 0;
    const installs = engine.api.installs;
    engine.api.installs = async (input) => {
      asked += 1;
      if (asked === 1) await gate.promise;
      return installs(input);
    };
    const subscribing = hear(hub);
    await hub.call('backUp', {});
    await hub.wait(operationId);
    gate.resolve();
    const { messages } = await subscribing;
    // The operation's end changed the installs: they were read again (and once more by the watch).
    expect(asked).toBeGreaterThan(1);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({ snapshot: { operations: [{ operation: operationId, ended: { error: null } }] } });
  });

  it('is not held up by another that breaks', async () => {
    const engine = fakeEngine();
    const { hub } = hubOn(engine);
    await hub.subscribe(() => {
      throw new Error('a window that is gone');
    });
    const { messages } = await hear(hub);
    await hub.call('backUp', {});
    await hub.wait(operationId);
    expect(messages.length).toBeGreaterThan(8);
  });

  it('is let in where the installs cannot be read; a call tells it why', async () => {
    const engine = fakeEngine();
    engine.answer('installs', () => {
      throw new Failure('newer-format', 'made by a newer Moult');
    });
    const { hub } = hubOn(engine);
    const { messages } = await hear(hub);
    expect(messages[0]).toMatchObject({ snapshot: { installs: [] } });
    expect(await hub.call('installs', {})).toMatchObject({ ok: false, error: { code: 'newer-format' } });
  });
});

describe('operations', () => {
  it('are kept with all that was told, a progress that never goes back, and for ten minutes after their end', async () => {
    const engine = fakeEngine();
    const { hub, time } = hubOn(engine);
    const end = Promise.withResolvers<void>();
    const operation = operationId;
    engine.play('upgrade', {
      events: [
        { event: 'step', operation, id: 'one', title: 'First step', state: 'running', at: '' },
        { event: 'progress', operation, progress: { fraction: 0.5, step: 'one' } },
        { event: 'progress', operation, progress: { fraction: 0.2, step: 'one', detail: 'late' } },
        { event: 'step', operation, id: 'new', title: 'Unheard of', state: 'running', at: '' },
        { event: 'cancelling', operation, possible: true, text: 'Cancelling' },
        { event: 'cancelling', operation, possible: false, text: 'It is over already.' },
      ],
      end: async () => end.promise.then(() => ({ ok: true, result: outcomeOf('upgrade') })),
    });
    await hub.call('upgrade', {});
    await settle();
    expect(hub.running()).toMatchObject([
      {
        progress: { fraction: 0.5, detail: 'late' },
        cancelling: true,
        steps: [
          { id: 'one', state: 'running' },
          { id: 'two', state: 'waiting' },
          { id: 'new', state: 'running' },
        ],
      },
    ]);
    end.resolve();
    await hub.wait(operation);
    expect(hub.running()).toEqual([]);
    const operationsSeen = async () => {
      const { messages, leave } = await hear(hub);
      leave();
      return messages.flatMap((message) => (message.kind === 'snapshot' ? message.snapshot.operations : []));
    };
    time.now += 9 * 60_000;
    expect(await operationsSeen()).toMatchObject([{ operation, ended: { outcome: { action: 'upgrade' } } }]);
    time.now += 2 * 60_000;
    expect(await operationsSeen()).toEqual([]);
  });

  it('are cancelled by their id and nothing else', () => {
    const engine = fakeEngine();
    const { hub } = hubOn(engine);
    for (const input of [null, {}, { operation: 1 }, { operation: '' }, { operation: 'x', more: 1 }, 'op-1']) {
      expect(hub.cancel(input)).toMatchObject({ ok: false, error: { code: 'bad-input' } });
    }
    expect(engine.cancels).toBe(0);
    expect(hub.cancel({ operation: operationId })).toMatchObject({ ok: true });
  });
});

describe('what another process did', () => {
  it('is told, once, for the install that it was about', async () => {
    const engine = fakeEngine();
    const { hub, time } = hubOn(engine);
    const { messages, leave } = await hear(hub);
    await settle();
    time.tick();
    await settle();
    expect(messages).toHaveLength(1);
    engine.answer('backups', [{ ...backup, id: 'b-2', install: 'sprig' }]);
    time.tick();
    await settle();
    time.tick();
    await settle();
    expect(messages.slice(1)).toEqual([{ kind: 'changed', install: 'sprig' }]);
    engine.answer('installs', []);
    time.tick();
    await settle();
    expect(messages.at(-1)).toEqual({ kind: 'changed', install: null });
    leave();
    expect(time.works.size).toBe(0);
  });
});
