import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Failure } from '../../electron/api/failure.ts';
import { Activations } from '../../electron/shell/activations.ts';
import { doubleClick, upgradeAtOnce } from '../../electron/shell/upgrade-at-once.ts';
import { openHub } from '../../electron/transport/hub.ts';
import { type FakeEngine, fakeEngine, operationId } from '../support/fake-engine.ts';
import { checks, plan } from '../support/fake-world.ts';
import { view } from './views.ts';

describe('telling a double-click', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function icon() {
    const heard: string[] = [];
    return {
      heard,
      activations: new Activations(
        () => heard.push('single'),
        () => heard.push('double'),
      ),
    };
  }

  it('two activations within 400 ms are one, where the system tells none', () => {
    const { heard, activations } = icon();
    activations.activate();
    vi.advanceTimersByTime(399);
    activations.activate();
    vi.advanceTimersByTime(1000);
    expect(heard).toEqual(['double']);
  });

  it('two that are further apart are two single ones', () => {
    const { heard, activations } = icon();
    activations.activate();
    vi.advanceTimersByTime(401);
    activations.activate();
    vi.advanceTimersByTime(401);
    expect(heard).toEqual(['single', 'single']);
  });

  it('what the system tells counts once, with the clicks that it tells before', () => {
    const { heard, activations } = icon();
    activations.activate();
    activations.double();
    vi.advanceTimersByTime(1000);
    expect(heard).toEqual(['double']);
  });
});

describe('what it is about', () => {
  it('the one install that has an update', () => {
    expect(doubleClick([view(), view({ name: 'b', latest: '2.0.0' })])).toEqual({ do: 'upgrade', install: 'b' });
  });

  it('never a choice between several', () => {
    expect(doubleClick([view({ latest: '2.0.0' }), view({ name: 'b', latest: '2.0.0' })])).toEqual({ do: 'open', page: '#/' });
  });

  it('not one that needs a person, or that is worked on', () => {
    expect(
      doubleClick([
        view({
          latest: '2.0.0',
          status: {
            health: 'unhealthy',
            update: { latest: '2.0.0', notes: null, notesAt: null, held: null, quarantined: [], error: null },
          },
        }),
      ]),
    ).toEqual({
      do: 'open',
      page: '#/install/sprig',
    });
    const busy = { pid: 1, operation: 'upgrade', since: '' };
    expect(
      doubleClick([
        view({
          latest: '2.0.0',
          status: { busy, update: { latest: '2.0.0', notes: null, notesAt: null, held: null, quarantined: [], error: null } },
        }),
      ]),
    ).toEqual({ do: 'open', page: '#/' });
  });

  it('what runs, while something does', () => {
    expect(doubleClick([view({ latest: '2.0.0', operation: {} })])).toEqual({ do: 'open', page: '#/operation/op-1' });
  });

  it('the window, when there is nothing to do', () => {
    expect(doubleClick([view()])).toEqual({ do: 'open', page: '#/' });
    expect(doubleClick([])).toEqual({ do: 'open', page: '#/' });
  });
});

describe('upgrading at once', () => {
  const green = { ...plan, to: '2.0.0', checks: [{ check: 'space', title: '', status: 'pass' as const, message: '' }] };
  const hubOn = (engine: FakeEngine) => openHub(engine, 'x', { now: () => 0, every: () => () => undefined });

  it('starts the plan that it looked at where every check is green', async () => {
    const engine = fakeEngine();
    engine.answer('plan', green);
    expect(await upgradeAtOnce(hubOn(engine), 'sprig')).toEqual({ started: operationId, to: '2.0.0' });
    expect(engine.calls.at(-1)).toEqual({ method: 'upgrade', input: { install: 'sprig', to: '2.0.0', digest: green.digest } });
  });

  it.each(['warn', 'fail'] as const)('leads to the question where a check says %s', async (state) => {
    const engine = fakeEngine();
    engine.answer('plan', { ...green, checks: [...green.checks, ...checks.slice(0, 1).map((check) => ({ ...check, status: state }))] });
    expect(await upgradeAtOnce(hubOn(engine), 'sprig')).toEqual({ page: '#/install/sprig/upgrade?to=2.0.0' });
    expect(engine.calls.map(({ method }) => method)).toEqual(['plan']);
  });

  it('leads there too where no plan can be made or the engine refuses it', async () => {
    const engine = fakeEngine();
    engine.answer('plan', () => {
      throw new Failure('feed-unreachable', 'no network');
    });
    expect(await upgradeAtOnce(hubOn(engine), 'sprig')).toEqual({ page: '#/install/sprig/upgrade' });
    engine.answer('plan', green);
    engine.api.upgrade = () => Promise.reject(new Failure('plan-changed', 'somebody was here'));
    expect(await upgradeAtOnce(hubOn(engine), 'sprig')).toEqual({ page: '#/install/sprig/upgrade?to=2.0.0' });
  });
});
