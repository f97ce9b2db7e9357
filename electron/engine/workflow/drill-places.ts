/** Where the content of a backup goes in a drill: never where it was, always below the folder of the drill. */
import { basename, dirname, join, normalize } from 'node:path';
import { Failure } from '../../api/failure.ts';
import type { BackupManifest } from '../backup/backup-format.ts';
import { isSamePath, isWithin } from '../install/paths.ts';
import { moultFolderOf } from '../install/moult-folder.ts';
import type { Descriptor } from '../product/schema.ts';

export interface ApartPlace {
  item: string;
  /** Its name in the backup. */
  as: string;
  /** Where it was when the backup was made. */
  was: string;
  /** Where it goes. */
  to: string;
}

/** The place of every item that the product still has, outer ones first. Throws `bad-archive` for one that leads out of the drill. */
export function placesApart(descriptor: Descriptor, home: string, manifest: BackupManifest): ApartPlace[] {
  const places: ApartPlace[] = [];
  for (const { item, places: told } of manifest.items) {
    if (!descriptor.items.some((one) => one.id === item)) continue;
    for (const { as, path, relativeToHome } of told) {
      const to =
        relativeToHome === null ? join(elsewhereOf(home), item, String(places.length), basename(path)) : join(home, relativeToHome);
      if (!isInside(home, normalize(to))) throw escapes(item, relativeToHome ?? path);
      places.push({ item, as, was: path, to: normalize(to) });
    }
  }
  return places.sort((one, other) => one.to.length - other.to.length);
}

/** Old paths and what stands in their place, the longest first: that of the home folder is the last resort. */
export function movedPaths(home: string, manifest: BackupManifest, places: readonly ApartPlace[]): [string, string][] {
  const told = manifest.items.flatMap((item) => item.places);
  const inside = told.find((place) => place.relativeToHome !== null && place.path.endsWith(`/${place.relativeToHome}`));
  const homes: [string, string][] = inside === undefined ? [] : [[inside.path.slice(0, -((inside.relativeToHome ?? '').length + 1)), home]];
  const outside = places.filter((place) => isWithin(elsewhereOf(home), place.to)).map(({ was, to }): [string, string] => [was, to]);
  return [...outside, ...homes].sort(([one], [other]) => other.length - one.length);
}

/** Beside the home of the copy: for what was outside the home folder. */
export function elsewhereOf(home: string): string {
  return join(dirname(home), 'elsewhere');
}

function isInside(home: string, path: string): boolean {
  if (isWithin(elsewhereOf(home), path)) return true;
  return isWithin(home, path) && !isSamePath(home, path) && !isWithin(moultFolderOf(home).root, path);
}

function escapes(item: string, place: string): Failure {
  return new Failure('bad-archive', `the backup puts "${item}" at ${place}, which leads out of the copy. Nothing was unpacked.`);
}
