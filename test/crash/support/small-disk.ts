/** Real small disks: a tmpfs in the place of a folder, filled until only so many bytes are left. Linux, and only for the superuser. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fillerName } from './fill-up.ts';
import { copyState } from './stub-world.ts';

/** Whether a disk can be mounted here. As root in CI it must be. */
export function mayMount(folder: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'pipe' });
    execFileSync('umount', [folder]);
    rmdirSync(folder);
    return true;
  } catch (error) {
    if (process.env['CI'] === 'true') throw new Error('root cannot mount a tmpfs here, so full disks cannot be tested', { cause: error });
    return false;
  }
}

/** Puts a disk of `megabytes` in the place of a folder, with the folder's content on it. Answers what takes it away and gives the content back. */
export function mountOver(folder: string, megabytes: number): () => void {
  mkdirSync(folder, { recursive: true });
  const aside = `${folder}-aside`;
  renameSync(folder, aside);
  mkdirSync(folder, { mode: 0o700 });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'tmpfs', folder]);
  copyState(aside, folder);
  return () => {
    rmSync(join(folder, fillerName), { force: true });
    rmSync(aside, { recursive: true, force: true });
    copyState(folder, aside);
    execFileSync('umount', ['--lazy', folder]);
    rmSync(folder, { recursive: true, force: true });
    renameSync(aside, folder);
  };
}
