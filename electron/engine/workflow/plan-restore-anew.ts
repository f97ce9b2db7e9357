/** The plan of a restore without an install: product, home, name and release come from the file. */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { Failure, failureFrom } from '../../api/failure.ts';
import type { MethodInput } from '../../api/methods.ts';
import type { Plan, PlanItem } from '../../api/models.ts';
import { readSummary } from '../backup/read-summary.ts';
import { valueAt } from '../install/config-file.ts';
import { isWithin } from '../install/paths.ts';
import { readRecord, type InstallRecord } from '../install/record.ts';
import { lockHolder } from '../operation/lock.ts';
import { now } from '../platform/clock.ts';
import { expandHome, platform, userHome } from '../platform/environment.ts';
import { exists, followOrNull, isWritable } from '../platform/files.ts';
import { isPortFree } from '../platform/network.ts';
import { randomId } from '../platform/random.ts';
import type { Descriptor } from '../product/schema.ts';
import { channelWith, releaseToFetch } from './anew-release.ts';
import { heldBySource, makerOfFile, readSource, type AnewSource } from './anew-source.ts';
import { backupFile } from './backup-file.ts';
import { ensureOpen } from './encryption.ts';
import { bareFacts } from './bare-facts.ts';
import { isPartly } from './choice.ts';
import { takenPorts } from './facts.ts';
import { findInterrupted, refuseInterrupted } from './interrupted.ts';
import { openAt, type Kit, type OpenedInstall } from './kit.ts';
import { toLayDown } from './laid-down.ts';
import { backupPlace, homeProblem, makePlan, nodeNeeds, shownPaths, spaceFor, type Prepared } from './preparation.ts';
import { makeScene, outline } from './program.ts';
import { sizeOfRelease } from './release-size.ts';
import { restoreAnewProgram, type RestoreAnewData } from './restore-anew.ts';
import { chooseHome, chooseName, refuseActive, refuseMisnamed } from './set-up-choices.ts';

type Wish = Pick<MethodInput<'restore'>, 'install' | 'input' | 'items' | 'files' | 'home' | 'anew'>;

/** Whether a restore has to make the install that it restores: asked for, or there is none of the file's product. */
export async function isAnew(kit: Kit, wish: Wish): Promise<boolean> {
  if (wish.anew !== undefined || wish.home !== undefined) return wish.anew !== false;
  if (wish.install !== undefined) return false;
  const path = pathOf(kit, wish.input);
  const summary = await readSummary(path).catch(() => null);
  const product = summary?.product ?? (await makerOfFile(kit, path))?.product;
  return product !== undefined && !kit.registry.installs.all().some((row) => row.state === 'active' && row.product === product);
}

