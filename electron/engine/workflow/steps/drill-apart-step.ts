/**
 * The step that cuts a copy off from the live install: its config files name its own places and its own port, its links lead nowhere
 * else. At its end a wall: what still leads outside is refused, and nothing is started.
 */
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { Failure } from '../../../api/failure.ts';
import { listMembers, readManifest } from '../../backup/read-backup.ts';
import { readConfig, valueAt } from '../../install/config-file.ts';
import { datastoreDriver } from '../../datastore/driver.ts';
import { moveConfig } from '../../install/move-config.ts';
import { isWithin } from '../../install/paths.ts';
import type { Step, StepTools } from '../../operation/step.ts';
import { exists, makeFolder, makeLink, readTextOrNull, remove, statOrNull, writeDurably } from '../../platform/files.ts';
import type { ConfigFile } from '../../product/schema.ts';
import { applyCopies } from '../../slot/copies.ts';
import type { ApartData } from '../drill.ts';
import { elsewhereOf, movedPaths, type ApartPlace } from '../drill-places.ts';
import type { Scene } from '../program.ts';
import { datastoreItems, type OpenedInstall } from '../kit.ts';
import { openCopy, placesOf, targetOf } from './drill-steps.ts';
import { moveSettings } from './moved-settings.ts';

export function apartStep(scene: Scene, data: ApartData): Step {
  return {
    id: 'apart',
    title: 'Give the copy its own port and places',
    weight: 2,
    run: async (tools) => {
      const places = await placesOf(scene, data, tools.signal);
      const paths = movedPaths(scene.home, await readManifest(data.backupPath, tools.signal), places);
      await makeFolder(join(dirname(scene.home), 'tmp'));
      await turnLinks(scene, data, places, paths, tools);
      for (const file of scene.descriptor.config) await rewrite(scene, data, file, places, paths);
      for (const { path, alone } of settingFilesOf(await openCopy(scene, data))) await moveSettings(path, paths, alone);
      await placeCopies(scene, data.record.release ?? '', null);
      await refuseReach(scene, data);
    },
  };
}

/** Links that lead out of the drill lead into it, or nowhere: a product writes through links. */
async function turnLinks(
  scene: Scene,
  data: ApartData,
  places: readonly ApartPlace[],
  paths: readonly [string, string][],
  tools: StepTools,
): Promise<void> {
  for await (const entry of listMembers(data.backupPath, tools.signal)) {
    const path = entry.kind === 'link' ? targetOf(places, entry.item, entry.as) : null;
    if (path === null || entry.target === undefined) continue;
    if (isWithin(dirname(scene.home), resolve(dirname(path), entry.target))) continue;
    const moved = paths.find(([from]) => isAbsolute(entry.target ?? '') && isWithin(from, entry.target ?? ''));
    const to = moved === undefined ? join(elsewhereOf(scene.home), 'nowhere') : moved[1] + entry.target.slice(moved[0].length);
    await remove(path);
    await makeLink(to, path);
    if (moved === undefined) {
      const text = `${entry.path} leads to ${entry.target}, which is outside the install; in the drill it leads nowhere`;
      scene.found.drill?.notes.push(text);
      tools.note(text);
    }
  }
}

async function rewrite(
  scene: Scene,
  data: ApartData,
  file: ConfigFile,
  places: readonly ApartPlace[],
  paths: readonly [string, string][],
): Promise<void> {
  const path = join(scene.home, file.path);
  const text = await readTextOrNull(path);
  if (text === null) return;
  const set = new Map<string, string | number>();
  const { port } = scene.descriptor;
  if (port?.setting?.config === file.id && data.record.port !== null) set.set(port.setting.key, data.record.port);
  for (const [key, value] of await settingsOf(scene, file, places)) set.set(key, value);
  const mode = (await statOrNull(path))?.mode ?? 0o600;
  await writeDurably(path, moveConfig(text, file.format, { set, paths }, path), mode & 0o7777);
}

/** A server of the copy's own must listen and write where the copy is, and not where the live one does. */
function settingFilesOf(opened: OpenedInstall): { path: string; alone: string }[] {
  return datastoreItems(opened).flatMap(({ driver, item }) =>
    item.exists ? item.paths.flatMap((path) => datastoreDriver(driver).settingFiles?.(path) ?? []) : [],
  );
}

/** Options that name the place of an item: those that lead out of the copy's home, or whose item was outside without being named. */
async function settingsOf(scene: Scene, file: ConfigFile, places: readonly ApartPlace[]): Promise<[string, string][]> {
  const config = await readConfig(join(scene.home, file.path), file.format);
  const settings: [string, string][] = [];
  for (const item of scene.descriptor.items) {
    for (const place of item.at) {
      if (!('setting' in place) || place.setting.config !== file.id) continue;
      const value = config === null ? undefined : valueAt(config, place.setting.key);
      const held = places.find((known) => known.item === item.id);
      const staysInside =
        typeof value === 'string' && !isAbsolute(value) && !value.startsWith('~') && isWithin(scene.home, join(scene.home, value));
      if (staysInside || (value === undefined && place.default !== undefined && (held === undefined || isWithin(scene.home, held.to))))
        continue;
      settings.push([place.setting.key, held?.to ?? join(elsewhereOf(scene.home), item.id)]);
    }
  }
  return settings;
}

/**
 * What a release puts into the home folder itself; its programs on PATH are left where they are, in the slot. What the `previous` release of
 * the copy put there and this one does not have goes.
 */
export async function placeCopies(scene: Scene, release: string, previous: string | null): Promise<void> {
  const { payload } = scene.descriptor;
  if (payload.driver !== 'files' || payload.copies.length === 0) return;
  const slot = join(scene.folder.slots, release);
  const trash = join(scene.folder.staging, `copies-${release}`);
  const before = previous === null ? null : join(scene.folder.slots, previous);
  await applyCopies({ slot, home: scene.home, copies: payload.copies, trash, previous: before });
}

/** The wall. Whatever the descriptor could not say of its product's places is found here, before anything runs. */
async function refuseReach(scene: Scene, data: ApartData): Promise<void> {
  const opened = await openCopy(scene, data);
  const around = dirname(scene.home);
  const outside = opened.items
    .filter((item) => item.kind === 'files')
    .flatMap((item) => item.paths.map((path) => ({ title: item.item.title, path })))
    .find(({ path }) => !isWithin(around, path));
  if (outside !== undefined)
    throw new Failure('unsupported', `the copy would use ${outside.path} as its "${outside.title}", so it was not started`);
  if (opened.port !== data.record.port)
    throw new Failure('unsupported', `the copy would listen on port ${opened.port}, so it was not started`);
  if (opened.slot === null || !(await exists(opened.slot))) throw new Failure('internal', 'the release for the drill is not there');
}
