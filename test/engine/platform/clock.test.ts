import { expect, test } from 'vitest';
import { now, pause, ticks } from '../../../electron/engine/platform/clock.ts';

test('now is ISO 8601 in UTC', () => {
  expect(now()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('a pause lasts as long as told and leaves no listener behind', async () => {
  const controller = new AbortController();
  const started = ticks();
  await pause(30, controller.signal);
  expect(ticks() - started).toBeGreaterThanOrEqual(28);
  controller.abort(new Error('too late to matter'));
});

test('an abort ends a pause at once, with its own reason', async () => {
  const controller = new AbortController();
  const started = ticks();
  const paused = pause(60_000, controller.signal);
  controller.abort(new Error('cancelled by a test'));
  await expect(paused).rejects.toThrow('cancelled by a test');
  expect(ticks() - started).toBeLessThan(1000);
});

test('a pause with a signal that is aborted already never begins', async () => {
  await expect(pause(60_000, AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
});
