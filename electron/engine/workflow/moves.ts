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
import { isWithin, realPathSoFar } from '../install/paths.ts';
import { leadsElsewhere } from '../install/places.ts';
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
  type Stats,
} from '../platform/files.ts';

export interface Move {
  from: string;
  to: string;
  /** Set when it puts something live away, not set when it puts something in place. */
  away?: true;
  /** The folders of both, links resolved, as they were when it was decided. Where a path leads elsewhere by now, nothing is moved. */
  real?: { from: string; to: string } | undefined;
}

/** A folder that may be removed when it is left empty, to be made again as it was. */
export interface FolderBefore {
  path: string;
  mode: number;
}

/**
 * The moves with the folders that they are between, links resolved: to be written down with them, before the first is made. Throws
 * `outside-roots` where a path in the home folder is reached through a link that leaves it.
 */
export async function pinned(moves: readonly Move[], home: string): Promise<Move[]> {
  const realHome = await realPathSoFar(home);
  const known = new Map<string, string>();
  const folderOf = async (path: string) => {
    const folder = dirname(path);
    const real = known.get(folder) ?? (await realPathSoFar(folder));
    known.set(folder, real);
    if (isWithin(home, path) && !isWithin(realHome, real)) throw leadsElsewhere(path, real);
    return real;
  };
  const all: Move[] = [];
  for (const move of moves) {
    const isOnDisk = parseVolumePlace(move.from) === null;
    all.push(isOnDisk ? { ...move, real: { from: await folderOf(move.from), to: await folderOf(move.to) } } : move);
  }
  return all;
}

/**
 * Makes all moves that are not made yet, in order. `io` when something else stands where one is to go; nothing is ever overwritten.
 * `outside-roots` when a folder on the way was replaced by a link since the moves were written down.
 */
export async function applyMoves(moves: readonly Move[]): Promise<void> {
  // In the pair (live → trash, staged → live) the first has both its places filled once the second is made; the second never has.
  for (const move of moves) await makeMove(move, move.away !== true);
}

/**
 * Takes all moves back that were made, last first. What is live is what was put in place only if what was there before it is away: a
 * staged thing may be missing for another reason than that it was moved.
 */
export async function revertMoves(moves: readonly Move[]): Promise<void> {
  const away = new Map(moves.flatMap((move) => (move.away === true ? [[move.from, move.to]] : [])));
  for (const move of moves.toReversed()) {
    const before = move.away === true ? undefined : away.get(move.to);
    if (before === undefined || (await isThere(before))) await makeMove(backward(move), move.away === true);
  }
}

function backward({ from, to, real }: Move): Move {
  return { from: to, to: from, ...(real !== undefined && { real: { from: real.to, to: real.from } }) };
}

async function makeMove({ from, to, real }: Move, mustBeFree: boolean): Promise<void> {
  const stillLeadThere = async () => {
    if (real === undefined) return;
    await checkFolder(from, real.from);
    await checkFolder(to, real.to);
  };
  if (!(await isThere(from))) {
    // Nothing to be seen of both: it may be behind a link.
    if (!(await isThere(to))) await stillLeadThere();
    return;
  }
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
  // Looked at first: if the folders are the right ones after that, it is ours.
  const ours = await statOrNull(from);
  await stillLeadThere();
  const made = await makeFolderDurably(dirname(to));
  if (made !== null) await stillLeadThere().catch((error: unknown) => removeMade(dirname(to), made, error));
  await moveDurably(from, to);
  try {
    await stillLeadThere();
  } catch (error) {
    await takeThroughLinkBack({ from, to, real }, ours);
    throw error;
  }
}

/** Takes empty folders away again that were made through a link, and throws what is wrong. */
async function removeMade(path: string, outermost: string, error: unknown): Promise<never> {
  for (let folder = path; folder.length >= outermost.length && (await removeFolderIfEmpty(folder));) folder = dirname(folder);
  throw error;
}

/** For a folder that was replaced in the moment of the move: what went out through its link, or came in, goes the way back. */
async function takeThroughLinkBack({ from, to, real }: Move, ours: Stats | null): Promise<void> {
  const there = await statOrNull(to);
  if (ours === null || there === null || (await exists(from))) return;
  const isOurs = there.ino === ours.ino && there.dev === ours.dev;
  const cameFromElsewhere = (await realPathSoFar(dirname(from))) !== real?.from;
  const wentElsewhere = (await realPathSoFar(dirname(to))) !== real?.to;
  if (cameFromElsewhere ? !isOurs && !wentElsewhere : isOurs && wentElsewhere) await moveDurably(to, from);
}

async function checkFolder(path: string, real: string): Promise<void> {
  const now = await realPathSoFar(dirname(path));
  if (now !== real) throw leadsElsewhere(path, now);
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
