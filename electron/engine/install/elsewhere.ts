/** Looks for further datastores of one install: folders in its home, and volumes of Docker. Looks only; a missing Docker has none. */
import { join } from 'node:path';
import { exists } from '../platform/files.ts';
import { answerWithin } from '../platform/short-answer.ts';
import type { Fill } from '../product/fill.ts';
import type { Descriptor } from '../product/schema.ts';
import type { ResolvedItem } from './items.ts';

/** Seconds for Docker to list its volumes: a daemon that hangs must not hang Moult. */
const dockerLimit = 5;

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
  fill: Fill,
): Promise<DatastoresFound | null> {
  if (descriptor.elsewhere.length === 0) return null;
  const stores = items.filter((one) => descriptor.datastores.some((spec) => spec.item === one.item.id));
  const live = stores.find((one) => one.exists)?.paths[0] ?? null;
  const own = new Set(stores.filter((one) => one.exists).flatMap((one) => one.paths));
  const others: string[] = [];
  const volumes = descriptor.elsewhere.some((place) => 'dockerVolume' in place) ? await dockerVolumes() : [];
  for (const place of descriptor.elsewhere) {
    if ('path' in place) {
      const path = join(home, place.path);
      if (!own.has(path) && (await exists(path))) others.push(path);
    } else if (volumes.includes(fill(place.dockerVolume))) others.push(`the Docker volume ${fill(place.dockerVolume)}`);
  }
  return { live, others };
}

async function dockerVolumes(): Promise<string[]> {
  const listed = await answerWithin(['docker', 'volume', 'ls', '--format', '{{.Name}}'], dockerLimit);
  return listed === null ? [] : listed.split('\n').map((line) => line.trim());
}
