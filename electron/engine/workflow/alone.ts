/**
 * Which items of a backup may be put back without the others. An item goes back alone when what stays fits to it: data of another schema
 * version beside files that were migrated, or a config file that names other places, does not. Looks only.
 */
import { Failure } from '../../api/failure.ts';
import type { BackupManifest } from '../backup/backup-format.ts';
import { readSmallFile } from '../backup/read-backup.ts';
import { parseConfig, readConfig, valueAt, type ConfigText } from '../install/config-file.ts';
import type { Place } from '../product/schema.ts';
import type { SchemaFacts } from './facts.ts';
import type { OpenedInstall } from './kit.ts';

/** Bytes. */
const largestConfig = 4 * 1024 * 1024;

/**
 * Why an item cannot go back alone, as the end of a sentence; null when it can. `as`: only that file of it.
 * Where something cannot be told, the answer is no: promise 6 holds without exceptions.
 */
export async function whyTogether(
  opened: OpenedInstall,
  schema: SchemaFacts,
  manifest: BackupManifest,
  path: string,
  id: string,
  as?: string,
): Promise<string | null> {
  const item = opened.items.find((entry) => entry.item.id === id);
  if (item === undefined) return `${opened.descriptor.title} has no such item any more`;
  if (item.kind === 'slot') return 'releases are not in backups: upgrade, or roll back';
  if (!item.item.backup) return 'no backup holds it: the product makes it anew';
  if (item.kind === 'keys') return whyKeysTogether(opened, manifest, path, id);
  if (opened.descriptor.datastores.some((spec) => spec.item === id)) return whyDataTogether(opened, schema, manifest);
  return whyPlacesTogether(opened, manifest, path, id, as);
}

/** The config file that holds an item's keys, as the backup names it; null where it is not in it. */
export function configPlace(opened: OpenedInstall, manifest: BackupManifest, id: string): { item: string; as: string } | null {
  const file = opened.items.find((entry) => entry.item.id === id)?.keys?.file;
  const name = file?.slice(opened.home.length + 1);
  for (const { item, places } of manifest.items) if (places.some((place) => place.relativeToHome === name)) return { item, as: name ?? '' };
  return null;
}

/** Whether the values of an item inside a config file differ from those in the backup; false where they cannot be told. */
export async function keysDiffer(opened: OpenedInstall, manifest: BackupManifest, path: string, id: string): Promise<boolean> {
  const from = configPlace(opened, manifest, id);
  const keys = opened.items.find((entry) => entry.item.id === id)?.keys;
  if (from === null || keys === undefined) return false;
  const [then, now] = [await configInBackup(path, from, keys.format), await readConfig(keys.file, keys.format).catch(() => null)];
  if (then === null || now === null) return false;
  return keys.keys.some((key) => JSON.stringify(valueAt(then, key)) !== JSON.stringify(valueAt(now, key)));
}

export function refusedAlone(opened: OpenedInstall, id: string, reason: string): Failure {
  const title = opened.items.find((entry) => entry.item.id === id)?.item.title ?? id;
  return new Failure('unsupported', `${title} cannot be restored alone: ${reason}`, {
    remedy: {
      action: 'restore-backup',
      text: 'Restore all of the backup, or take it out beside the install.',
      command: 'moult restore --help',
    },
    details: { item: id },
  });
}

function whyDataTogether(opened: OpenedInstall, schema: SchemaFacts, manifest: BackupManifest): string | null {
  if (opened.descriptor.ledger === undefined) {
    const isSame = manifest.release !== null && manifest.release === opened.record.release;
    return isSame
      ? null
      : `${manifest.release ?? 'an unknown release'} wrote it and ${opened.record.release ?? 'no release'} is there; nothing tells whether they fit`;
  }
  const [then, now] = [manifest.schema.version, schema.version];
  if (then === null || now === null) return `the schema version ${then === null ? 'of the backup' : 'that is there'} cannot be told`;
  return then === now
    ? null
    : `its schema is ${then}, and what is there is at ${now}; files that were migrated with it would not fit to it`;
}

async function whyKeysTogether(opened: OpenedInstall, manifest: BackupManifest, path: string, id: string): Promise<string | null> {
  const from = configPlace(opened, manifest, id);
  const keys = opened.items.find((entry) => entry.item.id === id)?.keys;
  if (from === null || keys === undefined) return 'the backup does not hold the config file that it is in';
  const then = await configInBackup(path, from, keys.format);
  if (then === null) return 'the config file in the backup cannot be read';
  if ((await readConfig(keys.file, keys.format).catch(() => null)) === null)
    return 'the config file that is there cannot be read; restore the whole file';
  return keys.keys.some((key) => valueAt(then, key) !== undefined) ? null : 'the config file in the backup does not have it';
}

/** A config file goes back alone only where it leaves every other item where it is. */
async function whyPlacesTogether(
  opened: OpenedInstall,
  manifest: BackupManifest,
  path: string,
  id: string,
  as: string | undefined,
): Promise<string | null> {
  for (const config of opened.descriptor.config) {
    const settings = opened.descriptor.items.flatMap((item) =>
      item.at
        .filter((place): place is Extract<Place, { setting: unknown }> => 'setting' in place && place.setting.config === config.id)
        .map((place) => ({ item, key: place.setting.key })),
    );
    if (config.format === 'text' || settings.length === 0 || (as !== undefined && as !== config.path && !config.path.startsWith(`${as}/`)))
      continue;
    if (!manifest.items.some((entry) => entry.item === id && entry.places.some((place) => place.relativeToHome === config.path))) continue;
    const then = await configInBackup(path, { item: id, as: config.path }, config.format);
    const now = await readConfig(`${opened.home}/${config.path}`, config.format).catch(() => null);
    // A file that is broken or gone names no place that could become another.
    if (then === null || now === null) continue;
    const moved = settings.find(({ key }) => JSON.stringify(valueAt(then, key) ?? null) !== JSON.stringify(valueAt(now, key) ?? null));
    if (moved !== undefined) return `its ${moved.key} names another place for "${moved.item.title}" than the file that is there`;
  }
  return null;
}

async function configInBackup(path: string, from: { item: string; as: string }, format: ConfigText['format']): Promise<ConfigText | null> {
  const content = await readSmallFile(path, `items/${from.item}/${from.as}`, largestConfig);
  if (content === null) return null;
  try {
    return parseConfig(content.toString('utf8'), format, from.as);
  } catch {
    return null;
  }
}
