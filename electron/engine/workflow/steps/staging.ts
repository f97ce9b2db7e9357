/** What stands beside the live data before it takes its place: unpacked from a backup, played from its dumps, recovered and checked. */
import { basename, dirname, isAbsolute, join } from 'node:path';
import { Failure } from '../../../api/failure.ts';
import type { BackupManifest } from '../../backup/backup-format.ts';
import { readManifest } from '../../backup/read-backup.ts';
import { unpackBackup } from '../../backup/unpack-backup.ts';
import { besideDocker, removeInDocker } from '../../datastore/docker-places.ts';
import { datastoreDriver } from '../../datastore/driver.ts';
import { bytesDone } from '../../operation/progress.ts';
import type { StepTools } from '../../operation/step.ts';
import { parseVolumePlace } from '../../platform/docker.ts';
import { makeFolder, remove } from '../../platform/files.ts';
import { placesOfBackup } from '../backup-places.ts';
import { chosenIn, type Choice } from '../choice.ts';
import { datastoreItems, type OpenedInstall } from '../kit.ts';
import { asideOf } from '../moves.ts';
import type { Scene } from '../program.ts';
import { endStaging, type Staging } from '../unpacked.ts';
import { carryStaged, otherFills } from './carry-step.ts';
import { moveSettings } from './moved-settings.ts';

/** One place of a backup: where its content is unpacked to and where it belongs. */
export interface StagedPlace {
  item: string;
  as: string;
  staged: string;
  live: string;
  /** Where it was when the backup was made. */
  was?: string;
  /** It was a dump, and is a datastore once it is staged. */
  dump: boolean;
}

/** For the way back, which may be walked several times: never goes on with anything, and under the operation's own name. */
export async function unpackAgain(
  scene: Scene,
  opened: OpenedInstall,
  backup: string,
  tools: Pick<StepTools, 'signal' | 'progress' | 'remember'>,
): Promise<StagedPlace[]> {
  const staging = { folder: join(scene.folder.staging, `${scene.operation}-restore`), tag: `${scene.operation}-staged` };
  const places = await placesOf(opened, await readManifest(backup, tools.signal), true, staging);
  await unpackInto(places, backup, tools, {});
  const staged = await stageDumps(scene, opened, places, tools);
  await checkStaged(scene, opened, staged, tools.signal);
  return staged;
}

export async function unpackInto(
  places: readonly StagedPlace[],
  backup: string,
  tools: Pick<StepTools, 'signal' | 'progress'>,
  options: { resume?: boolean; choice?: Choice | undefined },
): Promise<void> {
  for (const place of places) await makeFolder(dirname(place.staged));
  const isChosen = options.choice === undefined ? () => true : chosenIn(options.choice);
  await unpackBackup(backup, {
    ...(options.resume !== undefined && { resume: options.resume }),
    signal: tools.signal,
    onProgress: (done) => tools.progress(bytesDone(done)),
    into: (entry) => {
      const place = places.find((known) => known.item === entry.item && (entry.as === known.as || entry.as.startsWith(`${known.as}/`)));
      return place === undefined || !isChosen(entry) ? null : `${place.staged}${entry.as.slice(place.as.length)}`;
    },
  });
}

export async function placesOf(
  opened: OpenedInstall,
  manifest: BackupManifest,
  own: boolean,
  { folder, tag }: Staging,
): Promise<StagedPlace[]> {
  const places: StagedPlace[] = [];
  const parents = new Map<string, string>();
  for (const { item, as, live, was, dump } of await placesOfBackup(opened, manifest, own)) {
    if (dump) {
      // Beside the live datastore where that is files, because it will be one.
      const beside = parseVolumePlace(live) === null ? live : join(opened.home, 'x');
      const above = await asideOf(join(dirname(beside), 'x'), folder, `${tag}-${places.length}`);
      places.push({ item, as, live, dump, staged: join(above, `${item}-${places.length}.sql`) });
      continue;
    }
    const key = `${item}:${dirname(live)}`;
    const parent = parents.get(key) ?? (await asideOf(join(dirname(live), 'x'), folder, `${tag}-${places.length}`));
    parents.set(key, parent);
    places.push({ item, as, staged: join(parent, basename(live)), live, ...(was !== undefined && { was }), dump });
  }
  return places;
}

