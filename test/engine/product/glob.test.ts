import { matchesGlob as nodeMatches } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob, globProblem, matchesGlob, matchesGlobOrAbove, specificity } from '../../../electron/engine/product/glob.ts';
import { processorTime } from '../../support/processor-time.ts';

const cases: [glob: string, path: string, matches: boolean][] = [
  ['flows*.json', 'flows.json', true],
  ['flows*.json', 'flows_cred.json', true],
  ['flows*.json', 'lib/flows.json', false],
  ['flows?.json', 'flows1.json', true],
  ['flows?.json', 'flows.json', false],
  ['*', '.hidden', false],
  ['.*', '.hidden', true],
  ['{*,.*}', '.hidden', true],
  ['**', 'a/b/c', true],
  ['**', 'a/.b/c', false],
  ['a/**', 'a', false],
  ['a/**', 'a/b/c', true],
  ['a/**/c', 'a/c', true],
  ['a/**/c', 'a/b/b/c', true],
  ['{a,b}/{c,d}', 'b/c', true],
  ['{a,b}/{c,d}', 'c/a', false],
  ['*a*b*', 'xaxbx', true],
];

describe('globs', () => {
  it.each(cases)('%s on %s: %s', (glob, path, matches) => {
    expect(matchesGlob(compileGlob(glob), path)).toBe(matches);
    expect(nodeMatches(path, glob)).toBe(matches);
  });

  it('agrees with the globs of Node', () => {
    const part = fc
      .array(fc.constantFrom('a', 'b', '.', '*', '?', '{a,b}', '{.a,b*}'), { minLength: 1, maxLength: 4 })
      .map((list) => list.join(''));
    const glob = fc.array(fc.oneof({ weight: 3, arbitrary: part }, fc.constant('**')), { minLength: 1, maxLength: 4 });
    const name = fc.array(fc.constantFrom('a', 'b', '.'), { minLength: 1, maxLength: 4 }).map((list) => list.join(''));
    const path = fc.array(name, { minLength: 1, maxLength: 4 });
    const isPlain = (parts: string[]) =>
      parts.every((one) => !/^\.+$/.test(one) && !/(?:^|[{,])\.{1,2}(?:$|[,}])/.test(one) && !one.startsWith('.'.repeat(2)));
    fc.assert(
      fc.property(glob, path, (parts, names) => {
        fc.pre(isPlain(names) && isPlain(parts) && globProblem(parts.join('/')) === null);
        expect(matchesGlob(compileGlob(parts.join('/')), names.join('/'))).toBe(nodeMatches(names.join('/'), parts.join('/')));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes linear time', () => {
    const name = `${'a'.repeat(200)}b`;
    const took = processorTime(() => {
      expect(matchesGlob(compileGlob('*a*a*a*a*a*a*a*a*a*a*c'), name)).toBe(false);
      expect(matchesGlob(compileGlob('**/**/**/**/**/**/**/x'), Array.from({ length: 100 }, () => 'a').join('/'))).toBe(false);
    });
    expect(took).toBeLessThan(200);
  });

  it.each([
    ['[ab]', 'does not know'],
    ['!(a)', 'does not know'],
    ['{a,{b,c}}', 'nested'],
    ['{a,b', 'not closed'],
    ['{a}', 'single name'],
    ['{a/b,c}', 'slash inside'],
    ['a**', 'beside other text'],
    ['{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}', 'more than 64'],
  ])('refuses %s', (glob, why) => {
    expect(globProblem(glob)).toContain(why);
    expect(() => compileGlob(glob)).toThrow(RangeError);
  });

  it('knows what is below a match and which match is more precise', () => {
    expect(matchesGlobOrAbove(compileGlob('node_*'), 'node_modules/a/b')).toBe(true);
    expect(matchesGlobOrAbove(compileGlob('a/*'), 'a')).toBe(false);
    expect(specificity(compileGlob('flows*_cred.json'), 'flows_cred.json')).toBeGreaterThan(
      specificity(compileGlob('{flows*.json,very-long-name}'), 'flows_cred.json'),
    );
  });
});
