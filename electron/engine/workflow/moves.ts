/**
 * Moves: the only way in which data of a product is put away or put in place. A list of renames is written down before the first of
 * them, so that it can be finished or taken back after a kill at any point, in another process, any number of times.
 *
 * Forward, a move is made when its source is there and its target is not; backward, the other way round. For the pair
 * (live → trash, staged → live) each state between the two renames is told apart by what exists, so nothing else needs recording.
 */
import { dirname, join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { exists, followOrNull, makeFolder, moveDurably, namesIn, removeFolderIfEmpty } from '../platform/files.ts';

export interface Move {
  from: string;
  to: string;
  /** Set when it puts something live away, not set when it puts something in place. */
  away?: true;
}

/** Makes all moves that are not made yet, in order. */
export async function applyMoves(moves: readonly Move[]): Promise<void> {
  for (const move of moves) {
    if (!(await exists(move.from)) || (await exists(move.to))) continue;
    await makeFolder(dirname(move.to));
    await moveDurably(move.from, move.to);
  }
}

/** Takes all moves back that were made, last first. */
export async function revertMoves(moves: readonly Move[]): Promise<void> {
  await applyMoves(moves.toReversed().map((move) => ({ from: move.to, to: move.from })));
}

/** A path on the same file system as `path`, for things put aside: inside Moult's folder when that is on it, else hidden beside it. */
export async function asideOf(path: string, folder: string, name: string): Promise<string> {
  const [here, there] = await Promise.all([deviceAbove(dirname(path)), deviceAbove(folder)]);
  return here === there ? join(folder, name) : join(dirname(path), `.moult-${name}`);
}

/**
 * What has to be moved so that `path` is gone but everything in `kept` stays: the path itself, or its parts around the kept ones.
 */
export async function partsToMove(path: string, kept: readonly string[]): Promise<string[]> {
  if (!(await exists(path))) return [];
  if (kept.some((entry) => entry === path || path.startsWith(`${entry}/`))) return [];
  if (!kept.some((entry) => entry.startsWith(`${path}/`))) return [path];
  const parts: string[] = [];
  for (const name of await namesIn(path)) parts.push(...(await partsToMove(join(path, name), kept)));
  return parts;
}

/** Removes the folders that a move left empty, up to but not including `root`. */
export async function removeEmptyParents(paths: readonly string[], root: string): Promise<void> {
  for (const path of paths) {
    for (let folder = dirname(path); folder.startsWith(`${root}/`); folder = dirname(folder)) {
      if (!(await removeFolderIfEmpty(folder))) break;
    }
  }
}

/** Refuses when anything is still where it should be gone from. */
export async function mustBeGone(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (await exists(path)) throw new Failure('io', `${path} is still there although it was moved away: something made it again`);
  }
}

async function deviceAbove(path: string): Promise<number> {
  for (let folder = path; ; folder = dirname(folder)) {
    const stats = await followOrNull(folder);
    if (stats !== null) return stats.dev;
    if (dirname(folder) === folder) return -1;
  }
}
