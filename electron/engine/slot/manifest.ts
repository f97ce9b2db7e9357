import { join } from 'node:path';
import semver from 'semver';
import { z } from 'zod';
import { Failure } from '../../api/failure.ts';
import { platform } from '../platform/environment.ts';
import { readLink, readTextOrNull, statOrNull, writeDurably, type Stats } from '../platform/files.ts';
import { hashFile, walk } from '../platform/tree.ts';
import { inParallel } from './in-parallel.ts';

/** The newest format of a slot's manifest that this code knows. */
const knownFormat = 1;

const shippedFile = z.object({
  /** Below the slot, with forward slashes. */
  path: z.string().min(1),
  kind: z.enum(['file', 'link', 'folder']),
  bytes: z.number().int().nonnegative(),
  /** Permission bits. */
  mode: z.number().int().nonnegative(),
  sha256: z.string().nullable(),
  /** Where a link points. */
  target: z.string().optional(),
});

const shippedManifest = z.object({
  format: z.literal(knownFormat),
  release: z.string(),
  /** The checksum by which the feed knows the artifact: SHA-256 in hexadecimal, or Subresource Integrity. */
  artifact: z.string(),
  files: z.array(shippedFile),
});

export type ShippedFile = Omit<z.output<typeof shippedFile>, 'target'> & { target?: string };
export type ShippedManifest = Omit<z.output<typeof shippedManifest>, 'files'> & { files: ShippedFile[] };

export interface ShippedComparison {
  changed: string[];
  missing: string[];
  /** Files in the slot that the release did not ship. */
  foreign: string[];
}

/** Where a slot and its manifest are. Refuses what is no version, because it would be some other folder. */
export function slotPlaces(slots: string, release: string): { slot: string; manifest: string } {
  const isVersion = semver.valid(release) !== null && /^[0-9A-Za-z.+-]+$/.test(release) && !/^v|\.json$/i.test(release);
  if (!isVersion) throw new Failure('bad-input', `"${release}" cannot be the name of a slot: it is no semver version`);
  return { slot: join(slots, release), manifest: join(slots, `${release}.json`) };
}

/**
 * What a release shipped; null where nothing was staged.
 * Throws `newer-format`, and `io` for a manifest that is damaged: silence would be taken for health.
 */
export async function readShipped(slots: string, release: string): Promise<ShippedManifest | null> {
  const { manifest } = slotPlaces(slots, release);
  const text = await readTextOrNull(manifest);
  if (text === null) return null;
  const data = parse(text);
  const format = typeof data === 'object' && data !== null ? (data as { format?: unknown }).format : undefined;
  if (typeof format === 'number' && format > knownFormat) {
    throw new Failure('newer-format', `${manifest} has format ${format}, and this Moult knows up to ${knownFormat}`, {
      remedy: { action: 'upgrade-moult', text: 'Upgrade Moult to the version that staged this release, or a newer one.' },
    });
  }
  const parsed = shippedManifest.safeParse(data);
  if (!parsed.success || parsed.data.release !== release) {
    throw new Failure('io', `${manifest}, which lists the files of release ${release}, is damaged`, {
      remedy: { action: 'reinstall-release', text: `Install release ${release} again; data is not touched by that.` },
    });
  }
  return parsed.data as ShippedManifest;
}

export async function writeShipped(slots: string, manifest: ShippedManifest): Promise<string> {
  const place = slotPlaces(slots, manifest.release).manifest;
  await writeDurably(place, JSON.stringify(manifest), 0o600);
  return place;
}

/** Holds a slot against what its release shipped: contents, kinds, modes and link targets. Paths below the slot, sorted. */
export async function compareShipped(
  slot: string,
  manifest: ShippedManifest,
  options: { signal?: AbortSignal; skip?: (path: string) => boolean } = {},
): Promise<ShippedComparison> {
  const skip = options.skip ?? (() => false);
  const result: ShippedComparison = { changed: [], missing: [], foreign: [] };
  const expected = manifest.files.filter((file) => !skip(file.path));
  await inParallel(expected, async (file) => {
    options.signal?.throwIfAborted();
    const stats = await statOrNull(join(slot, file.path));
    if (stats === null) result.missing.push(file.path);
    else if (!(await isAsShipped(join(slot, file.path), stats, file, options.signal))) result.changed.push(file.path);
  });
  const known = new Set(manifest.files.map((file) => file.path));
  for await (const entry of walk(slot, skip, options.signal)) {
    if (entry.kind !== 'folder' && !known.has(entry.path)) result.foreign.push(entry.path);
  }
  return { changed: result.changed.sort(), missing: result.missing.sort(), foreign: result.foreign.sort() };
}

async function isAsShipped(path: string, stats: Stats, file: ShippedFile, signal: AbortSignal | undefined): Promise<boolean> {
  if (file.kind === 'folder') return stats.isDirectory();
  if (file.kind === 'link') return stats.isSymbolicLink() && (await readLink(path)) === file.target;
  if (!stats.isFile() || stats.size !== file.bytes) return false;
  // Windows has no permission bits of its own and answers with made-up ones.
  if (platform() !== 'windows' && (stats.mode & 0o7777) !== file.mode) return false;
  return (await hashFile(path, signal)) === file.sha256;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
