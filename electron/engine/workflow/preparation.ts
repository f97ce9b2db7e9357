/**
 * Preparation: from a wish to a plan. The plan is what a person sees and agrees to; the data beside it is what the program is built from.
 * Nothing is touched here.
 */
import { dirname } from 'node:path';
import semver from 'semver';
import { toFailureData, type FailureData } from '../../api/failure.ts';
import type { ActionKind, CheckResult, Fate, Plan, PlanItem, SpaceNeed } from '../../api/models.ts';
import { datastoreDriver, type StoreLook } from '../datastore/driver.ts';
import { inspectHome, type HomePurpose } from '../install/home.ts';
import { findDatastores } from '../install/elsewhere.ts';
import { findStrays, takeInventory, type ItemInventory } from '../install/inventory.ts';
import { moultFolderOf } from '../install/moult-folder.ts';
import { isWithin, realPathSoFar } from '../install/paths.ts';
import { checkPlaces } from '../install/places.ts';
import type { InstallRecord } from '../install/record.ts';
import { compareLedger } from '../ledger/compare.ts';
import { lockHolder } from '../operation/lock.ts';
import { nodeVersion } from '../platform/environment.ts';
import { exists, followOrNull, isWritable, volumeOf } from '../platform/files.ts';
import { hashText } from '../platform/tree.ts';
import type { Descriptor } from '../product/schema.ts';
import type { PreflightFacts } from '../preflight/facts.ts';
import { runChecks } from '../preflight/checks.ts';
import type { Release } from '../release/feed.ts';
import { compareShipped, readShipped } from '../slot/stage.ts';
import { configProblems } from './config-problems.ts';
import { lookAtService, readSchema, takenPorts, type RunningFacts, type SchemaFacts } from './facts.ts';
import { programPaths, programsFacts } from './steps/program-steps.ts';
import { findInterrupted } from './interrupted.ts';
import { livePathsOf } from './capture.ts';
import { lookAtStores } from './datastores.ts';
import { datastoreItems, type OpenedInstall } from './kit.ts';
import { placedFiles } from './placed-files.ts';

/** What a preparation hands to the operation. */
export interface Prepared {
  action: ActionKind;
  descriptor: Descriptor;
  install: string;
  home: string;
  before: InstallRecord | null;
  data: unknown;
  plan: Plan;
  /** False for what changes nothing of an install. */
  locked?: boolean;
}

/** Room that is kept free on every volume, so that a roll back can always write its journal. */
export const reserveBytes = 32 * 1024 * 1024;

/** What was looked at for an install that is there. */
export interface Survey {
  opened: OpenedInstall;
  service: RunningFacts;
  schema: SchemaFacts;
  servers?: StoreLook[];
  inventory: ItemInventory[];
  strays: Plan['strays'];
  shipped: { changed: string[]; missing: string[]; foreign: string[] } | null;
  unreadableConfig: string[];
}

/** Looks at everything an install owns. */
export async function survey(opened: OpenedInstall): Promise<Survey> {
  const items = opened.items;
  const companions: string[] = [];
  for (const item of items) if (item.kind === 'files') companions.push(...(await livePathsOf(opened, item)));
  const placed = await placedFiles(opened);
  // A setting may have put an item where it would take the whole disk with it: that is refused by a check, and nothing of it is walked through.
  const isMisplaced = (await problemOf(() => checkPlaces(opened.home, items))) !== null;
  const inventory = isMisplaced ? items.map(emptyInventory) : await takeInventory(items, { hash: false });
  const strays = await findStrays(opened.home, items, [...companions, ...placed]);
  return {
    opened,
    service: await lookAtService(opened),
    schema: await readSchema(opened),
    servers: await lookAtStores(opened),
    inventory: await withPlaced(await withMeasures(opened, inventory), items, placed),
    strays: strays.list.map((file) => ({ ...file, change: 'kept' as const })),
    shipped: await lookAtShipped(opened),
    unreadableConfig: (await configProblems(opened)).map(({ message }) => message),
  };
}

function emptyInventory({ item }: OpenedInstall['items'][number]): ItemInventory {
  return { item: item.id, files: 0, bytes: 0, hash: null, list: [] };
}

/** What is not in files here, its own server counts. */
async function withMeasures(opened: OpenedInstall, inventory: ItemInventory[]): Promise<ItemInventory[]> {
  const measured = new Map<string, number>();
  for (const { driver, item, store } of datastoreItems(opened)) {
    if (!item.exists) continue;
    const bytes = await datastoreDriver(driver)
      .measure?.(store)
      .catch(() => 0);
    if (bytes !== undefined) measured.set(item.item.id, bytes);
  }
  return inventory.map((entry) => ({ ...entry, bytes: measured.get(entry.item) ?? entry.bytes }));
}

