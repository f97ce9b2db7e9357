/** Plans that put data away, and the one that brings it back. */
import { Failure } from '../../api/failure.ts';
import type { ActionKind } from '../../api/models.ts';
import { isWithin } from '../install/paths.ts';
import { slotPath } from '../install/record.ts';
import { exists, namesIn } from '../platform/files.ts';
import type { PreflightFacts } from '../preflight/facts.ts';
import { releaseNamed } from '../release/path.ts';
import { backupFile } from './backup-file.ts';
import { releasesOf } from './facts.ts';
import { holdToPin } from './following.ts';
import { freshStartProgram, type FreshStartData } from './fresh-start.ts';
import type { Kit, OpenedInstall } from './kit.ts';
import { expectedDowntime, heldBytes, storeBytes } from './plan-upgrade.ts';
import { backupPlace, factsFor, nodeNeeds, spaceFor, survey, type Prepared } from './preparation.ts';
import { isThere } from './moves.ts';
import { findUncommitted, type UncommittedWork } from '../install/uncommitted.ts';
import { readTrashIndex, trashDays, type TrashIndex } from './trash.ts';
import { undoProgram } from './undo.ts';
import { uninstallProgram } from './uninstall.ts';
import { finishPlan, itemsWith, mustBeActive } from './finish-plan.ts';

export async function prepareUninstall(
  kit: Kit,
  opened: OpenedInstall,
  purge: boolean,
  including: readonly string[] = [],
  more: Partial<PreflightFacts> = {},
): Promise<Prepared> {
  if (!purge) mustBeActive(opened);
  const seen = await survey(opened);
  const action = purge ? ('purge' as const) : ('uninstall' as const);
  const facts = await factsFor(action, seen, {
    port: null,
    schema: null,
    migrations: null,
    config: null,
    shipped: null,
    uncommitted: purge ? await uncommittedIn(opened, including) : null,
    ...more,
  });
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
  including: readonly string[] = [],
  more: Partial<PreflightFacts> = {},
): Promise<Prepared> {
  mustBeActive(opened);
  const seen = await survey(opened);
  const chosen =
    release === undefined || release === opened.record.release ? null : releaseNamed(await releasesOf(opened.descriptor), release);
  if (chosen !== null) holdToPin(opened.record, chosen.version);
  const data: FreshStartData = { release: chosen, backupTo: await backupFile(kit, opened, 'before-purge') };
  const space = await spaceFor([
    { path: data.backupTo, phase: 'backup', bytes: heldBytes(seen) },
    { path: opened.folder.staging, phase: 'snapshot', bytes: storeBytes(seen) },
  ]);
  const facts = await factsFor('fresh-start', seen, {
    space,
    backupFolder: await backupPlace(opened, data.backupTo),
    node: chosen === null ? [] : nodeNeeds([chosen]),
    uncommitted: await uncommittedIn(opened, including),
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

/** Items that a purge removes and that hold work that is committed nowhere, but for those that the person named. */
async function uncommittedIn(opened: OpenedInstall, including: readonly string[]): Promise<UncommittedWork[]> {
  return findUncommitted(
    opened.items.filter(({ item, kind }) => kind === 'files' && item.fate.purge === 'remove' && !including.includes(item.id)),
  );
}

export async function prepareUndo(
  kit: Kit,
  opened: OpenedInstall,
  operation: string | undefined,
  more: Partial<PreflightFacts> = {},
): Promise<Prepared> {
  const index = await whatToUndo(kit, opened, operation);
  // There was no install before: nothing comes back, and what the restore made goes the way of a purge, which can be undone itself.
  if (index.record === null)
    return prepareUninstall(
      kit,
      opened,
      true,
      opened.items.map(({ item }) => item.id),
      more,
    );
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

/** The trash that is brought back: of the operation that is named, else of the last one that can be undone. `nothing-to-undo` tells why not. */
async function whatToUndo(kit: Kit, opened: OpenedInstall, operation: string | undefined): Promise<TrashIndex> {
  const chosen = (await undoable(kit, opened)).find((id) => operation === undefined || id.startsWith(operation));
  const index = chosen === undefined ? null : await readTrashIndex(opened.home, chosen);
  const name = opened.record.name;
  if (index === null || (index.record === null && chosen !== undefined && !(await madeByRestore(kit, opened, chosen)))) {
    throw nothingToUndo(`there is nothing to undo for ${name}: nothing was put away in the last ${trashDays} days`);
  }
  for (const move of index.moves) {
    if (move.away === true && !(await isThere(move.to))) throw nothingToUndo(`what was put away is not whole any more: ${move.to} is gone`);
  }
  if (index.record === null) return index;
  const { slot, release } = index.record;
  const path = slot === null ? null : slotPath(opened.home, slot);
  const comesBack = index.moves.some((move) => move.away === true && path !== null && isWithin(move.from, path));
  if (path !== null && !comesBack && !(await exists(path))) {
    throw nothingToUndo(`${release ?? 'the release of then'} is not on this machine any more, so its data cannot be put back in use`);
  }
  return index;
}

/** Whether the operation is a restore that made the install, which is still at the release that it brought: what came after is not its to take away. */
async function madeByRestore(kit: Kit, { record, home }: OpenedInstall, operation: string): Promise<boolean> {
  const entry = kit.registry.operations.byId(operation);
  if (entry === null || entry.action !== 'restore' || entry.from !== null || entry.home !== home) return false;
  if (record.state === 'active' && record.release === entry.to) return true;
  throw new Failure('nothing-to-undo', `${record.name} is not as the restore that made it left it, so that is not undone any more`, {
    remedy: { action: 'show-help', text: 'Remove it instead.', command: `moult uninstall ${record.name} --purge` },
  });
}

/** Operations whose trash can be brought back, newest first: as the history says, or, where that was lost, the trash itself. */
async function undoable(kit: Kit, opened: OpenedInstall): Promise<string[]> {
  const filed = kit.registry.operations
    .of(opened.record.name, 50)
    .filter((entry) => entry.undoUntil !== null && entry.home === opened.home);
  const lost: { id: string; at: string }[] = [];
  for (const id of await namesIn(opened.folder.trash)) {
    if (kit.registry.operations.byId(id) !== null) continue;
    const index = await readTrashIndex(opened.home, id);
    if (index !== null && index.record !== null && putsAway.has(index.action)) lost.push({ id, at: index.at });
  }
  return [...filed.map((entry) => entry.operation), ...lost.sort((one, other) => (one.at < other.at ? 1 : -1)).map((entry) => entry.id)];
}

/** Actions whose trash is left behind only when they were done: a failed one has brought its things back. */
const putsAway = new Set<ActionKind>(['uninstall', 'purge', 'fresh-start', 'restore', 'roll-back']);

function nothingToUndo(message: string): Failure {
  return new Failure('nothing-to-undo', message, {
    remedy: { action: 'restore-backup', text: 'Restore a backup instead.', command: 'moult backups' },
  });
}
