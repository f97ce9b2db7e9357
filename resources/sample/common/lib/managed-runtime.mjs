/** The managed runtime: the Markdown renderer that a release pins. It is copied into the home folder when another version is there. */
import { cpSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { releaseFolder } from './release.mjs';

/** Brings the home folder's runtime to the pinned version. Returns `{version, before, render}`; before is null where there was none. */
export async function readyRuntime(folder, pinned) {
  const before = versionIn(folder);
  if (before !== pinned) {
    const aside = `${folder}.new`;
    rmSync(aside, { recursive: true, force: true });
    cpSync(join(releaseFolder, 'runtime'), aside, { recursive: true });
    rmSync(folder, { recursive: true, force: true });
    renameSync(aside, folder);
  }
  const { render } = await import(pathToFileURL(join(folder, 'render.mjs')).href);
  return { version: pinned, before, render };
}

function versionIn(folder) {
  const file = join(folder, 'VERSION');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
}