/** Throws what refuses it: an unknown product, a feed without a release that fits, a home that holds something. */
export async function prepareRestoreAnew(kit: Kit, wish: Wish): Promise<Prepared> {
  const path = pathOf(kit, wish.input);
  await ensureOpen(kit, path);
  const source = await readSource(kit, path);
  if (isPartly(wish)) throw partOfNothing(path, source);
  const { descriptor } = source;
  const home = await homeFor(kit, source, wish.home);
  refuseMisnamed(descriptor, home);
  const problem = await homeProblem(home, 'set-up');
  if (problem !== null) throw failureFrom(problem);
  await refuseInterrupted(kit, home);
  const before = await readRecord(home);
  refuseActive(before, home, false);
  const { release, why } = await releaseToFetch(descriptor, { ...source, path });
  await refusePlaces(source, home);
  const record: InstallRecord = {
    format: 1,
    id: randomId(16),
    name: nameFor(kit, source, wish.install),
    product: descriptor.product,
    state: 'active',
    release: null,
    slot: null,
    adopted: false,
    channel: channelWith(descriptor, release),
    pin: null,
    port: portIn(source),
    createdAt: now(),
    previous: null,
  };
  const opened = await openAt(descriptor, home, record);
  refuseOccupied(opened, before);
  const layDown = await toLayDown(opened, source.stores);
  const data: RestoreAnewData = {
    backupPath: source.own === null ? path : await backupFile(kit, opened, 'asked'),
    backupId: source.manifest?.id ?? null,
    release,
    record,
    ...(source.own !== null && { own: source.own }),
    ...(layDown.length > 0 && { layDown }),
  };
  const scene = makeScene({ kit, operation: 'plan', action: 'restore', install: record.name, home, descriptor, before });
  const { archive, unpacked } = sizeOfRelease(release);
  const facts = {
    ...(await bareFacts('set-up', opened)),
    action: 'restore' as const,
    homeProblem: problem,
    space: await spaceFor([
      { path: opened.folder.slots, phase: `unpack ${release.version}`, bytes: archive + unpacked },
      { path: opened.folder.staging, phase: 'unpack the backup', bytes: source.contentBytes },
      ...(source.own === null ? [] : [{ path: data.backupPath, phase: 'the backup as one of Moult', bytes: source.own.bytes }]),
    ]),
    backupFolder: source.own === null ? null : await backupPlace(opened, data.backupPath),
    port: await portFacts(descriptor, record.port),
    node: nodeNeeds([release]),
    holder: await lockHolder(opened.folder.root),
    interrupted: await findInterrupted(home),
  };
  const plan: Plan = makePlan({
    action: 'restore',
    install: record.name,
    product: descriptor.product,
    home,
    from: null,
    to: release.version,
    path: [],
    items: await itemsIn(opened, source, path, release.version),
    strays: [],
    space: facts.space,
    downtime: null,
    configChanges: [],
    warnings: [
      `${record.name} is made anew in ${home} from the backup of ${source.created}, with release ${release.version}.`,
      ...(why === null ? [] : [why]),
      ...warningsOf(source, layDown, release.version),
    ],
    steps: outline(restoreAnewProgram(scene, data)),
    anew: true,
    facts,
  });
  return { action: 'restore', descriptor, install: record.name, home, before, data, plan };
}

function warningsOf({ own, descriptor }: AnewSource, layDown: readonly string[], version: string): string[] {
  const { title } = descriptor;
  return [
    ...(layDown.length === 0
      ? []
      : [
          `No backup holds these: ${layDown.join(', ')}. ${title} ${version} is set up and started once with nothing in it to lay them down, which may download them; then the data takes the place of what that made.`,
        ]),
    ...(own === null
      ? []
      : [`${title} made this backup by itself; it leaves out what only Moult's own backups hold, such as links, and folders like .git.`]),
  ];
}

function partOfNothing(path: string, { own }: AnewSource): Failure {
  const remedy =
    own === null
      ? { text: 'Restore all of it, or take them out into a folder.', command: `moult restore --input ${path} --output FOLDER` }
      : { text: 'Restore all of it.', command: `moult restore --input ${path}` };
  return new Failure('bad-input', 'there is no install to put chosen items or files back into', {
    remedy: { action: 'choose-folder', ...remedy },
  });
}

function pathOf(kit: Kit, input: string): string {
  return kit.registry.backups.find(input)?.path ?? resolve(input);
}

/** Where it was, if that is this person's to have; else the product's own place. */
async function homeFor(kit: Kit, { descriptor, manifest, homeThen }: AnewSource, asked: string | undefined): Promise<string> {
  if (asked === undefined && manifest?.platform === platform() && homeThen !== null) {
    if (isWithin(userHome(), homeThen) && (await followOrNull(dirname(homeThen)))?.isDirectory() === true) {
      const row = kit.registry.installs.byHome(homeThen);
      if (row === null || row.state !== 'active') return homeThen;
    }
  }
  return chooseHome(kit, descriptor, asked);
}

function nameFor(kit: Kit, { descriptor, manifest }: AnewSource, asked: string | undefined): string {
  const taken = manifest === null || kit.registry.installs.byName(manifest.install) !== null;
  return chooseName(kit, descriptor, null, asked ?? (taken ? undefined : manifest.install));
}

