/**
 * Moves: the only way in which data of a product is put away or put in place. A list of renames is written down before the first of
 * them, so that it can be finished or taken back after a kill at any point, in another process, any number of times.
 *
 * Forward, a move is made when its source is there and its target is not; backward, the other way round. For the pair
 * (live → trash, staged → live) each state between the two renames is told apart by what exists, so nothing else needs recording.
 * A place may also be in Docker, a database or a whole volume: what is there, and how it is moved, its driver knows.
 */
import { dirname, join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { besideDocker, isInDocker, moveInDocker } from '../datastore/docker-places.ts';
import { parseVolumePlace } from '../platform/docker.ts';
import {
  exists,
  followOrNull,
  makeFolderDurably,
  moveDurably,
  namesIn,
  removeFolderIfEmpty,
  setMode,
  statOrNull,
} from '../platform/files.ts';

export interface Move {
  from: string;
  to: string;
  /** Set when it puts something live away, not set when it puts something in place. */
  away?: true;
}

/** A folder that may be removed when it is left empty, to be made again as it was. */
export interface FolderBefore {
  path: string;
  mode: number;
}

/** Makes all moves that are not made yet, in order. `io` when something else stands where one is to go; nothing is ever overwritten. */
export async function applyMoves(moves: readonly Move[]): Promise<void> {
  // In the pair (live → trash, staged → live) the first has both its places filled once the second is made; the second never has.
  for (const move of moves) await makeMove(move.from, move.to, move.away !== true);
}

/**
 * Takes all moves back that were made, last first. What is live is what was put in place only if what was there before it is away: a
 * staged thing may be missing for another reason than that it was moved.
 */
export async function revertMoves(moves: readonly Move[]): Promise<void> {
  const away = new Map(moves.flatMap((move) => (move.away === true ? [[move.from, move.to]] : [])));
  for (const move of moves.toReversed()) {
    const before = move.away === true ? undefined : away.get(move.to);
    if (before === undefined || (await isThere(before))) await makeMove(move.to, move.from, move.away === true);
  }
}

async function makeMove(from: string, to: string, mustBeFree: boolean): Promise<void> {
  if (!(await isThere(from))) return;
  if (await isThere(to)) {
    if (!mustBeFree) return;
    throw new Failure(
      'io',
      `${to} is there again although it was put away: something made it anew. Nothing was overwritten; what belongs there is ${from}`,
      {
        details: { path: to, waiting: from },
      },
    );
  }
  if (parseVolumePlace(from) !== null) return moveInDocker(from, to);
  await makeFolderDurably(dirname(to));
  await moveDurably(from, to);
}

/** Whether something is at a place, in files or in Docker. */
export function isThere(place: string): Promise<boolean> {
  return parseVolumePlace(place) === null ? exists(place) : isInDocker(place);
}

/** A path on the same file system as `path`, for things put aside: inside Moult's folder when that is on it, else hidden beside it. */
export async function asideOf(path: string, folder: string, name: string): Promise<string> {
  if (parseVolumePlace(path) !== null) return besideDocker(path, name);
  const [here, there] = await Promise.all([deviceAbove(dirname(path)), deviceAbove(folder)]);
  return here === there ? join(folder, name) : join(dirname(path), `.moult-${name}`);
}

/** What has to be moved so that `path` is gone but everything in `kept` stays: the path itself, or its parts around the kept ones. */
export async function partsToMove(path: string, kept: readonly string[]): Promise<string[]> {
  if (!(await isThere(path))) return [];
  if (kept.some((entry) => entry === path || path.startsWith(`${entry}/`))) return [];
  if (!(await holdsKept(path, kept))) return [path];
  const parts: string[] = [];
  for (const name of await namesIn(path)) parts.push(...(await partsToMove(join(path, name), kept)));
  return parts;
}

/** The renames that put `staged` where `live` was before `partsToMove` took it away: the whole, or its parts around the kept ones. */
export async function partsToPlace(staged: string, live: string, kept: readonly string[]): Promise<Move[]> {
  if (!(await isThere(staged)) || kept.includes(live)) return [];
  if (!(await holdsKept(live, kept)) || (await statOrNull(staged))?.isDirectory() !== true) return [{ from: staged, to: live }];
  const moves: Move[] = [];
  for (const name of await namesIn(staged)) moves.push(...(await partsToPlace(join(staged, name), join(live, name), kept)));
  return moves;
}

/** Without the paths that are inside another of them: they go with it. */
export function outermost(paths: Iterable<string>): string[] {
  const all = [...new Set(paths)];
  return all.filter((path) => !all.some((other) => path.startsWith(`${other}/`)));
}

/** Whether anything that is kept is really there below a path. */
async function holdsKept(path: string, kept: readonly string[]): Promise<boolean> {
  for (const entry of kept) if (entry.startsWith(`${path}/`) && (await exists(entry))) return true;
  return false;
}

/** The folders between the paths and `root`, outermost first, as they are now. */
export async function foldersAbove(paths: readonly string[], root: string): Promise<FolderBefore[]> {
  const folders = new Map<string, FolderBefore>();
  for (const path of paths) {
    for (let folder = dirname(path); folder.startsWith(`${root}/`) && !folders.has(folder); folder = dirname(folder)) {
      const stats = await statOrNull(folder);
      if (stats?.isDirectory()) folders.set(folder, { path: folder, mode: stats.mode & 0o7777 });
    }
  }
  return [...folders.values()].sort((one, other) => one.path.length - other.path.length);
}

/** Makes folders again that were removed because they were empty. */
export async function remakeFolders(folders: readonly FolderBefore[]): Promise<void> {
  for (const { path, mode } of folders) {
    if (await exists(path)) continue;
    await makeFolderDurably(path);
    await setMode(path, mode);
  }
}

/** Removes the folders that a move left empty, up to but not including `root`. */
export async function removeEmptyParents(paths: readonly string[], root: string): Promise<void> {
  for (const path of paths) {
    for (let folder = dirname(path); folder.startsWith(`${root}/`); folder = dirname(folder)) {
      if (!(await removeFolderIfEmpty(folder))) break;
    }
  }
}

async function deviceAbove(path: string): Promise<number> {
  for (let folder = path; ; folder = dirname(folder)) {
    const stats = await followOrNull(folder);
    if (stats !== null) return stats.dev;
    if (dirname(folder) === folder) return -1;
  }
}
