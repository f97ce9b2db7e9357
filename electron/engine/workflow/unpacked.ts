/**
 * Where a backup is unpacked beside the live data, and what stays of it when that is cut off: the next restore of the same backup goes on
 * there. One a home at most, because it may be as large as the data; gone a day later.
 */
import { basename, join } from 'node:path';
import { moultFolderOf } from '../install/moult-folder.ts';
import { isWithin } from '../install/paths.ts';
import { checkWithin } from '../install/places.ts';
import { now } from '../platform/clock.ts';
import { makeFolderDurably, namesIn, readTextOrNull, remove, writeDurably } from '../platform/files.ts';
import { hashText } from '../platform/tree.ts';

const noteName = 'unpacked.json';
/** Hours for which something unpacked waits for the next try. */
const keptHours = 24;

/** Where the parts of a backup are unpacked to: below one folder, and under names with its tag beside places on other file systems. */
export interface Staging {
  folder: string;
  tag: string;
}

/** The same place for the same backup and the same choice out of it, in whichever operation. */
export function stagingFor(home: string, backup: { id: string }, choice: unknown): Staging {
  const key = hashText(JSON.stringify([backup.id, choice ?? null])).slice(0, 16);
  return { folder: join(unpackedFolder(home), key), tag: `unpacked-${key}` };
}

/** Begins, or goes on, or throws `outside-roots` where a link leads out of the home folder: true when something of an earlier try is there. What was unpacked of other backups goes, because room is needed now. */
export async function beginStaging(home: string, staging: Staging, parents: readonly string[]): Promise<boolean> {
  const key = basename(staging.folder);
  await checkWithin(home, staging.folder);
  for (const other of await namesIn(unpackedFolder(home))) if (other !== key) await removeUnpacked(home, other);
  const isThere = (await readNote(staging.folder)) !== null;
  if (!isThere) await removeUnpacked(home, key);
  await makeFolderDurably(staging.folder);
  const beside = parents.filter((parent) => !isWithin(staging.folder, parent));
  const expires = new Date(Date.parse(now()) + keptHours * 3_600_000).toISOString();
  await writeDurably(join(staging.folder, noteName), `${JSON.stringify({ format: 1, expires, beside })}\n`, 0o600);
  return isThere;
}

/** Removes what was unpacked, wherever it is. */
export async function endStaging(home: string, staging: Staging): Promise<void> {
  await removeUnpacked(home, basename(staging.folder));
}

/** Removes what nobody went on with. */
export async function sweepUnpacked(home: string, at: string = now()): Promise<void> {
  for (const key of await namesIn(unpackedFolder(home))) {
    const note = await readNote(join(unpackedFolder(home), key));
    if (note === null || note.expires <= at) await removeUnpacked(home, key);
  }
}

async function removeUnpacked(home: string, key: string): Promise<void> {
  const folder = join(unpackedFolder(home), key);
  // What stands elsewhere first: the note is what tells of it.
  for (const parent of (await readNote(folder))?.beside ?? [])
    if (basename(parent).startsWith(`.moult-unpacked-${key}-`)) await remove(parent);
  await remove(folder);
}

async function readNote(folder: string): Promise<{ expires: string; beside: string[] } | null> {
  try {
    const note = JSON.parse((await readTextOrNull(join(folder, noteName))) ?? 'null') as { expires?: unknown; beside?: unknown } | null;
    const isNote = typeof note?.expires === 'string' && Array.isArray(note.beside) && note.beside.every((path) => typeof path === 'string');
    return isNote ? (note as { expires: string; beside: string[] }) : null;
  } catch {
    return null;
  }
}

function unpackedFolder(home: string): string {
  return join(moultFolderOf(home).staging, 'unpacked');
}
