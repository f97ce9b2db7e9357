// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { followStream } from '../../../renderer/client/event-stream.ts';

class FakeStream extends EventTarget {
  closed = false;
  close(): void {
    this.closed = true;
  }
}

function follow() {
  const streams: FakeStream[] = [];
  const heard: string[] = [];
  const states: string[] = [];
  const end = followStream(
    () => {
      const stream = new FakeStream();
      streams.push(stream);
      return stream as unknown as EventSource;
    },
    (text) => heard.push(text),
    (connection) => states.push(connection),
  );
  return { streams, heard, states, end };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('hands on what comes and says how the connection is', () => {
  const { streams, heard, states } = follow();
  streams[0]?.dispatchEvent(new Event('open'));
  streams[0]?.dispatchEvent(new MessageEvent('message', { data: '{"kind":"changed"}' }));
  expect(heard).toEqual(['{"kind":"changed"}']);
  expect(states).toEqual(['connecting', 'connected']);
});

test('comes back by itself, after a wait that grows up to ten seconds', () => {
  const { streams, states } = follow();
  const waits = [500, 1000, 2000, 4000, 8000, 10_000, 10_000];
  for (const [index, wait] of waits.entries()) {
    streams[index]?.dispatchEvent(new Event('error'));
    expect(streams[index]?.closed).toBe(true);
    vi.advanceTimersByTime(wait - 1);
    expect(streams).toHaveLength(index + 1);
    vi.advanceTimersByTime(1);
    expect(streams).toHaveLength(index + 2);
  }
  expect(states.at(-1)).toBe('lost');
  streams.at(-1)?.dispatchEvent(new Event('open'));
  expect(states.at(-1)).toBe('connected');
  streams.at(-1)?.dispatchEvent(new Event('error'));
  vi.advanceTimersByTime(500);
  expect(streams).toHaveLength(waits.length + 2);
});

test('does not wait when the machine comes back online', () => {
  const { streams } = follow();
  streams[0]?.dispatchEvent(new Event('error'));
  dispatchEvent(new Event('online'));
  expect(streams).toHaveLength(2);
  vi.advanceTimersByTime(60_000);
  expect(streams).toHaveLength(2);
});

test('an end is an end', () => {
  const { streams, end } = follow();
  streams[0]?.dispatchEvent(new Event('error'));
  end();
  vi.advanceTimersByTime(60_000);
  dispatchEvent(new Event('online'));
  expect(streams).toHaveLength(1);
});
