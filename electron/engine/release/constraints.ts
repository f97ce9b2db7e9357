import semver from 'semver';
import type { Descriptor } from '../product/schema.ts';
import type { Release } from './release.ts';

export type Rules = Descriptor['rules'];

/** One condition on where a release can be reached from. */
export interface Constraint {
  /** The semver range that the release before must be in. */
  needs: string;
  /** The reason in words. */
  because: string;
}

/** Every condition on reaching a release: its own `needs` and the rules of the descriptor that are about it. */
export function constraintsOf(release: Release, rules: Rules): Constraint[] {
  const constraints = rules.filter((rule) => isMeant(release.version, rule.to)).map(({ needs, because }) => ({ needs, because }));
  if (release.needs !== null)
    constraints.push({ needs: release.needs, because: `${release.version} can only be reached from ${release.needs}` });
  return constraints;
}

/** The conditions that forbid this one hop; none when it is allowed. */
export function broken(from: string, constraints: readonly Constraint[]): Constraint[] {
  return constraints.filter((constraint) => !isIn(from, constraint.needs));
}

/** A rule about 2.0.0 is about 2.0.0-beta.1 too, which brings the same change; for semver that is below 2.0.0. */
function isMeant(version: string, range: string): boolean {
  return isIn(version, range) || (semver.prerelease(version) !== null && isIn(version.replace(/[-+].*$/, ''), range));
}

/** Pre-releases count as what they are: 1.2.0-beta.1 is not in `>=1.2.0`, 1.3.0-beta.1 is. */
function isIn(version: string, range: string): boolean {
  return semver.satisfies(version, range, { includePrerelease: true });
}
