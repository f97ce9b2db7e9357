/** Settings of a datastore's own server that name its places, in a copy that stands elsewhere. */
import { moveConfig } from '../../install/move-config.ts';
import { followOrNull, readTextOrNull, setOwner, writeDurably } from '../../platform/files.ts';
import { ownUser } from '../../platform/identity.ts';

/** `paths`: old ones and what stands in their place; `add`: lines for its end. A file that is not there stays away. */
export async function moveSettings(path: string, paths: readonly (readonly [string, string])[], add: string = ''): Promise<void> {
  const [text, stats] = [await readTextOrNull(path), await followOrNull(path)];
  if (text === null || stats === null) return;
  const moved = `${moveConfig(text, 'text', { set: new Map(), paths }, path)}${add}`;
  if (moved === text) return;
  await writeDurably(path, moved, stats.mode & 0o7777);
  if (ownUser() === 0) await setOwner(path, stats.uid, stats.gid);
}
