import semver from 'semver';
import { z } from 'zod';
import { variable } from '../platform/environment.ts';
import type { FeedSpec } from '../product/schema.ts';
import type { FeedOptions, Release } from './release.ts';
import { askFeed } from './ask-feed.ts';
import { badFeed, orderReleases, parseFeedText, shapeFeed, unreachable, versionText } from './feed-rules.ts';

/** The most that is read of a package's document, in bytes. The largest on the public registry have some 30 MB. */
const longestDocument = 64 * 1024 * 1024;

/** The document of a package: https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md#package */
const packument = z.object({
  name: z.string(),
  'dist-tags': z.record(z.string(), z.string()).default({}),
  time: z.record(z.string(), z.unknown()).default({}),
  versions: z.record(
    versionText,
    z.object({
      engines: z.unknown().optional(),
      deprecated: z.union([z.string(), z.boolean()]).optional(),
      dist: z.object({ tarball: z.url({ protocol: /^https?$/ }), integrity: z.string().optional() }),
    }),
  ),
});

type Packument = z.output<typeof packument>;

/** The versions of a package of an npm registry. Its dist-tags are the tags of the releases. */
export async function readNpmFeed(spec: Extract<FeedSpec, { driver: 'npm' }>, options: FeedOptions): Promise<Release[]> {
  const registry = npmRegistry(spec.registry);
  // The full document and not the abbreviated one, because only the full one tells when a version was published.
  const address = `${registry}/${spec.package.replace('/', '%2f')}`;
  const answer = await askFeed(address, options, { accept: 'application/json', most: longestDocument });
  if (answer.status === 404) throw unreachable(address, `the registry has no package "${spec.package}" (404)`);
  if (answer.status !== 200) throw unreachable(address, `the registry answered ${answer.status}`);
  const document = shapeFeed(packument, parseFeedText(answer.text, address), address);
  if (document.name !== spec.package) throw badFeed(address, `it is about the package "${document.name}", not "${spec.package}"`);
  return orderReleases(toReleases(document, registry), address);
}

/** The registry to ask, without a slash at the end: the descriptor's, else the one that npm was told by the environment, else the public one. */
export function npmRegistry(named: string | undefined): string {
  const told = named ?? variable('npm_config_registry') ?? variable('NPM_CONFIG_REGISTRY') ?? '';
  return (told === '' ? 'https://registry.npmjs.org' : told).replace(/\/+$/, '');
}

function toReleases(document: Packument, registry: string): Release[] {
  const tags = Object.entries(document['dist-tags']);
  return Object.entries(document.versions).flatMap(([version, entry]) => {
    // Without Subresource Integrity (versions from before 2017) nothing could be verified, so it is not offered.
    const integrity = entry.dist.integrity ?? '';
    if (!/^sha(?:256|384|512)-/.test(integrity)) return [];
    return {
      version,
      publishedAt: isoOrNull(document.time[version]),
      notes: null,
      breaking: [],
      tags: tags.filter(([, tagged]) => tagged === version).map(([tag]) => tag),
      prerelease: semver.prerelease(version) !== null,
      needs: null,
      schema: null,
      engines: nodeEngine(entry.engines),
      deprecated: entry.deprecated === true ? 'deprecated' : entry.deprecated || null,
      artifact: { kind: 'npm', package: document.name, version, registry, integrity, tarball: entry.dist.tarball, bytes: null },
    };
  });
}

/** Old packages have `engines` in every shape; only a range that semver reads is a requirement. */
function nodeEngine(engines: unknown): { node?: string } {
  const node = typeof engines === 'object' && engines !== null ? (engines as { node?: unknown }).node : undefined;
  return typeof node === 'string' && semver.validRange(node) !== null ? { node } : {};
}

function isoOrNull(time: unknown): string | null {
  const at = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}
