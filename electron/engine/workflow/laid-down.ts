/**
 * What no backup holds and a datastore cannot be read without: the programs of its server that the product fetches into its home at its first
 * start. On a machine where nothing of the product is, only the product can lay them down.
 */
import type { ResolvedItem } from '../install/items.ts';
import { isWithin } from '../install/paths.ts';
import { findPrograms, postgresStore } from '../datastore/postgres-store.ts';
import { datastoreItems, type OpenedInstall } from './kit.ts';

/** A datastore that a backup holds. `major`: the version of the server that its files are of; null for a dump, which any can play. */
export interface HeldStore {
  item: string;
  major: string | null;
}

/**
 * What the product has to lay down before what a backup holds can be put in place, in words; none where the programs are on this machine
 * already, or come with the release. A dump always needs it: the settings of the server that it is played into are the product's to make.
 */
export async function toLayDown(opened: OpenedInstall, held: readonly HeldStore[]): Promise<string[]> {
  const titles = new Set<string>();
  for (const { driver, item, store } of datastoreItems(opened)) {
    const wanted = held.find((one) => one.item === item.item.id);
    if (driver !== 'postgres' || wanted === undefined) continue;
    const { binaries } = postgresStore(store);
    const found = await findPrograms(postgresStore(store));
    const isHere = found.some(({ major }) => wanted.major === null || wanted.major === major);
    const programs = isHere ? [] : opened.items.filter((one) => isOfServer(opened, one, binaries));
    for (const one of programs) titles.add(one.item.title);
    if (programs.length === 0 && wanted.major === null) titles.add(`an empty ${item.item.title}`);
  }
  return [...titles];
}

function isOfServer({ home }: OpenedInstall, { item, kind, paths }: ResolvedItem, binaries: readonly string[]): boolean {
  if (kind !== 'files' || item.backup) return false;
  return paths.some((path) => isWithin(home, path) && binaries.some((folder) => isWithin(path, folder)));
}
