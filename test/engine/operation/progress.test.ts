import { expect, it, vi } from 'vitest';
import type { Progress } from '../../../electron/api/events.ts';
import { measureProgress } from '../../../electron/engine/operation/progress.ts';
import type { Step } from '../../../electron/engine/operation/step.ts';

const step: Step = { id: 'fetch', title: 'Download', weight: 1, run: async () => {} };

it('tells the last value also when nothing comes after it, and no more than is due before', async () => {
  const told: Progress[] = [];
  const meter = measureProgress([step], (progress) => told.push(progress));
  meter.begin(step);
  for (let bytes = 1; bytes <= 50; bytes += 1) meter.report({ bytes, totalBytes: 100, fraction: bytes / 100 });
  expect(told.length).toBe(1);
  await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ bytes: 50, fraction: 0.5, step: 'fetch' }));
  expect(told.length).toBe(2);
  meter.report({ bytes: 60, totalBytes: 100, fraction: 0.6 });
  meter.end(step);
  expect(told.at(-1)).toMatchObject({ fraction: 1 });
  const ended = told.length;
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(told.length).toBe(ended);
});
