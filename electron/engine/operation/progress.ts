/** Progress that is weighted over the steps, never goes back, is told at most ten times a second, and whose last value always arrives. */
import type { Progress } from '../../api/events.ts';
import { later, ticks } from '../platform/clock.ts';
import type { Step, StepProgress } from './step.ts';

/** Milliseconds between two reports. */
const interval = 100;
/** Seconds over which the rate is taken. */
const rateWindow = 5;

export interface ProgressMeter {
  begin(step: Step): void;
  report(progress: StepProgress): void;
  end(step: Step): void;
}

/** How far something is whose bytes are counted, and known beforehand where `totalBytes` is told. */
export function bytesDone({ bytes, totalBytes }: { bytes: number; totalBytes?: number }): StepProgress {
  if (totalBytes === undefined) return { bytes };
  return { bytes, totalBytes, fraction: totalBytes === 0 ? 1 : bytes / totalBytes };
}

/** Makes a meter over the steps that calls `tell` with each report that is due. */
export function measureProgress(steps: readonly Step[], tell: (progress: Progress) => void): ProgressMeter {
  const total = steps.reduce((sum, step) => sum + step.weight, 0) || 1;
  let finished = 0;
  let current: Step | null = null;
  let highest = 0;
  let last = -Infinity;
  let samples: { at: number; bytes: number }[] = [];
  /** What came too soon after the one before waits: nothing may come after it for long, as when a download stalls. */
  let waiting: (() => void) | null = null;
  const forget = () => {
    waiting?.();
    waiting = null;
  };
  const send = (progress: StepProgress, force: boolean) => {
    if (current === null) return;
    const inside = Math.min(1, Math.max(0, progress.fraction ?? 0));
    highest = Math.min(1, Math.max(highest, (finished + current.weight * inside) / total));
    const at = ticks();
    forget();
    if (!force && at - last < interval) {
      waiting = later(interval - (at - last), () => send(progress, true));
      return;
    }
    last = at;
    tell({ ...progress, ...speedOf(progress, at), fraction: highest, step: current.id });
  };
  const speedOf = (progress: StepProgress, at: number): StepProgress => {
    if (progress.bytes === undefined) return {};
    samples = [...samples.filter((sample) => at - sample.at < rateWindow * 1000), { at, bytes: progress.bytes }];
    const first = samples[0];
    if (first === undefined || at === first.at) return {};
    const rate = Math.max(0, ((progress.bytes - first.bytes) * 1000) / (at - first.at));
    const left = progress.totalBytes !== undefined && rate > 0 ? Math.max(0, (progress.totalBytes - progress.bytes) / rate) : undefined;
    return { rate, ...(left !== undefined && { left }) };
  };
  return {
    begin: (step) => {
      current = step;
      samples = [];
      send({ fraction: 0 }, true);
    },
    report: (progress) => send(progress, false),
    end: (step) => {
      send({ fraction: 1 }, true);
      finished += step.weight;
      current = null;
    },
  };
}
