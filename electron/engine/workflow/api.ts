/** The implementation of the one `Api`. */
import type { EngineEvent } from '../../api/events.ts';
import type { Api } from '../../api/methods.ts';
import { destinationCalls } from './destination-calls.ts';
import { encryptionCalls } from './encryption-calls.ts';
import type { Kit } from './kit.ts';
import { operationCalls } from './operation-calls.ts';
import type { Operations } from './operations.ts';
import { queryCalls } from './query-calls.ts';
import { scheduleCalls } from './schedule-calls.ts';

/** All calls over one kit. */
export function makeApi(kit: Kit, operations: Operations, emit: (event: EngineEvent) => void): Api {
  const begun = operationCalls(kit, operations, emit);
  return { ...queryCalls(kit), ...encryptionCalls(kit), ...destinationCalls(kit), ...begun, ...scheduleCalls(kit, operations, begun) };
}
