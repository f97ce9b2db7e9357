/** Plans of everything but the upgrade: what stays, what goes, which checks stand before it. */
import semver from 'semver';
import { Failure } from '../../api/failure.ts';
import type { Fate, Plan, PlanItem } from '../../api/models.ts';
import { readManifest } from '../backup/read-backup.ts';
import type { BackupManifest } from '../backup/backup-format.ts';
import { compareVersions } from '../ledger/compare.ts';
import { exists } from '../platform/files.ts';
import type { PreflightFacts } from '../preflight/facts.ts';
import type { Release } from '../release/feed.ts';
import { findPath, releaseNamed } from '../release/path.ts';
import { backUpProgram } from './back-up.ts';
import { backupFile } from './backup-file.ts';
import { releasesOf } from './facts.ts';
import { freshStartProgram, type FreshStartData } from './fresh-start.ts';
import type { Kit, OpenedInstall } from './kit.ts';
import { expectedDowntime, heldBytes, storeBytes } from './plan-upgrade.ts';
import { backupPlace, factsFor, makePlan, nodeNeeds, planItem, spaceFor, survey, type Prepared, type Survey } from './preparation.ts';
import { makeScene, outline, type Program, type Scene } from './program.ts';
import { restoreProgram, type RestoreData } from './restore.ts';
import { rollBackProgram, type RollBackData } from './roll-back.ts';
import { readTrashIndex, trashDays } from './trash.ts';
import { undoProgram } from './undo.ts';
import { uninstallProgram } from './uninstall.ts';

