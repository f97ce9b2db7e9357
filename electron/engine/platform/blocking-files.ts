/**
 * File calls that block. For worker threads only: there they are several times as fast as the promises for many small files, and
 * hold nobody up. Paths may hold names that are not UTF-8 (see `byte-names.ts`). Errors are Node's own, with their `code`.
 */
import * as fs from 'node:fs';
import { nameText, pathArgument } from './byte-names.ts';

/** The numbers of one entry that tell whether it changed. Times are milliseconds since 1970 with fractions. */
export interface FileFacts {
  kind: 'file' | 'folder' | 'link' | 'socket' | 'pipe' | 'device';
  bytes: number;
  /** Permission bits only. */
  mode: number;
  mtimeMs: number;
  ctimeMs: number;
  inode: number;
  uid: number;
  gid: number;
}

/** Facts of the entry itself, links not followed; null where there is none. */
export function factsOrNull(path: string): FileFacts | null {
  const stats = fs.lstatSync(pathArgument(path), { throwIfNoEntry: false });
  return stats ? factsOf(stats) : null;
}

/** Names in a folder in their byte order; null where there is no folder any more. */
export function namesInOrNull(folder: string): string[] | null {
  try {
    const names = fs.readdirSync(pathArgument(folder));
    // A name with U+FFFD may be one that is not UTF-8: those are asked for again as bytes.
    const exact = names.some((name) => name.includes('\ufffd'))
      ? fs.readdirSync(pathArgument(folder), { encoding: 'buffer' }).map((name) => nameText(Buffer.from(name)))
      : names;
    return exact.sort();
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

export function linkTarget(path: string): string {
  return nameText(fs.readlinkSync(pathArgument(path), { encoding: 'buffer' }));
}

/** Opens a regular file for reading; a link is refused, a pipe does not block. */
export function openToRead(path: string): number {
  return fs.openSync(pathArgument(path), fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_NONBLOCK ?? 0));
}

/** Makes a new file; one that is there already, a link too, is refused with EEXIST. */
export function openNew(path: string, mode: number): number {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = fs.constants;
  return fs.openSync(pathArgument(path), O_WRONLY | O_CREAT | O_EXCL | (O_NOFOLLOW ?? 0), mode);
}

/** Opens an existing file for writing; a link is refused. */
export function openToWrite(path: string): number {
  return fs.openSync(pathArgument(path), fs.constants.O_WRONLY | (fs.constants.O_NOFOLLOW ?? 0));
}

export function factsOfOpen(file: number): FileFacts {
  return factsOf(fs.fstatSync(file));
}

/** Whether an open file is a regular one with these facts. */
export function isLike(file: number, facts: FileFacts): boolean {
  const stats = fs.fstatSync(file);
  return (
    (stats.mode & fs.constants.S_IFMT) === fs.constants.S_IFREG &&
    stats.size === facts.bytes &&
    stats.mtimeMs === facts.mtimeMs &&
    stats.ctimeMs === facts.ctimeMs &&
    stats.ino === facts.inode &&
    (stats.mode & 0o7777) === facts.mode &&
    stats.uid === facts.uid &&
    stats.gid === facts.gid
  );
}

/** Fills `buffer` from `position` of the file on; answers how many bytes there were. */
export function readInto(file: number, buffer: Uint8Array, position: number): number {
  let done = 0;
  while (done < buffer.length) {
    const read = fs.readSync(file, buffer, done, buffer.length - done, position + done);
    if (read === 0) break;
    done += read;
  }
  return done;
}

export function writeFrom(file: number, buffer: Uint8Array, position: number): void {
  for (let done = 0; done < buffer.length;) done += fs.writeSync(file, buffer, done, buffer.length - done, position + done);
}

export function setLength(file: number, bytes: number): void {
  fs.ftruncateSync(file, bytes);
}

/** Gives an open file its owner (where one is named), mode and time, in the order in which they do not undo each other. */
export function setFacts(file: number, facts: { mode: number; mtimeMs: number; owner?: { uid: number; gid: number } }): void {
  if (facts.owner) fs.fchownSync(file, facts.owner.uid, facts.owner.gid);
  fs.fchmodSync(file, facts.mode);
  fs.futimesSync(file, facts.mtimeMs / 1000, facts.mtimeMs / 1000);
}

/** The same for a folder, by its path. */
export function setFolderFacts(path: string, facts: { mode: number; mtimeMs: number; owner?: { uid: number; gid: number } }): void {
  const folder = fs.openSync(pathArgument(path), fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0) | (fs.constants.O_DIRECTORY ?? 0));
  try {
    setFacts(folder, facts);
  } finally {
    fs.closeSync(folder);
  }
}

export function makeLinkAt(target: string, path: string, facts: { mtimeMs: number; owner?: { uid: number; gid: number } }): void {
  fs.symlinkSync(pathArgument(target), pathArgument(path));
  if (facts.owner) fs.lchownSync(pathArgument(path), facts.owner.uid, facts.owner.gid);
  fs.lutimesSync(pathArgument(path), facts.mtimeMs / 1000, facts.mtimeMs / 1000);
}

/** Makes one folder; false when something stands there already. */
export function makeFolderAt(path: string, mode: number): boolean {
  try {
    fs.mkdirSync(pathArgument(path), { mode });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

export function syncOpen(file: number): void {
  fs.fsyncSync(file);
}

export function closeFile(file: number): void {
  fs.closeSync(file);
}

export function isAbsent(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** By the type bits of the mode, the same on each system (Node takes them from libuv). */
const kinds = new Map<number, FileFacts['kind']>([
  [fs.constants.S_IFREG, 'file'],
  [fs.constants.S_IFDIR, 'folder'],
  [fs.constants.S_IFLNK, 'link'],
  [fs.constants.S_IFSOCK, 'socket'],
  [fs.constants.S_IFIFO, 'pipe'],
]);

function factsOf(stats: fs.Stats): FileFacts {
  const kind = kinds.get(stats.mode & fs.constants.S_IFMT) ?? 'device';
  return {
    kind,
    bytes: kind === 'file' ? stats.size : 0,
    mode: stats.mode & 0o7777,
    mtimeMs: stats.mtimeMs,
    ctimeMs: stats.ctimeMs,
    inode: stats.ino,
    uid: stats.uid,
    gid: stats.gid,
  };
}

/**
 * Whether the entry was changed so shortly ago that a further change might leave its times as they are: within 50 ms (kernels stamp
 * times in ticks of up to 10 ms), or within 2 s where the file system keeps whole seconds only (FAT keeps even ones).
 */
export function isFresh(facts: FileFacts): boolean {
  return isFreshAt(facts, moment());
}

/** The time as the clock that file systems take theirs from tells it, in milliseconds since 1970. */
export function moment(): number {
  return Date.now();
}

/** As `isFresh`, for another moment. */
export function isFreshAt(facts: FileFacts, at: number): boolean {
  const coarse = facts.mtimeMs % 1000 === 0 && facts.ctimeMs % 1000 === 0;
  return at - Math.max(facts.mtimeMs, facts.ctimeMs) < (coarse ? 2000 : 50);
}

/** Holds the calling worker thread still. */
export function holdThread(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
