/**
 * The trash: what was replaced, uninstalled or purged, one folder an operation, until it expires. Its index is written before anything
 * is moved into it, and holds all that `undo` needs.
 */
import { basename, isAbsolute, join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import type { ActionKind } from '../../api/models.ts';
import { moultFolderOf } from '../install/moult-folder.ts';
import { checkWithin } from '../install/places.ts';
import type { InstallRecord } from '../install/record.ts';
import { removeInDocker } from '../datastore/docker-places.ts';
import { now } from '../platform/clock.ts';
import { parseVolumePlace } from '../platform/docker.ts';
import { makeFolderDurably, namesIn, readTextOrNull, remove, removeFolderIfEmpty, statOrNull, writeDurably } from '../platform/files.ts';
import type { FolderBefore, Move } from './moves.ts';

const trashFormat = 1;

/** Days for which replaced and purged things wait. */
export const trashDays = 7;

export interface TrashIndex {
  format: 1;
  operation: string;
  action: ActionKind;
  at: string;
  expires: string;
  /** The record as it stood before. */
  record: InstallRecord | null;
  wasRunning: boolean;
  /** What was moved, in order. */
  moves: Move[];
  /** Whether everything that the install owns is cleared away before the moves are taken back. */
  clearsAll: boolean;
  /** Folders around what was moved, which go when they are left empty. */
  folders?: FolderBefore[];
}

/** The folder of an operation's trash. */
export function trashFolder(home: string, operation: string): string {
  return join(moultFolderOf(home).trash, operation);
}

/** When things that are put away now expire, as ISO time. */
export function expiry(): string {
  return new Date(Date.parse(now()) + trashDays * 24 * 3600 * 1000).toISOString();
}

/** Throws `outside-roots` where the trash is a link that leaves the home folder. */
export async function writeTrashIndex(home: string, index: Omit<TrashIndex, 'format'>): Promise<void> {
  const folder = trashFolder(home, index.operation);
  await checkWithin(home, folder);
  await makeFolderDurably(folder);
  const path = join(folder, 'trash.json');
  await writeDurably(path, `${JSON.stringify({ format: trashFormat, ...index }, null, 2)}\n`, 0o600);
  await checkWithin(home, folder).catch(async (error: unknown) => {
    // Replaced by a link meanwhile: its name is no one else's.
    await remove(path);
    await removeFolderIfEmpty(folder);
    throw error;
  });
}

/** Null where there is none or it cannot be understood. `newer-format` for one of a newer Moult. */
export async function readTrashIndex(home: string, operation: string): Promise<TrashIndex | null> {
  const path = join(trashFolder(home, operation), 'trash.json');
  const index = parseIndex(await readTextOrNull(path));
  const format: number | undefined = index?.format;
  if (format === undefined || format === trashFormat) return index;
  throw new Failure('newer-format', `${path} was written by a newer Moult (format ${format}, this one knows ${trashFormat})`, {
    remedy: { action: 'upgrade-moult', text: 'Upgrade Moult. Nothing was changed.' },
  });
}

function parseIndex(text: string | null): TrashIndex | null {
  try {
    const index = JSON.parse(text ?? '') as Partial<TrashIndex> | null;
    const isIndex = typeof index?.format === 'number' && (index.format !== trashFormat || isWhole(index));
    return isIndex ? (index as TrashIndex) : null;
  } catch {
    return null;
  }
}

/** What a bad disk made of an index must not be walked through: its moves are made, and some of them removed, later. */
function isWhole(index: Partial<TrashIndex>): boolean {
  const isPlace = (path: unknown) => typeof path === 'string' && (isAbsolute(path) || parseVolumePlace(path) !== null);
  const moves = Array.isArray(index.moves) && index.moves.every((move) => isPlace(move?.from) && isPlace(move?.to));
  const folders = index.folders ?? [];
  return (
    moves &&
    typeof index.expires === 'string' &&
    Array.isArray(folders) &&
    folders.every((folder) => isPlace(folder?.path) && Number.isInteger(folder.mode))
  );
}

/** Removes what has expired: the operation's folder and what had to be put beside a place on another file system. */
export async function emptyExpiredTrash(home: string, at: string = now()): Promise<string[]> {
  const removed: string[] = [];
  for (const operation of await namesIn(moultFolderOf(home).trash)) {
    const folder = trashFolder(home, operation);
    const index = await readTrashIndex(home, operation).catch(() => undefined);
    // What a newer Moult put away, a newer Moult throws away.
    if (index === undefined || (index?.expires ?? (await expiryByAge(folder))) > at) continue;
    const away = (index?.moves ?? []).filter((move) => move.away === true).map((move) => move.to);
    for (const place of away) if (basename(place).startsWith(`.moult-${operation}-`)) await remove(place);
    // Where Docker does not answer now it will another time; until then the trash is kept with its index.
    if (!(await emptyInDocker(away.filter((place) => parseVolumePlace(place) !== null)))) continue;
    await remove(folder);
    removed.push(operation);
  }
  return removed;
}

async function emptyInDocker(places: readonly string[]): Promise<boolean> {
  try {
    for (const place of places) await removeInDocker(place);
    return true;
  } catch {
    return false;
  }
}

/** When a folder expires that has no index, because nothing of it can be undone: slots that were altered, files that were replaced. */
async function expiryByAge(folder: string): Promise<string> {
  const since = (await statOrNull(folder))?.mtimeMs ?? Date.parse(now());
  return new Date(since + trashDays * 24 * 3600 * 1000).toISOString();
}
