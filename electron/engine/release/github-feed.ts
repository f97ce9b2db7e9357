import semver from 'semver';
import { z } from 'zod';
import { architecture, platform } from '../platform/environment.ts';
import type { HttpAnswer } from '../platform/network.ts';
import type { FeedSpec } from '../product/schema.ts';
import { askFeed } from './ask-feed.ts';
import { parseChecksums } from './checksums-file.ts';
import { badFeed, orderReleases, parseFeedText, shapeFeed, unreachable, versionText } from './feed-rules.ts';
import type { FeedOptions, Release } from './release.ts';

type GitHubSpec = Extract<FeedSpec, { driver: 'github' }>;

/** Releases on one page, the most that GitHub gives, and the most pages that are asked for. */
const pageSize = 100;
const mostPages = 10;
/** The most that is read of one page, in bytes: a hundred releases with long notes have some 2 MB. */
const longestPage = 32 * 1024 * 1024;
/** The most that is read of a file of checksums, in bytes. */
const longestChecksums = 1024 * 1024;
/** How many files of checksums are fetched at a time. */
const width = 6;

/** What Moult reads of https://docs.github.com/en/rest/releases/releases#list-releases; `digest` is there since June 2025. */
const asset = z.object({
  name: z.string(),
  size: z.number().int().nonnegative().optional(),
  browser_download_url: z.url({ protocol: /^https?$/ }),
  digest: z.string().nullish(),
});

const listed = z.object({
  tag_name: z.string(),
  draft: z.boolean().default(false),
  prerelease: z.boolean().default(false),
  published_at: z.string().nullish(),
  body: z.string().nullish(),
  assets: z.array(asset).default([]),
});

type Listed = z.output<typeof listed>;
type Asset = z.output<typeof asset>;

/**
 * The releases of a repository on GitHub that have an archive for this machine, newest first by semver. Tags that are no version, drafts
 * and releases whose archive has no checksum are not offered: nothing could be verified.
 * Throws `feed-unreachable` (also for a used-up rate limit, saying until when) and `bad-feed`.
 */
export async function readGitHubFeed(spec: GitHubSpec, options: FeedOptions): Promise<Release[]> {
  const { address, entries } = await firstRepository(spec, options);
  const candidates = entries.flatMap((entry) => {
    const candidate = entry.draft ? null : candidateOf(spec, entry);
    return candidate === null ? [] : [candidate];
  });
  const releases: Release[] = [];
  for (let index = 0; index < candidates.length; index += width) {
    options.signal?.throwIfAborted();
    const batch = candidates.slice(index, index + width);
    releases.push(...(await Promise.all(batch.map((candidate) => toRelease(spec, candidate, options)))).flat());
  }
  return orderReleases(releases, address);
}

/** The first of the names that answers: a renamed project has several. */
async function firstRepository(spec: GitHubSpec, options: FeedOptions): Promise<{ address: string; entries: Listed[] }> {
  const tried: string[] = [];
  for (const repository of spec.repositories) {
    const address = `${spec.api.replace(/\/+$/, '')}/repos/${repository}/releases`;
    const entries = await pagesOf(address, options);
    if (entries !== null && (entries.length > 0 || repository === spec.repositories.at(-1))) return { address, entries };
    tried.push(address);
  }
  throw unreachable(tried.at(-1) ?? spec.api, `GitHub has no repository ${spec.repositories.join(' or ')} (404)`);
}

/** All releases of a repository; null where there is none of that name. */
async function pagesOf(address: string, options: FeedOptions): Promise<Listed[] | null> {
  const entries: Listed[] = [];
  for (let page = 1; page <= mostPages; page += 1) {
    options.signal?.throwIfAborted();
    const answer = await askFeed(`${address}?per_page=${pageSize}&page=${page}`, options, {
      accept: 'application/vnd.github+json',
      most: longestPage,
    });
    if (answer.status === 404) return null;
    if (answer.status !== 200) throw refused(address, answer);
    const found = shapeFeed(z.array(listed), parseFeedText(answer.text, address), address);
    entries.push(...found);
    if (found.length < pageSize && !/rel="next"/.test(answer.headers['link'] ?? '')) break;
  }
  return entries;
}

