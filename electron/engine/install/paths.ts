/** Questions about two paths. Where file names do not tell capital letters apart, these questions do not either. */
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { realPathOrNull } from '../platform/files.ts';
import { platform } from '../platform/environment.ts';

/** Whether `path` is `folder` or inside it. Both absolute. */
export function isWithin(folder: string, path: string): boolean {
  const way = relative(fold(folder), fold(path));
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

export function isSamePath(one: string, other: string): boolean {
  return fold(resolve(one)) === fold(resolve(other));
}

/** The way from a folder to what is inside it, with forward slashes; the last part of the path where it is elsewhere. */
export function nameBelow(folder: string, path: string): string {
  return isWithin(folder, path) ? relative(folder, path).split(sep).join('/') : basename(path);
}

/** The path with its links resolved, as far as it exists. */
export async function realPathSoFar(path: string): Promise<string> {
  const real = await realPathOrNull(path);
  if (real !== null) return real;
  const above = dirname(path);
  return above === path ? path : join(await realPathSoFar(above), basename(path));
}

function fold(path: string): string {
  return platform() === 'linux' ? path : path.toLowerCase();
}
