import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../electron/api/failure.ts';
import { optionsOf, parseConfig, readConfig, valueAt } from '../../../electron/engine/install/config-file.ts';
import type { ConfigFile } from '../../../electron/engine/product/schema.ts';
import { asNobody } from '../../support/as-nobody.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

type Format = ConfigFile['format'];

const yaml = `# comment
admin:
  user: anna
  password_hash: "scrypt$1"
jwt_secret: 'abc'
tags: [a, b]
big: 12345678901234567890
empty: {}
none:
`;

describe('values', () => {
  it('of YAML are found by dotted keys', () => {
    const config = parseConfig(yaml, 'yaml', 'c');
    expect(valueAt(config, 'admin.password_hash')).toBe('scrypt$1');
    expect(valueAt(config, 'jwt_secret')).toBe('abc');
    expect(valueAt(config, 'admin')).toEqual({ user: 'anna', password_hash: 'scrypt$1' });
    expect(valueAt(config, 'big'), 'digits are not lost').toBe('12345678901234567890');
    expect(valueAt(config, 'none')).toBeNull();
    for (const key of ['admin.nobody', 'nobody', 'jwt_secret.x', 'tags.0', 'constructor', '__proto__', 'admin.toString'])
      expect(valueAt(config, key)).toBeUndefined();
    expect(optionsOf(config)).toEqual(['admin.user', 'admin.password_hash', 'jwt_secret', 'tags', 'big', 'empty', 'none']);
  });

  it('of JSON are found, also under keys that have dots', () => {
    const config = parseConfig('{"a.b": {"c": 1}, "a": {"b": {"d": 2}}}', 'json', 'c');
    expect([valueAt(config, 'a.b.c'), valueAt(config, 'a.b.d'), valueAt(config, 'a.b')]).toEqual([1, 2, { d: 2 }]);
  });

  it('of environment files are read as a shell would', () => {
    const text = `# c\n\nexport A=1\nB="two words" # c\nC='$A # not'\nD=plain # comment\nE=\nF="line\\nbreak \\"q\\""\nG="over\ntwo"\nH.I=dots\r\nURL=http://x/#frag\n`;
    const config = parseConfig(text, 'env', 'c');
    expect(config.value).toEqual({
      A: '1',
      B: 'two words',
      C: '$A # not',
      D: 'plain',
      E: '',
      F: 'line\nbreak "q"',
      G: 'over\ntwo',
      'H.I': 'dots',
      URL: 'http://x/#frag',
    });
    expect(valueAt(config, 'H.I')).toBe('dots');
  });

  it('of ini files are found by section', () => {
    const config = parseConfig('top=1\n; c\n[server]\nport = 80 ; c\nname="a; b"\n\n[a.b]\nc: d\n[server]\nmore=2\n', 'ini', 'c');
    expect(optionsOf(config)).toEqual(['top', 'server.port', 'server.name', 'server.more', 'a.b.c']);
    expect([valueAt(config, 'server.port'), valueAt(config, 'server.name'), valueAt(config, 'a.b.c')]).toEqual(['80', 'a; b', 'd']);
  });

  it('of text are none', () => {
    const config = parseConfig('module.exports = {}', 'text', 'c');
    expect([optionsOf(config), valueAt(config, 'x')]).toEqual([[], undefined]);
  });
});

const secret = 'hunter2hunter2';
const unreadable: [Format, string, string, string][] = [
  ['yaml', `a: 1\n\tb: ${secret}\n`, '2:1', 'tab'],
  ['yaml', `a: "${secret}\n`, '', 'quote'],
  ['yaml', `a: ${secret}\na: ${secret}\n`, '2:1', 'written twice'],
  ['yaml', `a: !x ${secret}\n`, '1:4', 'tag'],
  ['yaml', `a: *${secret}\n`, '1:4', 'alias'],
  ['yaml', `a: b: ${secret}\n`, '1:', '": "'],
  ['json', `{"a": "${secret}"`, '1:23', 'ends too early'],
  ['json', `{\n  "a": "${secret}",\n}`, '3:1', 'comma before the end'],
  ['json', `{"a": ${secret}}`, '1:7', 'no value'],
  ['json', `{"a" "${secret}"}`, '1:6', 'colon'],
  ['json', `{a: "${secret}"}`, '1:2', 'double quotes'],
  ['json', `{"a": "${secret}\n"}`, '1:', 'not closed'],
  ['json', `["${secret}" 1]`, '1:', 'comma or ]'],
  ['json', `{} ${secret}`, '1:4', 'after the end'],
  ['json', '', '1:1', 'empty'],
  ['env', `A=1\nB="${secret}\n`, '2:1', 'not closed'],
  ['env', `A=1\n${secret}\n`, '2:1', 'NAME=value'],
  ['ini', `[a]\n${secret}\n`, '2:1', 'section'],
];

describe('a config file that cannot be read', () => {
  it.each(unreadable)('%s %j is told with line and column, and without its secrets', async (format, text, at, says) => {
    const path = join(await temporaryFolder(), 'config');
    await writeFile(path, text);
    const error: unknown = await readConfig(path, format).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ code: 'bad-config', remedy: { action: 'edit-config' } });
    const { message, details, cause } = error as Failure;
    expect(message).toContain(`${path}:${at}`);
    expect(message).toContain(says);
    expect(JSON.stringify([message, details, String(cause)])).not.toContain('hunter2');
  });

  it('is null when it is missing, and a failure when it is something else', async () => {
    const folder = await temporaryFolder();
    expect(await readConfig(join(folder, 'none'), 'yaml')).toBeNull();
    expect(await readConfig(join(folder, 'none', 'below'), 'yaml')).toBeNull();
    await mkdir(join(folder, 'dir'));
    await expect(readConfig(join(folder, 'dir'), 'yaml')).rejects.toMatchObject({ code: 'bad-config' });
    await writeFile(join(folder, 'latin'), Buffer.from([0x61, 0xe4]));
    await expect(readConfig(join(folder, 'latin'), 'yaml')).rejects.toThrow('not UTF-8');
    await writeFile(join(folder, 'long'), Buffer.alloc(5 * 1024 * 1024, 0x61));
    await expect(readConfig(join(folder, 'long'), 'yaml')).rejects.toThrow('read up to');
    await writeFile(join(folder, 'private'), 'a: 1', { mode: 0o600 });
    await asNobody(() => expect(readConfig(join(folder, 'private'), 'yaml')).rejects.toMatchObject({ code: 'io' }));
  });

  it('is found where JSON breaks, wherever that is', () => {
    const piece = fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '1', '-0.5e+3', 'true', 'null', ' ', '\n', '"', '\\u00', 'x', '01');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.array(piece, { maxLength: 12 }).map((list) => list.join('')),
        ),
        (text) => {
          let valid = true;
          try {
            JSON.parse(text);
          } catch {
            valid = false;
          }
          if (valid) expect(parseConfig(text, 'json', 'c').value).toEqual(JSON.parse(text));
          else expect(() => parseConfig(text, 'json', 'c')).toThrow(Failure);
        },
      ),
      { numRuns: 1500 },
    );
  });
});
