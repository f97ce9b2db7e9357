/** The plan of a restore without an install: product, home, name and release come from the backup. */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { Failure, failureFrom } from '../../api/failure.ts';
import type { MethodInput } from '../../api/methods.ts';
import type { Plan, PlanItem } from '../../api/models.ts';
import type { BackupManifest } from '../backup/backup-format.ts';
import { listMembers, readManifest, readSmallFile } from '../backup/read-backup.ts';
import { readSummary } from '../backup/read-summary.ts';
import { parseConfig, valueAt, type ConfigText } from '../install/config-file.ts';
import { isWithin } from '../install/paths.ts';
import { readRecord, type InstallRecord } from '../install/record.ts';
import { lockHolder } from '../operation/lock.ts';
import { now } from '../platform/clock.ts';
import { platform, userHome } from '../platform/environment.ts';
import { followOrNull } from '../platform/files.ts';
import { isPortFree } from '../platform/network.ts';
import { randomId } from '../platform/random.ts';
import type { Descriptor } from '../product/schema.ts';
import { releaseNamed } from '../release/path.ts';
import { ensureOpen } from './encryption.ts';
import { bareFacts } from './bare-facts.ts';
import { isPartly } from './choice.ts';
import { releasesOf } from './facts.ts';
import { findInterrupted, refuseInterrupted } from './interrupted.ts';
import { findProduct, openAt, type Kit, type OpenedInstall } from './kit.ts';
import { homeProblem, makePlan, nodeNeeds, shownPaths, spaceFor, type Prepared } from './preparation.ts';
import { makeScene, outline } from './program.ts';
import { sizeOfRelease } from './release-size.ts';
import { restoreAnewProgram, type RestoreAnewData } from './restore-anew.ts';
import { chooseHome, chooseName, refuseActive, refuseMisnamed } from './set-up-choices.ts';

type Wish = Pick<MethodInput<'restore'>, 'install' | 'input' | 'items' | 'files' | 'home' | 'anew'>;

/** Whether a restore has to make the install that it restores: asked for, or there is none of the backup's product. */
export async function isAnew(kit: Kit, wish: Wish): Promise<boolean> {
  if (wish.anew !== undefined || wish.home !== undefined) return wish.anew !== false;
  if (wish.install !== undefined) return false;
  const manifest = await readSummary(pathOf(kit, wish.input)).catch(() => null);
  return manifest !== null && !kit.registry.installs.all().some((row) => row.state === 'active' && row.product === manifest.product);
}

/** Throws what refuses it: an unknown product, a release that is not in the feed, a home that holds something. */
export async function prepareRestoreAnew(kit: Kit, wish: Wish): Promise<Prepared> {
  const path = pathOf(kit, wish.input);
  await ensureOpen(kit, path);
  const manifest = await readManifest(path);
  if (isPartly(wish))
    throw new Failure('bad-input', 'there is no install to put chosen items or files back into', {
      remedy: {
        action: 'choose-folder',
        text: 'Restore all of it, or take them out into a folder.',
        command: `moult restore --input ${path} --output FOLDER`,
      },
    });
  const { descriptor } = await findProduct(kit, manifest.product);
  const home = await homeFor(kit, descriptor, manifest, wish.home);
  refuseMisnamed(descriptor, home);
  const problem = await homeProblem(home, 'set-up');
  if (problem !== null) throw failureFrom(problem);
  await refuseInterrupted(kit, home);
  const before = await readRecord(home);
  refuseActive(before, home, false);
  const release = await releaseFor(descriptor, manifest, path);
  const configs = await configsIn(path, descriptor, manifest);
  refuseMovedPlaces(descriptor, configs, manifest, home);
  const taken = kit.registry.installs.byName(manifest.install) !== null;
  const record: InstallRecord = {
    format: 1,
    id: randomId(16),
    name: chooseName(kit, descriptor, null, wish.install ?? (taken ? undefined : manifest.install)),
    product: descriptor.product,
    state: 'active',
    release: null,
    slot: null,
    adopted: false,
    channel: descriptor.defaultChannel,
    pin: null,
    port: portIn(descriptor, configs, manifest),
    createdAt: now(),
    previous: null,
  };
  const opened = await openAt(descriptor, home, record);
  refuseOccupied(opened, before);
  const data: RestoreAnewData = { backupPath: path, backupId: manifest.id, release, record };
  const scene = makeScene({ kit, operation: 'plan', action: 'restore', install: record.name, home, descriptor, before });
  const { archive, unpacked } = sizeOfRelease(release);
  const facts = {
    ...(await bareFacts('set-up', opened)),
    action: 'restore' as const,
    homeProblem: problem,
    space: await spaceFor([
      { path: opened.folder.slots, phase: `unpack ${release.version}`, bytes: archive + unpacked },
      { path: opened.folder.staging, phase: 'unpack the backup', bytes: manifest.contentBytes },
    ]),
    port:
      record.port === null
        ? null
        : { number: record.port, free: await isPortFree(record.port), ours: false, setting: descriptor.port?.setting?.key ?? null },
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
    items: await itemsIn(opened, path, release.version),
    strays: [],
    space: facts.space,
    downtime: null,
    configChanges: [],
    warnings: [`${record.name} is made anew in ${home} from the backup of ${manifest.created}, with release ${release.version}.`],
    steps: outline(restoreAnewProgram(scene, data)),
    anew: true,
    facts,
  });
  return { action: 'restore', descriptor, install: record.name, home, before, data, plan };
}

