/**
 * Text from outside (names of files above all) as a person may see it, the same on every face: what a terminal or a browser would obey,
 * swallow or turn around stands as a code, as `ls -b` and Git show it. A name can then not pass for another one. Pure.
 */

/** Control characters and line ends, the marks that turn the direction of writing, and lone surrogates, which stand for bytes that are no UTF-8. */
const hidden = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/gu;

/** One line of text. Only for eyes: what is copied, asked or opened by it is the text itself. */
export function visible(text: string): string {
  return text.replaceAll(hidden, codeOf);
}

/** Text with several lines, which stay lines; a tab in it is a blank. */
export function visibleLines(text: string): string {
  return text
    .split('\n')
    .map((line) => visible(line.replace(/\r$/, '').replaceAll('\t', '  ')))
    .join('\n');
}

function codeOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  // U+DC80 to U+DCFF: one byte of a name that is not UTF-8 (PEP 383).
  const byte = code >= 0xdc80 && code <= 0xdcff ? code - 0xdc00 : code;
  return byte < 0x100 ? `\\x${byte.toString(16).padStart(2, '0')}` : `\\u${byte.toString(16).padStart(4, '0')}`;
}
