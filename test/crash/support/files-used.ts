/** Which functions of `node:fs` and `node:fs/promises` sources use, read from their text. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export async function filesUsed(folder: string): Promise<Set<string>> {
  const used = new Set<string>();
  for (const name of await readdir(join(root, folder))) {
    if (name.endsWith('.ts')) for (const call of usedIn(await readFile(join(root, folder, name), 'utf8'))) used.add(call);
  }
  return used;
}

/** In the order in which they are met, each once. Types count for nothing. */
export function usedIn(source: string): string[] {
  const text = source.replaceAll(/\/\*.*?\*\//gs, '').replaceAll(/^\s*\/\/.*$/gm, '');
  const used: string[] = [];
  for (const [, what = ''] of text.matchAll(/^import ([^;]*?) from 'node:fs(?:\/promises)?';/gms)) {
    if (what.startsWith('type ')) continue;
    const named = /\{(.*)\}/s.exec(what)?.[1];
    if (named !== undefined) {
      for (const part of named.split(',').map((each) => each.trim()))
        if (part !== '' && !part.startsWith('type ') && !/^[A-Z]/.test(part)) used.push(part.replace(/ as .*/, ''));
      continue;
    }
    const whole = /(?:\* as )?(\w+)$/.exec(what)?.[1] ?? 'fs';
    for (const [, call = ''] of text.matchAll(new RegExp(`(?<![\\w.])${whole}\\.(?:promises\\.)?([a-z]\\w*)`, 'g'))) used.push(call);
  }
  return [...new Set(used)];
}
