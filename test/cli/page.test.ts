import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sideBySide, table, truncate, wrap } from '../../electron/cli/layout.ts';
import { clean, cleanLines, type Line, paint, span, textWidth, widthOf } from '../../electron/cli/page.ts';

describe('clean', () => {
  it.each([
    ['\u001B[2J\u001B[1;1Hgone', String.raw`\x1b[2J\x1b[1;1Hgone`],
    ['\u001B]0;title\u0007', String.raw`\x1b]0;title\x07`],
    ['safe\rfake', String.raw`safe\x0dfake`],
    ['a\nb', String.raw`a\x0ab`],
    ['\u009B31m', String.raw`\x9b31m`],
    ['cod\u202Egnp.exe', String.raw`cod\u202egnp.exe`],
    ['a\u2028b', String.raw`a\u2028b`],
    ['tab\there', 'tab  here'],
    ['Grüße 日本 🦀', 'Grüße 日本 🦀'],
  ])('%j becomes %j', (text, expected) => {
    expect(clean(text)).toBe(expected);
  });

  it('leaves nothing that a terminal would obey, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(clean(text)).not.toMatch(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u);
        expect(paint([text, span(text, 'bad')], false)).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});

it('takes lines apart without an empty last one', () => {
  expect(cleanLines('one\r\ntwo\n')).toEqual(['one', 'two']);
});

it('paints only with colour', () => {
  const line: Line = ['a ', span('b', 'bad'), '  '];
  expect(paint(line, false)).toBe('a b');
  expect(paint(line, true)).toBe('a \u001B[31mb\u001B[39m');
});

it('knows how many columns text takes', () => {
  expect(textWidth('abc')).toBe(3);
  expect(textWidth('日本')).toBe(4);
  expect(textWidth('e\u0301')).toBe(1);
  expect(textWidth('🦀')).toBe(2);
});

describe('wrap', () => {
  it('breaks at blanks and after slashes, and keeps every letter', () => {
    const lines = wrap(['see ', span('/home/ann/a-long-folder/notes', 'stays'), ' for the rest'], 20, 2, 'anywhere');
    expect(lines.map((line) => paint(line, false))).toEqual(['see /home/ann/', '  a-long-folder/', '  notes for the rest']);
  });

  it('leaves paths whole where they may go over the width', () => {
    const lines = wrap(['see /home/ann/a-long-folder/notes for the rest'], 20, 2);
    expect(lines.map((line) => paint(line, false))).toEqual(['see', '  /home/ann/a-long-folder/notes', '  for the rest']);
  });

  it('never goes over the width, and loses nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 30 }), { maxLength: 6 }), fc.integer({ min: 12, max: 60 }), (words, width) => {
        const lines = wrap(words, width, 2, 'anywhere');
        for (const line of lines) expect(widthOf([paint(line, false)])).toBeLessThanOrEqual(width);
        const letters = (parts: Line[]) =>
          parts
            .map((line) => paint(line, false))
            .join('')
            .replaceAll(' ', '');
        expect(letters(lines)).toBe(letters([words]));
      }),
    );
  });
});

it('stands columns under each other, whatever their width', () => {
  const rows = table(
    [
      [['日本'], ['one']],
      [['abcdef'], ['two']],
    ],
    80,
    2,
  );
  expect(rows.map((line) => paint(line, false))).toEqual(['  日本    one', '  abcdef  two']);
});

it('stands two columns side by side', () => {
  const lines = sideBySide([['a'], ['b']], [['x'], ['y'], ['z']], 4, 1);
  expect(lines.map((line) => paint(line, false))).toEqual(['a    x', 'b    y', '     z']);
});

it('says that something was cut off', () => {
  expect(truncate('abcdef', 4)).toBe('abc…');
  expect(truncate('日本語', 4)).toBe('日…');
  expect(truncate('abc', 4)).toBe('abc');
});
