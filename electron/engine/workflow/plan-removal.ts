/** Plans that put data away, and the one that brings it back. */
import { Failure } from '../../api/failure.ts';
import type { PreflightFacts } from '../preflight/facts.ts';
import { releaseNamed } from '../release/path.ts';
import { backupFile } from './backup-file.ts';
import { releasesOf } from './facts.ts';
import { freshStartProgram, type FreshStartData } from './fresh-start.ts';
import type { Kit, OpenedInstall } from './kit.ts';
import { expectedDowntime, heldBytes, storeBytes } from './plan-upgrade.ts';
import { backupPlace, factsFor, nodeNeeds, spaceFor, survey, type Prepared } from './preparation.ts';
import { readTrashIndex, trashDays } from './trash.ts';
import { undoProgram } from './undo.ts';
import { uninstallProgram } from './uninstall.ts';
import { finishPlan, itemsWith, mustBeActive } from './finish-plan.ts';

export async function prepareUninstall(
  kit: Kit,
  opened: OpenedInstall,
  purge: boolean,
  more: Partial<PreflightFacts> = {},
): Promise<Prepared> {
  if (!purge) mustBeActive(opened);
  const seen = await survey(opened);
  const action = purge ? ('purge' as const) : ('uninstall' as const);
  const facts = await factsFor(action, seen, { port: null, schema: null, migrations: null, config: null, shipped: null, ...more });
  return finishPlan(kit, seen, action, { purge }, uninstallProgram, facts, {
    items: itemsWith(seen, (item) => item.item.fate[action]),
    to: null,
    downtime: null,
    warnings: [
      purge
        ? `Everything listed goes to the trash and is gone after ${trashDays} days. Until then "moult undo ${opened.record.name}" brings it back.`
        : `The data stays where it is. Set up ${opened.descriptor.title} again and it picks up where it left off.`,
    ],
  });
}

export async function prepareFreshStart(
  kit: Kit,
  opened: OpenedInstall,
  release: string | undefined,
  more: Partial<PreflightFacts> = {},
): Promise<Prepared> {
  mustBeActive(opened);
  const seen = await survey(opened);
  const chosen =
    release === undefined || release === opened.record.release ? null : releaseNamed(await releasesOf(opened.descriptor), release);
  const data: FreshStartData = { release: chosen, backupTo: await backupFile(kit, opened, 'before-purge') };
  const space = await spaceFor([
    { path: data.backupTo, phase: 'backup', bytes: heldBytes(seen) },
    { path: opened.folder.staging, phase: 'snapshot', bytes: storeBytes(seen) },
  ]);
  const facts = await factsFor('fresh-start', seen, {
    space,
    backupFolder: await backupPlace(opened, data.backupTo),
    node: chosen === null ? [] : nodeNeeds([chosen]),
    schema: null,
    migrations: null,
    config: null,
    shipped: null,
    ...more,
  });
  return finishPlan(kit, seen, 'fresh-start', data, freshStartProgram, facts, {
    items: itemsWith(seen, (item) => (item.kind === 'slot' ? 'keep' : item.item.fate.purge)),
    to: chosen?.version ?? opened.record.release,
    downtime: expectedDowntime(kit, opened.home, 1),
    warnings: [
      `A last backup is taken and read back first. What goes waits in the trash for ${trashDays} days; "moult undo ${opened.record.name}" brings it back.`,
    ],
  });
}

export async function prepareUndo(
  kit: Kit,
  opened: OpenedInstall,
  operation: string | undefined,
  more: Partial<PreflightFacts> = {},
): Promise<Prepared> {
  const candidates = kit.registry.operations
    .of(opened.record.name, 50)
    .filter((entry) => entry.undoUntil !== null && entry.home === opened.home);
  const chosen =
    operation === undefined
      ? candidates[0]
      : candidates.find((entry) => entry.operation === operation || entry.operation.startsWith(operation));
  const index = chosen === undefined ? null : await readTrashIndex(opened.home, chosen.operation);
  if (index === null || index.record === null) {
    throw new Failure(
      'nothing-to-undo',
      `there is nothing to undo for ${opened.record.name}: nothing was put away in the last ${trashDays} days`,
    );
  }
  const seen = await survey(opened);
  const facts = await factsFor('undo', seen, {
    port: null,
    schema: null,
    migrations: null,
    config: null,
    shipped: null,
    service: null,
    ...more,
  });
  return finishPlan(kit, seen, 'undo', { index }, undoProgram, facts, {
    items: itemsWith(seen, () => 'replace'),
    to: index.record.release,
    warnings: [`Undoes "${index.action}" from ${index.at}. What is there now goes to the trash.`],
  });
}
