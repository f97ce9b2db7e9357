import type { Client } from '../../electron/api/client.ts';
import type { ScheduleState } from '../../electron/api/protection.ts';
import { createKeyed, type Keyed } from './keyed.ts';

/** When each install is backed up by itself. */
export function createSchedules(client: Client): Keyed<{ install: string }, ScheduleState> {
  return createKeyed(
    ({ install }) => install,
    (input) => client.call('schedule', input),
  );
}
