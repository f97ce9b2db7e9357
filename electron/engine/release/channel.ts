import semver from 'semver';
import type { ChannelSpec } from '../product/schema.ts';
import type { Release } from './release.ts';

/** What is held back on this machine whatever a channel has. */
export interface Held {
  /** Releases that failed here: left out until a newer one exists. */
  quarantined: readonly string[];
  /** Nothing newer than this; the release itself is offered whatever the channel makes of it. Null for no such end. */
  pin?: string | null;
}

/**
 * What a channel offers, newest first.
 * A channel with a tag offers the tagged release and what is older; one with a range offers what is in it. None when the feed has no such tag.
 */
export function offered(releases: readonly Release[], channel: ChannelSpec, held: Held): Release[] {
  const { tag, range } = channel;
  const newest = tag === undefined ? null : (releases.find((release) => release.tags.includes(tag)) ?? null);
  const isOnChannel = (release: Release): boolean =>
    (channel.prerelease || !release.prerelease) &&
    (tag === undefined || (newest !== null && semver.lte(release.version, newest.version))) &&
    (range === undefined || semver.satisfies(release.version, range, { includePrerelease: channel.prerelease }));
  return releases
    .filter((release) => (isOnChannel(release) || release.version === held.pin) && isWithin(release.version, held.pin ?? null))
    .filter((release) => !held.quarantined.includes(release.version))
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
  held: Held = { quarantined: [] },
): Release | null {
  const candidates = offered(releases, channel, held);
  const known = current !== null && semver.valid(current) !== null ? current : null;
  const newer = known === null ? candidates : candidates.filter((release) => semver.gt(release.version, known));
  return newer.find((release) => release.deprecated === null) ?? (known === null ? (newer[0] ?? null) : null);
}

/** Whether a pin lets an install go to a release. */
export function isWithin(release: string, pin: string | null): boolean {
  return pin === null || release === pin || (semver.valid(release) !== null && semver.valid(pin) !== null && semver.lte(release, pin));
}
