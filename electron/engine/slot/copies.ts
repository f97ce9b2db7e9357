import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { z } from 'zod';
import { Failure } from '../../api/failure.ts';
import {
  copyFile,
  exists,
  makeFolderDurably,
  makeLink,
  moveDurably,
  readLink,
  readTextOrNull,
  realPathOrNull,
  remove,
  removeAsides,
  rename,
  setMode,
  setTimes,
  statOrNull,
  syncFolder,
  writeDurably,
} from '../platform/files.ts';
import { randomId } from '../platform/random.ts';
import { hashFile, walk } from '../platform/tree.ts';
import { syncFile } from './scan.ts';

export interface Copy {
  /** Below the slot: a file or a folder. */
  from: string;
  /** Below the home folder, or below `root`. */
  to: string;
  /** Another folder than the home that `to` is below and must not leave. Absolute. */
  root?: string;
}

const entry = z.object({
  /** Absolute, in the slot; null where an older release put a file that the new one does not have. */
  from: z.string().nullable(),
  /** Absolute, in the home folder. */
  to: z.string(),
  /** Where the file that was there before is kept; null where there was none. */
  kept: z.string().nullable(),
  /** SHA-256 of what is put there. */
  sha256: z.string().nullable(),
});

/** What undoes copies: on disk before the first of them is made, in `copies.json` of the trash folder. */
const copyRecord = z.object({ format: z.literal(1), home: z.string(), entries: z.array(entry) });
export type CopyRecord = z.output<typeof copyRecord>;
type Entry = CopyRecord['entries'][number];

export interface CopyOptions {
  slot: string;
  home: string;
  copies: readonly Copy[];
  /** `<home>/.moult/trash/<operation>`: takes what was there before, and the record. */
  trash: string;
  /** The slot that was active before: what it put into place and the new one does not have goes to the trash. */
  previous?: string | null;
  /** What that one's copies were, where they are not the same. */
  previousCopies?: readonly Copy[];
  signal?: AbortSignal;
}

/**
 * Puts files of a slot into the home folder. Each is written aside, synced and renamed, so that at every instant the old or the new one is
 * there whole; the old one is in the trash before. Folders are merged: what belongs to nobody stays. A kill in between is undone with `undoCopies`.
 *
 * Throws `outside-roots` for a place that a link leads out of the home folder, `unsupported` for links among the copies, `io`.
 */
export async function applyCopies(options: CopyOptions): Promise<CopyRecord> {
  const record = await planCopies(options);
  await makeFolderDurably(options.trash);
  await writeDurably(recordPlace(options.trash), JSON.stringify(record), 0o600);
  for (const each of record.entries) {
    options.signal?.throwIfAborted();
    await keepOld(each);
    await placeNew(each);
  }
  return record;
}

/** The record of copies that were begun; null where none were. */
export async function readCopyRecord(trash: string): Promise<CopyRecord | null> {
  const text = await readTextOrNull(recordPlace(trash));
  return text === null ? null : copyRecord.parse(JSON.parse(text));
}

/**
 * Brings back what was there before, also after copies that were only half made. What somebody changed since is put into the trash and not lost.
 * May be run again after a kill.
 */
export async function undoCopies(record: CopyRecord, trash: string): Promise<void> {
  for (const each of record.entries.toReversed()) {
    const isOurs = each.sha256 !== null && (await hashOf(each.to)) === each.sha256;
    if (each.kept !== null && (await exists(each.kept))) {
      if (!isOurs && (await differs(each.to, each.kept))) await keepAside(each.to, trash);
      await writeOver(each.kept, each.to);
    } else if (each.kept === null && isOurs) {
      await remove(each.to);
    }
  }
  for (const folder of new Set(record.entries.map((each) => dirname(each.to)))) {
    if (!(await exists(folder))) continue;
    await removeAsides(folder);
    await syncFolder(folder);
  }
}

/** Where the files of a slot's copies are in the home folder, those that are there. `onlySame`: only those with the content of the slot's. */
export async function placedCopies(options: Pick<CopyOptions, 'slot' | 'home' | 'copies'> & { onlySame: boolean }): Promise<string[]> {
  const there: string[] = [];
  for (const [target, { from }] of await filesOf(options.slot, options)) {
    if (from === target || (await statOrNull(target))?.isFile() !== true) continue;
    if (!options.onlySame || !(await differs(from, target))) there.push(target);
  }
  return there;
}

