/**
 * The scheduler: does what is due, one install after the other. Whoever is there calls it (the desktop app and `moult serve` each minute, a timer
 * of the system with `moult schedule run`); a lock of the kernel sees to it that only one of them acts, and a dead one blocks nobody.
 */
import { join } from 'node:path';
import { toFailureData } from '../../api/failure.ts';
import type { OperationOutcome } from '../../api/models.ts';
import type { Schedule, ScheduleDeed, ScheduleRun } from '../../api/protection.ts';
import { fail, type Result } from '../../api/result.ts';
import { lockHolder, takeLock } from '../operation/lock.ts';
import { now } from '../platform/clock.ts';
import { humanBytes } from '../../api/units.ts';
import { findInstall, openInstall, type Kit, type OpenedInstall } from './kit.ts';
import type { ScheduledCalls } from './scheduled-calls.ts';
import { prune } from './prune.ts';
import { readBack } from './read-back.ts';
import { clearDeadDrills } from './recover.ts';
import { readSchedule } from './schedule-file.ts';
import { currentDue, isChanged, memoryOf, newestGood, ownBackups, remember } from './schedule-state.ts';

const hour = 3600 * 1000;
const week = 7 * 24 * hour;

/** Does what is due of one install, or of all, and waits for it. Never throws for what went wrong with an install: it is told. */
export async function runSchedules(kit: Kit, calls: ScheduledCalls, install: string | undefined): Promise<ScheduleRun> {
  const rows = install === undefined ? kit.registry.installs.all() : [findInstall(kit, install)];
  const folder = join(kit.moultHome, 'scheduler');
  const lock = await takeLock(folder, 'schedule').catch(() => null);
  if (lock === null) return { at: now(), actedBy: (await lockHolder(folder))?.pid ?? 0, deeds: [] };
  try {
    await clearDeadDrills(kit).catch(() => undefined);
    const deeds: ScheduleDeed[] = [];
    for (const row of rows) {
      if (row.state !== 'active') continue;
      const opened = await openInstall(kit, row).catch(() => null);
      if (opened !== null) deeds.push(...(await runOne(kit, calls, opened)));
    }
    return { at: now(), actedBy: null, deeds };
  } finally {
    await lock.release();
  }
}

async function runOne(kit: Kit, calls: ScheduledCalls, opened: OpenedInstall): Promise<ScheduleDeed[]> {
  const deeds: ScheduleDeed[] = [];
  const install = opened.record.name;
  const tell = (what: ScheduleDeed['what'], problem: string | null, text: string) =>
    deeds.push({ install, what, outcome: problem === null ? 'done' : 'failed', text: problem ?? text });
  try {
    const schedule = await readSchedule(opened);
    if (schedule === null) return deeds;
    const backedUp = await backUpIfDue(kit, calls, opened, schedule);
    if (backedUp !== null) tell('backup', problemOf(backedUp), `Backed up to ${backedUp.ok ? (backedUp.result.backup?.path ?? '') : ''}`);
    const drilled = await drillIfDue(kit, calls, opened, schedule, backedUp?.ok === true);
    if (drilled !== null) tell('drill', problemOf(drilled), 'The newest backup is proven.');
    if (backedUp?.ok === true) {
      const pruned = await prune(kit, opened, false);
      if (pruned.removed.length > 0) tell('prune', null, `Removed ${pruned.removed.length} older backups, ${humanBytes(pruned.bytes)}`);
    }
    const read = await readBack(kit, opened, schedule, (backup) => calls.verify(backup.path));
    if (read !== null && (read.read > 0 || read.problems.length > 0))
      tell(
        'read-back',
        read.problems.length === 0 ? null : read.problems.join(' '),
        `Read ${read.read} older backups, ${humanBytes(read.bytes)}`,
      );
  } catch (error) {
    tell('backup', toFailureData(error).message, '');
  }
  return deeds;
}

/** Null where nothing is to be done. After a failure it waits for an hour; a busy install is tried again the next time. */
async function backUpIfDue(
  kit: Kit,
  calls: ScheduledCalls,
  opened: OpenedInstall,
  schedule: Schedule,
): Promise<Result<OperationOutcome> | null> {
  const due = currentDue(kit, opened, schedule);
  const { at, problem } = memoryOf(kit, opened);
  if (!due.isDue || (at !== null && problem !== null && Date.parse(now()) - Date.parse(at) < hour)) return null;
  if (schedule.every === 'change' && !(await isChanged(kit, opened))) {
    remember(kit, opened, { unchangedSince: due.since.toISOString(), at: now(), problem: null });
    return null;
  }
  const result = await settled(() => calls.backUp(opened, schedule.reserve));
  if (result.ok || result.error.code !== 'locked') remember(kit, opened, { at: now(), problem: problemOf(result) });
  return result.ok || result.error.code !== 'locked' ? result : null;
}

/** After each scheduled backup, or when the newest good one was not tried for a week; one that could not be made is tried again half a day later. */
async function drillIfDue(
  kit: Kit,
  calls: ScheduledCalls,
  opened: OpenedInstall,
  schedule: Schedule,
  isBackedUp: boolean,
): Promise<Result<OperationOutcome> | null> {
  if (schedule.drill === 'never') return null;
  const own = ownBackups(kit, opened);
  const newest = newestGood(own);
  const tries = own.flatMap((backup) => (backup.drilledAt === null ? [] : [backup.drilledAt])).toSorted();
  const last = tries.at(-1);
  const isOld = last === undefined || Date.parse(now()) - Date.parse(last) >= week;
  const { drillAt } = memoryOf(kit, opened);
  const isTooSoon = drillAt !== null && Date.parse(now()) - Date.parse(drillAt) < 12 * hour;
  if (newest === null || !((isOld && !isTooSoon) || (schedule.drill === 'each' && isBackedUp))) return null;
  remember(kit, opened, { drillAt: now() });
  return settled(() => calls.drill(newest.id));
}

async function settled(call: () => Promise<Result<OperationOutcome>>): Promise<Result<OperationOutcome>> {
  return call().catch((error: unknown) => fail(toFailureData(error)));
}

function problemOf(result: Result<OperationOutcome>): string | null {
  return result.ok ? null : result.error.message;
}
