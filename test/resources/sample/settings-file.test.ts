import { expect, test } from 'vitest';
import { parse } from 'yaml';

interface SettingsFile {
  parseSettings(text: string): Record<string, unknown>;
  changeSetting(text: string, option: string, value: unknown): string;
  scalarText(value: unknown): string;
}
const { parseSettings, changeSetting, scalarText } = (await import(
  new URL('../../../resources/sample/common/lib/settings-file.mjs', import.meta.url).href
)) as SettingsFile;

const text = `# Mine
port: 8377 # not 80
title: "Notes: mine # and yours"

admin:
  user: 'it''s me'   # me
  password_hash: scrypt$16384$8$1$a$b
open: true
nothing:
`;

test('reads two levels, quotes and comments as a full YAML reader does', () => {
  const { nothing, ...settings } = parseSettings(text);
  expect(nothing).toEqual({});
  expect({ ...settings, nothing: null }).toEqual(parse(text));
});

test('changing an option changes its line and keeps every other byte, comments included', () => {
  const changed = changeSetting(text, 'admin.user', 'Ann: #1');
  expect(changed).toBe(text.replace("  user: 'it''s me'   # me", '  user: "Ann: #1" # me'));
  expect(parseSettings(changed)['admin']).toMatchObject({ user: 'Ann: #1' });
});

test.each([8377, true, 'plain', 'with space', 'true', '8377', '', 'a: b', '#', 'null', '~', "it's", 'two\nlines', 'scrypt$1$b', 'grün'])(
  '%j is written so that both readers get it back',
  (value) => {
    const written = `option: ${scalarText(value)}\n`;
    expect(parseSettings(written)).toEqual({ option: value });
    expect(parse(written)).toEqual({ option: value });
  },
);

test.each([
  ['port 8377', 1, 'expected'],
  ['port: 1\nport: 2', 2, 'second time'],
  ['a: 1\n  b: 2', 2, 'belongs to no group'],
  ['a: [1, 2]', 1, 'plain values'],
  ['a: "open', 1, 'not closed'],
  ['- a', 1, 'expected'],
])('%j is refused, naming the line', (broken, line, reason) => {
  expect(() => parseSettings(broken)).toThrow(new RegExp(`line ${line}: .*${reason}`));
});
