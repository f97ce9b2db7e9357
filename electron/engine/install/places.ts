/**
 * Guards the owned roots: whatever settings and links say, no item may be where it would take more than itself with it. Looks and
 * changes nothing; asked again right before anything is moved.
 */
import { dirname, join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { exists, readLink, statOrNull } from '../platform/files.ts';
import { readMounts, type Mounts } from '../platform/mounts.ts';
import { moultFolderOf } from './moult-folder.ts';
import { isSamePath, isWithin, realPathSoFar } from './paths.ts';
import type { ResolvedItem } from './items.ts';
import { mountRefusal, refusalOf } from './protected-places.ts';

/** The folders in which Moult may change anything: the home folder and the places outside it that settings name. */
export function ownedRoots(home: string, items: readonly ResolvedItem[]): string[] {
  return [home, ...items.filter((one) => one.kind === 'files' && one.outsideHome).flatMap((one) => one.paths)];
}

/** One place of an item with links resolved. */
interface Spot {
  one: ResolvedItem;
  path: string;
  real: string;
  /** Whether the place itself is a link, not only something above it. */
  isLink: boolean;
}

/** Throws `outside-roots` for the first place that an install may not own. Parts of a release are not looked at: Moult made them. */
export async function checkPlaces(home: string, items: readonly ResolvedItem[]): Promise<void> {
  const { staging, slots, trash, journal } = moultFolderOf(home);
  for (const folder of [staging, slots, trash, journal]) await checkWithin(home, folder);
  const mounts = await readMounts();
  const realHome = await realPathSoFar(home);
  const spots: Spot[] = [];
  for (const one of items.filter((item) => item.kind === 'files')) {
    for (const path of one.paths)
      spots.push({ one, path, real: await realPathSoFar(path), isLink: (await statOrNull(path))?.isSymbolicLink() === true });
  }
  const byRealPath = Map.groupBy(spots, (spot) => spot.real);
  for (const spot of spots) {
    if (isWithin(home, spot.path)) await checkInside(realHome, spot, mounts);
    else await checkOutside(home, realHome, spot, mounts);
    if (mounts.isBelow(spot.real)) throw refuse(spot, 'has a disk or share of its own mounted inside');
    await checkLink(spot, spots);
    for (let folder = spot.real; ; folder = dirname(folder)) {
      for (const other of byRealPath.get(folder) ?? []) if (other.one !== spot.one) checkNeighbour(spot, other);
      if (folder === dirname(folder)) break;
    }
  }
}

/** Throws `outside-roots` where a path in the home folder is reached through a link that leaves it. */
export async function checkWithin(home: string, path: string): Promise<void> {
  const real = await realPathSoFar(path);
  if (isWithin(home, path) && !isWithin(await realPathSoFar(home), real)) throw leadsElsewhere(path, real);
}

/** The error for a path that was replaced by a link, or is below one. */
export function leadsElsewhere(path: string, real: string): Failure {
  return new Failure('outside-roots', `${path} is reached through a link: it leads to ${real}. Nothing was moved or written through it`, {
    remedy: { action: 'retry', text: 'Put the folder that belongs there back in place of the link, and try again.' },
    details: { path, real },
  });
}

async function checkInside(realHome: string, spot: Spot, mounts: Mounts): Promise<void> {
  const { real } = spot;
  if (isSamePath(real, realHome)) throw refuse(spot, 'is the whole home folder');
  if (isWithin(real, realHome)) throw refuse(spot, 'holds the home folder');
  if (!isWithin(realHome, real)) throw refuse(spot, `is reached through a link that leaves the home folder: it leads to ${real}`);
  if (isWithin(join(realHome, '.moult'), real)) throw refuse(spot, "leads into .moult, which is Moult's own folder");
  if (await mounts.isAt(real)) throw refuse(spot, mountRefusal);
}

async function checkOutside(home: string, realHome: string, spot: Spot, mounts: Mounts): Promise<void> {
  const { path, real } = spot;
  if (isWithin(real, realHome)) throw refuse(spot, isSamePath(real, realHome) ? 'is the whole home folder' : 'holds the home folder');
  if (!spot.one.item.mayLeaveHome) throw refuse(spot, `is outside the home folder ${home}`);
  const refusal = await refusalOf(path, mounts);
  if (refusal !== null) throw refuse(spot, refusal);
}

/** Renaming a link leaves its target behind: an item that is a link is only whole when the target belongs to an item too. */
async function checkLink(spot: Spot, spots: readonly Spot[]): Promise<void> {
  if (!spot.isLink) return;
  const target = await readLink(spot.path);
  if (spot.one.outsideHome) throw refuse(spot, `is a link to ${target}; name the folder itself in the setting`);
  const isOwned = spots.some((other) => !other.isLink && isWithin(other.real, spot.real));
  if (!isOwned && (await exists(spot.real)))
    throw refuse(spot, `is a link to ${target}, which belongs to no item: its content would be in no backup`);
}

/** An item inside another goes where that one goes, so their fates have to agree; and a path has one owner. */
function checkNeighbour(spot: Spot, other: Spot): void {
  const name = `"${other.one.item.title}" (${other.path})`;
  if (isSamePath(other.real, spot.real)) {
    // Inside the home folder one of two places may be a link to the other.
    if (!isSamePath(other.path, spot.path) && !spot.one.outsideHome && !other.one.outsideHome) return;
    throw refuse(spot, `is also the place of ${name}`);
  }
  for (const action of ['upgrade', 'uninstall', 'purge'] as const) {
    if (stays(spot.one.item.fate[action]) && !stays(other.one.item.fate[action])) {
      throw refuse(spot, `is inside ${name}, whose fate on ${action} is ${other.one.item.fate[action]}, while this is to stay`);
    }
  }
}

function stays(fate: string): boolean {
  return fate === 'preserve' || fate === 'keep' || fate === 'migrate';
}

function refuse({ one, path }: Spot, why: string): Failure {
  return new Failure('outside-roots', `the place of "${one.item.title}" is refused: ${path} ${why}`, {
    remedy: { action: 'edit-config', text: 'Give it a folder of its own, inside the home folder or elsewhere.' },
    details: { item: one.item.id, path },
  });
}
