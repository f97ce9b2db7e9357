/** Looks at trees of files: walking, sizes and hashes that say whether two trees are the same to the byte. */
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { digestFile } from './digest.ts';

export type EntryKind = 'file' | 'folder' | 'link' | 'other';

/** One entry of a tree. `path` is relative to the tree's root, with forward slashes; the root itself has the empty path. */
export interface TreeEntry {
  path: string;
  kind: EntryKind;
  bytes: number;
  /** Permission bits only. */
  mode: number;
  mtimeMs: number;
  ctimeMs: number;
  inode: number;
  device: number;
  /** Number of hard links. */
  links: number;
  uid: number;
  gid: number;
  /**
   * The absolute path in bytes, only where it is not valid UTF-8: such an entry can be opened by this path alone, and `path` shows it
   * with replacement characters.
   */
  rawPath?: Buffer;
}

/** Walks a tree in sorted order, links not followed. A missing root yields nothing. What vanishes meanwhile is left out. */
export async function* walk(
  root: string,
  skip: (relative: string) => boolean = () => false,
  signal?: AbortSignal,
): AsyncGenerator<TreeEntry> {
  yield* walkFrom(root, { path: '' }, skip, signal);
}

/** Streams a file's SHA-256. Constant memory. */
export async function hashFile(path: string | Buffer, signal?: AbortSignal): Promise<string> {
  return (await digestFile(path, ['sha256'], signal)).sha256.toString('hex');
}

export function hashText(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

export interface TreeSummary {
  /** SHA-256 over sorted lines of kind, mode, size, content hash and path; null where nothing is there. */
  hash: string | null;
  files: number;
  bytes: number;
}

/** A fingerprint of one or more trees: contents, names, modes and link targets, not times. What vanishes meanwhile is left out. */
export async function hashTrees(
  roots: readonly string[],
  skip: (relative: string) => boolean = () => false,
  signal?: AbortSignal,
): Promise<TreeSummary> {
  const hash = createHash('sha256');
  let files = 0;
  let bytes = 0;
  let seen = false;
  for (const root of roots) {
    for await (const entry of walk(root, skip, signal)) {
      const content = await hashEntry(root, entry, signal);
      if (content === null) continue;
      seen = true;
      if (entry.kind === 'file' || entry.kind === 'link') files += 1;
      bytes += entry.bytes;
      const name = entry.rawPath?.toString('hex') ?? entry.path;
      // Quoted, so that no name can pass for the end of its line.
      hash.update(`${JSON.stringify([entry.kind, entry.mode.toString(8), content, root, name])}\n`);
    }
  }
  return { hash: seen ? hash.digest('hex') : null, files, bytes };
}

/** Files and bytes below the roots, without reading contents. */
export async function measureTrees(
  roots: readonly string[],
  skip: (relative: string) => boolean = () => false,
): Promise<{ files: number; bytes: number }> {
  let files = 0;
  let bytes = 0;
  for (const root of roots) {
    for await (const entry of walk(root, skip)) {
      if (entry.kind !== 'file' && entry.kind !== 'link') continue;
      files += 1;
      bytes += entry.bytes;
    }
  }
  return { files, bytes };
}

/** SHA-256 of a file's content or a link's target, the empty text for what has neither; null for what has vanished. */
export async function hashEntry(root: string, entry: TreeEntry, signal: AbortSignal | undefined): Promise<string | null> {
  const path = entry.rawPath ?? join(root, entry.path);
  if (entry.kind === 'file') return hashFile(path, signal).catch(vanished);
  if (entry.kind === 'link') return fs.readlink(path, { encoding: 'buffer' }).then(hashText).catch(vanished);
  return '';
}

interface Place {
  path: string;
  raw?: Buffer;
}

async function* walkFrom(
  root: string,
  relative: Place,
  skip: (relative: string) => boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<TreeEntry> {
  signal?.throwIfAborted();
  const path = relative.raw ?? (relative.path === '' ? root : join(root, relative.path));
  const stats = await fs.lstat(path).catch(vanished);
  if (stats === null) return;
  const entry = describe(relative, stats);
  yield entry;
  if (entry.kind !== 'folder') return;
  for (const name of await sortedNames(path)) {
    const below = placeBelow(root, relative, name);
    if (!skip(below.path)) yield* walkFrom(root, below, skip, signal);
  }
}

function describe(place: Place, stats: Stats): TreeEntry {
  const kind: EntryKind = stats.isSymbolicLink() ? 'link' : stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : 'other';
  return {
    path: place.path,
    kind,
    bytes: kind === 'file' ? stats.size : 0,
    mode: stats.mode & 0o7777,
    mtimeMs: stats.mtimeMs,
    ctimeMs: stats.ctimeMs,
    inode: stats.ino,
    device: stats.dev,
    links: stats.nlink,
    uid: stats.uid,
    gid: stats.gid,
    ...(place.raw && { rawPath: place.raw }),
  };
}

function placeBelow(root: string, parent: Place, name: string | Buffer): Place {
  const path = parent.path === '' ? String(name) : `${parent.path}/${String(name)}`;
  if (typeof name === 'string' && parent.raw === undefined) return { path };
  const folder = parent.raw ?? Buffer.from(parent.path === '' ? root : join(root, parent.path));
  return { path, raw: Buffer.concat([folder, Buffer.from('/'), Buffer.from(name)]) };
}

/** Names as text, or as bytes where they are no text. Sorted; none where the folder has vanished or is a file by now. */
async function sortedNames(folder: string | Buffer): Promise<(string | Buffer)[]> {
  const names = await readFolder(folder, 'utf8');
  if (!names.some((name) => name.includes('\ufffd'))) return names.sort();
  const raw = await readFolder(folder, 'buffer');
  return raw.sort((one, other) => one.compare(other)).map((name) => (isUtf8(name) ? name.toString() : name));
}

function readFolder(folder: string | Buffer, encoding: 'utf8'): Promise<string[]>;
function readFolder(folder: string | Buffer, encoding: 'buffer'): Promise<Buffer[]>;
async function readFolder(folder: string | Buffer, encoding: 'utf8' | 'buffer'): Promise<(string | Buffer)[]> {
  const reading: Promise<(string | Buffer)[]> = encoding === 'utf8' ? fs.readdir(folder) : fs.readdir(folder, { encoding });
  return reading.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EACCES') throw new Failure('io', `cannot read the folder ${String(folder)}: permission denied`, { cause: error });
    return vanished(error) ?? [];
  });
}

function vanished(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}
