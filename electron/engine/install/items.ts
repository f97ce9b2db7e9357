/**
 * Finds the items of an install: where each one is on this machine now. It looks and changes nothing. Every path belongs to one item:
 * what is deeper belongs to the item that names the deeper place; a path that two items match belongs to the one that names it more
 * precisely (a path before a glob, of two globs the one with more fixed characters, then the one listed first).
 */
import { isAbsolute, join, normalize } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { expandHome, platform } from '../platform/environment.ts';
import { volumePlace } from '../platform/docker.ts';
import { exists } from '../platform/files.ts';
import type { Fill } from '../product/fill.ts';
import { compileGlob, specificity } from '../product/glob.ts';
import type { ConfigFile, Descriptor, Item, Place } from '../product/schema.ts';
import { readConfig, valueAt, type ConfigText } from './config-file.ts';
import { expandGlob } from './expand-glob.ts';
import { isWithin, nameBelow } from './paths.ts';
import { knownVolumes, volumeNames } from './volumes.ts';

/** One item of an install, found on this machine. */
export interface ResolvedItem {
  item: Item;
  /** `volume`: a Docker volume, whose content is not in files here. */
  kind: 'files' | 'keys' | 'slot' | 'volume';
  /**
   * Absolute: what exists, else the one place where it would be. For keys the config file; for a glob that matches nothing the home
   * folder with the glob, which is for showing only; none for a part of a release where there is no release. A volume is
   * `docker-volume:NAME`, see `platform/docker.ts`.
   */
  paths: string[];
  /** Beside each of `paths`: its name below the home folder with forward slashes, or its last part where it is outside. */
  names: string[];
  exists: boolean;
  keys?: { file: string; format: 'yaml' | 'json' | 'env' | 'ini'; keys: string[] };
  outsideHome: boolean;
  /** Files that a datastore keeps beside its own; filled in by who knows the datastore's driver, empty here. */
  companions: string[];
}

export interface Whereabouts {
  home: string;
  /** The folder of the active release. */
  slot: string | null;
  fill: Fill;
  /**
   * Hears what is wrong with a config file that names places. With it nothing is thrown: the items are then where they would be
   * without that file, which is good enough to look, to stop and to go back, and for nothing else.
   */
  onUnclear?: (failure: Failure) => void;
}

/** A candidate place, looked at. `precision` tells how precisely each path was named. */
interface Candidate {
  kind: ResolvedItem['kind'];
  found: { path: string; precision: number }[];
  otherwise: string[];
  keys?: NonNullable<ResolvedItem['keys']>;
}

interface Scene extends Whereabouts {
  descriptor: Descriptor;
  /** Config files that were read already; a promise each, so that each is read once. */
  configs: Map<string, Promise<ConfigText | null>>;
}

/**
 * All items in the descriptor's order. Throws `bad-config` where a config file that names places cannot be read or names no path, and
 * `outside-roots` where a setting leads out of the home folder and its item may not be there.
 */
export async function resolveItems(descriptor: Descriptor, where: Whereabouts): Promise<ResolvedItem[]> {
  const scene: Scene = { ...where, home: normalize(where.home), descriptor, configs: new Map() };
  const chosen: Candidate[] = [];
  for (const item of descriptor.items) chosen.push(await choose(scene, item));
  leaveToOthers(chosen);
  return descriptor.items.map((item, index) => describe(scene, item, chosen[index] as Candidate));
}

/** The value of an option of one of the product's config files; `undefined` where there is no file or no such option. */
export async function configValue(descriptor: Descriptor, home: string, setting: { config: string; key: string }): Promise<unknown> {
  const file = configNamed(descriptor, setting.config);
  const config = await readConfig(join(home, file.path), file.format);
  return config === null ? undefined : valueAt(config, setting.key);
}

async function choose(scene: Scene, item: Item): Promise<Candidate> {
  let first: Candidate | null = null;
  for (const place of item.at) {
    const candidate = await look(scene, item, place);
    if (candidate.found.length > 0) return candidate;
    // A setting that names a place decides, even when nothing is there yet.
    if (first === null || ('setting' in place && first.otherwise.length === 0)) first = candidate;
  }
  return first as Candidate;
}

async function look(scene: Scene, item: Item, place: Place): Promise<Candidate> {
  const { home, slot } = scene;
  if ('keys' in place) return lookForKeys(scene, place.keys);
  if ('dockerVolume' in place) return lookForVolume(scene, place.dockerVolume);
  if ('glob' in place) {
    const glob = compileGlob(place.glob);
    const found = await expandGlob(home, place.glob);
    return {
      kind: 'files',
      found: found.map((name) => ({ path: join(home, name), precision: specificity(glob, name) })),
      otherwise: [join(home, place.glob)],
    };
  }
  const kind = 'slot' in place ? 'slot' : 'files';
  const path =
    'slot' in place ? slot && join(slot, place.slot) : 'path' in place ? join(home, place.path) : await settingPlace(scene, item, place);
  if (path === null) return { kind, found: [], otherwise: [] };
  return { kind, found: (await exists(path)) ? [{ path, precision: Number.MAX_SAFE_INTEGER }] : [], otherwise: [path] };
}

async function lookForVolume(scene: Scene, template: string): Promise<Candidate> {
  const names = volumeNames(template, scene.home, scene.descriptor);
  const there = await knownVolumes();
  const found = names.find((name) => there?.includes(name) === true);
  return {
    kind: 'volume',
    found: found === undefined ? [] : [{ path: volumePlace(found), precision: Number.MAX_SAFE_INTEGER }],
    otherwise: [volumePlace(names[0] ?? template)],
  };
}

