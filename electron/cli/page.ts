/**
 * What the command line shows, as data: lines of spans with a style, so that no view ever writes an escape sequence itself.
 * Promises that text from outside (file names, notes, logs) cannot move the cursor, colour the screen or hide what is printed:
 * every span is cleaned when it is painted, whatever made it. Colour never carries a meaning alone.
 */
import { createColors } from 'picocolors';
import { visible } from '../api/visible.ts';

/** Teal for what stays, amber for what changes, red only for what needs a person, grey for the rest. */
export type Style = 'strong' | 'quiet' | 'stays' | 'changes' | 'good' | 'warning' | 'bad';
export interface Span {
  text: string;
  style?: Style;
}
export type Line = readonly (string | Span)[];

export function span(text: string, style: Style): Span {
  return { text, style };
}

/** Control characters, and the marks that turn the direction of writing, are shown as codes instead of obeyed. */
export function clean(text: string): string {
  return visible(text.replaceAll('\t', '  '));
}

/** Text with several lines, each of them cleaned. A line end before the very end does not make an empty last line. */
export function cleanLines(text: string): string[] {
  return text
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map(clean);
}

/** A line as it goes to the terminal or, without colour, into a file. Trailing blanks are dropped. */
export function paint(line: Line, colour: boolean): string {
  const colours = createColors(colour);
  const paints: Record<Style, (text: string) => string> = {
    strong: colours.bold,
    quiet: colours.dim,
    stays: colours.cyan,
    changes: colours.yellow,
    good: colours.green,
    warning: colours.yellow,
    bad: colours.red,
  };
  const painted = line.map((part) => {
    if (typeof part === 'string') return clean(part);
    const text = clean(part.text);
    return part.style === undefined || text === '' ? text : paints[part.style](text);
  });
  return painted.join('').trimEnd();
}

/** Columns that a line takes on a terminal. */
export function widthOf(line: Line): number {
  return line.reduce((sum, part) => sum + textWidth(clean(typeof part === 'string' ? part : part.text)), 0);
}

/** Columns that cleaned text takes: none for marks that combine, two for what Unicode calls wide (UAX #11), one otherwise. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/[\p{Mn}\p{Me}\p{Cf}]/u.test(character)) continue;
    width += isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
  }
  return width;
}

function isWide(code: number): boolean {
  if (code < 0x1100) return false;
  return wideRanges.some(([from, to]) => code >= from && code <= to);
}

/** The large blocks of East Asian Width W and F, and emoji; enough to keep columns straight. */
const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];
