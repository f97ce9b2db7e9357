/** The plan of a backup. */
import type { Backup } from '../../api/models.ts';
import { checkRecipient } from '../backup/age-header.ts';
import { destinationsOf } from './destinations.ts';
import type { LockWish } from './encryption.ts';
import type { PreflightFacts } from '../preflight/facts.ts';
import { backUpProgram } from './back-up.ts';
import { backupFile } from './backup-file.ts';
import type { Kit, OpenedInstall } from './kit.ts';
import { heldBytes, storeBytes } from './plan-upgrade.ts';
import { backupPlace, factsFor, spaceFor, survey, type Prepared } from './preparation.ts';
import { finishPlan, itemsWith, mustBeActive } from './finish-plan.ts';

export async function prepareBackUp(
  kit: Kit,
  opened: OpenedInstall,
  output: string | undefined,
  wish: { lock?: LockWish; limit?: number | undefined } = {},
  more: Partial<PreflightFacts> = {},
  by: { reason: Backup['reason']; reserve?: number } = { reason: 'asked' },
): Promise<Prepared> {
  mustBeActive(opened);
  const { lock = null, limit } = wish;
  const seen = await survey(opened);
  const to = await backupFile(kit, opened, by.reason, { output, encrypted: lock !== null || undefined });
  if (lock !== null && 'recipients' in lock) for (const recipient of lock.recipients) checkRecipient(recipient);
  const space = await spaceFor([
    { path: to, phase: 'backup', bytes: heldBytes(seen) },
    { path: opened.folder.staging, phase: 'snapshot', bytes: storeBytes(seen) },
    ...(by.reserve === undefined ? [] : [{ path: to, phase: 'stays free', bytes: by.reserve }]),
  ]);
  const facts = await factsFor('back-up', seen, {
    space,
    backupFolder: await backupPlace(opened, to),
    port: null,
    shipped: null,
    migrations: null,
    schema: null,
    ...more,
  });
  const copies = destinationsOf(kit, opened.record.name).map(({ folder }) => folder);
  const data = { to, reason: by.reason, lock, limit, copies };
  return finishPlan(kit, seen, 'back-up', data, backUpProgram, facts, {
    items: itemsWith(seen, () => 'keep'),
    downtime: 0,
    to: opened.record.release,
  });
}