function pathOf(kit: Kit, input: string): string {
  return kit.registry.backups.find(input)?.path ?? resolve(input);
}

/** Where it was, if that is this person's to have; else the product's own place. */
async function homeFor(kit: Kit, descriptor: Descriptor, manifest: BackupManifest, asked: string | undefined): Promise<string> {
  if (asked === undefined && manifest.platform === platform()) {
    const was = homeThen(manifest);
    if (was !== null && isWithin(userHome(), was) && (await followOrNull(dirname(was)))?.isDirectory() === true) {
      const row = kit.registry.installs.byHome(was);
      if (row === null || row.state !== 'active') return was;
    }
  }
  return chooseHome(kit, descriptor, asked);
}

/** The home folder of the install that was backed up, by any of the places inside it. */
function homeThen({ items }: BackupManifest): string | null {
  for (const { path, relativeToHome } of items.flatMap((item) => item.places))
    if (relativeToHome !== null && isAbsolute(path) && path.endsWith(`/${relativeToHome}`))
      return path.slice(0, -relativeToHome.length - 1);
  return null;
}

async function releaseFor(descriptor: Descriptor, manifest: BackupManifest, path: string): Promise<RestoreAnewData['release']> {
  if (manifest.release === null)
    throw new Failure('unsupported', `${path} does not tell which release of ${descriptor.title} made it`, {
      remedy: {
        action: 'set-up',
        text: 'Set up the release yourself, then restore.',
        command: `moult set-up ${descriptor.product} --release R`,
      },
    });
  return releaseNamed(await releasesOf(descriptor), manifest.release);
}

async function configsIn(path: string, descriptor: Descriptor, manifest: BackupManifest): Promise<Map<string, ConfigText>> {
  const configs = new Map<string, ConfigText>();
  for (const config of descriptor.config) {
    const owner = manifest.items.find((item) => item.places.some((place) => place.relativeToHome === config.path));
    const content = owner === undefined ? null : await readSmallFile(path, `items/${owner.item}/${config.path}`, 4 * 1024 * 1024);
    if (content !== null) configs.set(config.id, parseConfig(content.toString('utf8'), config.format, config.path));
  }
  return configs;
}

function portIn(descriptor: Descriptor, configs: ReadonlyMap<string, ConfigText>, manifest: BackupManifest): number | null {
  if (descriptor.port === undefined) return null;
  const { setting } = descriptor.port;
  const config = setting === undefined ? undefined : configs.get(setting.config);
  const port = Number(config === undefined || setting === undefined ? Number.NaN : valueAt(config, setting.key));
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : (manifest.port ?? descriptor.port.default);
}

/** A setting that names a place of the old home by its whole path would lead the product away from what is put into the new one. */
function refuseMovedPlaces(descriptor: Descriptor, configs: ReadonlyMap<string, ConfigText>, manifest: BackupManifest, home: string): void {
  const was = homeThen(manifest);
  if (was === null || was === home) return;
  for (const place of descriptor.items.flatMap((item) => item.at)) {
    if (!('setting' in place)) continue;
    const config = configs.get(place.setting.config);
    const value = config === undefined ? undefined : valueAt(config, place.setting.key);
    if (typeof value !== 'string' || !isAbsolute(value) || !isWithin(was, value)) continue;
    throw new Failure(
      'outside-roots',
      `the config file in the backup names ${value}, which is in the home folder of then, and ${home} is another`,
      {
        remedy: { action: 'choose-folder', text: 'Restore it to where it was.', command: `moult restore --input FILE --home ${was}` },
      },
    );
  }
}

/** Nothing that is there is put away for it. */
function refuseOccupied(opened: OpenedInstall, before: InstallRecord | null): void {
  const there = opened.items.find((item) => item.kind === 'files' && item.exists);
  if (there === undefined && (before === null || before.state === 'purged')) return;
  throw new Failure('home-in-use', `${opened.home} holds data of ${opened.descriptor.title} already: ${there?.paths[0] ?? opened.home}`, {
    remedy: {
      action: 'set-up',
      text: 'Set it up there first and restore then, or name another home folder.',
      command: `moult set-up ${opened.descriptor.product} --home ${opened.home}`,
    },
  });
}

async function itemsIn(opened: OpenedInstall, path: string, release: string): Promise<PlanItem[]> {
  const held = new Map<string, { files: number; bytes: number; list: PlanItem['list'] }>();
  for await (const { item, as, kind, bytes } of listMembers(path)) {
    if (kind === 'folder') continue;
    const known = held.get(item) ?? { files: 0, bytes: 0, list: [] };
    held.set(item, known);
    known.files += 1;
    known.bytes += bytes;
    if (known.list.length < 10_000) known.list.push({ path: join(opened.home, as), bytes, change: 'added' });
  }
  return opened.items.map((entry) => {
    const { item } = entry;
    const found = held.get(item.id) ?? { files: 0, bytes: 0, list: [] };
    const isHeld = held.has(item.id);
    return {
      item: item.id,
      title: item.title,
      what: item.what,
      fate: isHeld ? 'replace' : 'refresh',
      note: null,
      paths: shownPaths(entry, opened.programs),
      ...found,
      before: 'not there',
      after: isHeld ? 'as in the backup' : `made by ${release}`,
    };
  });
}
