/** Finds what a glob of a descriptor matches on disk, looking only into folders where something may match. Links are matched, never entered. */
import { join } from 'node:path';
import { exists, list } from '../platform/files.ts';
import { compileGlob, hasWildcard, matchesName } from '../product/glob.ts';

/**
 * Paths relative to `root`, with forward slashes, sorted. A folder that matches stands for everything in it, so nothing below it is
 * named again. Moult's own folder never matches.
 */
export async function expandGlob(root: string, pattern: string, signal?: AbortSignal): Promise<string[]> {
  const found = new Set<string>();
  for (const parts of compileGlob(pattern).alternatives) {
    for await (const path of expand(root, '', parts, signal)) found.add(path);
  }
  return [...found].filter((path) => !isBelowAnother(path, found)).sort();
}

async function* expand(root: string, above: string, parts: readonly string[], signal: AbortSignal | undefined): AsyncGenerator<string> {
  signal?.throwIfAborted();
  const [part, ...rest] = parts;
  if (part === undefined) return;
  const below = (name: string) => (above === '' ? name : `${above}/${name}`);
  if (part !== '**' && !hasWildcard(part)) {
    if (rest.length > 0) yield* expand(root, below(part), rest, signal);
    else if (await exists(join(root, below(part)))) yield below(part);
    return;
  }
  // `**` stands for no folder as well, except at the end.
  if (part === '**' && rest.length > 0) yield* expand(root, above, rest, signal);
  for (const entry of await entriesOf(join(root, above))) {
    if (!matchesName(part === '**' ? '*' : part, entry.name) || (above === '' && entry.name === '.moult')) continue;
    if (rest.length === 0) yield below(entry.name);
    else if (entry.isDirectory()) yield* expand(root, below(entry.name), part === '**' ? parts : rest, signal);
  }
}

async function entriesOf(folder: string): Promise<{ name: string; isDirectory: () => boolean }[]> {
  return list(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
}

function isBelowAnother(path: string, found: ReadonlySet<string>): boolean {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) if (found.has(path.slice(0, end))) return true;
  return false;
}
