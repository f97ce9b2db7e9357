/**
 * Counts and fingerprints what an install owns. It promises that every file belongs to at most one item, that a fingerprint is equal
 * exactly when names, kinds, modes and contents are, wherever the home folder is, and that no secret can be learned from it.
 * Reads as a stream: memory does not grow with the data.
 */
import { join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { readBytes, readLink } from '../platform/files.ts';
import { hashOf, RunningHash } from '../platform/hashing.ts';
import { keyedHash } from '../platform/keyed-hash.ts';
import { hashFile, hashText, walk, type TreeEntry } from '../platform/tree.ts';
import { compileGlob, matchesGlobOrAbove } from '../product/glob.ts';
import { readConfig, valueAt } from './config-file.ts';
import type { ResolvedItem } from './items.ts';
import { inOrder } from './in-order.ts';
import { isWithin, nameBelow } from './paths.ts';

export interface ItemInventory {
  item: string;
  /** Files and links; for keys 0. */
  files: number;
  bytes: number;
  /**
   * SHA-256 over names, kinds, modes and contents without what the item excludes; for keys a keyed fingerprint of their values.
   * Null where nothing is there or it was not asked for.
   */
  hash: string | null;
  /** The first 10,000 files; `files` counts all. Absolute paths. */
  list: { path: string; bytes: number }[];
}

export interface InventoryOptions {
  hash: boolean;
  /** The key under which the values of keys are fingerprinted; a secret of this machine. */
  key?: string;
  signal?: AbortSignal;
  /** Of the item that is being counted, after every few files. */
  onProgress?: (progress: { item: string; files: number; bytes: number }) => void;
}

export interface Strays {
  files: number;
  bytes: number;
  /** The first 10,000. Absolute paths. */
  list: { path: string; bytes: number }[];
}

const mostListed = 10_000;
/** Files that are hashed at once: enough to keep a disk busy. */
const together = 8;
/** Bytes. */
const smallFile = 256 * 1024;
const progressEvery = 64;

/** Takes stock of items, in their order. `items` are all items of the install: what is inside one may belong to another. */
export async function takeInventory(items: readonly ResolvedItem[], options: InventoryOptions): Promise<ItemInventory[]> {
  const taken: ItemInventory[] = [];
  for (const one of items) {
    // What a volume holds only its own server can tell.
    if (one.kind === 'volume') taken.push({ item: one.item.id, files: 0, bytes: 0, hash: null, list: [] });
    else taken.push(one.kind === 'keys' ? await takeKeys(one, options) : await takeFiles(one, items, options));
  }
  return taken;
}

/**
 * Files in the home folder that belong to no item and are not Moult's. `known` are further places, absolute or relative to the home
 * folder, that are accounted for: a service's log, a first login, the companions of a datastore.
 */
export async function findStrays(
  home: string,
  items: readonly ResolvedItem[],
  known: readonly string[],
  signal?: AbortSignal,
): Promise<Strays> {
  const files = items.flatMap((one) => (one.kind === 'keys' || one.kind === 'volume' ? [] : [...one.paths, ...one.companions]));
  const owned = new Set(['.moult', ...files.filter((path) => isWithin(home, path)).map((path) => nameBelow(home, path))]);
  for (const path of known) owned.add(isWithin(home, path) ? nameBelow(home, path) : path.replace(/\/+$/, ''));
  const strays: Strays = { files: 0, bytes: 0, list: [] };
  for await (const entry of walk(home, (relative) => owned.has(relative), signal)) {
    if (entry.kind !== 'folder') count(strays, join(home, entry.path), entry.bytes);
  }
  return strays;
}

/** A keyed fingerprint of secret values: equal only for equal values under the same key, and useless without the key. */
export function secretsFingerprint(values: Readonly<Record<string, unknown>>, key: string): string {
  return keyedHash(key, `moult secrets 1\n${canonical(values)}`);
}

/**
 * What a walk through `root`, a path of the item `one`, has to leave out: what belongs to other items, and what the item excludes
 * because the product makes it anew (unless `excluded` is to be seen).
 */
export function skipForeign(
  root: string,
  one: ResolvedItem,
  items: readonly ResolvedItem[],
  excluded: 'skip' | 'see' = 'skip',
): (relative: string) => boolean {
  const others = items.filter(
    (other) => other !== one && other.item.id !== one.item.id && other.kind !== 'keys' && other.kind !== 'volume',
  );
  const foreign = new Set(
    others
      .flatMap((other) => [...other.paths, ...other.companions])
      .flatMap((path) => (isWithin(root, path) ? [nameBelow(root, path)] : [])),
  );
  const globs = excluded === 'see' ? [] : one.item.exclude.map(compileGlob);
  return (relative) => foreign.has(relative) || globs.some((glob) => matchesGlobOrAbove(glob, relative));
}

/** The paths inside an item that match what it excludes, the outermost of each; they are made anew by the product and in no backup. */
export async function excludedFrom(one: ResolvedItem, signal?: AbortSignal): Promise<string[]> {
  if (one.item.exclude.length === 0) return [];
  const found: string[] = [];
  for (const root of one.paths) {
    const isExcluded = skipForeign(root, one, []);
    const skip = (relative: string) => {
      if (!isExcluded(relative)) return false;
      found.push(join(root, relative));
      return true;
    };
    for await (const _ of walk(root, skip, signal));
  }
  return found;
}

async function takeFiles(one: ResolvedItem, items: readonly ResolvedItem[], options: InventoryOptions): Promise<ItemInventory> {
  const taken: ItemInventory = { item: one.item.id, files: 0, bytes: 0, hash: null, list: [] };
  const hash = new RunningHash();
  let seen = false;
  for await (const { path, entry, line } of entriesOf(one, items, options)) {
    seen = true;
    if (line !== '') hash.add(Buffer.from(line));
    if (entry.kind === 'folder') continue;
    count(taken, path, entry.bytes);
    if (taken.files % progressEvery === 0) options.onProgress?.({ item: taken.item, files: taken.files, bytes: taken.bytes });
  }
  options.onProgress?.({ item: taken.item, files: taken.files, bytes: taken.bytes });
  return { ...taken, hash: options.hash && seen ? hash.end() : null };
}

/** Every entry of an item with its line in the fingerprint; the line is empty where it does not count. */
async function* entriesOf(one: ResolvedItem, items: readonly ResolvedItem[], { hash, signal }: InventoryOptions) {
  const roots = one.paths.map((path, index) => ({ path, name: one.names[index] ?? '' })).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const root of roots) {
    const isExcluded = skipForeign(root.path, { ...one, paths: [] }, []);
    const entries = walk(root.path, skipForeign(root.path, one, items, 'see'), signal);
    yield* inOrder(entries, together, async (entry: TreeEntry) => {
      const path = join(root.path, entry.path);
      const counts = hash && entry.kind !== 'other' && !(entry.path !== '' && isExcluded(entry.path));
      const content = counts ? await contentOf(entry.rawPath ?? path, path, entry, signal) : '';
      const name = entry.path === '' ? root.name : `${root.name}/${entry.rawPath?.toString('hex') ?? entry.path}`;
      // Quoted, so that no name can pass for the end of its line.
      const line = counts && content !== null ? `${JSON.stringify([entry.kind, entry.mode.toString(8), content, name])}\n` : '';
      return { path, entry, line };
    });
  }
}

