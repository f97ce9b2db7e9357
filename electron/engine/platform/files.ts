/**
 * The file system, as the engine uses it. Every effect on a disk goes through this room, so that a test can stand between the
 * engine and the disk. Paths are absolute. Errors are Node's own, with their `code`.
 */
import { pathArgument } from './byte-names.ts';
import { constants, type Dirent, type Stats } from 'node:fs';
import * as fs from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { openToRead } from './open-to-read.ts';

export type { Stats, Dirent } from 'node:fs';
export { copyTree } from './copy.ts';
export type FileHandle = fs.FileHandle;

/** Modes of what Moult itself writes: nobody else may read it. */
export const privateFile = 0o600;
export const privateFolder = 0o700;

/** Whether something stands at the path; a dangling link counts. */
export async function exists(path: string): Promise<boolean> {
  return (await statOrNull(path)) !== null;
}

/** The entry itself, links not followed; null where there is none. */
export async function statOrNull(path: string): Promise<Stats | null> {
  return fs.lstat(path).catch(absent);
}

/** What the path leads to, links followed; null where there is none. */
export async function followOrNull(path: string): Promise<Stats | null> {
  return fs.stat(path).catch(absent);
}

export async function readText(path: string): Promise<string> {
  return (await readBytes(path)).toString('utf8');
}

