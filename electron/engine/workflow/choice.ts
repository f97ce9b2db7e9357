/**
 * What of a backup is put back, when that is not all of it: whole items, single files, and options inside a config file. It promises that
 * what was asked for by name is found in the backup, and that nothing is put back alone which would not fit to what stays.
 */
import { isAbsolute, join, normalize, relative, sep } from 'node:path';
import { Failure } from '../../api/failure.ts';
import type { MemberName, BackupManifest } from '../backup/backup-format.ts';
import { listMembers } from '../backup/read-backup.ts';
import { isWithin } from '../install/paths.ts';
import { statOrNull } from '../platform/files.ts';
import { nearest } from '../product/nearest.ts';
import { placesOfBackup, type BackupPlace } from './backup-places.ts';
import type { SchemaFacts } from './facts.ts';
import type { OpenedInstall } from './kit.ts';
import { configPlace, refusedAlone, whyTogether } from './alone.ts';

/** Plain data: it stands in the journal. */
export interface Choice {
  /** Put back whole: what was added since goes. */
  items: string[];
  /** Files, and folders with all that the backup has in them; what was added since stays. By their names in the backup. */
  files: { item: string; as: string }[];
  /** Items inside a config file: only their options are put back into it. */
  keys: KeysChoice[];
}

export interface KeysChoice {
  item: string;
  /** The config file in the backup. */
  from: { item: string; as: string };
  /** The config file that is there, absolute. */
  file: string;
  format: 'yaml' | 'json' | 'env' | 'ini';
  keys: string[];
}

export interface Wish {
  items?: readonly string[] | undefined;
  files?: readonly string[] | undefined;
  /** The secrets that are there are meant to stay, whatever the backup's were. */
  keepSecrets?: boolean | undefined;
}

/** Whether anything was asked for but the whole. */
export function isPartly({ items = [], files = [] }: Wish): boolean {
  return items.length + files.length > 0;
}

/** Whether an entry of the backup is needed for a choice: what was chosen, and the folders above it for their facts. */
export function chosenIn(choice: Pick<Choice, 'items' | 'files' | 'keys'>): (entry: MemberName) => boolean {
  const items = new Set(choice.items);
  const names = new Set([...choice.files, ...choice.keys.map((one) => one.from)].map(({ item, as }) => `${item}/${as}`));
  const above = new Set([...names].flatMap((name) => [...foldersOf(name)]));
  return ({ item, as, kind }) => {
    const name = `${item}/${as}`;
    if (items.has(item) || names.has(name) || (kind === 'folder' && above.has(name))) return true;
    for (const folder of foldersOf(name)) if (names.has(folder)) return true;
    return false;
  };
}

/** Finds what was asked for in a backup that goes back into the install. Throws `bad-input`, or `unsupported` with the reason why it cannot go back alone. */
export async function chooseFrom(
  opened: OpenedInstall,
  schema: SchemaFacts,
  manifest: BackupManifest,
  path: string,
  wish: Wish,
): Promise<Choice> {
  const choice: Choice = { ...(await findIn(path, manifest, toldPlaces(manifest, opened.home), wish)), keys: [] };
  for (const id of choice.items) {
    const reason = await whyTogether(opened, schema, manifest, path, id);
    if (reason !== null) throw refusedAlone(opened, id, reason);
  }
  const places = await placesOfBackup(opened, onlyChosen(manifest, choice), false);
  for (const { item, as } of choice.files) {
    const store = opened.descriptor.datastores.find((spec) => spec.item === item && spec.driver !== 'files');
    if (store !== undefined) throw refusedAlone(opened, item, 'one file of a datastore fits to nothing but the rest of it');
    const reason = await whyTogether(opened, schema, manifest, path, item, as);
    if (reason !== null) throw refusedAlone(opened, item, reason);
    await refuseInTheWay(places, item, as);
  }
  return withKeys(opened, manifest, choice);
}

/** The same for a backup that is unpacked beside everything: nothing has to fit to anything. */
export async function chooseAside(path: string, manifest: BackupManifest, wish: Wish): Promise<Choice | undefined> {
  if (!isPartly(wish)) return undefined;
  const found = await findIn(path, manifest, toldPlaces(manifest, null), wish);
  const keys = manifest.items.find((entry) => found.items.includes(entry.item) && entry.kind === 'keys');
  if (keys === undefined) return { ...found, keys: [] };
  throw new Failure('bad-input', `"${keys.title}" is a part of a config file; choose the file that it is in`, {
    remedy: { action: 'retry', text: 'Choose the item that holds the config file.' },
  });
}

/** The manifest without the items that a choice leaves alone: where those would go need not be known. */
export function onlyChosen(manifest: BackupManifest, choice: Choice): BackupManifest {
  const items = new Set([...choice.items, ...choice.files.map((file) => file.item), ...choice.keys.map((keys) => keys.from.item)]);
  return { ...manifest, items: manifest.items.filter((entry) => items.has(entry.item)) };
}

