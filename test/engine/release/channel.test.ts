import { describe, expect, test } from 'vitest';
import { isWithin, latestFor, offered } from '../../../electron/engine/release/channel.ts';
import { notesBetween } from '../../../electron/engine/release/notes.ts';
import { releaseOf } from '../../support/releases.ts';

const releases = [
  releaseOf('6.0.0-beta.2', { tags: ['next'] }),
  releaseOf('5.0.10', { tags: ['latest'], notes: 'ten' }),
  releaseOf('5.0.9', { notes: 'nine', breaking: ['nine breaks'] }),
  releaseOf('5.0.0-rc.1', { notes: 'candidate' }),
  releaseOf('4.1.15', { tags: ['maintenance'] }),
  releaseOf('4.1.2', { deprecated: 'has a hole' }),
  releaseOf('4.1.0'),
];
const versions = (list: { version: string }[]) => list.map((release) => release.version);
const stable = { tag: 'latest', prerelease: false };

describe('a channel', () => {
  test('with a tag offers the tagged release and what is older', () => {
    expect(versions(offered(releases, stable, { quarantined: [] }))).toEqual(['5.0.10', '5.0.9', '4.1.15', '4.1.2', '4.1.0']);
    expect(versions(offered(releases, { tag: 'maintenance', prerelease: false }, { quarantined: [] }))).toEqual([
      '4.1.15',
      '4.1.2',
      '4.1.0',
    ]);
    expect(versions(offered(releases, { tag: 'next', prerelease: true }, { quarantined: [] }))).toHaveLength(7);
    expect(offered(releases, { tag: 'nightly', prerelease: false }, { quarantined: [] })).toEqual([]);
  });

  test('with a range offers what is in it, pre-releases only when it wants them', () => {
    expect(versions(offered(releases, { range: '5.x', prerelease: false }, { quarantined: [] }))).toEqual(['5.0.10', '5.0.9']);
    expect(versions(offered(releases, { range: '>=5.0.0-0 <6.0.0-0', prerelease: true }, { quarantined: [] }))).toEqual([
      '5.0.10',
      '5.0.9',
      '5.0.0-rc.1',
    ]);
    expect(versions(offered(releases, { prerelease: false }, { quarantined: [] }))).not.toContain('6.0.0-beta.2');
  });

  test('does not offer what failed here, until something newer exists', () => {
    expect(latestFor(releases, stable, '5.0.9', { quarantined: ['5.0.10'] })).toBeNull();
    expect(latestFor(releases, stable, '4.1.15', { quarantined: ['5.0.10'] })?.version).toBe('5.0.9');
    expect(latestFor([releaseOf('5.0.11'), ...releases], { prerelease: false }, '5.0.9', { quarantined: ['5.0.10'] })?.version).toBe(
      '5.0.11',
    );
  });

  test('goes no further than a pin, which is offered itself whatever the channel makes of it', () => {
    const upTo = (pin: string | null) => versions(offered(releases, stable, { quarantined: [], pin }));
    expect(upTo('5.0.9')).toEqual(['5.0.9', '4.1.15', '4.1.2', '4.1.0']);
    expect(upTo('5.0.0-rc.1')).toEqual(['5.0.0-rc.1', '4.1.15', '4.1.2', '4.1.0']);
    expect(upTo('4.0.0')).toEqual([]);
    expect(latestFor(releases, stable, '4.1.0', { quarantined: [], pin: '5.0.0-rc.1' })?.version).toBe('5.0.0-rc.1');
    expect(latestFor(releases, stable, '5.0.9', { quarantined: [], pin: '5.0.9' })).toBeNull();
    expect(upTo('a build of our own')).toEqual([]);
    expect([isWithin('a build', 'a build'), isWithin('5.0.0', 'a build'), isWithin('a build', '5.0.0'), isWithin('9.0.0', null)]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  test('compares as semver does', () => {
    expect(latestFor(releases, stable, '5.0.9')?.version).toBe('5.0.10');
    expect(latestFor(releases, stable, '5.0.10')).toBeNull();
    expect(latestFor(releases, stable, '6.0.0')).toBeNull();
  });

  test('has something for a set-up and for a release that nobody knows', () => {
    expect(latestFor(releases, stable, null)?.version).toBe('5.0.10');
    expect(latestFor(releases, stable, 'a build of our own')?.version).toBe('5.0.10');
  });

  test('passes over what is deprecated, unless there is nothing else to set up', () => {
    const old = { range: '<=4.1.2', prerelease: false };
    expect(latestFor(releases, old, null)?.version).toBe('4.1.0');
    expect(latestFor(releases, old, '4.1.0')).toBeNull();
    expect(latestFor([releaseOf('1.0.0', { deprecated: 'dead' })], stable, null)).toBeNull();
    expect(latestFor([releaseOf('1.0.0', { deprecated: 'dead' })], { prerelease: false }, null)?.version).toBe('1.0.0');
  });
});

test('the notes are those of every release on the way, also where no hop stops', () => {
  const read = notesBetween(releases, '4.1.15', '5.0.10');
  expect(read.notes).toEqual([
    { release: '5.0.10', text: 'ten' },
    { release: '5.0.9', text: 'nine' },
  ]);
  expect(read.breaking).toEqual([{ release: '5.0.9', text: 'nine breaks' }]);
  expect(notesBetween(releases, null, '4.1.2')).toEqual({
    notes: [],
    breaking: [],
    deprecated: [{ release: '4.1.2', text: 'has a hole' }],
  });
});
