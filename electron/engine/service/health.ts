import type { Health } from '../../api/models.ts';
import type { HealthSpec } from '../product/schema.ts';

export interface HealthReport {
  health: Health;
  detail: string | null;
  release: string | null;
  seconds: number;
}

export interface AwaitHealthyOptions {
  spec: HealthSpec;
  fill: (text: string) => string;
  expectRelease: string | null;
  isAlive: () => Promise<boolean>;
  signal?: AbortSignal;
  onProgress?: (detail: string, fraction?: number) => void;
}

export async function probeHealth(_spec: HealthSpec, _fill: (text: string) => string, _signal?: AbortSignal): Promise<HealthReport> {
  throw new Error('not written yet');
}

export async function awaitHealthy(_options: AwaitHealthyOptions): Promise<HealthReport> {
  throw new Error('not written yet');
}
