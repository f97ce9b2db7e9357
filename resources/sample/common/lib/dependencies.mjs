/**
 * The dependency folder: the extensions that the workspace asks for in sprig-deps.json, `{"extensions": ["word-count"]}`.
 * The marker `.sprig-deps` holds the SHA-256 of that file; when it differs, the folder is built anew.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { releaseFolder } from './release.mjs';

/** Builds the folder where it must be, and loads the extensions: `{marker, rebuilt, apply(html, text)}`. */
export async function readyDependencies(folder, workspace, warn) {
  const file = join(workspace, 'sprig-deps.json');
  const wanted = existsSync(file) ? readFileSync(file, 'utf8') : '{}';
  const marker = createHash('sha256').update(wanted).digest('hex');
  const names = namesIn(wanted, warn);
  const rebuilt = markerIn(folder) !== marker;
  if (rebuilt) build(folder, names, marker, warn);
  const extensions = await Promise.all(names.map((name) => load(folder, name, marker)));
  return { marker, rebuilt, apply: (html, text) => extensions.reduce((page, extension) => extension?.extend(page, text) ?? page, html) };
}

function markerIn(folder) {
  const file = join(folder, '.sprig-deps');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
}

function namesIn(wanted, warn) {
  try {
    const names = JSON.parse(wanted).extensions ?? [];
    if (Array.isArray(names) && names.every((name) => /^[a-z][a-z0-9-]*$/.test(name))) return names;
  } catch {
    // Told below, like every other shape that is no list of names.
  }
  warn('sprig-deps.json must be {"extensions": ["name", …]}; no extension is loaded');
  return [];
}

function build(folder, names, marker, warn) {
  const aside = `${folder}.new`;
  rmSync(aside, { recursive: true, force: true });
  mkdirSync(aside, { recursive: true, mode: 0o700 });
  for (const name of names) {
    const source = join(releaseFolder, 'extensions', `${name}.mjs`);
    if (existsSync(source))
      writeFileSync(join(aside, `${name}.mjs`), `// Built from sprig-deps.json ${marker.slice(0, 12)}\n${readFileSync(source, 'utf8')}`);
    else warn(`sprig-deps.json asks for ${name}, which this release does not have`);
  }
  writeFileSync(join(aside, '.sprig-deps'), `${marker}\n`);
  rmSync(folder, { recursive: true, force: true });
  renameSync(aside, folder);
}

async function load(folder, name, marker) {
  const file = join(folder, `${name}.mjs`);
  return existsSync(file) ? import(`${pathToFileURL(file).href}?${marker}`) : null;
}
