import { join } from 'node:path';
import { platform } from '../platform/environment.ts';
import { openFile, readLink, syncFolder } from '../platform/files.ts';
import { hashFile, walk } from '../platform/tree.ts';
import { inParallel } from './in-parallel.ts';
import type { ShippedFile } from './manifest.ts';

/** Everything below a folder, hashed, sorted by path. */
export async function scanTree(root: string, signal?: AbortSignal): Promise<ShippedFile[]> {
  const files: ShippedFile[] = [];
  for await (const { path, kind, bytes, mode } of walk(root, () => false, signal)) {
    if (path === '' || kind === 'other') continue;
    const file: ShippedFile = { path, kind, bytes, mode, sha256: null };
    if (kind === 'link') file.target = await readLink(join(root, path));
    files.push(file);
  }
  await inParallel(files, async (file) => {
    if (file.kind === 'file') file.sha256 = await hashFile(join(root, file.path), signal);
  });
  return files;
}

/** Makes a new tree durable: every file, then every folder. */
export async function syncTree(root: string, files: readonly ShippedFile[], signal?: AbortSignal): Promise<void> {
  const contents = files.filter((file) => file.kind === 'file');
  await inParallel(
    contents,
    async (file) => {
      signal?.throwIfAborted();
      await syncFile(join(root, file.path));
    },
    16,
  );
  const folders = files.filter((file) => file.kind === 'folder').map((folder) => join(root, folder.path));
  await inParallel([...folders, root], syncFolder, 16);
}

/** Makes the content of a file durable. */
export async function syncFile(path: string): Promise<void> {
  // Windows only syncs what is open for writing; elsewhere a file that may only be read can be synced too.
  const handle = await openFile(path, platform() === 'windows' ? 'r+' : 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
