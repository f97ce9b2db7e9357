/**
 * The step that makes a backup of Moult's own out of one that the product made: unpacked aside, its dump played into a new datastore
 * beside the live one, all of it written and read back. From there on it is restored like any other, swap by renames and way back included.
 */
import { basename, dirname, join, normalize, resolve } from 'node:path';
import { Failure } from '../../../api/failure.ts';
import type { BackupHeader, BackupSource } from '../../backup/backup-format.ts';
import { removeLabel } from '../../backup/backup-label.ts';
import { openBackup } from '../../backup/open-backup.ts';
import { datastoreDriver } from '../../datastore/driver.ts';
import { readConfig, valueAt } from '../../install/config-file.ts';
import type { ResolvedItem } from '../../install/items.ts';
import type { InstallRecord } from '../../install/record.ts';
import type { Step, StepTools } from '../../operation/step.ts';
import { now } from '../../platform/clock.ts';
import { expandHome, moultVersion } from '../../platform/environment.ts';
import { exists, followOrNull, makeFolder, remove, removeFolderIfEmpty, setMode, volumeOf } from '../../platform/files.ts';
import { unpackArchive } from '../../slot/archive.ts';
import { datastoreItems, openAt, type OpenedInstall } from '../kit.ts';
import type { OwnBackup } from '../own-backup.ts';
import { lockFor } from '../encryption.ts';
import type { Scene } from '../program.ts';
import { removePartial } from './backup-steps.ts';

/** Where one part of the product's backup is now and where it belongs. */
interface Part {
  item: ResolvedItem;
  from: string;
  live: string;
  /** It stays a dump in the backup that is made. */
  dump?: boolean;
}

/**
 * `to`: the backup that is made. Undone by removing what is not whole; a whole one stays, it is worth having, but not where there is no
 * install that it would be of (`isOfNobody`).
 */
export function importStep(scene: Scene, before: InstallRecord, own: OwnBackup, to: string, isOfNobody = false): Step {
  return {
    id: 'import',
    title: `Read the backup that ${scene.descriptor.title} made`,
    weight: 30,
    run: async (tools) => {
      const opened = await openAt(scene.descriptor, scene.home, before);
      const work = workOf(scene);
      await remove(work);
      await makeFolder(join(work, 'members'));
      tools.progress({ detail: 'unpacking it' });
      await unpackArchive(own.path, { into: join(work, 'members'), strip: 0, free: (await volumeOf(work)).free, signal: tools.signal });
      const parts = await partsOf(opened, own, join(work, 'members'));
      await hideSecrets(parts);
      if (own.dump !== null) parts.push(await loadDump(opened, own.dump, work, tools));
      await writeBackup(scene, opened, own, parts, to, tools);
      await remove(work);
    },
    undo: async () => {
      await remove(workOf(scene));
      await removePartial(to);
      if (isOfNobody) await removeMade(scene, to);
    },
  };
}

async function removeMade(scene: Scene, to: string): Promise<void> {
  const known = scene.kit.registry.backups.find(to);
  if (known !== null) scene.kit.registry.backups.forget(known.id);
  await remove(to);
  await removeLabel(to);
  await removeFolderIfEmpty(dirname(to));
}

async function partsOf(opened: OpenedInstall, own: OwnBackup, members: string): Promise<Part[]> {
  const parts: Part[] = [];
  for (const part of own.parts) {
    const item = itemNamed(opened, part.item);
    const live = part.as === undefined ? ((await placeInBackup(opened, own, item, members)) ?? item.paths[0]) : join(opened.home, part.as);
    if (live === undefined) throw new Failure('internal', `the item "${part.item}" has no place`);
    parts.push({ item, from: join(members, part.member), live });
  }
  return parts;
}

/** An archive is unpacked with modes for programs and for everybody's files, whatever it says; a secret stays its owner's alone. */
async function hideSecrets(parts: readonly Part[]): Promise<void> {
  for (const { item, from } of parts) if (item.item.secret && (await followOrNull(from))?.isFile() === true) await setMode(from, 0o600);
}

