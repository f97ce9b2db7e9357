/**
 * The segments of PostgreSQL's write-ahead log: their names, and which of them a copy needs. Pure. A name is 24 hexadecimal digits:
 * timeline, and the segment's number in two parts (https://www.postgresql.org/docs/current/wal-internals.html).
 */

export interface Segment {
  timeline: number;
  /** Counted from the beginning of the log. */
  number: bigint;
}

const named = /^[0-9A-F]{24}$/;

export function segmentName({ timeline, number }: Segment, segmentBytes: number): string {
  const inOneId = 0x1_0000_0000n / BigInt(segmentBytes);
  const hex = (value: bigint | number) => value.toString(16).toUpperCase().padStart(8, '0');
  return hex(timeline) + hex(number / inOneId) + hex(number % inOneId);
}

/** Null for a name that is not of a segment: a history file, a backup file, a folder. */
export function parseSegment(name: string, segmentBytes: number): Segment | null {
  if (!named.test(name)) return null;
  const part = (from: number) => BigInt(`0x${name.slice(from, from + 8)}`);
  return { timeline: Number(part(0)), number: part(8) * (0x1_0000_0000n / BigInt(segmentBytes)) + part(16) };
}

export function segmentAt(position: bigint, segmentBytes: number): bigint {
  return position / BigInt(segmentBytes);
}

/** The names of the segments from one position to another, both included. */
export function segmentsBetween(from: bigint, to: bigint, timeline: number, segmentBytes: number): string[] {
  const names: string[] = [];
  for (let number = segmentAt(from, segmentBytes); number <= segmentAt(to, segmentBytes); number += 1n)
    names.push(segmentName({ timeline, number }, segmentBytes));
  return names;
}

/** Where a backup begins and on which timeline, from its `backup_label`. */
export function parseLabel(label: string): { position: string; timeline: number } {
  const position = /^START WAL LOCATION: ([0-9A-F]+\/[0-9A-F]+) \(file [0-9A-F]{24}\)/m.exec(label)?.[1];
  const timeline = /^START TIMELINE: (\d+)/m.exec(label)?.[1] ?? '1';
  if (position === undefined) throw new Error('the backup label of PostgreSQL names no position in the log');
  return { position, timeline: Number(timeline) };
}

/** Whether a segment's first page belongs to it and not to an older one whose file is kept for later use: the page tells its own position. */
export function isOwnPage(page: Uint8Array, { timeline, number }: Segment, segmentBytes: number): boolean {
  // XLogPageHeaderData: magic (2 bytes), info (2), timeline (4), position (8); src/include/access/xlog_internal.h
  if (page.byteLength < 16) return false;
  const view = new DataView(page.buffer, page.byteOffset, page.byteLength);
  const isLittle = view.getUint16(0, true) >> 8 === 0xd1;
  return view.getUint32(4, isLittle) <= timeline && view.getBigUint64(8, isLittle) === number * BigInt(segmentBytes);
}
