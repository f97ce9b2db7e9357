/**
 * Where the content of a backup belongs. A backup says itself where each item was, and a backup may lie: a place counts only where the
 * item it names can be, inside the home folder or where a setting has put it. Looks only.
 */
import { isAbsolute, join, normalize } from 'node:path';
import { Failure } from '../../api/failure.ts';
import type { BackupManifest } from '../backup/backup-format.ts';
import type { ResolvedItem } from '../install/items.ts';
import { isSamePath, isWithin, realPathSoFar } from '../install/paths.ts';
import { refusalOf } from '../install/protected-places.ts';
import { exists } from '../platform/files.ts';
import { compileGlob, matchesGlob } from '../product/glob.ts';
import { parseVolumePlace, volumePlace } from '../platform/docker.ts';
import { datastoreItems, type OpenedInstall } from './kit.ts';

export interface BackupPlace {
  item: string;
  /** Its name in the backup. */
  as: string;
  /** Absolute: where it belongs. */
  live: string;
  /** Where it was when the backup was made; not of a dump. */
  was?: string;
  /** It is a dump, to be played into a datastore. */
  dump: boolean;
}

/**
 * The places of every item that the product still has, outer ones first, so that what is inside another comes after it.
 * `own`: the running operation made the backup itself, so what it says was looked up minutes ago.
 * Throws `outside-roots` for a place that the install may not own.
 */
export async function placesOfBackup(opened: OpenedInstall, manifest: BackupManifest, own: boolean): Promise<BackupPlace[]> {
  const places: BackupPlace[] = [];
  for (const { item: id, kind, places: told } of manifest.items) {
    const store = opened.items.find((known) => known.item.id === id && known.kind === 'volume');
    if (kind === 'dump' || store !== undefined) {
      places.push(...datastorePlaces(opened, id, kind, told));
      continue;
    }
    const resolved = opened.items.find((known) => known.item.id === id && known.kind === 'files');
    if (resolved === undefined) continue;
    for (const { as, path, relativeToHome } of told) {
      const live = normalize(relativeToHome === null ? path : join(opened.home, relativeToHome)).replace(/(?<=[^/\\:])[/\\]+$/, '');
      const refusal = isWithin(opened.home, live) ? await refusalInside(opened, resolved, live) : await refusalOutside(resolved, live, own);
      if (refusal !== null) throw refused(resolved, live, refusal);
      places.push({ item: id, as, live, was: path, dump: false });
    }
  }
  return places.sort((one, other) => one.live.length - other.live.length);
}

/** A dump goes into the datastore that the install has, wherever that was when the backup was made: it says nothing of places. */
function datastorePlaces(
  opened: OpenedInstall,
  id: string,
  kind: BackupManifest['items'][number]['kind'],
  told: BackupManifest['items'][number]['places'],
): BackupPlace[] {
  const found = datastoreItems(opened).find(({ item }) => item.item.id === id);
  if (found === undefined) return [];
  const volume = parseVolumePlace(found.item.paths[0] ?? '')?.volume ?? null;
  if (volume !== null && kind !== 'dump') throw notForDocker(found.item, volume);
  const { spec } = found.store;
  const live =
    volume === null ? found.item.paths[0] : 'database' in spec ? volumePlace(volume, { name: spec.database, role: spec.role }) : undefined;
  return live === undefined ? [] : told.map(({ as }) => ({ item: id, as, live, dump: true }));
}

function notForDocker(resolved: ResolvedItem, volume: string): Failure {
  return new Failure(
    'unsupported',
    `the backup holds "${resolved.item.title}" as files, and this install keeps it in the Docker volume ${volume}, where only a dump can be played`,
    {
      remedy: {
        action: 'restore-backup',
        text: "Restore a backup that was made in Docker, or one that the product's own command made.",
        command: 'moult backups',
      },
      details: { item: resolved.item.id, volume },
    },
  );
}

async function refusalInside(opened: OpenedInstall, resolved: ResolvedItem, live: string): Promise<string | null> {
  if (isSamePath(live, opened.home)) return 'is the whole home folder';
  if (isWithin(opened.folder.root, live)) return "is inside Moult's own folder";
  if (!isWithin(await realPathSoFar(opened.home), await realPathSoFar(live)))
    return 'is reached through a link that leaves the home folder';
  if ([...resolved.paths, ...resolved.companions].includes(live)) return null;
  return canBeAt(opened, resolved, live) ? null : 'is no place of this item';
}

/** Whether an item that is elsewhere or nowhere now may have been at a path inside the home folder. */
function canBeAt(opened: OpenedInstall, resolved: ResolvedItem, live: string): boolean {
  const name = live.slice(opened.home.length + 1);
  const others = opened.items.filter((other) => other !== resolved && other.kind === 'files').flatMap((other) => other.paths);
  return resolved.item.at.some((place) => {
    if ('path' in place) return normalize(place.path) === name;
    if ('glob' in place) return matchesGlob(compileGlob(place.glob), name);
    return 'setting' in place && !others.some((other) => isWithin(live, other) || isWithin(other, live));
  });
}

async function refusalOutside(resolved: ResolvedItem, live: string, own: boolean): Promise<string | null> {
  if (!isAbsolute(live)) return 'is not an absolute path';
  if (!resolved.item.mayLeaveHome) return 'is outside the home folder';
  if (resolved.paths.includes(live)) return null;
  // It was somewhere else when the backup was made. What stands there now may be anybody's.
  if (!own && (await exists(live))) return 'is where it was then, but is taken by something that does not belong to the install now';
  return refusalOf(live);
}

function refused(resolved: ResolvedItem, live: string, why: string): Failure {
  return new Failure('outside-roots', `the backup puts "${resolved.item.title}" at ${live}, which ${why}. Nothing was touched.`, {
    remedy: { action: 'restore-backup', text: 'Move away what stands there, or choose another backup.', command: 'moult backups' },
    details: { item: resolved.item.id, path: live },
  });
}
