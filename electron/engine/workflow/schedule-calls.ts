/** The calls about schedules and retention. */
import type { Api, OperationName } from '../../api/methods.ts';
import { open, type Kit } from './kit.ts';
import { mustBeActive } from './finish-plan.ts';
import { perform } from './operation-calls.ts';
import type { Operations } from './operations.ts';
import { prepareBackUp } from './plan-back-up.ts';
import { prune } from './prune.ts';
import { changeSchedule } from './schedule-file.ts';
import { scheduleState } from './schedule-state.ts';
import type { ScheduledCalls } from './scheduled-calls.ts';
import { runSchedules } from './scheduler.ts';
import { refuseInterrupted } from './interrupted.ts';

export function scheduleCalls(
  kit: Kit,
  operations: Operations,
  calls: Pick<Api, OperationName>,
): Pick<Api, 'schedule' | 'setSchedule' | 'runSchedule' | 'prune'> {
  const awaited = async (begin: Promise<{ operation: string }>) => operations.wait((await begin).operation);
  const scheduled: ScheduledCalls = {
    backUp: async (opened, reserve) => {
      await refuseInterrupted(kit, opened.home);
      const prepared = await prepareBackUp(kit, opened, undefined, {}, {}, { reason: 'scheduled', reserve });
      return awaited(perform(operations, prepared, undefined));
    },
    drill: async (backup) => awaited(calls.drill({ backup })),
    verify: async (path) => awaited(calls.verify({ input: path })),
  };
  return {
    schedule: async ({ install }) => scheduleState(kit, await open(kit, install)),
    setSchedule: async ({ install, schedule }) => {
      const opened = await open(kit, install);
      if (schedule !== null) mustBeActive(opened);
      await changeSchedule(opened, schedule);
      return scheduleState(kit, opened);
    },
    runSchedule: async ({ install }) => runSchedules(kit, scheduled, install),
    prune: async ({ install, dry }) => prune(kit, await open(kit, install), dry ?? false),
  };
}
