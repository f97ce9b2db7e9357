import { readFile, realpath } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { fileAt, typeOf } from '../transport/screen-files.ts';
import { answerText, answerWith } from './answer.ts';

/** A year in seconds: names in `assets/` carry a hash of what is in them, so that the content under a name never changes. */
const forEver = { 'cache-control': 'private, max-age=31536000, immutable' };

/** Sends a file of the built screens; what is not one is not there. */
export async function sendFile(folder: string, path: string, response: ServerResponse): Promise<void> {
  const parts = fileAt(path);
  const content = parts === null ? null : await readInside(folder, parts);
  if (parts === null || content === null) {
    answerText(response, 404, 'There is no such page.');
    return;
  }
  answerWith(response, 200, typeOf(extname(parts.at(-1) ?? '')), content, parts[0] === 'assets' ? forEver : {});
}

/** A file's content if it lies inside the folder, links resolved; else null. */
async function readInside(folder: string, parts: readonly string[]): Promise<Buffer | null> {
  try {
    const path = await realpath(join(folder, ...parts));
    return path.startsWith(`${await realpath(folder)}${sep}`) ? await readFile(path) : null;
  } catch {
    return null;
  }
}
