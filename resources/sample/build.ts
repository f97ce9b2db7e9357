/**
 * Builds the releases of Sprig Lite into a folder feed: `feed/releases.json` and a tarball for each release, the same bytes each time.
 *
 *   node resources/sample/build.ts [--out DIR]      DIR is dist/sample where it is not given
 *
 * A release is `common/`, the layers that `releases.ts` names, the runtime that it pins, and a `release.json` made here.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type ArchiveEntry, makeArchive } from './archive.ts';
import { type ReleaseDefinition, releases } from './releases.ts';

/** The files of a release by their path in it, with forward slashes. */
export type ReleaseFiles = Map<string, Buffer>;

/** A row of releases.json. */
export interface FeedEntry {
  version: string;
  published: string;
  file: string;
  bytes: number;
  sha256: string;
  /** The newest schema version that the release knows, as text. */
  schema: string;
  notes: string;
  breaking: readonly string[];
  needs?: string;
  engines: { node: string };
}

export interface BuiltRelease {
  entry: FeedEntry;
  archive: Buffer;
}

const sources = fileURLToPath(new URL('.', import.meta.url));
const engines = { node: '>=22.13.0' };

/** Writes the whole feed below `out` and returns the path of its folder. */
export async function buildFeed(out: string): Promise<string> {
  const folder = join(out, 'feed');
  await writeFeed(folder, await Promise.all(releases.map((definition) => buildRelease(definition))));
  return folder;
}

/**
 * Builds one release. `change` may alter its files before they are packed; the build id follows from the files.
 * `extra` is put at the end of the archive as it is, with whatever paths and links it has.
 */
export async function buildRelease(
  definition: ReleaseDefinition,
  change?: (files: ReleaseFiles) => void,
  extra: readonly ArchiveEntry[] = [],
): Promise<BuiltRelease> {
  const files = await filesOf(definition);
  change?.(files);
  files.set('release.json', Buffer.from(`${JSON.stringify(identityOf(definition, files), null, 2)}\n`));
  const entries = [...entriesOf(`sprig-${definition.version}`, files), ...extra];
  return describe(definition, schemaOf(files), makeArchive(entries, new Date(definition.published)));
}

/** The row of a feed for an archive. */
export function describe(definition: ReleaseDefinition, schema: string, archive: Buffer): BuiltRelease {
  const { version, published, notes, breaking, needs } = definition;
  return {
    archive,
    entry: {
      version,
      published,
      file: `sprig-${version}.tar.gz`,
      bytes: archive.length,
      sha256: sha256(archive),
      schema,
      notes,
      breaking,
      ...(needs !== undefined && { needs }),
      engines,
    },
  };
}

/** Writes a folder feed: the tarballs first and releases.json last, each whole or not at all; tarballs of other releases are removed. */
export async function writeFeed(folder: string, built: readonly BuiltRelease[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const names = new Set(built.map(({ entry }) => entry.file));
  for (const { entry, archive } of built) await writeWhole(join(folder, entry.file), archive);
  const list = { format: 1, product: 'sprig', releases: built.map(({ entry }) => entry) };
  await writeWhole(join(folder, 'releases.json'), `${JSON.stringify(list, null, 2)}\n`);
  const stale = (await readdir(folder)).filter((name) => name.endsWith('.tar.gz') && !names.has(name));
  await Promise.all(stale.map((name) => rm(join(folder, name), { force: true })));
}

/** Folders before what is in them, sorted by bytes, below one top folder. */
function entriesOf(top: string, files: ReleaseFiles): ArchiveEntry[] {
  const folders = new Set(['']);
  for (const path of files.keys()) {
    const parts = path.split('/');
    for (let depth = 1; depth < parts.length; depth++) folders.add(`${parts.slice(0, depth).join('/')}/`);
  }
  const paths = [...folders, ...files.keys()].toSorted();
  return paths.map((path) => {
    const content = files.get(path);
    if (content === undefined) return { path: `${top}/${path}`, type: 'Directory' };
    return { path: `${top}/${path}`, type: 'File', content, mode: path.startsWith('bin/') ? 0o755 : 0o644 };
  });
}

async function filesOf(definition: ReleaseDefinition): Promise<ReleaseFiles> {
  const files: ReleaseFiles = new Map();
  const folders = ['common', ...definition.layers.map((layer) => `releases/${layer}`)];
  for (const folder of folders) await addFolder(files, join(sources, folder), '');
  for (const folder of ['common', definition.runtime]) await addFolder(files, join(sources, 'runtimes', folder), 'runtime/');
  files.set('runtime/VERSION', Buffer.from(`${definition.runtime}\n`));
  return files;
}

async function addFolder(files: ReleaseFiles, folder: string, prefix: string): Promise<void> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const file of found.filter((candidate) => candidate.isFile())) {
    const path = join(file.parentPath, file.name);
    // All sources are text; a checkout that wrote them with other line ends must not change the bytes.
    const text = (await readFile(path, 'utf8')).replaceAll('\r\n', '\n');
    files.set(prefix + path.slice(folder.length + 1).replaceAll(sep, '/'), Buffer.from(text));
  }
}

function identityOf(definition: ReleaseDefinition, files: ReleaseFiles): Record<string, string> {
  const { version, runtime, minimumSchema } = definition;
  const parts = [...files].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([path, content]) => `${path} ${sha256(content)}`);
  return {
    product: 'sprig',
    version,
    build: sha256(Buffer.from(`${version}\n${parts.join('\n')}`)).slice(0, 12),
    runtime,
    schema: schemaOf(files),
    ...(minimumSchema !== undefined && { minimumSchema }),
  };
}

function schemaOf(files: ReleaseFiles): string {
  const versions = [...files.keys()].map((path) => Number(/^migrations\/(\d+)_/.exec(path)?.[1] ?? 0));
  return String(Math.max(...versions));
}

async function writeWhole(file: string, content: Buffer | string): Promise<void> {
  const aside = `${file}.${process.pid}.new`;
  await writeFile(aside, content);
  await rename(aside, file);
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { out: { type: 'string', default: fileURLToPath(new URL('../../dist/sample', import.meta.url)) } },
  });
  console.log(await buildFeed(values.out));
}
