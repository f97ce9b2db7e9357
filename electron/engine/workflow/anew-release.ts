/** Which release a restore onto a machine without the product fetches. Where it is not the one that made the backup, a sentence says which and why. */
import semver from 'semver';
import { Failure } from '../../api/failure.ts';
import { compareVersions } from '../ledger/compare.ts';
import { knownMigration } from '../ledger/known-migration.ts';
import { offered } from '../release/channel.ts';
import type { Release } from '../release/feed.ts';
import { findPath, releaseNamed } from '../release/path.ts';
import type { Descriptor } from '../product/schema.ts';
import { releasesOf } from './facts.ts';

/** What a backup tells of who made it. */
export interface MadeBy {
  path: string;
  release: string | null;
  schema: string | null;
}

export interface ChosenRelease {
  release: Release;
  /** Why it is another than the one that made the backup; null where it is that one. */
  why: string | null;
}

/**
 * The release that made the backup; where the feed has it no more, the oldest one after it that takes the data over in one step; where the
 * backup names none, the oldest that is known to know the schema. Throws `unknown-release` or `unsupported` where no release fits.
 */
export async function releaseToFetch(descriptor: Descriptor, made: MadeBy): Promise<ChosenRelease> {
  const releases = await releasesOf(descriptor);
  if (made.release === null) return bySchema(descriptor, releases, made);
  const named = releases.find(({ version }) => version === made.release);
  if (named !== undefined) return { release: named, why: null };
  const next = await nextAfter(descriptor, releases, made.release, made.schema);
  if (next === null) return { release: releaseNamed(releases, made.release), why: null };
  const migrates = made.schema === null ? '' : `; it takes over the data, which are at schema version ${made.schema}, when it starts`;
  return {
    release: next,
    why: `${made.release}, which made the backup, is not offered any more. ${next.version} is the oldest release after it${migrates}.`,
  };
}

/** The channel on which the release is offered: the product's own default one if that is so, else the first. */
export function channelWith(descriptor: Descriptor, release: Release): string {
  const has = (name: string) => {
    const channel = descriptor.channels[name];
    return channel !== undefined && offered([release], channel, { quarantined: [] }).length > 0;
  };
  const { defaultChannel } = descriptor;
  return has(defaultChannel) ? defaultChannel : (Object.keys(descriptor.channels).find(has) ?? defaultChannel);
}

/** Oldest first; those that are told to be behind the data, or that cannot take them over in one step, are left out. */
async function nextAfter(
  descriptor: Descriptor,
  releases: readonly Release[],
  from: string,
  schema: string | null,
): Promise<Release | null> {
  if (semver.valid(from) === null) return null;
  const newer = releases
    .filter(({ version }) => semver.gt(version, from))
    .toSorted((one, other) => semver.compare(one.version, other.version));
  for (const release of newer.filter(({ deprecated }) => deprecated === null)) {
    if (!isOneStep(descriptor, releases, from, release.version)) continue;
    const known = await toldSchema(descriptor, release);
    if (known === null || schema === null || compareVersions(known, schema) >= 0) return release;
  }
  return null;
}

function isOneStep(descriptor: Descriptor, releases: readonly Release[], from: string, to: string): boolean {
  try {
    return findPath(releases, descriptor.rules, from, to).length === 1;
  } catch {
    return false;
  }
}

async function bySchema(descriptor: Descriptor, releases: readonly Release[], { path, schema }: MadeBy): Promise<ChosenRelease> {
  const ordered = releases.toSorted((one, other) => semver.compare(one.version, other.version));
  for (const release of schema === null ? [] : ordered) {
    const known = await toldSchema(descriptor, release);
    if (known === null || compareVersions(known, schema ?? '') < 0) continue;
    const why = `The backup does not tell which release made it. ${release.version} is the oldest that is known to know its schema version ${schema}.`;
    return { release, why };
  }
  const asked = schema === null ? '' : `, and of no release that is offered it is known that it knows its schema version ${schema}`;
  throw new Failure('unsupported', `${path} does not tell which release of ${descriptor.title} made it${asked}`, {
    remedy: {
      action: 'set-up',
      text: 'Set up the release yourself, then restore.',
      command: `moult set-up ${descriptor.product} --release R`,
    },
  });
}

/** The newest schema version that a release knows, as far as that is told before it is downloaded: by the feed, or by the descriptor's table. */
async function toldSchema({ ledger }: Descriptor, release: Release): Promise<string | null> {
  if (release.schema !== null) return release.schema;
  const sources = ledger !== undefined && 'known' in ledger && Array.isArray(ledger.known) ? ledger.known : [];
  const fill = (text: string) => {
    if (text === '{release}') return release.version;
    throw new Error('there is no release here yet');
  };
  return knownMigration(
    sources.filter((source) => 'releases' in source),
    fill,
  );
}
