/** Puts lines into columns: wrapping, padding, tables and two columns side by side. Pure; widths are terminal columns. */
import { clean, type Line, type Span, textWidth, widthOf } from './page.ts';

/** Where a line may end: only between words, so that paths and commands can be copied whole, or within them where a column has to hold. */
export type Breaks = 'between-words' | 'anywhere';

/** A line cut into lines of `width`. Without a blank to end at, a line goes over it, or is cut after a `/`, else anywhere. */
export function wrap(line: Line, width: number, indent = 0, breaks: Breaks = 'between-words'): Line[] {
  if (widthOf(line) <= width) return [line];
  const room = Math.max(width, indent + 8);
  const lines: Span[][] = [[]];
  let used = 0;
  const begin = () => {
    lines.push([{ text: ' '.repeat(indent) }]);
    used = indent;
  };
  for (const piece of line.flatMap((part) => pieces(part, breaks))) {
    let rest = piece;
    if (used > indent && used + textWidth(rest.text.trimEnd()) > room) {
      begin();
      rest = { ...rest, text: rest.text.trimStart() };
    }
    for (; breaks === 'anywhere' && used + textWidth(rest.text.trimEnd()) > room; begin()) {
      const head = fitting(rest.text, room - used);
      append(lines.at(-1), { ...rest, text: head });
      rest = { ...rest, text: rest.text.slice(head.length) };
    }
    append(lines.at(-1), rest);
    used += textWidth(rest.text);
  }
  return lines;
}

/** Adds a piece to a line, as one span with the piece before it where they look the same. */
function append(line: Span[] | undefined, piece: Span): void {
  const last = line?.at(-1);
  if (last !== undefined && last.style === piece.style) last.text += piece.text;
  else line?.push({ ...piece });
}

/** The line with blanks behind it up to `width`; longer lines stay as they are. */
export function pad(line: Line, width: number): Line {
  return [...line, ' '.repeat(Math.max(0, width - widthOf(line)))];
}

/** Rows whose cells stand under each other, two blanks apart. The last column is not padded and wraps below itself. */
export function table(rows: readonly (readonly Line[])[], width: number, indent = 0): Line[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) => Math.max(0, ...rows.map((row) => widthOf(row[column] ?? []))));
  return rows.flatMap((row) => {
    const head: Line = [' '.repeat(indent), ...row.slice(0, -1).flatMap((cell, column) => [...pad(cell, widths[column] ?? 0), '  '])];
    const start = widthOf(head);
    const last = wrap(row.at(-1) ?? [], Math.max(16, width - start));
    return last.map((part, index) => (index === 0 ? [...head, ...part] : [' '.repeat(start), ...part]));
  });
}

/** Two columns beside each other, `gap` blanks between them. */
export function sideBySide(left: readonly Line[], right: readonly Line[], leftWidth: number, gap: number): Line[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, row) => {
    const other = right[row] ?? [];
    return other.length === 0 ? (left[row] ?? []) : [...pad(left[row] ?? [], leftWidth + gap), ...other];
  });
}

/** Text cut to a width, with a sign that something is missing. */
export function truncate(text: string, width: number): string {
  const cleaned = clean(text);
  if (textWidth(cleaned) <= width) return cleaned;
  return `${fitting(cleaned, Math.max(1, width - 1))}…`;
}

/** A span as pieces between which a line may end: words with the blanks after them, parts of a path with their slash. */
function pieces(part: string | Span, breaks: Breaks): Span[] {
  const whole = typeof part === 'string' ? { text: part } : part;
  const pattern = breaks === 'anywhere' ? /[^\s/]*\/+|[^\s/]*\s+|[^\s/]+/g : /\S*\s+|\S+/g;
  return (clean(whole.text).match(pattern) ?? []).map((text) => ({ ...whole, text }));
}

/** The longest beginning, at least one character, that takes no more than `width` columns. */
function fitting(text: string, width: number): string {
  let head = '';
  for (const character of text) {
    if (head !== '' && textWidth(head) + textWidth(character) > width) break;
    head += character;
  }
  return head;
}
