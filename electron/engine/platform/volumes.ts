/** Whole volumes, and what this process may do on them. */
import { closeFile, openToRead, syncOpen } from './blocking-files.ts';
import { run } from './processes.ts';

/**
 * Makes everything durable that was written to the volume of a folder, with one call for all of it. Linux only (`syncfs`, by way of
 * coreutils' `sync -f`); false where it cannot be done, and then each file has to be synced.
 */
export async function syncVolume(folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  return run(['sync', '-f', folder], { limit: 600 }).then(
    (finished) => finished.code === 0,
    () => false,
  );
}

/** Whether this process may give files to other users. */
export function mayGiveAway(): boolean {
  return process.geteuid?.() === 0;
}

/** Makes one file or folder durable. */
export function syncOne(path: string): void {
  const file = openToRead(path);
  try {
    syncOpen(file);
  } finally {
    closeFile(file);
  }
}
