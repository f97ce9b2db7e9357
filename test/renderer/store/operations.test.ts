import { expect, onTestFinished, test, vi } from 'vitest';
import type { EngineEvent } from '../../../electron/api/events.ts';
import { createOperations } from '../../../renderer/store/operations.ts';
import { runningOperation } from '../fake-client.ts';

const started: EngineEvent = {
  event: 'started',
  operation: 'op-1',
  action: 'upgrade',
  install: 'sprig',
  steps: [{ id: 'one', title: 'One', state: 'waiting' }],
  at: '2026-03-06T05:06:07.000Z',
};

function slice() {
  const frames: (() => void)[] = [];
  const operations = createOperations((run) => void frames.push(run));
  const changes: number[] = [];
  operations.store.subscribe(() => changes.push(1));
  return {
    operations,
    frames,
    changes,
    frame: () => frames.splice(0).forEach((run) => run()),
    get: () => operations.store.getState().operations['op-1'],
  };
}

function progress(fraction: number): EngineEvent {
  return { event: 'progress', operation: 'op-1', progress: { fraction, step: 'one' } };
}

test('sixty events within one frame are one change', () => {
  const { operations, frame, changes, get } = slice();
  operations.hear(started);
  for (let index = 1; index <= 60; index += 1) operations.hear(progress(index / 60));
  expect(changes).toHaveLength(0);
  frame();
  expect(changes).toHaveLength(1);
  expect(get()?.progress?.fraction).toBe(1);
});

test('progress never goes back, its words do go on', () => {
  const { operations, frame, get } = slice();
  operations.hear(started);
  operations.hear(progress(0.5));
  operations.hear({ event: 'progress', operation: 'op-1', progress: { fraction: 0.2, step: 'one', detail: 'more' } });
  frame();
  expect(get()?.progress).toEqual({ fraction: 0.5, step: 'one', detail: 'more' });
});

test('steps change, and steps that were not announced are added', () => {
  const { operations, frame, get } = slice();
  operations.hear(started);
  operations.hear({ event: 'step', operation: 'op-1', id: 'one', title: 'One', state: 'done', at: '' });
  operations.hear({ event: 'step', operation: 'op-1', id: 'undo', title: 'Undo', state: 'undoing', at: '' });
  frame();
  expect(get()?.steps).toEqual([
    { id: 'one', title: 'One', state: 'done' },
    { id: 'undo', title: 'Undo', state: 'undoing' },
  ]);
});

test('an event of an operation that nobody started makes none', () => {
  const { operations, frame, get } = slice();
  operations.hear(progress(0.3));
  frame();
  expect(get()).toBeUndefined();
});

test('a snapshot replaces everything, also events that wait', () => {
  const { operations, frame, get } = slice();
  operations.hear(started);
  operations.reset([runningOperation({ operation: 'op-1' })]);
  frame();
  expect(get()?.progress?.fraction).toBe(0.42);
  // The stream may repeat the start of what the snapshot holds: nothing is lost by it.
  operations.hear(started);
  frame();
  expect(get()?.progress?.fraction).toBe(0.42);
});

test('cancelling shows and ends, and the end is kept', () => {
  const { operations, frame, get } = slice();
  operations.hear(started);
  operations.hear({ event: 'cancelling', operation: 'op-1', possible: true, text: 'It stops soon.' });
  frame();
  expect(get()?.cancelling).toBe(true);
  operations.hear({ event: 'ended', operation: 'op-1', outcome: null, error: { code: 'cancelled', message: 'cancelled' }, at: 'now' });
  frame();
  expect(get()).toMatchObject({ cancelling: false, ended: { error: { code: 'cancelled' } } });
});

test('memory stays flat however much an operation says', () => {
  const { operations, frame, get } = slice();
  operations.hear(started);
  for (let index = 0; index < 2500; index += 1) operations.hear({ event: 'note', operation: 'op-1', level: 'info', text: String(index) });
  frame();
  expect(get()?.notes).toHaveLength(1000);
  expect(get()?.notes.at(-1)?.text).toBe('2499');
});

test('a window that is hidden before its next frame comes still hears of the end, and of what comes after', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers().unstubAllGlobals());
  // It was seen when the frame was asked for; then it was hidden, and no frame comes any more.
  vi.stubGlobal('document', { visibilityState: 'visible' });
  vi.stubGlobal('requestAnimationFrame', () => 1);
  vi.stubGlobal('cancelAnimationFrame', () => undefined);
  const operations = createOperations();
  const get = () => operations.store.getState().operations['op-1'];
  operations.hear(started);
  vi.advanceTimersByTime(1000);
  expect(get()?.ended).toBeNull();
  operations.hear({ event: 'ended', operation: 'op-1', outcome: null, error: null, at: 'now' });
  vi.advanceTimersByTime(1000);
  expect(get()?.ended?.at).toBe('now');
});

test('of a frame and the clock only the first takes in what was heard', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers().unstubAllGlobals());
  const frames: (() => void)[] = [];
  vi.stubGlobal('document', { visibilityState: 'visible' });
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => frames.push(run));
  vi.stubGlobal('cancelAnimationFrame', (frame: number) => (frames[frame - 1] = () => undefined));
  const operations = createOperations();
  const changes: number[] = [];
  operations.store.subscribe(() => changes.push(1));
  operations.hear(started);
  frames[0]?.();
  vi.advanceTimersByTime(1000);
  operations.hear(progress(0.5));
  vi.advanceTimersByTime(1000);
  frames[1]?.();
  expect(changes).toHaveLength(2);
});
