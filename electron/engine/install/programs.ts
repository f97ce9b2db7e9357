/**
 * Programs on PATH: finds every copy of what a product puts there, says which folder is in use, and what goes where at a switch.
 * It looks and changes nothing. A copy in a folder that the product's own installer uses belongs to the install; a copy anywhere else
 * on PATH belongs to the person, who is told of it.
 */
import { delimiter, join, resolve } from 'node:path';
import { expandHome, platform, variable } from '../platform/environment.ts';
import { exists, followOrNull, isWritable, readLink, realPathOrNull } from '../platform/files.ts';
import type { Descriptor, ProgramsSpec } from '../product/schema.ts';

/** One copy of one program. */
export interface ProgramCopy {
  name: string;
  /** Absolute. */
  path: string;
  folder: string;
  /** In a folder of the product's own installer. */
  owned: boolean;
}

export interface Programs {
  /** Where programs go: the folder that has them, else the one that the product's installer would choose. */
  folder: string;
  copies: ProgramCopy[];
  /** Whether a terminal finds what is in that folder. */
  onPath: boolean;
}

/** The programs of a release by name, absolute: the first of its names that is in the slot, else the first. */
export async function programsIn(descriptor: Descriptor, slot: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const file of programsOf(descriptor)?.files ?? []) {
    found[file.name] = join(slot, file.from[0] as string);
    for (const from of file.from.toReversed()) if (await exists(join(slot, from))) found[file.name] = join(slot, from);
  }
  return found;
}

/** Every copy on PATH and in the folders of the product's installer; null for a product that puts nothing there. */
export async function findPrograms(descriptor: Descriptor, home: string): Promise<Programs | null> {
  const spec = programsOf(descriptor);
  if (spec === null) return null;
  const own = foldersOf(spec, home);
  const onPath = pathFolders();
  const copies: ProgramCopy[] = [];
  const seen = new Set<string>();
  for (const folder of [...onPath, ...own]) {
    const real = await realPathOrNull(folder);
    // Two names of one folder are one folder; links to a copy, such as an older name of the program, are that copy.
    if (real === null || seen.has(real)) continue;
    seen.add(real);
    for (const { name } of spec.files) {
      const path = join(folder, name);
      if ((await followOrNull(path))?.isFile() === true) copies.push({ name, path, folder, owned: own.includes(folder) });
    }
  }
  const folder = copies.find((copy) => copy.owned)?.folder ?? (await preferred(own, onPath));
  return { folder, copies, onPath: onPath.includes(folder) };
}

/** What is put where when a slot becomes active: into the folder in use, and over every further copy that the product's installer made. */
export async function programCopies(
  descriptor: Descriptor,
  slot: string,
  programs: Programs,
): Promise<{ from: string; to: string; root: string }[]> {
  const spec = programsOf(descriptor);
  const copies: { from: string; to: string; root: string }[] = [];
  for (const { name, from } of spec?.files ?? []) {
    let shipped: string | null = null;
    for (const candidate of from.toReversed()) if (await exists(join(slot, candidate))) shipped = candidate;
    if (shipped === null) continue;
    const folders = programs.copies.filter((copy) => copy.owned && copy.name === name).map((copy) => copy.folder);
    for (const root of new Set([programs.folder, ...folders])) copies.push({ from: shipped, to: name, root });
  }
  return withoutLinks(copies);
}

/** An older name of a program may be a link to its new one: where that is replaced, the link leads to what is right by itself. */
async function withoutLinks(
  copies: readonly { from: string; to: string; root: string }[],
): Promise<{ from: string; to: string; root: string }[]> {
  const targets = new Set(copies.map(({ root, to }) => join(root, to)));
  const kept: { from: string; to: string; root: string }[] = [];
  for (const copy of copies) {
    const path = join(copy.root, copy.to);
    const link = await readLink(path).catch(() => null);
    if (link === null || !targets.has(resolve(copy.root, link))) kept.push(copy);
  }
  return kept;
}

/** The folders of the product's installer; those in a variable that is not set are passed over. */
export function foldersOf(spec: ProgramsSpec, home: string): string[] {
  return spec.folders.flatMap((folder) => {
    const filled = expandVariable(folder);
    return filled === null ? [] : [expandHome(filled.replaceAll('{home}', home).replaceAll('{home-parent}', resolve(home, '..')))];
  });
}

export function programsOf(descriptor: Descriptor): ProgramsSpec | null {
  return descriptor.payload.driver === 'files' ? (descriptor.payload.programs ?? null) : null;
}

function expandVariable(folder: string): string | null {
  const name = /^\$\{?([A-Z_][A-Z0-9_]*)\}?/.exec(folder);
  if (name === null) return folder;
  const value = variable(name[1] as string) ?? '';
  return value === '' ? null : folder.replace(name[0], value);
}

function pathFolders(): string[] {
  const path = variable('PATH') ?? '';
  return path.split(platform() === 'windows' ? ';' : delimiter).filter((folder) => folder.startsWith('/') || /^[A-Za-z]:/.test(folder));
}

/** As installers choose: the first folder that is on PATH and can be written to, else the last one. */
async function preferred(own: readonly string[], onPath: readonly string[]): Promise<string> {
  for (const folder of own) if (onPath.includes(folder) && (await exists(folder)) && (await isWritable(folder))) return folder;
  return own.at(-1) ?? '';
}
