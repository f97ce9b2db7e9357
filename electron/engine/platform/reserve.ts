/** Space that is held in advance: a file whose blocks are really there, so that removing it gives them back on a full disk. */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { run } from './processes.ts';

/** Bytes that are written at once where the file system cannot set blocks aside. */
const piece = 1024 * 1024;

/**
 * Holds so many bytes at a path where nothing is. Throws what the disk says, `ENOSPC` above all, and leaves nothing behind then.
 * Linux sets large amounts aside without writing them (util-linux' `fallocate`, from 4 MiB on, because a small one is written sooner).
 */
export async function holdSpace(path: string, bytes: number, signal?: AbortSignal): Promise<void> {
  const file = await fs.open(path, 'wx', 0o600);
  try {
    if (bytes < 4 * piece || !(await allocate(path, bytes, signal))) await writeOut(file, bytes, signal);
    await file.sync();
  } catch (error) {
    await fs.rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

async function allocate(path: string, bytes: number, signal?: AbortSignal): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const finished = await run(['fallocate', '--length', String(bytes), path], { limit: 600, ...(signal && { signal }) }).catch(() => null);
  signal?.throwIfAborted();
  if (finished === null || finished.code === 0) return finished !== null;
  if (!/no space left|quota/i.test(finished.stderr)) return false;
  throw Object.assign(new Error(`ENOSPC: no space left on device, fallocate '${path}'`), { code: 'ENOSPC' });
}

/** Not zeros: some file systems keep no blocks for those. */
async function writeOut(file: fs.FileHandle, bytes: number, signal?: AbortSignal): Promise<void> {
  const content = randomBytes(Math.min(piece, bytes));
  for (let at = 0; at < bytes; at += piece) {
    signal?.throwIfAborted();
    await file.write(content, 0, Math.min(piece, bytes - at), at);
  }
}
