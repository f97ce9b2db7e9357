import { join } from 'node:path';
import { copyFile, makeFolder, moveDurably, remove, setMode, statOrNull, followOrNull } from '../platform/files.ts';
import { slotPlaces, writeShipped } from './manifest.ts';
import { scanTree, syncTree } from './scan.ts';

/**
 * Makes a slot of programs that stand on this machine already, so that there is a way back to a release that nobody offers any more.
 * `files`: absolute paths by their names in the slot; links are followed. A slot that is there already stays. Throws `io`.
 */
export async function keepCopies(options: {
  slots: string;
  staging: string;
  release: string;
  files: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}): Promise<string> {
  const { slots, release, signal } = options;
  const { slot } = slotPlaces(slots, release);
  if ((await statOrNull(slot)) !== null) return slot;
  const work = join(options.staging, `keep-${release}`);
  await remove(work);
  await makeFolder(slots);
  await makeFolder(work);
  for (const [name, path] of Object.entries(options.files)) {
    await copyFile(path, join(work, name));
    await setMode(join(work, name), ((await followOrNull(path))?.mode ?? 0o755) & 0o777);
  }
  const files = await scanTree(work, signal);
  await syncTree(work, files, signal);
  // Nobody's archive: what it is held against from now on is what stood there.
  await writeShipped(slots, { format: 1, release, artifact: 'kept', files });
  await moveDurably(work, slot);
  return slot;
}
