/**
 * How long a zstd frame is, from its headers alone (RFC 8878, 3.1.1): needed for the first frame of a file whose index may be missing.
 */

/** Length of the frame that begins with these bytes; null when it is none, or goes on beyond them. */
export function firstFrameLength(bytes: Buffer): number | null {
  if (bytes.length < 6) return null;
  const descriptor = bytes[4] as number;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] as number;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >>> 6] as number;
  let at = 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes;
  for (let isLast = false; !isLast;) {
    if (at + 3 > bytes.length) return null;
    const block = bytes.readUIntLE(at, 3);
    isLast = (block & 1) === 1;
    // Type 1 repeats one byte; type 3 is reserved.
    const type = (block >>> 1) & 3;
    if (type === 3) return null;
    at += 3 + (type === 1 ? 1 : block >>> 3);
  }
  at += (descriptor & 4) !== 0 ? 4 : 0;
  return at <= bytes.length ? at : null;
}
