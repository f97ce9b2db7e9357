import semver from 'semver';
import { Failure } from '../../api/failure.ts';
import type { Hop } from '../../api/models.ts';
import { broken, constraintsOf, type Constraint, type Rules } from './constraints.ts';
import type { Release } from './release.ts';

/**
 * The hops from one release to a newer one: as few as the releases' own `needs` and the descriptor's rules allow, the newest stop
 * where several would do. Stops are finished releases that nobody deprecated, unless there is no way but through the others.
 * `avoid` names releases that are no stop: those that failed on this machine. `from` need not be in the feed any more.
 *
 * Throws `unknown-release` with the nearest ones, `bad-input` (`from` is no semver), `nothing-to-do`, `downgrade`, and `no-path` saying which stop is missing.
 */
export function findPath(
  releases: readonly Release[],
  rules: Rules,
  from: string,
  to: string,
  options: { avoid?: readonly string[] } = {},
): Hop[] {
  const target = releases.find((release) => release.version === to) ?? refuseUnknown(releases, to);
  refuseDirection(from, target.version);
  const between = releases.filter((release) => semver.gt(release.version, from) && semver.lt(release.version, target.version));
  const possible = between.filter((release) => !options.avoid?.includes(release.version));
  const sensible = possible.filter((release) => !release.prerelease && release.deprecated === null);
  const path = shortest([...sensible, target], rules, from) ?? shortest([...possible, target], rules, from);
  if (path === null) throw noPath(possible, rules, from, target);
  return path.map((release, index) => toHop(release, index === 0 ? from : (path[index - 1] as Release).version, path[index + 1], rules));
}

/** The release itself, or `unknown-release` with the nearest ones. */
export function releaseNamed(releases: readonly Release[], version: string): Release {
  return releases.find((release) => release.version === version) ?? refuseUnknown(releases, version);
}

/**
 * Fewest hops from `from` to the last of the stops, or null. Works backwards from the target, one hop more in each round, so that
 * the distance of every stop is known; then walks forwards through the newest stop that is one hop nearer.
 */
function shortest(stops: readonly Release[], rules: Rules, from: string): Release[] | null {
  const ordered = stops.toSorted((one, other) => semver.rcompare(one.version, other.version));
  const target = ordered[0] as Release;
  const constraints = new Map(ordered.map((release) => [release, constraintsOf(release, rules)]));
  const isAllowed = (before: string, release: Release) =>
    semver.lt(before, release.version) && broken(before, constraints.get(release) ?? []).length === 0;
  const rounds: Release[][] = [[target]];
  const left = new Set(ordered.slice(1));
  while (!(rounds.at(-1) as Release[]).some((release) => isAllowed(from, release))) {
    const nearer = rounds.at(-1) as Release[];
    const found = [...left].filter((release) => nearer.some((next) => isAllowed(release.version, next)));
    if (found.length === 0) return null;
    for (const release of found) left.delete(release);
    rounds.push(found);
  }
  const path: Release[] = [];
  for (const round of rounds.toReversed()) {
    const before = path.at(-1)?.version ?? from;
    path.push(round.find((release) => isAllowed(before, release)) as Release);
  }
  return path;
}

function toHop(release: Release, before: string, after: Release | undefined, rules: Rules): Hop {
  const blocking = after === undefined ? [] : broken(before, constraintsOf(after, rules));
  return {
    release: release.version,
    kind: kindOf(before, release.version),
    ...(blocking.length > 0 && { because: blocking.map((constraint) => constraint.because).join('; ') }),
    ...(release.notes !== null && { notes: release.notes }),
    ...(release.artifact.bytes !== null && { bytes: release.artifact.bytes }),
  };
}

function kindOf(before: string, after: string): Hop['kind'] {
  if (semver.eq(before, after)) return 'same';
  if (semver.prerelease(after) !== null) return 'prerelease';
  if (semver.major(before) !== semver.major(after)) return 'major';
  return semver.minor(before) === semver.minor(after) ? 'patch' : 'minor';
}

function refuseDirection(from: string, to: string): void {
  if (semver.valid(from) === null) {
    throw new Failure('bad-input', `the installed release "${from}" is no semver version, so no path from it can be found`, {
      remedy: { action: 'choose-release', text: 'Set up the release that you want in a new home folder, or adopt the install again.' },
    });
  }
  if (semver.eq(from, to)) throw new Failure('nothing-to-do', `release ${to} is already the installed one`, { details: { from, to } });
  if (semver.gt(from, to)) {
    throw new Failure('downgrade', `${to} is older than the installed release ${from}; older code must not meet newer data`, {
      remedy: {
        action: 'restore-backup',
        text: `Restore a backup that was made by ${to}; it brings code and data back together.`,
        command: 'moult backups',
      },
      details: { from, to },
    });
  }
}

function refuseUnknown(releases: readonly Release[], version: string): never {
  const nearest = nearestTo(releases, version);
  throw new Failure(
    'unknown-release',
    `the feed has no release ${version}${nearest.length > 0 ? `; the nearest are ${nearest.join(', ')}` : ''}`,
    {
      remedy: { action: 'choose-release', text: 'Choose one of the releases that the feed offers.' },
      details: { version, nearest },
    },
  );
}

/** Two releases on either side of the one that was asked for, oldest first; the newest three when it is no version at all. */
function nearestTo(releases: readonly Release[], version: string): string[] {
  const ordered = releases.map((release) => release.version).toSorted((one, other) => semver.compare(one, other));
  const wanted = semver.coerce(version, { includePrerelease: true });
  if (wanted === null) return ordered.slice(-3);
  const position = ordered.findIndex((candidate) => semver.gte(candidate, wanted));
  const middle = position === -1 ? ordered.length : position;
  return ordered.slice(Math.max(0, middle - 2), middle + 2);
}

/** Follows the required stops backwards until one is needed that nobody offers. */
function noPath(possible: readonly Release[], rules: Rules, from: string, target: Release): Failure {
  let stuck = target;
  let missing: Constraint[] = broken(from, constraintsOf(stuck, rules));
  for (;;) {
    const conditions = constraintsOf(stuck, rules);
    const before = possible
      .filter((release) => semver.lt(release.version, stuck.version) && broken(release.version, conditions).length === 0)
      .toSorted((one, other) => semver.rcompare(one.version, other.version))[0];
    missing = broken(from, conditions);
    if (before === undefined) break;
    stuck = before;
  }
  const stop = missing.map((constraint) => constraint.needs).join(' and ');
  const reasons = missing.map((constraint) => constraint.because).join('; ');
  const message = `there is no way from ${from} to ${target.version}: ${stuck.version} can only be reached from ${stop} (${reasons}), and the feed offers no such release after ${from}`;
  return new Failure('no-path', message, {
    remedy: { action: 'choose-release', text: `Choose a release before ${stuck.version}, or ask the publisher for a release in ${stop}.` },
    details: { from, to: target.version, missing: missing.map((constraint) => constraint.needs), before: stuck.version },
  });
}
