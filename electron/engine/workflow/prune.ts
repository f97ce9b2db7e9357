/** Retention: removes the backups that the schedule does not keep, and their second copies. What a way back needs is known here, and kept. */
import type { Backup } from '../../api/models.ts';
import type { Pruning } from '../../api/protection.ts';
import { reasonsToKeep } from '../backup/retention.ts';
import { removeLabel } from '../backup/backup-label.ts';
import { readSummary } from '../backup/read-summary.ts';
import { usualSchedule } from '../../api/usual-schedule.ts';
import { now } from '../platform/clock.ts';
import { remove } from '../platform/files.ts';
import { countCopies, removeRetired } from './destinations.ts';
import { hotJournals } from './interrupted.ts';
import type { Kit, OpenedInstall } from './kit.ts';
import { withPresence } from './rescan-files.ts';
import { readSchedule } from './schedule-file.ts';

export async function prune(kit: Kit, opened: OpenedInstall, dry: boolean): Promise<Pruning> {
  const keep = ((await readSchedule(opened)) ?? usualSchedule).keep;
  const backups = await Promise.all(kit.registry.backups.of(opened.record.name).map(withPresence));
  const reasons = reasonsToKeep(backups, keep, await neededForWaysBack(kit, opened, backups));
  const removed: Backup[] = [];
  for (const backup of backups) {
    if ((reasons.get(backup.id) ?? []).length > 0) continue;
    if (!dry && !(await removeBackup(kit, backup))) reasons.set(backup.id, ['its file is not what the catalogue says']);
    else removed.push(backup);
  }
  const gone = new Set(removed.map((backup) => backup.id));
  const retiring = new Set(removed.filter(hasCopiesToGo).map((backup) => backup.id));
  const copies = dry ? await countCopies(kit, opened.record.name, retiring) : await removeRetired(kit, opened.record.name);
  return {
    install: opened.record.name,
    removed,
    kept: backups.filter((backup) => !gone.has(backup.id)).map(({ id, at }) => ({ id, at, because: reasons.get(id) ?? [] })),
    bytes: removed.reduce((sum, backup) => sum + backup.bytes, 0),
    copies,
    dry,
  };
}

/** A roll back needs the one from before the upgrade; an undo falls back on the one that its operation took; what was cut off may need any. */
async function neededForWaysBack(kit: Kit, opened: OpenedInstall, backups: readonly Backup[]): Promise<Map<string, string>> {
  const needed = new Map<string, string>();
  if ((await hotJournals(opened.home)).length > 0) for (const { id } of backups) needed.set(id, 'an operation was interrupted');
  for (const entry of kit.registry.operations.of(opened.record.name, 1000)) {
    const id = entry.receipt?.backup;
    if (typeof id === 'string' && entry.undoUntil !== null && entry.undoUntil > now())
      needed.set(id, 'the last operation can still be undone');
  }
  const { previous } = opened.record;
  if (previous !== null) needed.set(previous.backup, 'a roll back needs it');
  return needed;
}

/** A copy of a damaged one may be the only good one that is left. */
function hasCopiesToGo(backup: Backup): boolean {
  return backup.verdict !== 'bad';
}

/** Only the very file that the catalogue means. False where another stands in its place. */
async function removeBackup(kit: Kit, backup: Backup): Promise<boolean> {
  const found = await readSummary(backup.path).then(
    ({ id }) => id,
    () => (backup.verdict === 'bad' ? backup.id : null),
  );
  if (found !== backup.id) return false;
  await remove(backup.path);
  await removeLabel(backup.path);
  kit.registry.backups.forget(backup.id);
  if (hasCopiesToGo(backup)) kit.registry.copies.retire(backup.id);
  return true;
}
