import semver from 'semver';
import type { Release } from '../../electron/engine/release/release.ts';

/** A release for tests that need no bytes. */
export function releaseOf(version: string, more: Partial<Release> = {}): Release {
  return {
    version,
    publishedAt: null,
    notes: null,
    breaking: [],
    tags: [],
    prerelease: semver.prerelease(version) !== null,
    needs: null,
    schema: null,
    engines: {},
    deprecated: null,
    artifact: { kind: 'file', path: `/nowhere/${version}.tar.gz`, bytes: null, sha256: 'ab'.repeat(32) },
    ...more,
  };
}