export async function checkStaged(
  scene: Scene,
  opened: OpenedInstall,
  places: readonly StagedPlace[],
  signal: AbortSignal,
  choice?: Choice,
): Promise<void> {
  for (const { store } of datastoreItems(opened)) {
    const { spec, paths: original } = store;
    if (choice !== undefined && !choice.items.includes(spec.item)) continue;
    const driver = datastoreDriver(spec.driver);
    const found = places.filter((place) => place.item === spec.item && original.includes(place.live));
    if (found.length === 0) continue;
    const staged = found.map((place) => place.staged);
    for (const place of found) {
      if (place.was === undefined || place.was === place.live || !isAbsolute(place.was)) continue;
      for (const { path } of driver.settingFiles?.(place.staged) ?? []) await moveSettings(path, [[place.was, place.live]]);
    }
    const wide = { ...store, otherFills: await otherFills(scene, opened, null) };
    await driver.prepareRestored?.(staged, signal, wide);
    for (const each of staged) await carryStaged(wide, each, signal);
    const problems = await driver.check(staged, signal);
    if (problems.length === 0) continue;
    throw new Failure(
      'bad-backup',
      `the datastore in the backup is damaged: ${problems.slice(0, 3).join('; ')}. The live data was not touched.`,
      {
        remedy: { action: 'restore-backup', text: 'Choose another backup.', command: `moult backups ${opened.record.name}` },
      },
    );
  }
}

/** Makes datastores of the dumps among what was unpacked, each beside the live one; what will be made is written down before. */
export async function stageDumps(
  scene: Scene,
  opened: OpenedInstall,
  places: readonly StagedPlace[],
  tools: Pick<StepTools, 'signal' | 'progress' | 'remember'>,
): Promise<StagedPlace[]> {
  const staged = places.map((place, index) => (place.dump ? { ...place, staged: stagedDump(scene, place, index) } : place));
  if (staged.every((place) => !place.dump)) return staged;
  await tools.remember({ places: staged });
  for (const [index, place] of staged.entries()) {
    const dump = (places[index] as StagedPlace).staged;
    const found = datastoreItems(opened).find(({ item }) => item.item.id === place.item);
    if (!place.dump || found === undefined) continue;
    tools.progress({ detail: 'playing the dump of the datastore beside the live one' });
    const driver = datastoreDriver(found.driver);
    const database = parseVolumePlace(place.staged)?.database ?? null;
    if (database !== null) await driver.stage?.(found.store, dump, database.name, tools.signal);
    else if (driver.loadDump !== undefined) await driver.loadDump(found.store, dump, place.staged, tools.signal);
    else throw new Failure('unsupported', `a dump cannot be played into the datastore "${place.item}"`);
    await remove(dump);
  }
  return staged;
}

function stagedDump(scene: Scene, place: StagedPlace, index: number): string {
  return parseVolumePlace(place.live) === null ? `${place.staged}.loaded` : besideDocker(place.live, `${scene.operation}-staged-${index}`);
}

/** Removes what was unpacked: below Moult's folder, and beside places on other file systems. */
export async function clearStaging(scene: Scene, tools: Pick<StepTools, 'memory'>): Promise<void> {
  const staging = tools.memory['staging'] as Staging | undefined;
  if (staging !== undefined) await endStaging(scene.home, staging);
  await remove(join(scene.folder.staging, `${scene.operation}-restore`));
  for (const place of (tools.memory['places'] ?? []) as StagedPlace[]) {
    if (parseVolumePlace(place.staged) !== null) {
      await removeInDocker(place.staged);
      continue;
    }
    const parent = dirname(place.staged);
    // Never the trash, which may be beside it under a name like this.
    if (basename(parent).startsWith(`.moult-${scene.operation}-staged-`)) await remove(parent);
  }
}
