/** What has no business being there once an operation is over and nothing is interrupted. */
import { readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { World } from './moult.ts';

/** Paths below the world: of staging and journals, unfinished files, things put aside beside their place, temporary files. */
export async function leftovers(world: World, home: string): Promise<string[]> {
  const moult = join(home, '.moult');
  const found: string[] = [];
  for (const folder of [join(moult, 'staging'), join(moult, 'journal'), world.temporary]) {
    const inside = await readdir(folder, { recursive: true }).catch(() => []);
    // A download that was cut off is kept, so that the next try goes on where it stopped; Node's cache is the product's own wish.
    const ours = inside.filter((entry) => !entry.startsWith('downloads') && !entry.startsWith('node-compile-cache'));
    found.push(...ours.map((entry) => join(folder, entry)));
  }
  for (const folder of [
    home,
    dirname(home),
    world.folder,
    world.moultHome,
    join(world.moultHome, 'backups', 'sprig'),
    join(world.folder, 'backups'),
  ]) {
    const entries = await readdir(folder).catch(() => []);
    found.push(...entries.filter((entry) => /partial|\.new$|\.tmp$|^\.moult-/.test(entry)).map((entry) => join(folder, entry)));
  }
  for (const folder of [join(moult, 'slots'), moult]) {
    const entries = await readdir(folder).catch(() => []);
    found.push(...entries.filter((entry) => /^\.(?:removing|set-aside)|\.new|\.tmp/.test(entry)).map((entry) => join(folder, entry)));
  }
  return found.map((path) => relative(world.folder, path)).sort();
}