/** The hash of a file's content or of a link's target; null for what has vanished since it was seen. */
async function contentOf(path: string | Buffer, shown: string, entry: TreeEntry, signal: AbortSignal | undefined): Promise<string | null> {
  try {
    // Read at once, small files take half the time.
    if (entry.kind === 'file' && entry.bytes <= smallFile && typeof path === 'string') return hashOf(await readBytes(path));
    if (entry.kind === 'file') return await hashFile(path, signal);
    return entry.kind === 'link' ? hashText(await readLink(shown)) : '';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    if (code === 'EACCES' || code === 'EPERM') throw new Failure('io', `cannot read ${shown}: permission denied`, { cause: error });
    throw error;
  }
}

async function takeKeys(one: ResolvedItem, options: InventoryOptions): Promise<ItemInventory> {
  const taken: ItemInventory = { item: one.item.id, files: 0, bytes: 0, hash: null, list: [] };
  const config = one.keys && options.hash ? await readConfig(one.keys.file, one.keys.format) : null;
  if (config === null || one.keys === undefined) return taken;
  const values = Object.fromEntries(one.keys.keys.map((key) => [key, valueAt(config, key)]));
  const isThere = Object.values(values).some((value) => value !== undefined);
  // Without a key the item's name stands in: enough to compare with, not enough to keep a short password from being guessed.
  return { ...taken, hash: isThere ? secretsFingerprint(values, options.key ?? one.item.id) : null };
}

function count(sum: { files: number; bytes: number; list: { path: string; bytes: number }[] }, path: string, bytes: number): void {
  sum.files += 1;
  sum.bytes += bytes;
  if (sum.list.length < mostListed) sum.list.push({ path, bytes });
}

/** The same text for the same data, in whatever order keys were written; what is absent differs from what is null. */
function canonical(value: unknown): string {
  if (value === undefined) return 'absent';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, below]) => `${JSON.stringify(key)}:${canonical(below)}`).join(',')}}`;
}
