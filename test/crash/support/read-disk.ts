/** Takes up a folder as a disk whose every byte is durable. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Disk } from './disk-after-cut.ts';

/** `base` is the parent of everything: the first folder that is there without having been made. */
export function readDisk(live: string): { disk: Disk; contents: Map<number, Buffer> } {
  const disk: Disk = new Map([['', { kind: 'link' as const, mode: 0, node: 0, target: join(live, '..') }]]);
  const contents = new Map<number, Buffer>();
  const take = (path: string) => {
    const stats = lstatSync(path);
    const mode = stats.mode & 0o7777;
    if (stats.isDirectory()) {
      disk.set(path, { kind: 'folder', mode, node: stats.ino });
      for (const name of readdirSync(path)) take(join(path, name));
    } else if (stats.isSymbolicLink()) disk.set(path, { kind: 'link', mode, node: stats.ino, target: readlinkSync(path) });
    else {
      disk.set(path, { kind: 'file', mode, node: stats.ino });
      contents.set(stats.ino, readFileSync(path));
    }
  };
  take(live);
  return { disk, contents };
}
