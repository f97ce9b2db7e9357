/**
 * Read-back: a part of the older backups is read every day, the one first that was not read for longest, so that a disk that goes bad is
 * noticed before the day of need. A file that was moved is looked for; one that is gone is told.
 */
import { dirname } from 'node:path';
import type { Result } from '../../api/result.ts';
import type { OperationOutcome } from '../../api/models.ts';
import type { Schedule } from '../../api/protection.ts';
import { now } from '../platform/clock.ts';
import { exists } from '../platform/files.ts';
import { hashFile } from '../platform/tree.ts';
import type { KnownBackup } from '../registry/backups.ts';
import { backupsFolder, type Kit, type OpenedInstall } from './kit.ts';
import { rescanFolder } from './rescan.ts';
import { memoryOf, remember } from './schedule-state.ts';

const day = 24 * 3600 * 1000;

export interface ReadBack {
  read: number;
  bytes: number;
  /** Sentences about those that are not well. */
  problems: string[];
}

/** Null where it is not due: it was done today, or too much was read the last time. `verify` reads one through and files the verdict. */
export async function readBack(
  kit: Kit,
  opened: OpenedInstall,
  schedule: Schedule,
  verify: (backup: KnownBackup) => Promise<Result<OperationOutcome>>,
): Promise<ReadBack | null> {
  const memory = memoryOf(kit, opened);
  const at = Date.parse(now());
  const days = memory.readBackAt === null ? 1 : Math.floor((at - Date.parse(memory.readBackAt)) / day);
  if (schedule.readBack === 0 || days < 1) return null;
  const debt = Math.max(0, memory.readBackDebt - (days - 1) * schedule.readBack);
  let budget = schedule.readBack - debt;
  remember(kit, opened, { readBackAt: now(), readBackDebt: Math.max(0, -budget) });
  if (budget <= 0) return null;
  const done: ReadBack = { read: 0, bytes: 0, problems: await findMissing(kit, opened) };
  for (const backup of oldestReadFirst(kit, opened, at)) {
    if (budget <= 0) break;
    if (!(await exists(backup.path))) continue;
    budget -= backup.bytes;
    remember(kit, opened, { readBackDebt: Math.max(0, -budget) });
    const result = await verify(backup);
    if (!result.ok && result.error.code === 'cancelled') break;
    done.read += 1;
    done.bytes += backup.bytes;
    if (!result.ok) done.problems.push(result.error.message);
    else if (backup.sha256 === '')
      kit.registry.backups.put({ ...(kit.registry.backups.find(backup.id) ?? backup), sha256: await hashFile(backup.path) });
  }
  return done;
}

/** Those that were read within the last day are fresh enough. */
function oldestReadFirst(kit: Kit, opened: OpenedInstall, at: number): KnownBackup[] {
  return kit.registry.backups
    .of(opened.record.name)
    .filter((backup) => backup.verifiedAt === null || at - Date.parse(backup.verifiedAt) >= day)
    .toSorted((one, other) => (one.verifiedAt ?? '').localeCompare(other.verifiedAt ?? ''));
}

/** Looks for files that are not where they were, in the folders where backups of this install have been. */
async function findMissing(kit: Kit, opened: OpenedInstall): Promise<string[]> {
  const isGone = async (backup: KnownBackup) => !(await exists(backup.path));
  const known = () => kit.registry.backups.of(opened.record.name);
  const gone: KnownBackup[] = [];
  for (const backup of known()) if (await isGone(backup)) gone.push(backup);
  if (gone.length === 0) return [];
  for (const folder of new Set([backupsFolder(kit, opened.record.name), ...known().map((backup) => dirname(backup.path))]))
    if (await exists(folder)) await rescanFolder(kit, { folder, adopter: null }, { hash: false });
  const problems: string[] = [];
  for (const { id, path } of gone) {
    const now = kit.registry.backups.find(id);
    if (now !== null && (await isGone(now)))
      problems.push(`The backup ${path} is gone: it was moved, renamed or removed, or its disk is not there.`);
  }
  return problems;
}
