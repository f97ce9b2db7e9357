/** Undo: brings back what an uninstall, a purge, a fresh start, a restore or a roll back put into the trash. What is there now goes to the trash instead. */
import { writeRecord, type InstallRecord } from '../install/record.ts';
import type { Step } from '../operation/step.ts';
import { now } from '../platform/clock.ts';
import { livePathsOf } from './capture.ts';
import { openAt } from './kit.ts';
import {
  applyMoves,
  asideOf,
  foldersAbove,
  isThere,
  outermost,
  pinned,
  remakeFolders,
  removeEmptyParents,
  revertMoves,
  type FolderBefore,
  type Move,
} from './moves.ts';
import type { Program, Scene } from './program.ts';
import { clearOwnTrash } from './steps/data-steps.ts';
import { commitStep, registerAs, switchStep } from './steps/release-steps.ts';
import { startStep, stopStep } from './steps/service-steps.ts';
import { expiry, trashFolder, writeTrashIndex, type TrashIndex } from './trash.ts';
import { mustHave } from './upgrade.ts';

export interface UndoData {
  index: TrashIndex;
}

export function undoProgram(scene: Scene, data: UndoData): Program {
  const before = mustHave(scene.before);
  const target = mustHave(data.index.record);
  const steps: Step[] = [
    stopStep(scene, before),
    clearStep(scene, data.index, before),
    bringBackStep(scene, data.index),
    recordStep(scene, before, target),
    startStep(scene, 'start', 'Start it and check its health', async () => target, { when: () => data.index.wasRunning }),
    commitStep(async () => registerAs(scene, target), {
      undo: async () => registerAs(scene, before),
    }),
    {
      id: 'forget',
      title: 'Forget what was undone',
      weight: 1,
      run: async () => {
        scene.kit.registry.operations.clearUndo(data.index.operation);
        await clearOwnTrash(scene, data.index.operation);
      },
    },
  ];
  return { steps, from: before.release, to: target.release, endState: data.index.wasRunning ? 'old-and-healthy' : 'done' };
}

function clearStep(scene: Scene, index: TrashIndex, before: InstallRecord): Step {
  return {
    id: 'clear',
    title: 'Put away what is there now',
    weight: 2,
    touches: true,
    run: async (tools) => {
      const moves = await pinned(await movesAway(scene, index), scene.home);
      const from = moves.map((move) => move.from);
      const folders = await foldersAbove(from, scene.home);
      await tools.remember({ cleared: moves, folders });
      await writeTrashIndex(scene.home, {
        operation: scene.operation,
        action: 'undo',
        at: now(),
        expires: expiry(),
        record: before,
        wasRunning: tools.memory['wasRunning'] === true,
        moves,
        clearsAll: index.clearsAll,
        folders,
      });
      await applyMoves(moves);
      await removeEmptyParents(from, scene.home);
    },
    undo: async (tools) => {
      await remakeFolders((tools.memory['folders'] ?? []) as FolderBefore[]);
      await revertMoves((tools.memory['cleared'] ?? []) as Move[]);
      await clearOwnTrash(scene);
    },
  };
}

function bringBackStep(scene: Scene, index: TrashIndex): Step {
  return {
    id: 'bring-back',
    title: 'Bring back what was put away',
    weight: 3,
    touches: true,
    run: async (tools) => {
      // As the folders are now: since then a person may have moved one, and left a link.
      const back = await pinned(brought(index), scene.home);
      await remakeFolders(index.folders ?? []);
      // Clearing may have emptied the folders around what comes back: they are made again as they were, not as new ones.
      await remakeFolders(around(back, (tools.memory['folders'] ?? []) as FolderBefore[]));
      await revertMoves(back);
    },
    undo: async () => {
      await applyMoves(await pinned(brought(index), scene.home));
      await removeEmptyParents(
        brought(index).map((move) => move.from),
        scene.home,
      );
    },
  };
}

/**
 * Between two releases the record alone is not all: what the one copied beside its slot makes room for what the other did. Where there is no
 * release now, what it had copied was put away with it and is back already, as it was left.
 */
function recordStep(scene: Scene, before: InstallRecord, target: InstallRecord): Step {
  const title = 'Write the record of before';
  if (before.slot !== null && before.slot !== target.slot) return switchStep(scene, 'switch', title, before, () => target);
  return {
    id: 'switch',
    title,
    weight: 1,
    touches: true,
    run: async () => writeRecord(scene.home, target),
    undo: async () => writeRecord(scene.home, before),
  };
}

/** The moves that put live things away; those that put something in their place have nothing to bring back. */
function brought(index: TrashIndex): Move[] {
  return index.moves.filter((move) => move.away === true);
}

/** The folders that something of the moves was in. */
function around(moves: readonly Move[], folders: readonly FolderBefore[]): FolderBefore[] {
  return folders.filter((folder) => moves.some((move) => move.from.startsWith(`${folder.path}/`)));
}

async function movesAway(scene: Scene, index: TrashIndex): Promise<Move[]> {
  const paths = new Set<string>();
  for (const move of index.moves) {
    const live = move.away === true ? move.from : move.to;
    if (await isThere(live)) paths.add(live);
  }
  if (index.clearsAll) {
    const opened = await openAt(scene.descriptor, scene.home, mustHave(scene.before));
    for (const item of opened.items)
      if ((item.kind === 'files' || item.kind === 'volume') && item.item.fate.purge === 'remove')
        for (const path of await livePathsOf(opened, item)) paths.add(path);
  }
  const moves: Move[] = [];
  for (const path of outermost(paths))
    moves.push({
      from: path,
      to: await asideOf(path, trashFolder(scene.home, scene.operation), `${scene.operation}-${moves.length}`),
      away: true,
    });
  return moves;
}
