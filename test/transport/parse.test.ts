import { describe, expect, it } from 'vitest';
import { Failure } from '../../electron/api/failure.ts';
import { methods, type MethodName } from '../../electron/api/methods.ts';
import { parseInput, parseMethod } from '../../electron/transport/parse.ts';

function refusal(method: MethodName, input: unknown): Failure {
  try {
    parseInput(method, input);
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('parseInput', () => {
  it('gives back what is allowed', () => {
    expect(parseInput('upgrade', { install: 'sprig', to: '2.0.0', digest: 'd' })).toEqual({ install: 'sprig', to: '2.0.0', digest: 'd' });
  });

  it('takes no input as an empty one', () => {
    expect(parseInput('installs', undefined)).toEqual({});
  });

  it.each<[MethodName, unknown, RegExp]>([
    ['setUp', {}, /^product: missing; a string is needed$/],
    ['setUp', { product: '' }, /^product: must not be empty$/],
    ['setUp', { product: 7 }, /^product: must be a string, not a number$/],
    ['setUp', { product: 'sprig', port: 0 }, /^port: must be at least 1$/],
    ['setUp', { product: 'sprig', port: 65_536 }, /^port: must be at most 65535$/],
    ['setUp', { product: 'sprig', port: 1.5 }, /^port: must be a whole number/],
    ['setUp', { product: 'x'.repeat(101) }, /^product: must not be longer than 100 characters$/],
    ['plan', { action: 'reset' }, /^action: must be one of set-up, adopt, upgrade/],
    ['upgrade', { instal: 'sprig' }, /^instal: unknown; did you mean "install"\?$/],
    ['verify', { input: null }, /^input: must be a string, not null$/],
    ['installs', { all: true }, /^all: unknown; allowed: nothing$/],
    ['installs', 'everything', /^must be an object, not a string$/],
    ['installs', [], /^must be an object, not a list$/],
  ])('%s refuses %j', (method, input, message) => {
    const failure = refusal(method, input);
    expect(failure.code).toBe('bad-input');
    expect(failure.message).toMatch(message);
  });

  it('names every field that is wrong', () => {
    expect(refusal('setUp', { port: 'x', nane: 'y' }).details).toMatchObject({ fields: ['nane', 'product', 'port'] });
  });

  it('never repeats what was typed, which may be a secret', () => {
    expect(refusal('setUp', { product: 'sprig', name: 'hunter2'.repeat(40) }).message).not.toContain('hunter2');
  });
});

describe('parseMethod', () => {
  it('knows every method', () => {
    for (const method of Object.keys(methods)) expect(parseMethod(method)).toBe(method);
  });

  it.each(['toString', '__proto__', 'constructor', ''])('does not know %j', (name) => {
    expect(() => parseMethod(name)).toThrow(/there is no call/);
  });

  it('suggests the nearest one', () => {
    expect(() => parseMethod('upgarde')).toThrow('did you mean "upgrade"?');
  });
});