async function planCopies(options: CopyOptions): Promise<CopyRecord> {
  const placed = await filesOf(options.slot, options);
  const then = { home: options.home, copies: options.previousCopies ?? options.copies };
  const before = options.previous ? await filesOf(options.previous, then) : new Map<string, Placed>();
  const entries: Entry[] = [];
  for (const [target, { from, root }] of placed) entries.push(await planOne(options, from, target, root, entries.length));
  for (const [target, { root }] of before) {
    if (!placed.has(target) && (await exists(target))) entries.push(await planOne(options, null, target, root, entries.length));
  }
  return { format: 1, home: options.home, entries };
}

async function planOne(options: CopyOptions, from: string | null, target: string, root: string, index: number): Promise<Entry> {
  await refuseOutside(root, target);
  const there = await statOrNull(target);
  // An installer may have put a link there, as for an older name of a program: it is kept as one, and comes back as one.
  const isLink = root !== options.home && there?.isSymbolicLink() === true;
  if (there !== null && !there.isFile() && !isLink) {
    throw new Failure('unsupported', `${target} is in the way: the release puts a file there, and it is none`, {
      remedy: { action: 'retry', text: `Move ${target} somewhere else and try again.` },
    });
  }
  return {
    from,
    to: target,
    kept: there === null ? null : keptPlace(options, target, root, index),
    sha256: from === null ? null : await hashFile(from, options.signal),
  };
}

/** Named for its place below the home folder; what is elsewhere is told apart by a number. */
function keptPlace(options: CopyOptions, target: string, root: string, index: number): string {
  const name = root === options.home ? relative(root, target) : join('elsewhere', `${index}-${basename(target)}`);
  return join(options.trash, 'copies', name);
}

interface Placed {
  /** Absolute, in the slot. */
  from: string;
  /** The folder that the file must stay in. */
  root: string;
}

/** Files that copies mean, from the absolute path where they go to where they are in the slot. Parts that the slot does not have are passed over. */
async function filesOf(slot: string, options: Pick<CopyOptions, 'home' | 'copies'>): Promise<Map<string, Placed>> {
  const files = new Map<string, Placed>();
  for (const copy of options.copies) {
    const root = copy.root ?? options.home;
    for await (const { path, kind } of walk(join(slot, copy.from))) {
      if (kind === 'folder') continue;
      const source = join(slot, copy.from, path);
      if (kind !== 'file') throw new Failure('unsupported', `${source} is to be copied into ${root} and is a ${kind}; only files can be`);
      files.set(join(root, copy.to, path), { from: source, root });
    }
  }
  return files;
}

/** Held against the disk and not only against the text: a folder on the way may be a link. */
async function refuseOutside(folderOf: string, target: string): Promise<void> {
  const root = (await realPathOrNull(folderOf)) ?? resolve(folderOf);
  let folder = dirname(target);
  while (!(await exists(folder))) folder = dirname(folder);
  const inside = relative(root, (await realPathOrNull(folder)) ?? '/');
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    throw new Failure('outside-roots', `${target} is not inside ${folderOf}: a link on the way leads out of it`, {
      remedy: { action: 'choose-folder', text: 'Replace the link by a folder and try again.' },
    });
  }
}

async function keepOld(each: Entry): Promise<void> {
  if (each.kept === null || (await exists(each.kept)) || !(await exists(each.to))) return;
  await writeOver(each.to, each.kept);
}

async function placeNew(each: Entry): Promise<void> {
  if (each.from !== null) return writeOver(each.from, each.to);
  await remove(each.to);
  await syncFolder(dirname(each.to));
}

/** Copies a file over another, or to where none is, with one rename. */
async function writeOver(from: string, to: string): Promise<void> {
  await makeFolderDurably(dirname(to));
  const aside = join(dirname(to), `.${randomId()}.moult-tmp`);
  try {
    const stats = await statOrNull(from);
    if (stats?.isSymbolicLink() === true) {
      await makeLink(await readLink(from), aside);
      await rename(aside, to);
      await syncFolder(dirname(to));
      return;
    }
    await copyFile(from, aside);
    await setMode(aside, (stats?.mode ?? 0o644) & 0o777);
    if (stats !== null) await setTimes(aside, stats.mtimeMs / 1000);
    await syncFile(aside);
    await rename(aside, to);
  } catch (error) {
    await remove(aside);
    throw error;
  }
  await syncFolder(dirname(to));
}

async function keepAside(path: string, trash: string): Promise<void> {
  if (!(await exists(path))) return;
  const folder = join(trash, 'changed-since');
  await makeFolderDurably(folder);
  await moveDurably(path, join(folder, `${randomId()}-${path.split(sep).at(-1)}`));
}

async function differs(one: string, other: string): Promise<boolean> {
  return (await hashOf(one)) !== (await hashOf(other));
}

async function hashOf(path: string): Promise<string | null> {
  return (await statOrNull(path))?.isFile() === true ? hashFile(path) : null;
}

function recordPlace(trash: string): string {
  return join(trash, 'copies.json');
}
