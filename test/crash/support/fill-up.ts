import { statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const fillerName = 'filler';

/** Fills the disk of a folder until at most `left` bytes can be written. */
export function fillUp(folder: string, left: number): void {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(join(folder, fillerName), Buffer.alloc(Math.max(0, bavail * bsize - left)));
}
