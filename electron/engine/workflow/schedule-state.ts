/** How an install stands with its schedule, and how well its data is protected. Looks only. */
import type { Protection, Schedule, ScheduleState } from '../../api/protection.ts';
import { usualSchedule } from '../../api/usual-schedule.ts';
import { dueOf, type Due } from '../backup/schedule.ts';
import { readSummary } from '../backup/read-summary.ts';
import { now } from '../platform/clock.ts';
import { volumeOf } from '../platform/files.ts';
import { measureTrees, walk } from '../platform/tree.ts';
import type { KnownBackup } from '../registry/backups.ts';
import { skipForeign } from '../install/inventory.ts';
import { heldItems } from './capture.ts';
import { backupsFolder, type Kit, type OpenedInstall } from './kit.ts';
import { readSchedule } from './schedule-file.ts';

/** Days after which a proof is old news. */
const freshDays = 7;
const day = 24 * 3600 * 1000;

/** What the scheduler remembers of an install; kept in the registry, as losing it does no harm. */
export interface ScheduleMemory {
  /** When it last tried to do something here, and why that failed. */
  at: string | null;
  problem: string | null;
  /** The window in which nothing was found to be changed. */
  unchangedSince: string | null;
  /** When a drill was last begun, also one that could not be made. */
  drillAt: string | null;
  readBackAt: string | null;
  /** Bytes that were read beyond the budget of a day. */
  readBackDebt: number;
}

export function memoryOf(kit: Kit, opened: OpenedInstall): ScheduleMemory {
  const nothing: ScheduleMemory = { at: null, problem: null, unchangedSince: null, drillAt: null, readBackAt: null, readBackDebt: 0 };
  return { ...nothing, ...kit.registry.setting<Partial<ScheduleMemory>>(memoryName(opened), {}) };
}

export function remember(kit: Kit, opened: OpenedInstall, change: Partial<ScheduleMemory>): void {
  kit.registry.set(memoryName(opened), { ...memoryOf(kit, opened), ...change });
}

export async function scheduleState(kit: Kit, opened: OpenedInstall): Promise<ScheduleState> {
  const schedule = await readSchedule(opened);
  const due = schedule === null ? null : currentDue(kit, opened, schedule);
  const memory = memoryOf(kit, opened);
  const volume = await volumeOf(backupsFolder(kit, opened.record.name));
  const held = await measureTrees(heldItems(opened).flatMap((item) => item.paths));
  return {
    install: opened.record.name,
    schedule,
    next: due?.next.toISOString() ?? null,
    missed: due?.isMissed === true ? due.since.toISOString() : null,
    last: memory.at === null ? null : { at: memory.at, problem: memory.problem },
    space: { volume: volume.folder, needed: held.bytes, free: volume.free, reserve: (schedule ?? usualSchedule).reserve },
  };
}

/** What is due now. A window in which nothing had changed is done with. */
export function currentDue(kit: Kit, opened: OpenedInstall, schedule: Schedule): Due {
  const at = new Date(now());
  const last = newestGood(ownBackups(kit, opened));
  const { unchangedSince } = memoryOf(kit, opened);
  const covered = [last?.at, schedule.every === 'change' ? unchangedSince : null].filter((time) => typeof time === 'string').toSorted();
  return dueOf(schedule, covered.at(-1) ?? null, at);
}

/** Whether anything that a backup holds is younger than the newest backup, or no longer there, by the times of files and folders. */
export async function isChanged(kit: Kit, opened: OpenedInstall): Promise<boolean> {
  const last = newestGood(ownBackups(kit, opened));
  if (last === null || last.release !== opened.record.release) return true;
  // When it was begun: what was written while it was made may not be in it.
  const since = await readSummary(last.path).then(
    ({ created }) => Date.parse(created),
    () => null,
  );
  if (since === null) return true;
  for (const item of heldItems(opened)) {
    for (const root of [...item.paths, ...item.companions]) {
      for await (const entry of walk(root, skipForeign(root, item, opened.items))) if (entry.mtimeMs > since) return true;
    }
  }
  return false;
}

/** Of this install and no other of the same name, newest first. */
export function ownBackups(kit: Kit, opened: OpenedInstall): KnownBackup[] {
  return kit.registry.backups.of(opened.record.name).filter((backup) => !backup.foreign);
}

export function newestGood(backups: readonly KnownBackup[]): KnownBackup | null {
  return backups.find((backup) => backup.verdict !== 'bad') ?? null;
}

export async function protectionOf(kit: Kit, opened: OpenedInstall): Promise<Protection> {
  const own = ownBackups(kit, opened);
  const proofs = own.flatMap((backup) => (backup.provenAt === null ? [] : [backup.provenAt])).toSorted();
  const provenAt = proofs.at(-1) ?? null;
  let unreadable: string | null = null;
  const schedule = await readSchedule(opened).catch((error: unknown) => {
    unreadable = (error as Error).message;
    return null;
  });
  const due = schedule === null || opened.record.state !== 'active' ? null : currentDue(kit, opened, schedule);
  const missed = due?.isMissed === true ? due.since.toISOString() : null;
  const failed = missed === null ? null : memoryOf(kit, opened).problem;
  return {
    provenAt,
    scheduled: schedule !== null,
    next: due?.next.toISOString() ?? null,
    missed,
    warning:
      unreadable ??
      (missed === null ? proofWarning(own, provenAt) : `A scheduled backup was missed${failed === null ? '' : `: ${failed}`}`),
  };
}

function proofWarning(own: readonly KnownBackup[], provenAt: string | null): string | null {
  const [newest] = own;
  if (newest?.verdict === 'bad') return newest.drilledAt === null ? 'The last backup is bad' : 'The last backup failed its drill';
  const oldest = own.at(-1);
  if (oldest === undefined) return null;
  const from = Date.parse(provenAt ?? oldest.at);
  if (Date.parse(now()) - from <= freshDays * day) return null;
  return provenAt === null ? 'No backup was ever proven' : 'The last proof of a backup is older than a week';
}

function memoryName(opened: OpenedInstall): string {
  return `schedule:${opened.record.id}`;
}