/** A release is what is in its slot and what it put beside it: both come and go together, and a plan shows both. */
async function withPlaced(inventory: ItemInventory[], items: OpenedInstall['items'], placed: readonly string[]): Promise<ItemInventory[]> {
  const slot = items.find((item) => item.kind === 'slot')?.item.id;
  const list = await Promise.all(placed.map(async (path) => ({ path, bytes: (await followOrNull(path))?.size ?? 0 })));
  return inventory.map((entry) => {
    if (entry.item !== slot) return entry;
    const bytes = entry.bytes + list.reduce((sum, file) => sum + file.bytes, 0);
    return { ...entry, bytes, files: entry.files + list.length, list: [...entry.list, ...list] };
  });
}

/** How the active slot differs from what its release shipped; null where nothing was written down about it. */
export async function lookAtShipped(opened: OpenedInstall): Promise<Survey['shipped']> {
  if (opened.slot === null || opened.record.release === null || opened.record.adopted) return null;
  const manifest = await readShipped(opened.folder.slots, opened.record.release);
  return manifest === null ? null : compareShipped(opened.slot, manifest, {});
}

/** The facts that every check of an existing install looks at. */
export async function factsFor(action: ActionKind, seen: Survey, more: Partial<PreflightFacts>): Promise<PreflightFacts> {
  const { opened, service, schema } = seen;
  const places = await problemOf(() => checkPlaces(opened.home, opened.items));
  const holder = more.holder === undefined ? await lockHolder(opened.folder.root) : more.holder;
  const comparison = schema.reading !== null && schema.migrations !== null ? compareLedger(schema.reading, schema.migrations) : null;
  return {
    action,
    title: opened.descriptor.title,
    install: opened.record.name,
    home: opened.home,
    homeProblem: await homeProblem(opened.home, action === 'purge' ? 'purge' : 'adopt'),
    placesProblem: places,
    space: [],
    port:
      opened.port === null || opened.slot === null
        ? null
        : {
            number: opened.port,
            free: service.running === null && !service.foreign,
            ours: service.running !== null,
            setting: opened.descriptor.port?.setting?.key ?? null,
            taken: service.running === null ? await takenPorts(opened.descriptor, opened.port) : [],
          },
    service:
      opened.slot === null ? null : { running: service.running !== null, health: service.health.health, detail: service.health.detail },
    schema:
      opened.descriptor.ledger === undefined || opened.slot === null
        ? null
        : {
            version: schema.version,
            known: schema.known,
            dirty: schema.reading?.dirty ?? null,
            error: schema.error,
            ...(schema.remedy && { remedy: schema.remedy }),
            by: opened.record.release ?? '',
            unknown: comparison?.ahead === true ? comparison.unknown : [],
          },
    servers: seen.servers ?? [],
    migrations: comparison === null ? null : { altered: comparison.altered.map((entry) => entry.version), missing: comparison.missing },
    node: [],
    config: opened.descriptor.config.length === 0 ? null : { unreadable: seen.unreadableConfig, changes: [] },
    shipped: seen.shipped === null ? null : { changed: seen.shipped.changed.length, missing: seen.shipped.missing.length },
    programs: await programsFacts(opened),
    datastores: await findDatastores(opened.descriptor, opened.home, opened.items),
    uncommitted: null,
    quarantined: null,
    backupFolder: null,
    holder,
    interrupted: holder === null ? await findInterrupted(opened.home) : null,
    ...more,
  };
}

/** Why a home folder cannot be used; null when it can. */
export async function homeProblem(home: string, purpose: HomePurpose): Promise<FailureData | null> {
  const result = await inspectHome(home, purpose);
  if (result.status !== 'fail') return null;
  return { code: result.code ?? 'bad-home', message: result.message, ...(result.remedy && { remedy: result.remedy }) };
}

/** The failure that a look ends with, as data; null when it is fine. */
export async function problemOf(look: () => Promise<unknown>): Promise<FailureData | null> {
  return look().then(
    () => null,
    (error: unknown) => toFailureData(error),
  );
}

/** Adds up what each phase needs on each volume and asks how much is free there. */
export async function spaceFor(needs: readonly { path: string; phase: string; bytes: number }[]): Promise<SpaceNeed[]> {
  const volumes = new Map<number, SpaceNeed>();
  for (const { path, phase, bytes } of needs) {
    const volume = await volumeOf(path);
    const known = volumes.get(volume.device) ?? {
      volume: volume.folder,
      needed: reserveBytes,
      free: volume.free,
      phases: [{ phase: 'reserve', bytes: reserveBytes }],
    };
    known.needed += bytes;
    known.phases.push({ phase, bytes });
    volumes.set(volume.device, known);
  }
  return [...volumes.values()];
}