export async function prepareBackUp(
  kit: Kit,
  opened: OpenedInstall,
  output: string | undefined,
  more: Partial<PreflightFacts> = {},
): Promise<Prepared> {
  mustBeActive(opened);
  const seen = await survey(opened);
  const to = await backupFile(kit, opened, 'asked', output);
  const space = await spaceFor([
    { path: to, phase: 'backup', bytes: heldBytes(seen) },
    { path: opened.folder.staging, phase: 'snapshot', bytes: storeBytes(seen) },
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
  const data = { to };
  return finish(kit, seen, 'back-up', data, backUpProgram, facts, {
    items: itemsWith(seen, () => 'keep'),
    downtime: 0,
    to: opened.record.release,
  });
}

export async function prepareRollBack(kit: Kit, opened: OpenedInstall, more: Partial<PreflightFacts> = {}): Promise<Prepared> {
  const previous = opened.record.previous;
  if (previous === null) {
    throw new Failure('nothing-to-undo', `${opened.record.name} has no upgrade to roll back`, {
      remedy: { action: 'restore-backup', text: 'Restore a backup instead.', command: `moult backups ${opened.record.name}` },
    });
  }
  const backup = kit.registry.backups.find(previous.backup);
  if (backup === null || !(await exists(backup.path))) {
    throw new Failure(
      'unknown-backup',
      `the backup from before the upgrade (${backup?.path ?? previous.backup}) is gone, so the data cannot go back`,
      {
        remedy: { action: 'restore-backup', text: 'Restore another backup.', command: `moult backups ${opened.record.name}` },
      },
    );
  }
  const seen = await survey(opened);
  const data: RollBackData = { backupPath: backup.path, safetyTo: await backupFile(kit, opened, 'before-restore') };
  const facts = await factsFor('roll-back', seen, {
    space: await swapSpace(seen, data.safetyTo, await readManifest(backup.path)),
    backupFolder: await backupPlace(opened, data.safetyTo),
    schema: null,
    migrations: null,
    shipped: null,
    ...more,
  });
  return finish(kit, seen, 'roll-back', data, rollBackProgram, facts, {
    items: itemsWith(seen, (item) =>
      item.kind === 'slot' || item.item.fate.upgrade === 'replace' ? 'replace' : item.item.backup ? 'replace' : 'keep',
    ),
    to: previous.release,
    warnings: [
      `What was written since ${previous.at} is not in the data you go back to. It is backed up first, and what is live now waits in the trash for ${trashDays} days.`,
    ],
  });
}

export async function prepareRestore(
  kit: Kit,
  opened: OpenedInstall,
  input: string,
  more: Partial<PreflightFacts> = {},
): Promise<Prepared> {
  mustBeActive(opened);
  const known = kit.registry.backups.find(input);
  const path = known?.path ?? input;
  const manifest = await readManifest(path);
  const seen = await survey(opened);
  refuseForeign(manifest, opened, path);
  refuseNewerSchema(manifest, seen);
  const data: RestoreData = {
    backupPath: path,
    backupId: manifest.id,
    backupRelease: manifest.release,
    safetyTo: await backupFile(kit, opened, 'before-restore'),
    via: await releasesBetween(opened, manifest),
  };
  const facts = await factsFor('restore', seen, {
    space: await swapSpace(seen, data.safetyTo, manifest),
    backupFolder: await backupPlace(opened, data.safetyTo),
    schema: null,
    migrations: null,
    config: null,
    shipped: null,
    ...more,
  });
  const held = new Set(manifest.items.map((item) => item.item));
  const older =
    manifest.schema.version !== null && seen.schema.known !== null && compareVersions(manifest.schema.version, seen.schema.known) < 0;
  return finish(kit, seen, 'restore', data, restoreProgram, facts, {
    items: itemsWith(seen, (item) => (held.has(item.item.id) && item.kind !== 'slot' ? 'replace' : 'keep')),
    to: opened.record.release,
    from: manifest.release,
    warnings: [
      `The backup is from ${manifest.created}. What was written since is replaced; it is backed up first, and what is live now waits in the trash for ${trashDays} days.`,
      ...data.via.map(
        (release) =>
          `The data passes ${release.version} on its way to ${opened.record.release}, which cannot take it over from ${manifest.release} directly.`,
      ),
      ...(older
        ? [
            `The backup's schema is ${manifest.schema.version}; ${opened.record.release} migrates it to ${seen.schema.known} when it starts.`,
          ]
        : []),
    ],
  });
}

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
  return finish(kit, seen, action, { purge }, uninstallProgram, facts, {
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
  return finish(kit, seen, 'fresh-start', data, freshStartProgram, facts, {
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
  return finish(kit, seen, 'undo', { index }, undoProgram, facts, {
    items: itemsWith(seen, () => 'replace'),
    to: index.record.release,
    warnings: [`Undoes "${index.action}" from ${index.at}. What is there now goes to the trash.`],
  });
}

interface Rest {
  items: PlanItem[];
  to: string | null;
  from?: string | null;
  downtime?: number | null;
  warnings?: string[];
}

function finish<Data>(
  kit: Kit,
  seen: Survey,
  action: Prepared['action'],
  data: Data,
  build: (scene: Scene, data: Data) => Program,
  facts: PreflightFacts,
  rest: Rest,
): Prepared {
  const { opened } = seen;
  const { record, descriptor, home } = opened;
  const scene = makeScene({ kit, operation: 'plan', action, install: record.name, home, descriptor, before: record });
  const plan: Plan = makePlan({
    action,
    install: record.name,
    product: record.product,
    home,
    from: rest.from === undefined ? record.release : rest.from,
    to: rest.to,
    path: [],
    items: rest.items,
    strays: seen.strays,
    space: facts.space,
    downtime: rest.downtime === undefined ? expectedDowntime(kit, home, 1) : rest.downtime,
    configChanges: [],
    warnings: rest.warnings ?? [],
    steps: outline(build(scene, data)),
    facts,
  });
  return { action, descriptor, install: record.name, home, before: record, data, plan };
}

function itemsWith(seen: Survey, fateOf: (item: OpenedInstall['items'][number]) => Fate): PlanItem[] {
  return seen.opened.items.flatMap((entry) => {
    const fate = fateOf(entry);
    const change =
      fate === 'remove' ? ('removed' as const) : fate === 'keep' || fate === 'preserve' ? ('kept' as const) : ('changed' as const);
    const after = fate === 'remove' ? 'in the trash' : fate === 'keep' || fate === 'preserve' ? 'as it is' : 'replaced';
    const item = planItem(seen, entry.item.id, fate, { change, after });
    return item === null ? [] : [{ ...item, note: null }];
  });
}

async function swapSpace(seen: Survey, safetyTo: string, manifest: BackupManifest): Promise<Plan['space']> {
  return spaceFor([
    { path: seen.opened.folder.staging, phase: 'unpack', bytes: manifest.contentBytes },
    { path: safetyTo, phase: 'safety backup', bytes: heldBytes(seen) },
    { path: seen.opened.folder.staging, phase: 'snapshot', bytes: storeBytes(seen) },
  ]);
}

function refuseForeign(manifest: BackupManifest, opened: OpenedInstall, path: string): void {
  if (manifest.product === opened.record.product) return;
  throw new Failure('bad-backup', `${path} is a backup of ${manifest.product}, but ${opened.record.name} is ${opened.record.product}`, {
    remedy: {
      action: 'choose-folder',
      text: `Choose a backup of ${opened.record.product}.`,
      command: `moult backups ${opened.record.name}`,
    },
  });
}

/** The releases that older data has to pass before the one that is there can migrate it; none when the feed cannot tell. */
async function releasesBetween(opened: OpenedInstall, manifest: BackupManifest): Promise<Release[]> {
  const { release } = opened.record;
  if (manifest.release === null || release === null || semver.valid(manifest.release) === null || !semver.lt(manifest.release, release))
    return [];
  try {
    const releases = await releasesOf(opened.descriptor);
    const path = findPath(releases, opened.descriptor.rules, manifest.release, release);
    return path.slice(0, -1).map((hop) => releaseNamed(releases, hop.release));
  } catch {
    return [];
  }
}

/** Old code never meets newer data: promise 6. */
function refuseNewerSchema(manifest: BackupManifest, seen: Survey): void {
  const version = manifest.schema.version;
  const known = seen.schema.known;
  if (version === null || known === null || compareVersions(version, known) <= 0) return;
  throw new Failure(
    'schema-ahead',
    `the backup is at schema version ${version} (made by ${manifest.release ?? 'an unknown release'}) but release ${seen.opened.record.release} only knows up to ${known}`,
    {
      remedy: {
        action: 'upgrade-binary',
        text: `Upgrade to ${manifest.release ?? 'a newer release'} first, then restore.`,
        command: `moult upgrade ${seen.opened.record.name}${manifest.release === null ? '' : ` --to ${manifest.release}`}`,
      },
      details: { schema: version, known, release: seen.opened.record.release },
    },
  );
}

function mustBeActive(opened: OpenedInstall): void {
  if (opened.record.state === 'active' && opened.slot !== null) return;
  throw new Failure('not-an-install', `${opened.record.name} is ${opened.record.state}; there is no program to work with`, {
    remedy: {
      action: 'set-up',
      text: 'Set it up again; it picks up where it left off.',
      command: `moult set-up ${opened.record.product} --home ${opened.home}`,
    },
  });
}
