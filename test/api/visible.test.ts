import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { visible, visibleLines } from '../../electron/api/visible.ts';

describe('visible', () => {
  it.each([
    ['photo\u202Egpj.exe', String.raw`photo\u202egpj.exe`],
    ['two\nlines.md', String.raw`two\x0alines.md`],
    ['tab\there.md', String.raw`tab\x09here.md`],
    ['\u001B[2Jgone', String.raw`\x1b[2Jgone`],
    ['caf\uDCE9.md', String.raw`caf\xe9.md`],
    ['\uD800', String.raw`\ud800`],
    ['Grüße 日本 🦀.md', 'Grüße 日本 🦀.md'],
    ['<b>&amp;"', '<b>&amp;"'],
  ])('%j is seen as %j', (text, seen) => {
    expect(visible(text)).toBe(seen);
  });

  it('leaves nothing that hides or turns around, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]/u);
      }),
    );
  });
});

it('lets the lines of a text be lines, and its tabs blanks', () => {
  expect(visibleLines('one\r\n\ttwo\n\u001B[31mred\n')).toBe('one\n  two\n\\x1b[31mred\n');
});
