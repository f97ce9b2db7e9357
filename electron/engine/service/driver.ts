/**
 * Room `service`: starts, stops and watches a product, and says whether it is healthy.
 * Promises: what was left running is found again after Moult itself was restarted or killed, a reused pid is never taken for it,
 * and `stop` returns only when nothing of it runs any more. Refuses to call a product healthy because its process is up.
 * Each way of running a product is one driver file and one row of the table below.
 */
import type { ServiceSpec } from '../product/schema.ts';
import { processDriver } from './process.ts';
import type { ServiceDriver } from './target.ts';

export type { LastWords, RunningService, ServiceDriver, ServiceTarget, Stopped } from './target.ts';

const drivers: Record<ServiceSpec['driver'], ServiceDriver> = {
  process: processDriver,
};

/** The driver that a descriptor names. */
export function serviceDriver(name: ServiceSpec['driver']): ServiceDriver {
  return drivers[name];
}
