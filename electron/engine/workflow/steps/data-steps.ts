/**
 * Steps that put data away and put other data in place: unpack a backup beside the live data, prove it, swap it in by renames.
 * What was live goes to the trash, never away.
 */
import { dirname } from 'node:path';
import { Failure } from '../../../api/failure.ts';
import { readManifest } from '../../backup/read-backup.ts';
import { excludedFrom } from '../../install/inventory.ts';
import { checkPlaces } from '../../install/places.ts';
import { slotPath, type InstallRecord } from '../../install/record.ts';
import type { Step, StepTools } from '../../operation/step.ts';
import { now } from '../../platform/clock.ts';
import { exists, namesIn, remove } from '../../platform/files.ts';
import { livePathsOf } from '../capture.ts';
import { onlyChosen, type Choice } from '../choice.ts';
import { openAt, type OpenedInstall, type OpenOptions } from '../kit.ts';
import {
  applyMoves,
  asideOf,
  foldersAbove,
  outermost,
  partsToMove,
  partsToPlace,
  pinned,
  remakeFolders,
  removeEmptyParents,
  revertMoves,
  type FolderBefore,
  type Move,
} from '../moves.ts';
import { placedFiles } from '../placed-files.ts';
import type { Scene } from '../program.ts';
import { giveBackDataReserve, holdDataReserve } from '../reserve.ts';
import { singleMoves } from '../single-moves.ts';
import { expiry, trashFolder, writeTrashIndex } from '../trash.ts';
import { beginStaging, endStaging, stagingFor } from '../unpacked.ts';
import { checkStaged, clearStaging, placesOf, stageDumps, unpackAgain, unpackInto, type StagedPlace } from './staging.ts';

/** Unpacks a backup beside the live data and checks the datastores in it. Undone by removing what was unpacked. */
export function unpackStep(
  scene: Scene,
  before: InstallRecord,
  backupPath: (tools: StepTools) => string,
  options: UnpackStepOptions = {},
): Step {
  return {
    id: 'unpack',
    title: 'Unpack the backup beside the live data',
    weight: 30,
    run: async (tools) => {
      const opened = await openAt(scene.descriptor, scene.home, before, options);
      const whole = await readManifest(backupPath(tools), tools.signal);
      const manifest = options.choice === undefined ? whole : onlyChosen(whole, options.choice);
      const staging = stagingFor(scene.home, manifest, options.choice);
      const places = await placesOf(opened, manifest, false, staging);
      const resume = await beginStaging(
        scene.home,
        staging,
        places.map((place) => dirname(place.staged)),
      );
      await tools.remember({ staging });
      try {
        if (resume) tools.progress({ detail: 'looking at what an earlier try has unpacked' });
        await unpackInto(places, backupPath(tools), tools, { resume, choice: options.choice });
      } catch (error) {
        // Only what was cut off is worth going on with; a full disk gets its room back.
        if (!tools.signal.aborted) await endStaging(scene.home, staging);
        throw error;
      }
      // From here on something may write to it.
      await tools.remember({ unpacked: true });
      const staged = await stageDumps(scene, opened, places, tools);
      await checkStaged(scene, opened, staged, tools.signal, options.choice);
      await tools.remember({ places: staged });
    },
    undo: async (tools) => {
      // Cut off while it was unpacked: the next try goes on there, until it expires.
      if (tools.memory['unpacked'] === true) await clearStaging(scene, tools);
    },
  };
}

export interface UnpackStepOptions extends OpenOptions {
  /** Of the backup only this. */
  choice?: Choice | undefined;
}

/** Puts what was unpacked in the place of the live data, which goes to the trash. Undone by taking the renames back. */
export function swapStep(scene: Scene, before: InstallRecord, options: UnpackStepOptions = {}): Step {
  return {
    id: 'swap',
    title: 'Put the data in place',
    weight: 3,
    touches: true,
    run: async (tools) => {
      const opened = await openAt(scene.descriptor, scene.home, before, options);
      await checkPlaces(scene.home, opened.items);
      const places = (tools.memory['places'] ?? []) as StagedPlace[];
      const { choice } = options;
      const moves =
        choice === undefined
          ? await swapMoves(scene, opened, places)
          : [
              ...(await swapMoves(
                scene,
                opened,
                places.filter((place) => choice.items.includes(place.item)),
              )),
              ...(await singleMoves(scene, places, choice)),
            ];
      const swap = await pinned(moves, scene.home);
      await tools.remember({ swap });
      await indexTrash(scene, swap, tools.memory['wasRunning'] === true, false);
      await applyMoves(swap);
      await clearStaging(scene, tools);
    },
    undo: async (tools) => {
      await revertMoves((tools.memory['swap'] ?? []) as Move[]);
      await clearOwnTrash(scene);
    },
  };
}

