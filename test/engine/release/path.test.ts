import fc from 'fast-check';
import semver from 'semver';
import { describe, expect, test } from 'vitest';
import type { Failure } from '../../../electron/api/failure.ts';
import { findPath } from '../../../electron/engine/release/path.ts';
import type { Release } from '../../../electron/engine/release/release.ts';
import { releaseOf } from '../../support/releases.ts';

const sprig = [releaseOf('2.0.0', { needs: '>=1.2.0', notes: 'two' }), releaseOf('1.2.0'), releaseOf('1.1.0'), releaseOf('1.0.0')];
const stops = (path: { release: string }[]) => path.map((hop) => hop.release);

describe('the path', () => {
  test('goes through a required stop that a release names', () => {
    const path = findPath(sprig, [], '1.0.0', '2.0.0');
    expect(path).toEqual([
      { release: '1.2.0', kind: 'minor', because: '2.0.0 can only be reached from >=1.2.0' },
      { release: '2.0.0', kind: 'major', notes: 'two' },
    ]);
    expect(stops(findPath(sprig, [], '1.2.0', '2.0.0'))).toEqual(['2.0.0']);
  });

  test('goes through a required stop that the descriptor names, with its reason', () => {
    const plain = sprig.map((release) => ({ ...release, needs: null }));
    const rules = [{ to: '>=2.0.0', needs: '>=1.1.0', because: 'the tags move' }];
    expect(findPath(plain, rules, '1.0.0', '2.0.0')).toMatchObject([{ release: '1.2.0', because: 'the tags move' }, { release: '2.0.0' }]);
    expect(stops(findPath(plain, rules, '1.1.0', '2.0.0'))).toEqual(['2.0.0']);
  });

  test('honours rules also for a pre-release of what they are about', () => {
    const rules = [{ to: '>=2.0.0', needs: '>=1.2.0', because: 'the tags move' }];
    expect(stops(findPath([releaseOf('2.0.0-beta.1'), ...sprig], rules, '1.0.0', '2.0.0-beta.1'))).toEqual(['1.2.0', '2.0.0-beta.1']);
  });

  test('takes no stop that is not needed, and the newest where several would do', () => {
    const many = [
      ...sprig,
      releaseOf('1.10.0'),
      releaseOf('1.9.0'),
      releaseOf('1.11.0-beta.1'),
      releaseOf('1.12.0', { deprecated: 'broken' }),
    ];
    expect(stops(findPath(many, [], '1.0.0', '1.10.0'))).toEqual(['1.10.0']);
    expect(stops(findPath(many, [], '1.0.0', '2.0.0'))).toEqual(['1.10.0', '2.0.0']);
    expect(stops(findPath(many, [], '1.0.0', '2.0.0', { avoid: ['1.10.0'] }))).toEqual(['1.9.0', '2.0.0']);
  });

  test('goes through pre-releases and deprecated releases only when there is no other way', () => {
    const odd = [releaseOf('2.0.0', { needs: '>=1.5.0' }), releaseOf('1.5.0', { deprecated: 'slow' }), releaseOf('1.4.0')];
    expect(stops(findPath(odd, [], '1.0.0', '2.0.0'))).toEqual(['1.5.0', '2.0.0']);
  });

  test('begins at a release that the feed no longer has', () => {
    expect(stops(findPath(sprig, [], '0.9.3', '2.0.0'))).toEqual(['1.2.0', '2.0.0']);
  });

  test('names each hop for what it is', () => {
    const list = ['1.0.1', '1.1.0', '2.0.0', '2.0.1-rc.1'].map((version) => releaseOf(version));
    const kinds = list.map((release) => findPath(list, [], '1.0.0', release.version)[0]?.kind);
    expect(kinds).toEqual(['patch', 'minor', 'major', 'prerelease']);
    expect(findPath([releaseOf('1.0.0')], [], '1.0.0-rc.1', '1.0.0')[0]?.kind).toBe('patch');
  });
});

