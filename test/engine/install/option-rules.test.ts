import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../electron/engine/install/config-file.ts';
import { compareOptions, readOptionRules } from '../../../electron/engine/install/option-rules.ts';

const schema = {
  type: 'object',
  properties: {
    port: { type: 'integer' },
    site_title: { type: 'string', 'x-renamed-from': 'title' },
    title: { type: 'string', deprecated: true, 'x-renamed-to': 'site_title' },
    theme: { enum: ['light', 'dark'] },
    legacy: { deprecated: true, description: 'Nobody reads it.' },
    old: { deprecated: true },
    gone: { 'x-removed': 'use theme' },
    gone2: { 'x-removed': true },
    admin: { type: 'object', properties: { user: { type: 'string' }, name: { 'x-renamed-from': ['admin.login', 'nick'] } } },
    anything: { type: 'object' },
    plugins: { type: 'object', additionalProperties: { $ref: '#/$defs/plugin' } },
    open: { type: 'object', properties: { a: {} }, additionalProperties: true },
    numbered: { type: 'object', patternProperties: { '^n\\d+$': { type: 'number' } }, additionalProperties: false },
    nullable: { type: ['string', 'null'] },
    self: { $ref: '#' },
    elsewhere: { $ref: 'https://example.org/x.json' },
  },
  $defs: { plugin: { type: 'object', properties: { on: { type: 'boolean' } } } },
};
const rules = readOptionRules(JSON.stringify(schema));
const compare = (value: unknown) => compareOptions(rules, parseConfig(JSON.stringify(value), 'json', 'c'));
const nothing = { unknown: [], deprecated: [], renamed: [], removed: [], wrongType: [] };

describe('options against the rules of a release', () => {
  it('finds nothing where nothing is wrong', () => {
    const fine = {
      port: 80,
      site_title: 'x',
      theme: 'dark',
      admin: { user: 'a', name: 'b' },
      anything: { a: { b: 1 } },
      plugins: { x: { on: true } },
      open: { z: 1 },
      numbered: { n1: 1 },
      nullable: null,
      self: { self: { port: 1 } },
      elsewhere: 3,
    };
    expect(compare(fine)).toEqual(nothing);
  });

  it('finds options nobody knows, a whole group once', () => {
    expect(
      compare({ prt: 1, admin: { pass: 'x' }, plugins: { p: { off: 1 } }, numbered: { x: 1 }, group: { a: 1, b: 2 } }).unknown,
    ).toEqual(['prt', 'admin.pass', 'plugins.p.off', 'numbered.x', 'group']);
    expect(compare({ self: { self: { nope: 1 } } }).unknown).toEqual(['self.self.nope']);
    expect(compareOptions(rules, parseConfig('{"__proto__": 1, "constructor": 2, "toString": 3}', 'json', 'c')).unknown).toEqual([
      '__proto__',
      'constructor',
      'toString',
    ]);
  });

  it('finds renamed ones, from either end, and says nothing else of them', () => {
    expect(compare({ title: 5, admin: { login: 'x' }, nick: 'y' })).toEqual({
      ...nothing,
      renamed: [
        { option: 'title', to: 'site_title' },
        { option: 'admin.login', to: 'admin.name' },
        { option: 'nick', to: 'admin.name' },
      ],
    });
  });

  it('finds deprecated and removed ones with the reason', () => {
    expect(compare({ legacy: 1, old: 2, gone: 3, gone2: 4 })).toEqual({
      ...nothing,
      deprecated: [
        { option: 'legacy', message: 'Nobody reads it.' },
        { option: 'old', message: 'it will go away in a later release' },
      ],
      removed: [
        { option: 'gone', message: 'use theme' },
        { option: 'gone2', message: 'it has no effect any more' },
      ],
    });
  });

  it('finds values of the wrong kind without showing them', () => {
    const findings = compare({
      port: 'secret',
      theme: 'secret',
      admin: 'secret',
      plugins: { p: { on: 'secret' } },
      nullable: 3,
      site_title: null,
    });
    expect(findings.wrongType).toEqual([
      { option: 'port', expected: 'a whole number', found: 'a text' },
      { option: 'theme', expected: 'one of "light", "dark"', found: 'a text' },
      { option: 'admin', expected: 'a group of options', found: 'a text' },
      { option: 'plugins.p.on', expected: 'true or false', found: 'a text' },
      { option: 'nullable', expected: 'a text or nothing', found: 'a number' },
      { option: 'site_title', expected: 'a text', found: 'nothing' },
    ]);
    expect(JSON.stringify(findings)).not.toContain('secret');
  });

  it('does not ask for numbers where a format only has texts', () => {
    expect(compareOptions(readOptionRules('{"properties":{"PORT":{"type":"integer"}}}'), parseConfig('PORT=80\nX=1', 'env', 'c'))).toEqual({
      ...nothing,
      unknown: ['X'],
    });
  });

  it('refuses what is no JSON Schema, and survives a strange one', () => {
    for (const text of ['', '[]', '{"properties":', 'null'])
      expect(() => readOptionRules(text)).toThrow(expect.objectContaining({ code: 'bad-config' }));
    const strange = readOptionRules(
      '{"properties":{"a":{"$ref":"#/properties/b"},"b":{"$ref":"#/properties/a"},"c":true,"d":7},"patternProperties":{"(":{}}}',
    );
    expect(compareOptions(strange, parseConfig('{"a":1,"b":{"x":1},"c":2,"d":3}', 'json', 'c'))).toEqual(nothing);
  });
});
