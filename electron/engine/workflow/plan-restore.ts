/** Plans that bring other data in: restoring a backup, rolling an upgrade back. */
import { resolve } from 'node:path';
import semver from 'semver';
import { Failure } from '../../api/failure.ts';
import type { Plan, PlanFile } from '../../api/models.ts';
import { listMembers, readManifest } from '../backup/read-backup.ts';
import type { BackupManifest } from '../backup/backup-format.ts';
import { compareVersions } from '../ledger/compare.ts';
import { exists } from '../platform/files.ts';
import type { PreflightFacts } from '../preflight/facts.ts';
import type { Release } from '../release/feed.ts';
import { findPath, releaseNamed } from '../release/path.ts';
import { backupFile } from './backup-file.ts';
import { placesOfBackup } from './backup-places.ts';
import { chooseFrom, chosenIn, isPartly, onlyChosen, type Choice, type Wish } from './choice.ts';
import { ensureOpen } from './encryption.ts';
import { releasesOf } from './facts.ts';
import { readOwnBackup, type OwnBackup } from './own-backup.ts';
import type { Kit, OpenedInstall } from './kit.ts';
import { heldBytes, storeBytes } from './plan-upgrade.ts';
import { backupPlace, factsFor, spaceFor, survey, type Prepared, type Survey } from './preparation.ts';
import { restoreProgram, type RestoreData } from './restore.ts';
import { rollBackProgram, type RollBackData } from './roll-back.ts';
import { refuseForeignSecrets } from './secrets-check.ts';
import { trashDays } from './trash.ts';
import { finishPlan, itemsWith, mustBeActive } from './finish-plan.ts';