/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api: 403 or 429, with the time at which it is over. */
function refused(address: string, answer: HttpAnswer): Error {
  const isLimit = answer.status === 429 || (answer.status === 403 && answer.headers['x-ratelimit-remaining'] === '0');
  if (!isLimit) return unreachable(address, `GitHub answered ${answer.status}`);
  const reset = Number(answer.headers['x-ratelimit-reset']);
  const wait = Number(answer.headers['retry-after']);
  const until = reset > 0 ? ` until ${new Date(reset * 1000).toISOString()}` : wait > 0 ? ` for ${wait} s` : '';
  return unreachable(address, `this address has asked GitHub too often; it answers no more${until}`);
}

interface Candidate {
  version: string;
  entry: Listed;
  archive: Asset;
}

function candidateOf(spec: GitHubSpec, entry: Listed): Candidate | null {
  const { tag_name: tag } = entry;
  if (!tag.startsWith(spec.tagPrefix)) return null;
  const version = tag.slice(spec.tagPrefix.length);
  if (!versionText.safeParse(version).success) return null;
  for (const pattern of spec.assets) {
    const archive = entry.assets.find(({ name }) => name === assetNamed(pattern, tag, version));
    if (archive !== undefined) return { version, entry, archive };
  }
  return null;
}

async function toRelease(spec: GitHubSpec, { version, entry, archive }: Candidate, options: FeedOptions): Promise<Release[]> {
  const sha256 = await checksumOf(spec, { version, entry, archive }, options);
  if (sha256 === null) return [];
  const at = Date.parse(entry.published_at ?? '');
  return [
    {
      version,
      publishedAt: Number.isNaN(at) ? null : new Date(at).toISOString(),
      notes: entry.body === undefined || entry.body === null || entry.body.trim() === '' ? null : entry.body.slice(0, 200_000),
      breaking: [],
      tags: [],
      prerelease: entry.prerelease || semver.prerelease(version) !== null,
      needs: null,
      schema: null,
      engines: {},
      deprecated: null,
      artifact: { kind: 'url', url: archive.browser_download_url, bytes: archive.size ?? null, sha256 },
    },
  ];
}

/** From the release's own file of checksums, and from GitHub: when both tell one, they have to agree. Null when neither does. */
async function checksumOf(spec: GitHubSpec, { version, entry, archive }: Candidate, options: FeedOptions): Promise<string | null> {
  const told = /^sha256:([0-9a-fA-F]{64})$/.exec(archive.digest ?? '')?.[1]?.toLowerCase() ?? null;
  const file = entry.assets.find(({ name }) => name === assetNamed(spec.checksums, entry.tag_name, version));
  if (file === undefined) return told;
  const address = file.browser_download_url;
  const answer = await askFeed(address, options, { accept: '*/*', most: longestChecksums });
  if (answer.status !== 200) throw unreachable(address, `it answered ${answer.status}, though release ${entry.tag_name} lists it`);
  const written = parseChecksums(answer.text).get(archive.name) ?? null;
  if (written !== null && told !== null && written !== told)
    throw badFeed(address, `it says ${written} of ${archive.name}, and GitHub says ${told}`, { asset: archive.name });
  return written ?? told;
}

function assetNamed(pattern: string, tag: string, version: string): string {
  const values: Record<string, string> = { tag, version, os: osName(), arch: architecture() };
  return pattern.replaceAll(/\{(tag|version|os|arch)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** As Go calls it (`GOOS`), whose tools name the archives of most projects. */
function osName(): string {
  return platform() === 'macos' ? 'darwin' : platform();
}
