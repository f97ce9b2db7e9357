/** What a folder holds, to the byte: for tests that show that nothing changed. */
import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** By path below the root: kind, mode, and the SHA-256 of the content. */
export type TreeState = Record<string, string>;

/** Reads everything below `root`. `leaveOut` is asked with each path below the root; a folder that is left out is not gone into. */
export async function treeState(root: string, leaveOut: (path: string) => boolean = () => false): Promise<TreeState> {
  const state: TreeState = {};
  await look(root, '', leaveOut, state);
  return state;
}

/** `treeState` of some places below the root alone. */
export async function stateOfPlaces(root: string, places: readonly string[]): Promise<TreeState> {
  const all = await Promise.all(
    places.map(async (place) =>
      Object.entries(await treeState(join(root, place))).map(([path, line]) => [join(place, path), line] as const),
    ),
  );
  return Object.fromEntries(all.flat());
}

async function look(root: string, path: string, leaveOut: (path: string) => boolean, state: TreeState): Promise<void> {
  if (path !== '' && leaveOut(path)) return;
  const place = join(root, path);
  const stats = await lstat(place).catch(() => null);
  if (stats === null) return;
  const mode = (stats.mode & 0o7777).toString(8);
  if (stats.isDirectory()) {
    state[path === '' ? '.' : path] = `folder ${mode}`;
    for (const name of (await readdir(place)).sort()) await look(root, path === '' ? name : `${path}/${name}`, leaveOut, state);
  } else if (stats.isSymbolicLink()) {
    state[path] = `link ${await readlink(place)}`;
  } else {
    state[path] = stats.isFile()
      ? `file ${mode} ${createHash('sha256')
          .update(await readFile(place))
          .digest('hex')}`
      : `other ${mode}`;
  }
}
