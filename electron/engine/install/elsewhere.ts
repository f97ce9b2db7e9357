/** Looks for further datastores of one install: folders in its home, and volumes of Docker. Looks only; a missing Docker has none. */
import { join } from 'node:path';
import { hasDocker, volumePlace } from '../platform/docker.ts';
import { exists } from '../platform/files.ts';
import type { Descriptor } from '../product/schema.ts';
import type { ResolvedItem } from './items.ts';
import { knownVolumes, volumeNames } from './volumes.ts';

export interface DatastoresFound {
  /** Where the datastore is that Moult keeps; null where there is none. */
  live: string | null;
  /** Further ones, in words. */
  others: string[];
}

/** Null for a product that has its datastore in one place only. */
export async function findDatastores(
  descriptor: Descriptor,
  home: string,
  items: readonly ResolvedItem[],
): Promise<DatastoresFound | null> {
  if (descriptor.elsewhere.length === 0) return null;
  const stores = items.filter((one) => descriptor.datastores.some((spec) => spec.item === one.item.id));
  const live = stores.find((one) => one.exists)?.paths[0] ?? null;
  const own = new Set(stores.filter((one) => one.exists).flatMap((one) => one.paths));
  const others: string[] = [];
  const volumes = descriptor.elsewhere.some((place) => 'dockerVolume' in place) ? await knownVolumes() : [];
  for (const place of descriptor.elsewhere) {
    if ('path' in place) {
      const path = join(home, place.path);
      if (!own.has(path) && (await exists(path))) others.push(path);
      continue;
    }
    for (const name of volumeNames(place.dockerVolume, home, descriptor))
      if (volumes?.includes(name) === true && !own.has(volumePlace(name))) others.push(`the Docker volume ${name}`);
  }
  // Somebody who has Docker may have the data there: that nothing was found while it is silent says nothing.
  if (live === null && volumes === null && (await mayBeInDocker(descriptor, home)))
    others.push('a Docker volume, as it seems: Docker does not answer');
  return { live, others };
}

/** Whether the product left in its home what it runs Docker with. */
async function mayBeInDocker({ composeFile }: Descriptor, home: string): Promise<boolean> {
  return composeFile !== undefined && (await exists(join(home, composeFile))) && (await hasDocker());
}
