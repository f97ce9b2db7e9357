/** The plan of an upgrade: the path, every item's fate, every check, the space and the time it takes. */
import { basename, join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import type { ConfigChange, Hop, Plan, PlanFile, PlanItem } from '../../api/models.ts';
import { ago } from '../../api/units.ts';
import { readConfig } from '../install/config-file.ts';
import { compareOptions, readOptionRules } from '../install/option-rules.ts';
import { now } from '../platform/clock.ts';
import { readTextOrNull } from '../platform/files.ts';
import type { PreflightFacts } from '../preflight/facts.ts';
import type { Rehearsal } from '../registry/rehearsals.ts';
import { latestFor } from '../release/channel.ts';
import type { Release } from '../release/feed.ts';
import { findPath, releaseNamed } from '../release/path.ts';
import { valueAtPointer } from '../product/pointer.ts';
import { listArchive, readArchiveFile } from '../slot/archive-file.ts';
import { listSlots, readShipped } from '../slot/stage.ts';
import { channelOf, releasesOf } from './facts.ts';
import { holdToPin } from './following.ts';
import { backupFile } from './backup-file.ts';
import type { Kit, OpenedInstall } from './kit.ts';
import { learnedOf } from './learned.ts';
import {
  backupPlace,
  factsFor,
  lookAtShipped,
  makePlan,
  nodeNeeds,
  planItem,
  spaceFor,
  survey,
  type Prepared,
  type Survey,
} from './preparation.ts';
import { makeScene, outline } from './program.ts';
import { sizeOfRelease } from './release-size.ts';
import { upgradeProgram, type UpgradeData } from './upgrade.ts';

/** The most files that a plan lists of one item. */
const longestList = 10_000;

export interface UpgradeWish {
  to?: string | undefined;
}

export async function prepareUpgrade(
  kit: Kit,
  opened: OpenedInstall,
  wish: UpgradeWish,
  more: Partial<PreflightFacts> = {},
): Promise<Prepared> {
  const { descriptor, record, home } = opened;
  if (record.release === null) throw notThere(record.name);
  const releases = await releasesOf(descriptor);
  const quarantined = kit.registry.quarantined(home);
  const path = await choosePath(kit, opened, wish, releases);
  const target = path.at(-1)?.release ?? record.release;
  const hops = path.map((hop) => releaseNamed(releases, hop.release));
  const data: UpgradeData = { hops, backupTo: await backupFile(kit, opened, 'before-upgrade') };
  const seen = await survey(opened);
  const config = await configChanges(opened, hops.at(-1));
  const rehearsed = kit.registry.rehearsals.of(home, target);
  const facts = await factsFor('upgrade', seen, {
    node: nodeNeeds(hops),
    space: await upgradeSpace(seen, hops, data.backupTo),
    config: descriptor.config.length === 0 ? null : { unreadable: seen.unreadableConfig, changes: config.map((change) => change.message) },
    quarantined: quarantined.find((entry) => hops.some((hop) => hop.version === entry.release)) ?? null,
    rehearsal: rehearsed === null ? null : { ...rehearsed, when: ago(rehearsed.at, Date.parse(now())) },
    backupFolder: await backupPlace(opened, data.backupTo),
    ...more,
  });
  const scene = makeScene({ kit, operation: 'plan', action: 'upgrade', install: record.name, home, descriptor, before: record });
  const plan = makePlan({
    action: 'upgrade',
    install: record.name,
    product: record.product,
    home,
    from: record.release,
    to: target,
    path,
    items: upgradeItems(seen, hops, await slotChanges(opened, hops.at(-1)), learnedOf(kit.registry, descriptor, target)),
    strays: seen.strays,
    space: facts.space,
    downtime: rehearsedDowntime(rehearsed, record.release) ?? expectedDowntime(kit, home, hops.length),
    configChanges: config,
    warnings: upgradeWarnings(seen, hops),
    steps: outline(upgradeProgram(scene, data)),
    facts,
  });
  return { action: 'upgrade', descriptor, install: record.name, home, before: record, data, plan };
}

/** The hops to the wished release or to the newest one. The release that is there already can be put in place again when its files were changed. */
async function choosePath(kit: Kit, opened: OpenedInstall, wish: UpgradeWish, releases: readonly Release[]): Promise<Hop[]> {
  const { descriptor, home, record } = opened;
  const current = record.release ?? '';
  const quarantined = kit.registry.quarantined(home);
  const avoid = quarantined.map((entry) => entry.release);
  if (wish.to === current) {
    const shipped = await lookAtShipped(opened);
    if (shipped !== null && shipped.changed.length + shipped.missing.length + shipped.foreign.length > 0) {
      return [{ release: current, kind: 'same', because: 'its files were changed since they were shipped' }];
    }
    throw nothingToDo(opened, `${record.name} is on ${current} already, and its files are as they were shipped.`, []);
  }
  const newest = latestFor(releases, channelOf(descriptor, record.channel), current, { quarantined: avoid, pin: record.pin });
  const target = wish.to ?? newest?.version ?? null;
  if (target === null) throw nothingNewer(opened, current, quarantined);
  holdToPin(record, releaseNamed(releases, target).version);
  return findPath(releases, descriptor.rules, current, target, { avoid });
}

/** What the same starts took on a copy of the data, with a second for what comes before and after them. Of another path it says nothing. */
function rehearsedDowntime(rehearsed: Rehearsal | null, from: string): number | null {
  return rehearsed === null || rehearsed.seconds === null || rehearsed.from !== from ? null : rehearsed.seconds + 1;
}

/** Seconds the product will be down, from what was measured on this install; null when nothing was. */
export function expectedDowntime(kit: Kit, home: string, starts: number): number | null {
  const measured = kit.registry.downtimes(home, 'upgrade');
  const hops = measured.length > 0 ? measured : kit.registry.downtimes(home, 'start').map((seconds) => seconds + 1);
  const middle = hops.toSorted((left, right) => left - right)[Math.floor(hops.length / 2)];
  return middle === undefined ? null : middle * (measured.length > 0 ? 1 : starts);
}

/** What each item is before and after. */
function upgradeItems(seen: Survey, hops: readonly Release[], slotFiles: PlanFile[] | null, learned: string | null): PlanItem[] {
  const last = hops.at(-1);
  return seen.opened.items.flatMap((entry) => {
    const { id, fate } = entry.item;
    const words: { before?: string; after?: string } =
      entry.kind === 'slot'
        ? { before: seen.opened.record.release ?? 'unknown', after: last?.version ?? 'unknown' }
        : fate.upgrade === 'migrate'
          ? { before: `schema ${seen.schema.version ?? 'unknown'}`, after: `schema ${last?.schema ?? learned ?? 'unknown'}` }
          : fate.upgrade === 'preserve'
            ? { after: 'unchanged' }
            : fate.upgrade === 'refresh'
              ? { after: 'made anew when needed' }
              : fate.upgrade === 'replace'
                ? { after: `as ${last?.version} brings it` }
                : { after: 'kept' };
    const changes = entry.kind === 'slot' || fate.upgrade === 'replace' || fate.upgrade === 'migrate';
    const item = planItem(seen, id, fate.upgrade, { ...words, change: changes ? 'changed' : fate.upgrade === 'keep' ? 'kept' : 'same' });
    if (item !== null && entry.kind === 'slot' && slotFiles !== null) item.list = slotFiles;
    return item === null ? [] : [item];
  });
}

/** The program file by file: what the new release changes, adds and no longer has; null when the new release cannot be looked into yet. */
async function slotChanges(opened: OpenedInstall, target: Release | undefined): Promise<PlanFile[] | null> {
  const { slots } = opened.folder;
  if (target === undefined || opened.record.release === null || opened.slot === null) return null;
  const old = (await readShipped(slots, opened.record.release))?.files.filter((file) => file.kind === 'file');
  const coming = await filesOfRelease(opened, target);
  if (old === undefined || coming === null) return null;
  const before = new Map(old.map((file) => [file.path, file]));
  const after = new Set(coming.map((file) => file.path));
  const slot = opened.slot;
  const changeOf = (path: string, hash: string | null) =>
    !before.has(path) ? 'added' : before.get(path)?.sha256 === hash ? 'same' : 'changed';
  const list: PlanFile[] = [
    ...coming.map((file) => ({ path: join(slot, file.path), bytes: file.bytes, change: changeOf(file.path, file.sha256) }) as const),
    ...old
      .filter((file) => !after.has(file.path))
      .map((file) => ({ path: join(slot, file.path), bytes: file.bytes, change: 'removed' as const })),
  ];
  return list.slice(0, longestList);
}

async function filesOfRelease(
  opened: OpenedInstall,
  target: Release,
): Promise<{ path: string; bytes: number; sha256: string | null }[] | null> {
  const staged = await readShipped(opened.folder.slots, target.version);
  if (staged !== null) return staged.files.filter((file) => file.kind === 'file');
  const payload = opened.descriptor.payload;
  if (target.artifact.kind !== 'file' || payload.driver === 'npm') return null;
  return listArchive(target.artifact.path, payload.strip).catch(() => null);
}

async function upgradeSpace(seen: Survey, hops: readonly Release[], backupTo: string): Promise<Plan['space']> {
  const { opened } = seen;
  const there = await listSlots(opened.folder.slots);
  const live = seen.inventory.find((entry) => opened.items.find((item) => item.item.id === entry.item)?.kind === 'slot')?.bytes ?? 0;
  const data = heldBytes(seen);
  const stores = storeBytes(seen);
  const needs = hops
    .filter((hop) => !there.includes(hop.version))
    .flatMap((hop) => {
      const { archive, unpacked } = sizeOfRelease(hop, live);
      return [
        { path: opened.folder.downloads, phase: `download ${hop.version}`, bytes: hop.artifact.kind === 'file' ? 0 : archive },
        { path: opened.folder.slots, phase: `unpack ${hop.version}`, bytes: unpacked },
      ];
    });
  return spaceFor([
    ...needs,
    { path: opened.folder.staging, phase: 'snapshot', bytes: stores },
    { path: backupTo, phase: 'backup', bytes: data },
    { path: opened.folder.trash, phase: 'roll back', bytes: data },
  ]);
}

/** Bytes of what a backup of this install holds, before compression. */
export function heldBytes(seen: Survey): number {
  return seen.inventory.reduce((sum, entry) => {
    const item = seen.opened.items.find((known) => known.item.id === entry.item);
    return sum + ((item?.kind === 'files' || item?.kind === 'volume') && item.item.backup ? entry.bytes : 0);
  }, 0);
}

/** Bytes of the datastores: what a snapshot of them takes. */
export function storeBytes(seen: Survey): number {
  const stores = new Set(seen.opened.descriptor.datastores.map((spec) => spec.item));
  return seen.inventory.reduce((sum, entry) => sum + (stores.has(entry.item) ? entry.bytes : 0), 0);
}

/** Options of the present configuration that the target release no longer knows, when its rules can be read without downloading it. */
export async function configChanges(opened: OpenedInstall, target: Release | undefined): Promise<ConfigChange[]> {
  const changes: ConfigChange[] = [];
  if (target === undefined) return changes;
  for (const config of opened.descriptor.config) {
    if (config.options === undefined || config.format === 'text') continue;
    const rules = await rulesOf(opened, target, config.options.file);
    const file = join(opened.home, config.path);
    const text = await readConfig(file, config.format).catch(() => null);
    if (rules === null || text === null) continue;
    const found = compareOptions(readOptionRules(rules), text);
    const name = basename(file);
    const add = (option: string, change: ConfigChange['change'], message: string) => changes.push({ file, option, change, message });
    for (const { option, to } of found.renamed) add(option, 'renamed', `${name}: "${option}" is called "${to}" in ${target.version}`);
    for (const { option, message } of found.removed)
      add(option, 'removed', `${name}: "${option}" is gone in ${target.version}${message === '' ? '' : `: ${message}`}`);
    for (const { option, message } of found.deprecated)
      add(option, 'deprecated', `${name}: "${option}" is deprecated in ${target.version}${message === '' ? '' : `: ${message}`}`);
    for (const option of found.unknown) add(option, 'removed', `${name}: ${target.version} does not know "${option}"`);
  }
  return changes;
}

/** The rules of the options of a release: from its slot, else out of its archive; null where neither is at hand. */
export async function rulesOf(opened: OpenedInstall, target: Release, file: string): Promise<string | null> {
  const staged = await readTextOrNull(file.replaceAll('{slot}', join(opened.folder.slots, target.version)));
  if (staged !== null) return staged;

  const payload = opened.descriptor.payload;
  if (target.artifact.kind !== 'file' || payload.driver === 'npm') return null;
  return readArchiveFile(target.artifact.path, file.replaceAll('{slot}/', ''), payload.strip).catch(() => null);
}

function upgradeWarnings(seen: Survey, hops: readonly Release[]): string[] {
  const warnings: string[] = [];
  for (const hop of hops) for (const breaking of hop.breaking) warnings.push(`${hop.version}: ${breaking}`);
  for (const entry of seen.opened.descriptor.prunes) warnings.push(entry.note);
  return warnings;
}

function notThere(name: string): Failure {
  return new Failure('not-an-install', `${name} is uninstalled; its data is kept`, {
    remedy: { action: 'set-up', text: 'Set it up again; it picks up where it left off.', command: `moult set-up … --name ${name}` },
  });
}

function nothingNewer(opened: OpenedInstall, release: string, quarantined: { release: string; reason: string }[]): Failure {
  const failed = quarantined[0];
  const held = failed === undefined ? '' : ` ${failed.release} is not offered because it failed here: ${failed.reason}`;
  const { name, pin } = opened.record;
  const whose = pin === null ? 'of its channel' : `that its pin to ${pin} lets it have`;
  return nothingToDo(opened, `${name} is on ${release}, the newest release ${whose}.${held}`, quarantined);
}

/** Faces tell it as the good news that it is, unless something is held back: `details.heldBack`. */
function nothingToDo({ record, home }: OpenedInstall, message: string, heldBack: { release: string }[]): Failure {
  const { name: install, product, release } = record;
  const failed = heldBack[0]?.release;
  const details = { install, product, home, release, heldBack: heldBack.map((entry) => entry.release) };
  if (failed === undefined)
    return new Failure('nothing-to-do', message, { remedy: { action: 'wait', text: 'Nothing has to be done.' }, details });
  const text = `Wait for a newer release, or try ${failed} again when the cause is removed.`;
  return new Failure('nothing-to-do', message, {
    remedy: { action: 'choose-release', text, command: `moult upgrade ${install} --to ${failed}` },
    details,
  });
}

/** The version at a pointer of a JSON text; null when it is not there. */
export function versionAt(text: string | null, pointer: string): string | null {
  if (text === null) return null;
  try {
    const value = valueAtPointer(JSON.parse(text) as unknown, pointer);
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}