async function lookForKeys(scene: Scene, place: { config: string; keys: string[] }): Promise<Candidate> {
  const file = configNamed(scene.descriptor, place.config);
  const path = join(scene.home, file.path);
  const config = await configOf(scene, file);
  const there = config !== null && place.keys.some((key) => valueAt(config, key) !== undefined);
  const format = file.format as Exclude<ConfigFile['format'], 'text'>;
  return { kind: 'keys', found: there ? [{ path, precision: 0 }] : [], otherwise: [path], keys: { file: path, format, keys: place.keys } };
}

async function settingPlace(scene: Scene, item: Item, place: Extract<Place, { setting: unknown }>): Promise<string | null> {
  const file = configNamed(scene.descriptor, place.setting.config);
  const config = await configOf(scene, file);
  const value = config === null ? undefined : valueAt(config, place.setting.key);
  const byDefault = place.default === undefined ? await otherwisePlace(scene, place.otherwise) : join(scene.home, place.default);
  if (value === undefined || value === null || value === '') return byDefault;
  try {
    return placeNamed(scene, item, place, value);
  } catch (error) {
    return unclear(scene, error, byDefault);
  }
}

/** The first of the product's own further places that exists, else the first. */
async function otherwisePlace(scene: Scene, places: readonly string[] | undefined): Promise<string | null> {
  const paths = (places ?? []).map((path) => expandHome(scene.fill(path)));
  for (const path of paths) if (await exists(path)) return path;
  return paths[0] ?? null;
}

/** The place that a setting's value names. */
function placeNamed(scene: Scene, item: Item, place: Extract<Place, { setting: unknown }>, value: unknown): string {
  const file = configNamed(scene.descriptor, place.setting.config);
  const source = `${join(scene.home, file.path)}: ${place.setting.key}`;
  if (typeof value !== 'string' || /[\u0000-\u001f]/.test(value)) {
    throw new Failure('bad-config', `${source} should name the place of "${item.title}", but is not a path`, {
      remedy: { action: 'edit-config', text: `Write a path as the value of ${place.setting.key}.` },
      details: { path: join(scene.home, file.path), key: place.setting.key },
    });
  }
  const path = placeOf(scene.home, value);
  if (item.mayLeaveHome || isWithin(scene.home, path)) return path;
  throw new Failure(
    'outside-roots',
    `${source} puts "${item.title}" at ${path}, outside the home folder ${scene.home}, where this product's descriptor does not allow it`,
    {
      remedy: { action: 'edit-config', text: `Set ${place.setting.key} to a path inside the home folder.` },
      details: { item: item.id, path },
    },
  );
}

/** A relative path is inside the home folder; `~` is the person's own. A separator at the end says nothing. */
function placeOf(home: string, value: string): string {
  const isHome = value === '~' || value.startsWith('~/') || (platform() === 'windows' && value.startsWith('~\\'));
  const path = isHome ? expandHome(value) : isAbsolute(value) ? value : join(home, value);
  return normalize(path).replace(/(?<=[^/\\:])[/\\]+$/, '');
}

/** Of two items that found the same path, the one that named it less precisely leaves it to the other. */
function leaveToOthers(chosen: readonly Candidate[]): void {
  const owners = new Map<string, { candidate: Candidate; precision: number }>();
  for (const candidate of chosen.filter((one) => one.kind === 'files')) {
    for (const { path, precision } of candidate.found) {
      const owner = owners.get(path);
      if (owner === undefined || precision > owner.precision) owners.set(path, { candidate, precision });
    }
  }
  for (const candidate of chosen.filter((one) => one.kind === 'files')) {
    candidate.found = candidate.found.filter(({ path }) => owners.get(path)?.candidate === candidate);
  }
}

function describe(scene: Scene, item: Item, candidate: Candidate): ResolvedItem {
  const there = candidate.found.length > 0;
  const paths = there ? candidate.found.map((one) => one.path) : candidate.otherwise;
  return {
    item,
    kind: candidate.kind,
    paths,
    names: candidate.kind === 'volume' ? paths : paths.map((path) => nameBelow(scene.home, path)),
    exists: there,
    ...(candidate.keys && { keys: candidate.keys }),
    outsideHome: candidate.kind !== 'volume' && paths.some((path) => !isWithin(scene.home, path)),
    companions: [],
  };
}

function configOf(scene: Scene, file: ConfigFile): Promise<ConfigText | null> {
  const known = scene.configs.get(file.id);
  if (known) return known;
  const reading = readConfig(join(scene.home, file.path), file.format).catch((error: unknown) => unclear(scene, error, null));
  scene.configs.set(file.id, reading);
  return reading;
}

/** Tells what is unclear and goes on with `instead`, where somebody hears it; else throws it. */
function unclear<T>(scene: Scene, error: unknown, instead: T): T {
  if (scene.onUnclear === undefined || !(error instanceof Failure)) throw error;
  scene.onUnclear(error);
  return instead;
}

function configNamed(descriptor: Descriptor, id: string): ConfigFile {
  const file = descriptor.config.find((entry) => entry.id === id);
  if (file === undefined) throw new Failure('internal', `the descriptor of ${descriptor.product} has no config file "${id}"`);
  return file;
}
