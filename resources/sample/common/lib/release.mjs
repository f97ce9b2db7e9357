/** Which release this is: what the build wrote into release.json. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder that holds the release, with a slash at its end. */
export const releaseFolder = fileURLToPath(new URL('../', import.meta.url));

/** `{product, version, build, runtime, schema, minimumSchema?}`; schema versions are text. */
export function readRelease() {
  return JSON.parse(readFileSync(`${releaseFolder}release.json`, 'utf8'));
}