/** The places as the backup tells them, seen from this home; for finding a name only. */
function toldPlaces(manifest: BackupManifest, home: string | null): BackupPlace[] {
  return manifest.items.flatMap(({ item, kind, places }) =>
    places.map(({ as, path, relativeToHome }) => ({
      item,
      as,
      dump: kind === 'dump',
      live: home === null || relativeToHome === null ? path : join(home, relativeToHome),
    })),
  );
}

async function findIn(
  path: string,
  manifest: BackupManifest,
  places: readonly BackupPlace[],
  wish: Wish,
): Promise<Pick<Choice, 'items' | 'files'>> {
  const items = [...new Set(wish.items ?? [])];
  const known = manifest.items.map((entry) => entry.item);
  for (const id of items) if (!known.includes(id)) throw noSuchItem(id, known, path);
  const asked = new Map<string, string>();
  for (const name of wish.files ?? []) asked.set(nameInBackup(name, places), name);
  const files = new Map<string, Choice['files'][number]>();
  const missing = new Set(asked.keys());
  if (asked.size > 0) {
    for await (const { item, as } of listMembers(path)) {
      for (const name of [as, ...foldersOf(as)]) {
        if (!asked.has(name)) continue;
        missing.delete(name);
        if (!items.includes(item)) files.set(`${item}/${name}`, { item, as: name });
      }
    }
  }
  const [first] = missing;
  if (first === undefined) return { items, files: [...files.values()] };
  throw new Failure('bad-input', `the backup holds no ${asked.get(first) ?? first}`, {
    remedy: {
      action: 'retry',
      text: 'Name it as the comparison with the backup does, such as notes/a.md.',
      command: 'moult compare --help',
    },
    details: { missing: [...missing].slice(0, 100) },
  });
}

/** What was typed, as the backup names it: by an absolute path, or with `./` and doubled slashes. */
function nameInBackup(typed: string, places: readonly BackupPlace[]): string {
  if (!isAbsolute(typed)) return normalize(typed).split(sep).join('/').replace(/\/+$/, '');
  const path = normalize(typed).replace(/(?<=[^/\\:])[/\\]+$/, '');
  const place = places.find(({ live }) => isWithin(live, path));
  if (place === undefined) throw new Failure('bad-input', `nothing in the backup belongs to ${typed}`, { details: { path: typed } });
  const below = relative(place.live, path).split(sep).join('/');
  return below === '' ? place.as : `${place.as}/${below}`;
}

function noSuchItem(id: string, known: readonly string[], path: string): Failure {
  const meant = nearest(id, known);
  return new Failure(
    'bad-input',
    `the backup ${path} has no item "${id}"${meant === null ? '' : `; did you mean ${meant}?`} It has ${known.join(', ')}`,
    {
      remedy: { action: 'retry', text: 'Name one of these items.' },
    },
  );
}

/** Keys go back into the config file that is there, unless the whole file goes back anyway. */
function withKeys(opened: OpenedInstall, manifest: BackupManifest, choice: Choice): Choice {
  const isKeys = (id: string) => opened.items.some((entry) => entry.item.id === id && entry.kind === 'keys');
  const items = choice.items.filter((id) => !isKeys(id));
  const keys = choice.items.filter(isKeys).flatMap((id): KeysChoice[] => {
    const from = configPlace(opened, manifest, id);
    const found = opened.items.find((entry) => entry.item.id === id)?.keys;
    if (from === null || found === undefined) return [];
    const goesWhole = items.includes(from.item) || choice.files.some((file) => file.item === from.item && file.as === from.as);
    return goesWhole ? [] : [{ item: id, from, ...found }];
  });
  return { items, files: choice.files, keys };
}

/** A file goes back into the folder that it was in; where something else stands now, that is not ours to put away. */
async function refuseInTheWay(places: readonly BackupPlace[], item: string, as: string): Promise<void> {
  for (const place of places.filter((one) => one.item === item && (as === one.as || as.startsWith(`${one.as}/`)))) {
    const below = as
      .slice(place.as.length + 1)
      .split('/')
      .slice(0, -1);
    let folder = place.live;
    for (const name of as === place.as ? [] : ['', ...below]) {
      folder = name === '' ? folder : join(folder, name);
      const stats = await statOrNull(folder);
      if (stats === null) break;
      if (!stats.isDirectory() && !(folder === place.live && stats.isSymbolicLink()))
        throw inTheWay(folder, 'where the backup has a folder');
    }
  }
}

/** Something else stands where a chosen file or its folder belongs. */
export function inTheWay(path: string, where: string): Failure {
  return new Failure('outside-roots', `${path} is something else now, ${where}. Nothing was touched.`, {
    remedy: { action: 'retry', text: 'Move it away, or restore the whole item.' },
    details: { path },
  });
}

function* foldersOf(name: string): Generator<string> {
  for (let at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) yield name.slice(0, at);
}