/** Where a backup goes, and why it cannot: links are followed, so that none leads it into an install after all. */
export async function backupPlace(opened: OpenedInstall, to: string): Promise<NonNullable<PreflightFacts['backupFolder']>> {
  const real = await realPathSoFar(to);
  const inside = await ownerOf(opened, real);
  if (inside !== null)
    return {
      path: to,
      problem: `${to} is inside ${inside}, which an install owns: a backup there would be lost with it and would hold itself.`,
    };
  if (await exists(to)) return { path: to, problem: `${to} exists already; a backup never overwrites a file.` };
  return { path: dirname(to), problem: await whyNotInto(dirname(to)) };
}

/** Why nothing can be written into a folder, which is made where it is missing; null when it can. */
async function whyNotInto(folder: string): Promise<string | null> {
  for (let place = folder; ; place = dirname(place)) {
    const stats = await followOrNull(place);
    if (stats?.isDirectory() === true)
      return (await isWritable(place)) ? null : `${place} is read-only for you, so no backup can be made in ${folder}.`;
    if (stats !== null || (await exists(place))) return `${place} is not a folder, so no backup can be made in ${folder}.`;
    if (place === dirname(place)) return `There is no ${place}.`;
  }
}

/** The folder of this or any other install that a path is in. */
async function ownerOf(opened: OpenedInstall, real: string): Promise<string | null> {
  for (const root of [opened.home, ...opened.items.filter((item) => item.kind === 'files').flatMap((item) => item.paths)]) {
    if (isWithin(await realPathSoFar(root), real)) return root;
  }
  for (let folder = dirname(real); folder !== dirname(folder); folder = dirname(folder)) {
    if (await exists(moultFolderOf(folder).record)) return folder;
  }
  return null;
}

/** The Node that each release needs and the one there is. */
export function nodeNeeds(releases: readonly Release[]): PreflightFacts['node'] {
  const found = nodeVersion();
  return releases.flatMap((release) => {
    const needed = release.engines.node;
    return needed === undefined ? [] : [{ needed, found, release: release.version, satisfied: semver.satisfies(found, needed) }];
  });
}

/** An item of a plan from what was counted. */
export function planItem(
  seen: Survey,
  id: string,
  fate: Fate,
  more: { before?: string | null; after?: string | null; change?: PlanItem['list'][number]['change'] } = {},
): PlanItem | null {
  const item = seen.opened.items.find((entry) => entry.item.id === id);
  const counted = seen.inventory.find((entry) => entry.item === id);
  if (item === undefined || counted === undefined) return null;
  return {
    item: id,
    title: item.item.title,
    what: item.item.what,
    fate,
    note: item.item.note ?? null,
    paths: shownPaths(item, seen.opened.programs),
    files: counted.files,
    bytes: counted.bytes,
    before: more.before ?? (item.exists ? 'as it is' : 'not there'),
    after: more.after ?? null,
    list: counted.list.map((file) => ({ ...file, change: more.change ?? 'same' })),
  };
}

/** The places of an item as a person reads them; of a program also where it is on PATH. */
export function shownPaths(item: OpenedInstall['items'][number], programs: OpenedInstall['programs']): string[] {
  if (item.kind === 'keys' && item.keys) return item.keys.keys.map((key) => `${item.keys?.file}: ${key}`);
  return item.kind === 'slot' ? [...programPaths(programs), ...item.paths] : item.paths;
}

/** Puts a plan together: runs the checks over the facts and seals it with a digest of what a person is shown. */
export function makePlan(parts: Omit<Plan, 'checks' | 'digest'> & { facts: PreflightFacts }): Plan {
  const { facts, ...plan } = parts;
  const checks: CheckResult[] = runChecks(facts);
  return { ...plan, items: plan.items.map((item) => withFittingNote(item, plan.action)), checks, digest: digestOf(plan) };
}

/** Notes of a descriptor speak of upgrades ("an upgrade never touches them"); beside what is restored or removed they would mislead. */
function withFittingNote(item: PlanItem, action: Plan['action']): PlanItem {
  return action === 'upgrade' ? item : { ...item, note: null };
}

/**
 * What consent is bound to: where, from what to what, over which hops, the fate of every item and place, and what a person was warned of
 * (which names the backup that is restored and the operation that is undone). Sizes may change meanwhile.
 */
function digestOf({ action, install, home, from, to, path, items, warnings, choice }: Omit<Plan, 'checks' | 'digest'>): string {
  const hops = path.map((hop) => hop.release);
  return hashText(
    JSON.stringify({
      action,
      install,
      home,
      from,
      to,
      hops,
      items: items.map((item) => [item.item, item.fate, item.paths]),
      warnings,
      choice,
    }),
  );
}
