/** Looks at trees of files: walking, sizes and hashes that say whether two trees are the same to the byte. */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { statOrNull } from './files.ts';

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
}

/** Walks a tree in sorted order, links not followed. A missing root yields nothing. What vanishes meanwhile is left out. */
export async function* walk(root: string, skip: (relative: string) => boolean = () => false, signal?: AbortSignal): AsyncGenerator<TreeEntry> {
  yield* walkFrom(root, '', skip, signal);
}

/** Streams a file's SHA-256. Constant memory. */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const handle = await fs.open(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(1 << 20);
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
  return hash.digest('hex');
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

/** A fingerprint of one or more trees: contents, names, modes and link targets, not times. */
export async function hashTrees(roots: readonly string[], skip: (relative: string) => boolean = () => false, signal?: AbortSignal): Promise<TreeSummary> {
  const hash = createHash('sha256');
  let files = 0;
  let bytes = 0;
  let seen = false;
  for (const root of roots) {
    for await (const entry of walk(root, skip, signal)) {
      seen = true;
      const path = join(root, entry.path);
      let content = '';
      if (entry.kind === 'file') {
        content = await hashFile(path, signal);
        files += 1;
        bytes += entry.bytes;
      } else if (entry.kind === 'link') {
        content = hashText(await fs.readlink(path));
        files += 1;
      }
      hash.update(`${entry.kind}\t${entry.mode.toString(8)}\t${content}\t${root}\t${entry.path}\n`);
    }
  }
  return { hash: seen ? hash.digest('hex') : null, files, bytes };
}

/** Files and bytes below the roots, without reading contents. */
export async function measureTrees(roots: readonly string[], skip: (relative: string) => boolean = () => false): Promise<{ files: number; bytes: number }> {
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

async function* walkFrom(root: string, relative: string, skip: (relative: string) => boolean, signal: AbortSignal | undefined): AsyncGenerator<TreeEntry> {
  signal?.throwIfAborted();
  const path = relative === '' ? root : join(root, relative);
  const stats = await statOrNull(path);
  if (stats === null) return;
  const kind: EntryKind = stats.isSymbolicLink() ? 'link' : stats.isDirectory() ? 'folder' : stats.isFile() ? 'file' : 'other';
  yield {
    path: relative,
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
  };
  if (kind !== 'folder') return;
  const names = await fs.readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code === 'EACCES') throw new Failure('io', `cannot read the folder ${path}: permission denied`, { cause: error });
    throw error;
  });
  for (const name of names.sort()) {
    const below = relative === '' ? name : `${relative}/${name}`;
    if (!skip(below)) yield* walkFrom(root, below, skip, signal);
  }
}
