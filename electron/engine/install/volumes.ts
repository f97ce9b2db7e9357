/** Docker volumes that may belong to an install: their names, and whether they are there. */
import { dirname, join } from 'node:path';
import { ticks } from '../platform/clock.ts';
import { listVolumes } from '../platform/docker.ts';
import { hashText } from '../platform/tree.ts';
import type { Descriptor } from '../product/schema.ts';

/**
 * What a template with `{home-hash}` may stand for, the most likely first: products name the project of their containers for the hash of the
 * home's path as it is written, links in it not followed, so that a home which is reached under an older name has another hash.
 */
export function volumeNames(template: string, home: string, { home: { names } }: Pick<Descriptor, 'home'>): string[] {
  if (!template.includes('{home-hash}')) return [template];
  const homes = new Set([home, ...names.map((name) => join(dirname(home), name))]);
  return [...homes].map((path) => template.replaceAll('{home-hash}', hashText(path).slice(0, 12)));
}

/** Names of all volumes; null where Docker does not answer. One that hangs is not asked again for a while: many questions follow each other. */
export async function knownVolumes(): Promise<readonly string[] | null> {
  if (ticks() < silentUntil) return null;
  const from = ticks();
  const volumes = await listVolumes();
  if (volumes === null && ticks() - from > hanging) silentUntil = ticks() + silence;
  return volumes;
}

/** Milliseconds: what passes for hanging, and for how long it is left alone. */
const hanging = 3000;
const silence = 20_000;
let silentUntil = 0;
