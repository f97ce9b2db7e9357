/**
 * Copies a tree as it is: contents, modes, times, links, and owners where this process may give files away. Paths are handled as
 * bytes, since a name on disk need not be text; `fs.cp` would lose such names, the folders' times and the owners.
 */
import { constants, type Stats } from 'node:fs';
import * as fs from 'node:fs/promises';

/**
 * Copies a file, link or folder with everything below it; never over something that is there (`EEXIST`), links not followed.
 * Returns the paths left out because they hold no content: sockets, pipes, devices.
 */
export async function copyTree(from: string, to: string, signal?: AbortSignal): Promise<string[]> {
  const leftOut: string[] = [];
  await copyEntry(Buffer.from(from), Buffer.from(to), leftOut, signal);
  return leftOut;
}

async function copyEntry(from: Buffer, to: Buffer, leftOut: string[], signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const stats = await fs.lstat(from);
  if (stats.isSymbolicLink()) await fs.symlink(await fs.readlink(from, { encoding: 'buffer' }), to);
  else if (stats.isFile()) await fs.copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  else if (stats.isDirectory()) await copyFolder(from, to, leftOut, signal);
  else {
    leftOut.push(from.toString());
    return;
  }
  await giveAttributes(to, stats);
}

async function copyFolder(from: Buffer, to: Buffer, leftOut: string[], signal: AbortSignal | undefined): Promise<void> {
  await fs.mkdir(to, { mode: 0o700 });
  for (const name of await fs.readdir(from, { encoding: 'buffer' })) await copyEntry(below(from, name), below(to, name), leftOut, signal);
}

/** Owner first: giving a file away clears its set-user bits. Times last: everything else changes them. */
async function giveAttributes(path: Buffer, stats: Stats): Promise<void> {
  if (process.getuid?.() === 0) await fs.lchown(path, stats.uid, stats.gid);
  const [accessed, modified] = [stats.atimeMs / 1000, stats.mtimeMs / 1000];
  if (stats.isSymbolicLink()) {
    await fs.lutimes(path, accessed, modified);
    return;
  }
  await fs.chmod(path, stats.mode & 0o7777);
  await fs.utimes(path, accessed, modified);
}

function below(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, Buffer.from('/'), name]);
}