/** Holds the space that putting the data back takes. To be put before the stop: it takes time, and the product need not wait for it. */
export function reserveStep(scene: Scene, before: InstallRecord): Step {
  return {
    id: 'reserve',
    title: 'Hold space for the way back',
    weight: 1,
    run: async (tools) => holdDataReserve(scene, await openAt(scene.descriptor, scene.home, before), tools),
    undo: giveBackDataReserve,
  };
}

/**
 * Stands before the first switch of an upgrade and does nothing, except when it is undone: then the data goes back to what the backup
 * holds, whatever the new release did to it. Nothing is running at that moment.
 */
export function guardStep(scene: Scene, before: InstallRecord, startedAny: (tools: StepTools) => boolean): Step {
  return {
    id: 'guard',
    title: 'Remember the way back',
    weight: 1,
    touches: true,
    run: async (tools) => tools.remember({ guard: true }),
    undo: async (tools) => {
      await giveBackDataReserve(tools);
      if (tools.memory['guard'] !== true || !startedAny(tools)) return;
      const backup = tools.memory['backupPath'];
      if (typeof backup !== 'string') throw new Failure('internal', 'the journal names no backup to go back to');
      await putDataBack(scene, before, backup, tools);
    },
  };
}

/** Brings an install's data back to what a backup holds. Can be repeated and continued after a kill at any point. */
async function putDataBack(scene: Scene, before: InstallRecord, backup: string, tools: StepTools): Promise<void> {
  if (!Array.isArray(tools.memory['putBack'])) {
    await clearStaging(scene, tools);
    const opened = await openAt(scene.descriptor, scene.home, before, { brokenConfig: true });
    tools.progress({ detail: 'unpacking the backup' });
    const places = await unpackAgain(scene, opened, backup, tools);
    await tools.remember({ places });
    const moves = await pinned(await movesBack(scene, opened, places), scene.home);
    await indexTrash(scene, moves, false, false);
    await tools.remember({ putBack: moves });
  }
  await applyMoves(tools.memory['putBack'] as Move[]);
  await clearStaging(scene, tools);
}

/** Moves everything that the chosen items own to the trash. Undone by bringing it back. */
export function putAwayStep(
  scene: Scene,
  before: InstallRecord,
  options: { title: string; removes: (item: OpenedInstall['items'][number]) => boolean; slots: boolean; clearsAll: boolean },
): Step {
  return {
    id: 'put-away',
    title: options.title,
    weight: 4,
    touches: true,
    run: async (tools) => {
      const opened = await openAt(scene.descriptor, scene.home, before);
      await checkPlaces(scene.home, opened.items);
      const moves = await pinned(await movesToTrash(scene, opened, options.removes, options.slots), scene.home);
      await tools.remember({ putAway: moves });
      const from = moves.map((move) => move.from);
      const folders = await foldersAbove(from, scene.home);
      await tools.remember({ folders });
      await indexTrash(scene, moves, tools.memory['wasRunning'] === true, options.clearsAll, folders);
      await applyMoves(moves);
      await removeEmptyParents(from, scene.home);
      scene.found.undoUntil = expiry();
    },
    undo: async (tools) => {
      await remakeFolders((tools.memory['folders'] ?? []) as FolderBefore[]);
      await revertMoves((tools.memory['putAway'] ?? []) as Move[]);
      await clearOwnTrash(scene);
    },
  };
}

/** Renames that put every part of the chosen items into this operation's trash, the kept items inside them left where they are. */
export async function movesToTrash(
  scene: Scene,
  opened: OpenedInstall,
  removes: (item: OpenedInstall['items'][number]) => boolean,
  slots: boolean,
): Promise<Move[]> {
  const owned = opened.items.filter((item) => item.kind === 'files' || item.kind === 'volume');
  const kept = owned.filter((item) => !removes(item)).flatMap((item) => item.paths);
  const going: string[] = [];
  for (const item of owned.filter(removes)) {
    for (const path of await livePathsOf(opened, item)) {
      going.push(...(await partsToMove(path, kept)));
    }
  }
  if (slots) for (const folder of await codeFolders(scene, opened)) going.push(...(await partsToMove(folder, kept)));
  if (slots) for (const path of await placedFiles(opened)) going.push(...(await partsToMove(path, kept)));
  if (slots) going.push(...(opened.programs?.copies ?? []).filter((copy) => copy.owned).map((copy) => copy.path));
  const moves: Move[] = [];
  for (const [index, path] of outermost(going).entries()) {
    moves.push({
      from: path,
      to: await asideOf(path, trashFolder(scene.home, scene.operation), `${scene.operation}-${index}`),
      away: true,
    });
  }
  return moves;
}

