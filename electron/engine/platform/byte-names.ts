/**
 * File names that are not UTF-8. Linux lets a name be any bytes; Node turns what is not UTF-8 into U+FFFD and then cannot find the file.
 * Here each byte that does not fit stands as a lone surrogate, U+DC80 to U+DCFF (Python's `surrogateescape`, PEP 383), so that a name
 * goes through strings and JSON unharmed and back to the same bytes.
 */

/** Text for the bytes of a name; every name has its own text. */
export function nameText(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (!text.includes('\ufffd') || Buffer.from(text).equals(bytes)) return text;
  let result = '';
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes[at] as number);
    const piece = bytes.subarray(at, at + length);
    const decoded = piece.toString('utf8');
    const fits = piece.length === length && Buffer.from(decoded).equals(piece);
    result += fits ? decoded : String.fromCharCode(0xdc00 + (bytes[at] as number));
    at += fits ? length : 1;
  }
  return result;
}

/** The bytes of a name; throws for a text that stands for none (other lone surrogates). */
export function nameBytes(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  const pieces: Buffer[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    if (code >= 0xdc80 && code <= 0xdcff) pieces.push(Buffer.from([code - 0xdc00]));
    else if (code >= 0xd800 && code <= 0xdfff) throw new RangeError('a name with a lone surrogate that stands for no byte');
    else pieces.push(Buffer.from(character));
  }
  return Buffer.concat(pieces);
}

/** A path as the file system calls want it: the text itself where it is well-formed, its bytes where it is not. */
export function pathArgument(path: string): string | Buffer {
  return process.platform === 'win32' || path.isWellFormed() ? path : nameBytes(path);
}

function sequenceLength(lead: number): number {
  if (lead >= 0xf0 && lead < 0xf8) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}
