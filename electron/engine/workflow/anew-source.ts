/** What a file tells to somebody who has nothing else: a backup of Moult, or one that a product made by itself. Looks only. */
import { isAbsolute, join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import type { PlanItem } from '../../api/models.ts';
import type { BackupManifest } from '../backup/backup-format.ts';
import { listMembers, readManifest, readSmallFile } from '../backup/read-backup.ts';
import { parseConfig, type ConfigText } from '../install/config-file.ts';
import type { Descriptor } from '../product/schema.ts';
import type { HeldStore } from './laid-down.ts';
import { catalogue, findProduct, type Kit } from './kit.ts';
import { listOwn, makerOf, readOwnBackup, readOwnConfig, type OwnBackup } from './own-backup.ts';

export interface AnewSource {
  descriptor: Descriptor;
  /** Null for one that the product made. */
  manifest: BackupManifest | null;
  own: OwnBackup | null;
  release: string | null;
  schema: string | null;
  created: string;
  /** The home folder that it is of; null where it does not tell. */
  homeThen: string | null;
  configs: ReadonlyMap<string, ConfigText>;
  /** Bytes for what is unpacked of it. */
  contentBytes: number;
  stores: HeldStore[];
}

/** Throws as `readManifest` does for what is neither of the two. */
export async function readSource(kit: Kit, path: string): Promise<AnewSource> {
  const manifest = await readManifest(path).catch(async (error: unknown) => {
    if (!(error instanceof Failure) || error.code !== 'bad-backup') throw error;
    const maker = await makerOfFile(kit, path);
    if (maker === null) throw error;
    return maker;
  });
  return 'id' in manifest ? ofMoult(kit, path, manifest) : ofProduct(manifest, path);
}

/** The product that made a file by itself; null for any other file. */
export async function makerOfFile(kit: Kit, path: string): Promise<Descriptor | null> {
  const { products } = await catalogue(kit);
  return makerOf(
    products.map(({ descriptor }) => descriptor),
    path,
  );
}

async function ofMoult(kit: Kit, path: string, manifest: BackupManifest): Promise<AnewSource> {
  const { descriptor } = await findProduct(kit, manifest.product);
  const configs = await configsWith(descriptor, async (config) => {
    const owner = manifest.items.find((item) => item.places.some((place) => place.relativeToHome === config));
    const content = owner === undefined ? null : await readSmallFile(path, `items/${owner.item}/${config}`, 4 * 1024 * 1024);
    return content?.toString('utf8') ?? null;
  });
  const stores: HeldStore[] = [];
  for (const { item, kind, places } of manifest.items) {
    const [place] = places;
    if (place === undefined || !descriptor.datastores.some((spec) => spec.item === item)) continue;
    const version = kind === 'dump' ? null : await readSmallFile(path, `items/${item}/${place.as}/PG_VERSION`, 100);
    stores.push({ item, major: version?.toString('utf8').trim() ?? null });
  }
  const { release, schema, created, contentBytes } = manifest;
  return {
    descriptor,
    manifest,
    own: null,
    release,
    schema: schema.version,
    created,
    homeThen: homeThen(manifest),
    configs,
    contentBytes,
    stores,
  };
}

async function ofProduct(descriptor: Descriptor, path: string): Promise<AnewSource> {
  const own = await readOwnBackup(descriptor, path);
  if (own === null) throw new Failure('bad-backup', `${path} is no backup of ${descriptor.title}`);
  const configs = await configsWith(descriptor, async (config) => readOwnConfig(own, config));
  return {
    descriptor,
    manifest: null,
    own,
    release: own.release,
    schema: own.schema,
    created: own.created ?? 'an unknown time',
    homeThen: null,
    configs,
    // Unpacked, as a datastore and as a backup.
    contentBytes: own.bytes * 3,
    stores: own.dump === null ? [] : [{ item: own.dump.datastore, major: null }],
  };
}

async function configsWith(descriptor: Descriptor, read: (path: string) => Promise<string | null>): Promise<Map<string, ConfigText>> {
  const configs = new Map<string, ConfigText>();
  for (const config of descriptor.config) {
    const text = await read(config.path);
    if (text !== null) configs.set(config.id, parseConfig(text, config.format, config.path));
  }
  return configs;
}

/** The home folder of the install that was backed up, by any of the places inside it. */
function homeThen({ items }: BackupManifest): string | null {
  for (const { path, relativeToHome } of items.flatMap((item) => item.places))
    if (relativeToHome !== null && isAbsolute(path) && path.endsWith(`/${relativeToHome}`))
      return path.slice(0, -relativeToHome.length - 1);
  return null;
}

export type HeldItem = Pick<PlanItem, 'files' | 'bytes' | 'list'>;

/** What a file holds of each item, each of its files where it would be in `home`. */
export async function heldBySource(
  { own, manifest }: Pick<AnewSource, 'own' | 'manifest'>,
  path: string,
  home: string,
  placeOf: (item: string) => string,
): Promise<Map<string, HeldItem>> {
  const held = new Map<string, HeldItem>();
  const add = (item: string, file: string, bytes: number) => {
    const known = held.get(item) ?? { files: 0, bytes: 0, list: [] };
    held.set(item, known);
    known.files += 1;
    known.bytes += bytes;
    if (known.list.length < 10_000) known.list.push({ path: file, bytes, change: 'added' });
  };
  if (own === null) {
    const places = new Map((manifest?.items ?? []).map((item) => [item.item, item]));
    for await (const { item, as, kind, bytes } of listMembers(path)) {
      if (kind === 'folder') continue;
      const told = places.get(item);
      const outside = told?.places.find((place) => place.relativeToHome === null && (as === place.as || as.startsWith(`${place.as}/`)));
      const file = outside === undefined ? join(home, as) : `${outside.path}${as.slice(outside.as.length)}`;
      add(item, told?.kind === 'dump' ? placeOf(item) : file, bytes);
    }
    return held;
  }
  for (const { item, as, below, bytes } of await listOwn(own)) add(item, as === null ? `${placeOf(item)}${below}` : join(home, as), bytes);
  return held;
}