export async function prepareRestore(
  kit: Kit,
  opened: OpenedInstall,
  input: string,
  wish: Wish = {},
  more: Partial<PreflightFacts> = {},
): Promise<Prepared> {
  mustBeActive(opened);
  const path = kit.registry.backups.find(input)?.path ?? resolve(input);
  await ensureOpen(kit, path);
  const { own, manifest } = await outlineAt(opened, path);
  const seen = await survey(opened);
  refuseForeign(manifest, opened, path);
  if (isPartly(wish)) return preparePart(kit, seen, path, wish, own !== null, more);
  refuseNewerSchema(manifest, seen);
  const data: RestoreData = {
    backupPath: own === null ? path : await backupFile(kit, opened, 'asked'),
    backupId: own === null ? manifest.id : null,
    ...(own !== null && { own }),
    backupRelease: manifest.release,
    safetyTo: await backupFile(kit, opened, 'before-restore'),
    via: await releasesBetween(opened, manifest),
    ...(opened.unclear !== null && { brokenConfig: true as const }),
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
  if (own === null && wish.keepSecrets !== true)
    await refuseForeignSecrets(kit, opened, await readManifest(path), (item) => held.has(item), input);
  const older =
    manifest.schema.version !== null && seen.schema.known !== null && compareVersions(manifest.schema.version, seen.schema.known) < 0;
  return finishPlan(kit, seen, 'restore', data, restoreProgram, facts, {
    items: itemsWith(seen, (item) => (held.has(item.item.id) && item.kind !== 'slot' ? 'replace' : 'keep')),
    to: opened.record.release,
    from: manifest.release,
    warnings: [
      `The backup is from ${manifest.created}. What was written since is replaced; it is backed up first, and what is live now waits in the trash for ${trashDays} days.`,
      ...data.via.map(
        (release) =>
          `The data passes ${release.version} on its way to ${opened.record.release}, which cannot take it over from ${manifest.release} directly.`,
      ),
      ...(own === null
        ? []
        : [
            `${opened.descriptor.title} made this backup by itself; it leaves out what only Moult's own backups hold, such as links, and folders like .git.`,
          ]),
      ...(older
        ? [
            `The backup's schema is ${manifest.schema.version}; ${opened.record.release} migrates it to ${seen.schema.known} when it starts.`,
          ]
        : []),
    ],
  });
}

/** A restore of chosen items and files: the same transaction, in which everything else stays. */
async function preparePart(
  kit: Kit,
  seen: Survey,
  path: string,
  wish: Wish,
  isOwn: boolean,
  more: Partial<PreflightFacts>,
): Promise<Prepared> {
  const { opened } = seen;
  if (isOwn)
    throw new Failure('unsupported', `${path} was made by ${opened.descriptor.title} itself, and goes back only as a whole`, {
      remedy: { action: 'restore-backup', text: 'Restore all of it.', command: `moult restore ${opened.record.name} --input ${path}` },
    });
  const manifest = await readManifest(path);
  const choice = await chooseFrom(opened, seen.schema, manifest, path, wish);
  const data: RestoreData = {
    backupPath: path,
    backupId: manifest.id,
    backupRelease: manifest.release,
    safetyTo: await backupFile(kit, opened, 'before-restore'),
    via: [],
    choice,
    ...(opened.unclear !== null && { brokenConfig: true as const }),
  };
  const chosen = await chosenFiles(opened, manifest, path, choice);
  const bytes = [...chosen.values()].flat().reduce((sum, file) => sum + file.bytes, 0);
  const facts = await factsFor('restore', seen, {
    space: await swapSpace(seen, data.safetyTo, { ...manifest, contentBytes: bytes }),
    backupFolder: await backupPlace(opened, data.safetyTo),
    schema: null,
    migrations: null,
    config: null,
    shipped: null,
    ...more,
  });
  const isKey = (id: string) => choice.keys.some((keys) => keys.item === id);
  if (wish.keepSecrets !== true) await refuseForeignSecrets(kit, opened, manifest, (item) => chosen.has(item) || isKey(item), path);
  return finishPlan(kit, seen, 'restore', data, restoreProgram, facts, {
    items: itemsWith(seen, ({ item }) => (chosen.has(item.id) || isKey(item.id) ? 'replace' : 'keep')).map((item) => {
      const list = chosen.get(item.item);
      return list === undefined
        ? item
        : { ...item, files: list.length, bytes: list.reduce((sum, file) => sum + file.bytes, 0), list: list.slice(0, 10_000) };
    }),
    to: opened.record.release,
    from: opened.record.release,
    choice: { items: [...choice.items, ...choice.keys.map((keys) => keys.item)].sort(), files: choice.files.map((file) => file.as).sort() },
    warnings: [
      `Only what was chosen is put back, as the backup from ${manifest.created} has it; everything else stays. What it replaces is backed up first, and waits in the trash for ${trashDays} days.`,
      ...(manifest.release === opened.record.release
        ? []
        : [
            `The backup was made by ${manifest.release ?? 'an unknown release'}; ${opened.record.release ?? 'the release that is there'} reads what is put back as it is.`,
          ]),
    ],
  });
}

/** What a choice puts back, file by file, by item. */
async function chosenFiles(
  opened: OpenedInstall,
  manifest: BackupManifest,
  path: string,
  choice: Choice,
): Promise<Map<string, PlanFile[]>> {
  const places = await placesOfBackup(opened, onlyChosen(manifest, choice), false);
  const isChosen = chosenIn({ ...choice, keys: [] });
  const files = new Map<string, PlanFile[]>();
  for await (const entry of listMembers(path)) {
    if (entry.kind === 'folder' || !isChosen(entry)) continue;
    const place = places.find((one) => one.item === entry.item && (entry.as === one.as || entry.as.startsWith(`${one.as}/`)));
    if (place === undefined) continue;
    const list = files.get(entry.item) ?? [];
    list.push({ path: `${place.live}${entry.as.slice(place.as.length)}`, bytes: entry.bytes, change: 'changed' });
    files.set(entry.item, list);
  }
  for (const id of choice.items) if (!files.has(id)) files.set(id, []);
  return files;
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
  await ensureOpen(kit, backup.path);
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
  return finishPlan(kit, seen, 'roll-back', data, rollBackProgram, facts, {
    items: itemsWith(seen, (item) =>
      item.kind === 'slot' || item.item.fate.upgrade === 'replace' ? 'replace' : item.item.backup ? 'replace' : 'keep',
    ),
    to: previous.release,
    warnings: [
      `What was written since ${previous.at} is not in the data you go back to. It is backed up first, and what is live now waits in the trash for ${trashDays} days.`,
    ],
  });
}

/** What a restore must know of a backup beforehand. */
type Outline = Pick<BackupManifest, 'id' | 'product' | 'install' | 'release' | 'created' | 'schema' | 'contentBytes'> & {
  items: { item: string }[];
};

/** What a file holds: a backup of Moult, or else one that the product made. */
async function outlineAt(opened: OpenedInstall, path: string): Promise<{ own: OwnBackup | null; manifest: Outline }> {
  try {
    return { own: null, manifest: await readManifest(path) };
  } catch (error) {
    const own = error instanceof Failure && error.code === 'bad-backup' ? await readOwnBackup(opened.descriptor, path) : null;
    if (own === null) throw error;
    return { own, manifest: outlineOf(own, opened) };
  }
}

/** The same of a backup that the product made. */
function outlineOf(own: OwnBackup, opened: OpenedInstall): Outline {
  return {
    id: '',
    product: opened.record.product,
    install: opened.record.name,
    release: own.release,
    created: own.created ?? 'an unknown time',
    schema: { version: own.schema, ledger: null, known: null },
    items: [...own.parts, ...(own.dump === null ? [] : [{ item: own.dump.datastore }])],
    // Unpacked, as a datastore and as a backup.
    contentBytes: own.bytes * 3,
  };
}

async function swapSpace(seen: Survey, safetyTo: string, manifest: Outline): Promise<Plan['space']> {
  return spaceFor([
    { path: seen.opened.folder.staging, phase: 'unpack', bytes: manifest.contentBytes },
    { path: safetyTo, phase: 'safety backup', bytes: heldBytes(seen) },
    { path: seen.opened.folder.staging, phase: 'snapshot', bytes: storeBytes(seen) },
  ]);
}

function refuseForeign(manifest: Outline, opened: OpenedInstall, path: string): void {
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
async function releasesBetween(opened: OpenedInstall, manifest: Outline): Promise<Release[]> {
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
function refuseNewerSchema(manifest: Outline, seen: Survey): void {
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