/** A pipe, a socket or a device in the place of a file is refused with `EINVAL`: nobody may ever write into it, and it may never end. */
export async function readBytes(path: string): Promise<Buffer> {
  const handle = await openToRead(path);
  try {
    const stats = await handle.stat();
    if (!stats.isFile() && !stats.isDirectory()) throw noFile(path);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** The text, or null where there is no such file. */
export async function readTextOrNull(path: string): Promise<string | null> {
  return readText(path).catch(absent);
}

export async function openFile(path: string, flags: string, mode: number = privateFile): Promise<FileHandle> {
  return flags === 'r' ? openToRead(path) : fs.open(path, flags, mode);
}

export function readStream(path: string, range: { start?: number; end?: number } = {}): NodeJS.ReadableStream {
  return createReadStream(path, range);
}

export async function list(folder: string): Promise<Dirent[]> {
  return fs.readdir(folder, { withFileTypes: true });
}

/** Names in a folder, sorted; none where there is no folder. */
export async function namesIn(folder: string): Promise<string[]> {
  const names = await fs.readdir(folder).catch(absent);
  return (names ?? []).sort();
}

/** Makes a folder and its parents; existing ones keep their mode. */
export async function makeFolder(path: string, mode: number = privateFolder): Promise<void> {
  await fs.mkdir(path, { recursive: true, mode });
}

/**
 * Makes a folder and its parents so that a power cut afterwards does not take them away again, with what was moved into them since.
 * A parent that may be passed through but not read cannot be synced; it was there before and stays. Answers the outermost folder that was
 * made, null where all were there.
 */
export async function makeFolderDurably(path: string, mode: number = privateFolder): Promise<string | null> {
  const first = await fs.mkdir(path, { recursive: true, mode });
  if (first === undefined) return null;
  for (let folder = path; folder.length >= first.length; folder = dirname(folder)) {
    await syncFolder(dirname(folder)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EACCES') throw error;
    });
  }
  return first;
}

/**
 * Writes a whole file so that after a power cut either the old or the new content is there: aside, synced, renamed, folder synced.
 * An existing file's mode is kept unless one is given, and its owner where this process may. A link is replaced, not written through.
 */
export async function writeDurably(path: string, content: string | Uint8Array, mode?: number): Promise<void> {
  const aside = join(dirname(path), `.${randomBytes(6).toString('hex')}.moult-tmp`);
  const old = await followOrNull(path);
  const kept = mode ?? old?.mode ?? privateFile;
  try {
    const handle = await fs.open(aside, 'wx', kept & 0o7777);
    try {
      await handle.writeFile(content);
      if (old !== null && process.getuid?.() === 0) await handle.chown(old.uid, old.gid);
      await handle.chmod(kept & 0o7777);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await fs.rename(aside, path);
  } catch (error) {
    await fs.rm(aside, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Removes what a kill left of files that were being written aside in this folder. Only where nobody writes now: under a lock. */
export async function removeAsides(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) if (/^\.[0-9a-f]{12,16}\.moult-tmp$/.test(name)) await remove(join(folder, name));
}

/** Makes the entries of a folder durable. Windows has no such call and needs none. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await fs.open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Renames within one file system and makes it durable on both sides. */
export async function moveDurably(from: string, to: string): Promise<void> {
  await fs.rename(from, to);
  await syncFolder(dirname(to));
  if (dirname(from) !== dirname(to)) await syncFolder(dirname(from));
}

export async function rename(from: string, to: string): Promise<void> {
  await fs.rename(from, to);
}

/** Removes a file, link or whole folder; links are removed, never followed. Nothing there is fine. */
export async function remove(path: string): Promise<void> {
  await fs.rm(pathArgument(path), { recursive: true, force: true, maxRetries: 3, retryDelay: 50 });
}

export async function removeFolderIfEmpty(path: string): Promise<boolean> {
  return fs.rmdir(path).then(
    () => true,
    () => false,
  );
}

export async function copyFile(from: string, to: string): Promise<void> {
  await fs.copyFile(from, to, constants.COPYFILE_FICLONE);
}

export async function setMode(path: string, mode: number): Promise<void> {
  await fs.chmod(path, mode);
}

/** Gives the entry itself to a user and a group; a link is changed, not what it leads to. Only the superuser may. */
export async function setOwner(path: string, uid: number, gid: number): Promise<void> {
  await fs.lchown(path, uid, gid);
}

export async function setTimes(path: string, seconds: number): Promise<void> {
  await fs.utimes(path, seconds, seconds);
}

export async function makeLink(target: string, path: string, kind: 'file' | 'dir' = 'file'): Promise<void> {
  await fs.symlink(target, path, process.platform === 'win32' && kind === 'dir' ? 'junction' : kind);
}

/** Points a link somewhere else with one rename, so that there is never a moment without it. */
export async function replaceLink(target: string, path: string): Promise<void> {
  const aside = join(dirname(path), `.${randomBytes(6).toString('hex')}.moult-tmp`);
  await makeLink(target, aside, 'dir');
  try {
    // Windows cannot rename over a junction; unlink refuses a real folder there, as rename does elsewhere.
    if (process.platform === 'win32') await fs.unlink(path).catch(absent);
    await fs.rename(aside, path);
  } catch (error) {
    await fs.rm(aside, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

export async function readLink(path: string): Promise<string> {
  return fs.readlink(path);
}

/** The path with every link resolved; null where there is nothing. */
export async function realPathOrNull(path: string): Promise<string | null> {
  return fs.realpath(path).catch(absent);
}

/** Bytes an unprivileged writer may still use on the volume of the nearest existing folder, and that volume's identity. */
export async function volumeOf(path: string): Promise<{ free: number; total: number; device: number; folder: string }> {
  let folder = path;
  for (;;) {
    const stats = await followOrNull(folder);
    if (stats?.isDirectory()) {
      const volume = await fs.statfs(folder);
      return { free: volume.bavail * volume.bsize, total: volume.blocks * volume.bsize, device: stats.dev, folder };
    }
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`no folder above ${path}`);
    folder = parent;
  }
}

/** Whether this process may create entries in the folder. */
export async function isWritable(folder: string): Promise<boolean> {
  return fs.access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Whether a system error says that there is no room, on the disk or in a person's share of it. */
export function isFullDisk(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function noFile(path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`EINVAL: neither a file nor a folder, read '${path}'`), { code: 'EINVAL', syscall: 'read', path });
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}
