import semver from 'semver';
import type { ChannelSpec } from '../product/schema.ts';
import type { Release } from './release.ts';

/**
 * What a channel offers, newest first.
 * A channel with a tag offers the tagged release and what is older; one with a range offers what is in it; releases that failed on
 * this machine are left out until a newer one exists. None when the feed has no such tag.
 */
export function offered(releases: readonly Release[], channel: ChannelSpec, options: { quarantined: readonly string[] }): Release[] {
  const { tag, range } = channel;
  const newest = tag === undefined ? null : (releases.find((release) => release.tags.includes(tag)) ?? null);
  if (tag !== undefined && newest === null) return [];
  return releases
    .filter(
      (release) =>
        (channel.prerelease || !release.prerelease) &&
        (newest === null || semver.lte(release.version, newest.version)) &&
        (range === undefined || semver.satisfies(release.version, range, { includePrerelease: channel.prerelease })) &&
        !options.quarantined.includes(release.version),
    )
    .toSorted((one, other) => semver.rcompare(one.version, other.version));
}

/**
 * The release that a channel would upgrade `current` to, or null when there is nothing newer. With no current release (a set-up), or one
 * that is no semver, the newest. What its publisher has deprecated is only taken for a set-up, and only when there is nothing else.
 */
export function latestFor(
  releases: readonly Release[],
  channel: ChannelSpec,
  current: string | null,
  quarantined: readonly string[] = [],
): Release | null {
  const candidates = offered(releases, channel, { quarantined });
  const known = current !== null && semver.valid(current) !== null ? current : null;
  const newer = known === null ? candidates : candidates.filter((release) => semver.gt(release.version, known));
  return newer.find((release) => release.deprecated === null) ?? (known === null ? (newer[0] ?? null) : null);
}
