import semver from 'semver';
import type { Release } from './release.ts';

export interface NotesOfPath {
  breaking: { release: string; text: string }[];
  notes: { release: string; text: string }[];
  deprecated: { release: string; text: string }[];
}

/**
 * What a person should read before an upgrade: the notes of every release after `from` up to and with `to`, also of those that no hop
 * stops at, because their changes arrive all the same. Newest first; pre-releases only when the target is one.
 */
export function notesBetween(releases: readonly Release[], from: string | null, to: string): NotesOfPath {
  const passed = releases
    .filter((release) => release.version === to || (from !== null && semver.gt(release.version, from) && semver.lt(release.version, to)))
    .filter((release) => release.version === to || !release.prerelease)
    .toSorted((one, other) => semver.rcompare(one.version, other.version));
  const target = passed.find((release) => release.version === to);
  return {
    breaking: passed.flatMap((release) => release.breaking.map((text) => ({ release: release.version, text }))),
    notes: passed.flatMap((release) => (release.notes === null ? [] : [{ release: release.version, text: release.notes }])),
    deprecated: target?.deprecated ? [{ release: to, text: target.deprecated }] : [],
  };
}