/** Where releases are unpacked: Moult's own slots, and the code of an install that was adopted, where that is inside its home. */
async function codeFolders(scene: Scene, opened: OpenedInstall): Promise<string[]> {
  const { previous } = opened.record;
  const used = [opened.slot, previous === null ? null : slotPath(scene.home, previous.slot)];
  const folders = [scene.folder.slots];
  for (const slot of used)
    if (slot !== null && slot.startsWith(`${scene.home}/`) && !slot.startsWith(`${scene.folder.root}/`)) folders.push(slot);
  const there: string[] = [];
  for (const folder of new Set(folders)) if (await exists(folder)) there.push(folder);
  return there;
}

/** For each item of the backup: everything live goes to the trash, everything staged takes its place. */
async function swapMoves(scene: Scene, opened: OpenedInstall, places: readonly StagedPlace[]): Promise<Move[]> {
  const live: string[] = [];
  for (const item of new Set(places.map((place) => place.item))) {
    const resolved = opened.items.find((entry) => entry.item.id === item);
    // Of a volume only the database changes places.
    if (resolved && resolved.kind !== 'volume') live.push(...(await livePathsOf(opened, resolved)));
  }
  return exchange(scene, opened, live, places);
}

/**
 * As `swapMoves`, to go back from a release that may have written anything: what was not there before goes to the trash too, and a place
 * that a setting names counts only where the backup says it was, because the setting may not be the person's own any more.
 */
async function movesBack(scene: Scene, opened: OpenedInstall, places: readonly StagedPlace[]): Promise<Move[]> {
  const live: string[] = [];
  for (const resolved of opened.items) {
    const isFixed = resolved.item.at.every((place) => !('setting' in place));
    if (resolved.kind === 'files' && resolved.item.backup && isFixed) live.push(...(await livePathsOf(opened, resolved)));
  }
  return exchange(scene, opened, live, places);
}

/** Everything live goes to the trash around what stays, everything staged takes its place. */
async function exchange(scene: Scene, opened: OpenedInstall, live: readonly string[], places: readonly StagedPlace[]): Promise<Move[]> {
  const kept = await staying(opened, places);
  const going = new Set<string>();
  for (const path of [...live, ...places.map((place) => place.live)]) for (const part of await partsToMove(path, kept)) going.add(part);
  const moves: Move[] = [];
  for (const path of outermost(going)) {
    const to = await asideOf(path, trashFolder(scene.home, scene.operation), `${scene.operation}-${moves.length}`);
    moves.push({ from: path, to, away: true });
  }
  for (const place of places) moves.push(...(await partsToPlace(place.staged, place.live, kept)));
  return moves;
}

/** What no backup holds and therefore stays where it is, also inside something that is replaced: logs, and what a product builds itself. */
async function staying(opened: OpenedInstall, places: readonly StagedPlace[]): Promise<string[]> {
  const replaced = new Set(places.map((place) => place.item));
  const kept: string[] = [];
  for (const item of opened.items.filter((one) => one.kind === 'files')) {
    if (!item.item.backup && !replaced.has(item.item.id)) kept.push(...item.paths, ...item.companions);
    if (replaced.has(item.item.id)) kept.push(...(await excludedFrom(item)));
  }
  return kept;
}

async function indexTrash(
  scene: Scene,
  moves: Move[],
  wasRunning: boolean,
  clearsAll: boolean,
  folders: FolderBefore[] = [],
): Promise<void> {
  const { operation, action } = scene;
  await writeTrashIndex(scene.home, {
    operation,
    action,
    at: now(),
    expires: expiry(),
    record: scene.before,
    wasRunning,
    moves,
    clearsAll,
    folders,
  });
}

/** After everything was moved back, the trash of an operation holds only its index. Anything else in it stays. */
export async function clearOwnTrash(scene: Scene, operation: string = scene.operation): Promise<void> {
  const folder = trashFolder(scene.home, operation);
  const names = await namesIn(folder);
  if (names.some((name) => name !== 'trash.json')) return;
  await remove(folder);
}