/** Where the config file of the backup itself puts an item: it is restored with it, and the product will look there. */
async function placeInBackup(opened: OpenedInstall, own: OwnBackup, item: ResolvedItem, members: string): Promise<string | null> {
  for (const place of item.item.at) {
    if (!('setting' in place)) continue;
    const file = opened.descriptor.config.find((config) => config.id === place.setting.config);
    const part = own.parts.find((one) => file !== undefined && one.as === file.path);
    if (file === undefined || part === undefined) continue;
    const config = await readConfig(join(members, part.member), file.format);
    const value = config === null ? undefined : valueAt(config, place.setting.key);
    if (typeof value === 'string' && value !== '')
      return normalize(value.startsWith('~/') ? expandHome(value) : resolve(opened.home, value));
  }
  return null;
}

async function loadDump(
  opened: OpenedInstall,
  dump: NonNullable<OwnBackup['dump']>,
  work: string,
  tools: Pick<StepTools, 'signal' | 'progress'>,
): Promise<Part> {
  const item = itemNamed(opened, dump.datastore);
  const found = datastoreItems(opened).find((entry) => entry.item === item);
  const live = item.paths[0];
  const driver = found === undefined ? undefined : datastoreDriver(found.driver);
  // Played when the backup is restored: the server that it goes into is the live one.
  if (live !== undefined && driver?.stage !== undefined) return { item, from: join(work, 'members', dump.member), live, dump: true };
  if (found === undefined || live === undefined || driver?.loadDump === undefined)
    throw new Failure('unsupported', `a dump cannot be played into the datastore "${dump.datastore}"`);
  const into = join(work, 'datastore', basename(live));
  await makeFolder(dirname(into));
  tools.progress({ detail: 'playing its dump into a new datastore', fraction: 0.3 });
  await driver.loadDump(found.store, join(work, 'members', dump.member), into, tools.signal);
  return { item, from: into, live };
}

async function writeBackup(
  scene: Scene,
  opened: OpenedInstall,
  own: OwnBackup,
  parts: readonly Part[],
  to: string,
  tools: StepTools,
): Promise<void> {
  tools.progress({ detail: 'writing it as one of Moult', fraction: 0.7 });
  await makeFolder(dirname(to));
  if (await exists(to)) await remove(to);
  const sources: BackupSource[] = parts.map((part) => ({ item: part.item.item.id, path: part.from, as: nameOf(opened, part) }));
  const writer = await openBackup({
    to,
    lock: await lockFor(scene.kit, scene.install, to),
    moultVersion: moultVersion(),
    signal: tools.signal,
  });
  try {
    await writer.addFirstPass(sources);
    const sealed = await writer.seal(headerOf(opened, own, parts));
    const { id, path, bytes, files, sha256 } = sealed;
    const made = {
      id,
      path,
      bytes,
      files,
      sha256,
      at: now(),
      verifiedAt: now(),
      verdict: 'unproven' as const,
      problem: null,
      provenAt: null,
      drilledAt: null,
      installId: opened.record.id,
    };
    const { name, product } = opened.record;
    scene.kit.registry.backups.put({ ...made, install: name, product, release: own.release, schema: own.schema, reason: 'asked' });
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

function headerOf(opened: OpenedInstall, own: OwnBackup, parts: readonly Part[]): BackupHeader {
  const items = [...new Set(parts.map((part) => part.item))];
  return {
    product: opened.record.product,
    install: opened.record.name,
    release: own.release,
    schema: { version: own.schema, ledger: opened.descriptor.ledger?.driver ?? null, known: null },
    reason: 'asked',
    items: items.map((item) => ({
      item: item.item.id,
      title: item.item.title,
      fate: item.item.fate.upgrade,
      kind: parts.some((part) => part.item === item && part.dump === true) ? 'dump' : 'files',
      places: parts
        .filter((part) => part.item === item)
        .map(({ live, ...part }) => ({
          as: nameOf(opened, { ...part, live }),
          path: live,
          relativeToHome: isInside(opened, live) ? live.slice(opened.home.length + 1) : null,
        })),
    })),
    secretsFingerprint: null,
  };
}

function itemNamed(opened: OpenedInstall, id: string): ResolvedItem {
  const item = opened.items.find((entry) => entry.item.id === id);
  if (item === undefined) throw new Failure('internal', `the descriptor has no item "${id}"`);
  return item;
}

function nameOf(opened: OpenedInstall, { item, live, dump }: Part): string {
  if (dump === true) return `${item.item.id}.sql`;
  return isInside(opened, live) ? live.slice(opened.home.length + 1) : basename(live);
}

function isInside(opened: OpenedInstall, live: string): boolean {
  return live.startsWith(`${opened.home}/`);
}

function workOf(scene: Scene): string {
  return join(scene.folder.staging, `${scene.operation}-import`);
}