describe('there is no path', () => {
  const refusal = (run: () => unknown): Failure => {
    try {
      run();
    } catch (error) {
      return error as Failure;
    }
    throw new Error('was not refused');
  };

  test('downwards, and the way out is a backup', () => {
    expect(refusal(() => findPath(sprig, [], '2.0.0', '1.2.0'))).toMatchObject({
      code: 'downgrade',
      remedy: { action: 'restore-backup' },
      message: expect.stringMatching(/1\.2\.0.*2\.0\.0/),
    });
    expect(refusal(() => findPath([releaseOf('1.9.0')], [], '1.10.0', '1.9.0')).code).toBe('downgrade');
  });

  test('to where one already is', () => {
    expect(refusal(() => findPath(sprig, [], '1.2.0', '1.2.0')).code).toBe('nothing-to-do');
  });

  test('to what nobody published; the nearest are named', () => {
    const failure = refusal(() => findPath([...sprig, releaseOf('1.10.0')], [], '1.0.0', '1.3.0'));
    expect(failure).toMatchObject({ code: 'unknown-release', details: { nearest: ['1.1.0', '1.2.0', '1.10.0', '2.0.0'] } });
    expect(refusal(() => findPath(sprig, [], '1.0.0', 'newest')).details).toEqual({
      version: 'newest',
      nearest: ['1.1.0', '1.2.0', '2.0.0'],
    });
  });

  test('from what is no version', () => {
    expect(refusal(() => findPath(sprig, [], 'trunk', '2.0.0')).code).toBe('bad-input');
  });

  test('when a stop is missing, and it is named', () => {
    const gap = sprig.filter((release) => release.version !== '1.2.0');
    expect(refusal(() => findPath(gap, [], '1.0.0', '2.0.0'))).toMatchObject({
      code: 'no-path',
      details: { missing: ['>=1.2.0'], before: '2.0.0' },
    });
    expect(refusal(() => findPath(sprig, [], '1.0.0', '2.0.0', { avoid: ['1.2.0'] })).code).toBe('no-path');
    const chain = [releaseOf('3.0.0', { needs: '>=2.0.0' }), releaseOf('2.0.0', { needs: '>=1.5.0' }), releaseOf('1.2.0')];
    const failure = refusal(() => findPath(chain, [], '1.0.0', '3.0.0'));
    expect(failure.message).toMatch(/2\.0\.0 can only be reached from >=1\.5\.0/);
  });
});

describe('for any feed', () => {
  const version = fc
    .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 2 }))
    .map((parts) => parts.join('.'));
  const range = version.map((text) => `>=${text}`);
  const release = fc.tuple(version, fc.option(range), fc.boolean());
  const feed = fc.uniqueArray(release, { minLength: 1, maxLength: 12, selector: ([text]) => text });
  const rules = fc.array(fc.record({ to: range, needs: range, because: fc.constant('a rule') }), { maxLength: 2 });

  test('the path honours every rule, only goes up, ends at the target, and no shorter one exists', () => {
    fc.assert(
      fc.property(feed, rules, version, fc.nat(), (entries, ruleList, from, pick) => {
        const list = entries.map(([text, needs, old]) => releaseOf(text, { needs, deprecated: old ? 'old' : null }));
        const target = list[pick % list.length] as Release;
        fc.pre(semver.lt(from, target.version));
        const isAllowed = (before: string, after: Release) =>
          semver.lt(before, after.version) &&
          (after.needs === null || semver.satisfies(before, after.needs)) &&
          ruleList.every((rule) => !semver.satisfies(after.version, rule.to) || semver.satisfies(before, rule.needs));
        const best =
          fewest(
            list.filter((each) => each.deprecated === null || each === target),
            from,
            target,
            isAllowed,
          ) ?? fewest(list, from, target, isAllowed);
        let found: string[] | null = null;
        try {
          found = stops(findPath(list, ruleList, from, target.version));
        } catch (error) {
          expect(error).toMatchObject({ code: 'no-path' });
        }
        expect(found?.length ?? null).toBe(best);
        if (found === null) return;
        expect(found.at(-1)).toBe(target.version);
        for (const [index, stop] of found.entries()) {
          const before = index === 0 ? from : (found[index - 1] as string);
          expect(isAllowed(before, list.find((each) => each.version === stop) as Release)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  /** Tries everything: the length of the shortest path, or null. */
  function fewest(list: Release[], from: string, target: Release, isAllowed: (before: string, after: Release) => boolean): number | null {
    if (isAllowed(from, target)) return 1;
    const lengths = list
      .filter((each) => each !== target && semver.lt(each.version, target.version) && isAllowed(from, each))
      .map((each) => fewest(list, each.version, target, isAllowed))
      .filter((length) => length !== null);
    return lengths.length === 0 ? null : Math.min(...lengths) + 1;
  }
});
