/** Serves well, and says that it is 1.1.0: what a cached answer, or an old process that never left, looks like. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const releaseFolder = fileURLToPath(new URL('../', import.meta.url));

export function readRelease() {
  return { ...JSON.parse(readFileSync(`${releaseFolder}release.json`, 'utf8')), version: '1.1.0' };
}
