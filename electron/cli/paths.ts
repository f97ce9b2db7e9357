/** Paths as they are typed: relative to where the person stands. The engine only ever gets absolute ones. */
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

export function absolutePath(typed: string, folder: string): string {
  // The shell fills in `~` only at the beginning of a word: not in --home=~/x.
  if (typed === '~' || typed.startsWith('~/')) return join(homedir(), typed.slice(1));
  return resolve(folder, typed);
}

/** A backup is named by its file or by its id: what looks like a path or is there as a file is a file. */
export async function backupReference(typed: string, folder: string): Promise<string> {
  const looksLikePath = /[/\\]/.test(typed) || /\.tar(?:\.\w+){0,2}$/.test(typed) || typed.startsWith('~');
  const path = absolutePath(typed, folder);
  if (looksLikePath) return path;
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  return exists ? path : typed;
}