function portIn({ descriptor, configs, manifest }: AnewSource): number | null {
  if (descriptor.port === undefined) return null;
  const { setting } = descriptor.port;
  const config = setting === undefined ? undefined : configs.get(setting.config);
  const port = Number(config === undefined || setting === undefined ? Number.NaN : valueAt(config, setting.key));
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : (manifest?.port ?? descriptor.port.default);
}

async function portFacts(descriptor: Descriptor, port: number | null) {
  if (port === null) return null;
  const free = await isPortFree(port);
  return { number: port, free, ours: false, setting: descriptor.port?.setting?.key ?? null, taken: await takenPorts(descriptor, port) };
}

/** Places that the config files in the backup name by their whole path: the product will look there, so they have to be free for it. */
async function refusePlaces({ descriptor, configs, homeThen }: AnewSource, home: string): Promise<void> {
  for (const item of descriptor.items) {
    for (const place of item.at) {
      if (!('setting' in place)) continue;
      const config = configs.get(place.setting.config);
      const value = config === undefined ? undefined : valueAt(config, place.setting.key);
      if (typeof value !== 'string' || value === '') continue;
      const path = value.startsWith('~/') ? expandHome(value) : value;
      if (!isAbsolute(path)) continue;
      if (homeThen !== null && homeThen !== home && isWithin(homeThen, path)) throw inOldHome(value, homeThen, home);
      if (!isWithin(home, path)) await refuseTaken(item.title, path);
    }
  }
}

/** It would lead the product away from what is put into the new home. */
function inOldHome(value: string, homeThen: string, home: string): Failure {
  return new Failure(
    'outside-roots',
    `the config file in the backup names ${value}, which is in the home folder of then, and ${home} is another`,
    {
      remedy: { action: 'choose-folder', text: 'Restore it to where it was.', command: `moult restore --input FILE --home ${homeThen}` },
    },
  );
}

async function refuseTaken(title: string, path: string): Promise<void> {
  if (await exists(path))
    throw new Failure('home-in-use', `the config file in the backup puts "${title}" at ${path}, and something is there already`, {
      remedy: { action: 'choose-folder', text: `Move ${path} away first. Nothing that is there is written over.` },
    });
  let above = dirname(path);
  while (!(await exists(above))) above = dirname(above);
  if ((await followOrNull(above))?.isDirectory() === true && (await isWritable(above))) return;
  throw new Failure('outside-roots', `the config file in the backup puts "${title}" at ${path}, and you may not write in ${above}`, {
    remedy: { action: 'choose-folder', text: `Make ${dirname(path)} yours first, then restore.` },
  });
}

/** Nothing that is there is put away for it. */
function refuseOccupied(opened: OpenedInstall, before: InstallRecord | null): void {
  const there = opened.items.find((item) => (item.kind === 'files' || item.kind === 'volume') && item.exists);
  if (there === undefined && (before === null || before.state === 'purged')) return;
  throw new Failure('home-in-use', `${opened.home} holds data of ${opened.descriptor.title} already: ${there?.paths[0] ?? opened.home}`, {
    remedy: {
      action: 'set-up',
      text: 'Set it up there first and restore then, or name another home folder.',
      command: `moult set-up ${opened.descriptor.product} --home ${opened.home}`,
    },
  });
}

async function itemsIn(opened: OpenedInstall, source: AnewSource, path: string, release: string): Promise<PlanItem[]> {
  const placeOf = (id: string) => opened.items.find(({ item }) => item.id === id)?.paths[0] ?? join(opened.home, id);
  const held = await heldBySource(source, path, opened.home, placeOf);
  return opened.items.map((entry) => {
    const { item } = entry;
    const isHeld = held.has(item.id);
    return {
      item: item.id,
      title: item.title,
      what: item.what,
      fate: isHeld ? 'replace' : 'refresh',
      note: null,
      paths: shownPaths(entry, opened.programs),
      ...(held.get(item.id) ?? { files: 0, bytes: 0, list: [] }),
      before: 'not there',
      after: isHeld ? 'as in the backup' : `made by ${release}`,
    };
  });
}
