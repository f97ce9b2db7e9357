import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import semver from 'semver';
import { z } from 'zod';
import { Failure } from '../../api/failure.ts';
import { openFile, realPathOrNull, statOrNull } from '../platform/files.ts';
import type { FeedSpec } from '../product/schema.ts';
import type { Artifact, FeedOptions, Release } from './release.ts';
import { badFeed, orderReleases, parseFeedText, rangeText, shapeFeed, unreachable, versionText } from './feed-rules.ts';

/** The newest format of `releases.json` that this code knows. */
const knownFormat = 1;

/** The most that is read of a `releases.json`, in bytes: room for some ten thousand releases with notes. */
const longestFeed = 16 * 1024 * 1024;

const checksum = z
  .string()
  .regex(/^[0-9a-fA-F]{64}$/, 'not a SHA-256 checksum of 64 hexadecimal digits')
  .transform((value) => value.toLowerCase());

const listed = z
  .object({
    version: versionText,
    published: z.iso.datetime({ offset: true }).optional(),
    file: z
      .string()
      .min(1)
      .max(1024)
      .refine(isBelow, 'a file must be inside the feed\'s folder: relative, with forward slashes and without ".."')
      .optional(),
    url: z.url({ protocol: /^https?$/ }).optional(),
    bytes: z.number().int().nonnegative().optional(),
    sha256: checksum,
    schema: z.string().min(1).max(100).optional(),
    notes: z.string().max(200_000).optional(),
    breaking: z.array(z.string().max(10_000)).max(1000).default([]),
    tags: z.array(z.string().min(1).max(100)).max(100).default([]),
    needs: rangeText.optional(),
    engines: z.object({ node: rangeText.optional() }).default({}),
    deprecated: z.string().min(1).max(10_000).optional(),
  })
  .refine((entry) => (entry.file === undefined) !== (entry.url === undefined), 'a release has either a file or a url');

const releasesFile = z.object({ format: z.literal(knownFormat), product: z.string().optional(), releases: z.array(listed).max(10_000) });

/** A folder with `releases.json` and the tarballs that it lists. No network, unless an entry names a `url`. */
export async function readFolderFeed(spec: Extract<FeedSpec, { driver: 'folder' }>, options: FeedOptions): Promise<Release[]> {
  const folder = resolve(options.fill(spec.path));
  const file = join(folder, 'releases.json');
  const data = parseFeedText(await readFeedFile(file), file);
  refuseNewer(data, file);
  const feed = shapeFeed(releasesFile, data, file);
  if (options.product !== undefined && feed.product !== undefined && feed.product !== options.product) {
    throw badFeed(file, `it is the feed of "${feed.product}", not of "${options.product}"`);
  }
  const releases: Release[] = [];
  for (const [index, entry] of feed.releases.entries()) {
    options.signal?.throwIfAborted();
    if (entry.file !== undefined) await refuseOutside(folder, entry.file, `${file} at /releases/${index}/file`);
    releases.push(toRelease(entry, folder));
  }
  return orderReleases(releases, file);
}

function toRelease(entry: z.output<typeof listed>, folder: string): Release {
  const { version, sha256 } = entry;
  const bytes = entry.bytes ?? null;
  const artifact: Artifact =
    entry.url === undefined
      ? { kind: 'file', path: join(folder, entry.file ?? ''), bytes, sha256 }
      : { kind: 'url', url: entry.url, bytes, sha256 };
  return {
    version,
    publishedAt: entry.published === undefined ? null : new Date(entry.published).toISOString(),
    notes: entry.notes ?? null,
    breaking: entry.breaking,
    tags: entry.tags,
    prerelease: semver.prerelease(version) !== null,
    needs: entry.needs ?? null,
    schema: entry.schema ?? null,
    engines: entry.engines.node === undefined ? {} : { node: entry.engines.node },
    deprecated: entry.deprecated ?? null,
    artifact,
  };
}

async function readFeedFile(file: string): Promise<string> {
  const handle = await openFile(file, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') throw unreachable(file, 'there is no such file', error);
    throw unreachable(file, error.message, error);
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw badFeed(file, 'it is not a file');
    if (stats.size > longestFeed) throw badFeed(file, `it has ${stats.size} bytes; at most ${longestFeed} are read`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

function refuseNewer(data: unknown, file: string): void {
  const format = typeof data === 'object' && data !== null ? (data as { format?: unknown }).format : undefined;
  if (typeof format !== 'number' || format <= knownFormat) return;
  throw new Failure('newer-format', `the feed ${file} has format ${format}, and this Moult knows up to ${knownFormat}`, {
    remedy: { action: 'upgrade-moult', text: `Upgrade Moult to one that knows feeds of format ${format}.` },
    details: { format, known: knownFormat },
  });
}

/** A link in the folder could lead anywhere; a feed offers only what is in its own folder. */
async function refuseOutside(folder: string, file: string, where: string): Promise<void> {
  const path = join(folder, file);
  if ((await statOrNull(path)) === null) return;
  const real = await realPathOrNull(path);
  const root = await realPathOrNull(folder);
  const inside = real !== null && root !== null ? relative(root, real) : '..';
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside))
    throw badFeed(where, `"${file}" is a link that leads out of the folder`);
}

function isBelow(file: string): boolean {
  if (file.includes('\\') || file.includes('\0') || file.startsWith('/') || /^[A-Za-z]:/.test(file)) return false;
  return file.split('/').every((part) => part !== '..' && part !== '.' && part !== '');
}
