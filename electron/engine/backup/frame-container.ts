/**
 * The outer file: frames of compressed tar, a trailer with a SHA-256, an index. Two kinds, chosen by the file's name.
 *
 * zstd: frames; the trailer in a skippable frame; the index in zstd's seekable format
 * (https://github.com/facebook/zstd/blob/dev/contrib/seekable_format/zstd_seekable_compression_format.md).
 * gzip: members, each with its own length in an extra field (RFC 1952, 2.3.1.1), so that they can be hopped over; the trailer in the extra
 * field of an empty last member.
 */
import { isAbsolute } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { crcOf, deflate, inflate, unzstdFrame, zstdFrame } from '../platform/compression.ts';
import { backupFormat } from './backup-constants.ts';

export type ContainerKind = 'zstd' | 'gzip';

/** One frame: where it is in the file and how much tar it holds. */
export interface Frame {
  at: number;
  bytes: number;
  plainBytes: number;
  /** While a backup is written: the SHA-256 that the frame had in another one, which it was copied from. */
  sha256?: Uint8Array;
}

/** The trailer's 64 bytes, all numbers little-endian. */
export interface Trailer {
  format: number;
  /** Where `manifest.json` begins in the tar. */
  manifestAt: number;
  /** Length of the tar. */
  plainBytes: number;
  /** SHA-256 of all bytes of the file but these 32. */
  digest: Buffer;
}

export const trailerBytes = 64;
/** The digest is the last part of the trailer. */
export const digestBytes = 32;

const trailerName = Buffer.from('MOULTEND');
const zstdMagic = 0xfd2fb528;
const skippableTrailer = 0x184d2a5a;
const skippableIndex = 0x184d2a5e;
const seekableMagic = 0x8f92eab1;
export const seekableFooterBytes = 9;
const gzipHeaderBytes = 10;

/** The container that a file's name asks for. Throws `bad-input` for other names. */
export function containerFor(path: string): ContainerKind {
  if (isAbsolute(path) && /\.tar\.zst(?:\.age)?$/.test(path)) return 'zstd';
  if (isAbsolute(path) && /\.(?:tar\.gz|tgz)(?:\.age)?$/.test(path)) return 'gzip';
  throw new Failure(
    'bad-input',
    `A backup is named *.tar.zst, *.tar.gz or *.tgz, and *.age behind that when it is encrypted, which ${path} is not.`,
    {
      remedy: { action: 'show-help', text: 'Give the backup a name that ends in .tar.zst.' },
    },
  );
}

/** Which container a file begins like; null for neither. */
export function containerOf(start: Uint8Array): ContainerKind | null {
  const head = Buffer.from(start.buffer, start.byteOffset, start.length);
  if (head.length >= 4 && head.readUInt32LE(0) === zstdMagic) return 'zstd';
  return head.length >= 3 && head[0] === 0x1f && head[1] === 0x8b && head[2] === 8 ? 'gzip' : null;
}

export function compressFrame(kind: ContainerKind, content: Uint8Array, level: number): Buffer {
  if (kind === 'zstd') return zstdFrame(content, level);
  const body = deflate(content, level);
  const extra = Buffer.alloc(12);
  extra.write('MO', 0, 'latin1');
  extra.writeUInt16LE(8, 2);
  const header = gzipHeader(extra);
  extra.writeUInt32LE(header.length + body.length + 8, 4);
  extra.writeUInt32LE(content.length, 8);
  return Buffer.concat([gzipHeader(extra), body, gzipEnd(crcOf(content), content.length)]);
}

/** The tar bytes of a frame; throws when the frame is damaged or does not hold exactly `plainBytes`. */
export function decompressFrame(kind: ContainerKind, frame: Buffer, plainBytes: number): Buffer {
  const content = kind === 'zstd' ? unzstdFrame(frame, plainBytes) : ungzip(frame, plainBytes);
  if (content.length !== plainBytes) throw new Error(`a frame holds ${content.length} bytes instead of ${plainBytes}`);
  return content;
}

/** Length and content length of the gzip member that begins with these bytes; null when it is none of ours, or the last one. */
export function gzipMemberLengths(start: Buffer): { bytes: number; plainBytes: number } | null {
  if (start.length < gzipHeaderBytes + 14 || containerOf(start) !== 'gzip' || start[3] !== 4) return null;
  if (start.readUInt16LE(10) !== 12 || start.toString('latin1', 12, 14) !== 'MO' || start.readUInt16LE(14) !== 8) return null;
  return { bytes: start.readUInt32LE(16), plainBytes: start.readUInt32LE(20) };
}

/** What stands behind the frames: first the bytes up to the digest, then the digest, then the rest. */
export function encodeEnd(
  kind: ContainerKind,
  frames: readonly Frame[],
  trailer: Omit<Trailer, 'digest'>,
): { before: Buffer; after: Buffer } {
  const content = Buffer.alloc(trailerBytes - digestBytes);
  trailerName.copy(content);
  content.writeUInt32LE(trailer.format, 8);
  content.writeBigUInt64LE(BigInt(trailer.manifestAt), 16);
  content.writeBigUInt64LE(BigInt(trailer.plainBytes), 24);
  if (kind === 'gzip') {
    const extra = Buffer.alloc(4 + trailerBytes);
    extra.write('MT', 0, 'latin1');
    extra.writeUInt16LE(trailerBytes, 2);
    content.copy(extra, 4);
    const whole = Buffer.concat([gzipHeader(extra), Buffer.from([3, 0]), gzipEnd(0, 0)]);
    const cut = gzipHeaderBytes + 2 + 4 + trailerBytes - digestBytes;
    return { before: whole.subarray(0, cut), after: whole.subarray(cut + digestBytes) };
  }
  const head = Buffer.alloc(8);
  head.writeUInt32LE(skippableTrailer, 0);
  head.writeUInt32LE(trailerBytes, 4);
  return { before: Buffer.concat([head, content]), after: encodeIndex(frames) };
}

/** How many bytes the end of a file takes, for reading it. */
export function endBytes(kind: ContainerKind, frames: number): number {
  return kind === 'gzip' ? gzipHeaderBytes + 2 + 4 + trailerBytes + 10 : 8 + trailerBytes + indexBytes(frames + 1);
}

/** Reads the trailer out of the bytes that stand behind the frames; null when they are not exactly what `encodeEnd` makes of it. */
export function decodeEnd(kind: ContainerKind, end: Buffer, frames: readonly Frame[]): Trailer | null {
  const at = kind === 'gzip' ? gzipHeaderBytes + 2 + 4 : 8;
  if (end.length !== endBytes(kind, frames.length) || !end.subarray(at, at + 8).equals(trailerName)) return null;
  const trailer = {
    format: end.readUInt32LE(at + 8),
    manifestAt: Number(end.readBigUInt64LE(at + 16)),
    plainBytes: Number(end.readBigUInt64LE(at + 24)),
  };
  const digestAt = at + trailerBytes - digestBytes;
  const { before, after } = encodeEnd(kind, frames, trailer);
  const same = end.subarray(0, digestAt).equals(before) && end.subarray(digestAt + digestBytes).equals(after);
  // A later format may have more in its end than this code would write.
  if (!same && trailer.format <= backupFormat) return null;
  return { ...trailer, digest: Buffer.from(end.subarray(digestAt, digestAt + digestBytes)) };
}

/** How many entries the index has that ends with these nine bytes; null when they end none. */
export function indexEntries(footer: Buffer): number | null {
  if (footer.length !== seekableFooterBytes || footer.readUInt32LE(5) !== seekableMagic || footer[4] !== 0) return null;
  return footer.readUInt32LE(0);
}

export function indexBytes(entries: number): number {
  return 8 + 8 * entries + seekableFooterBytes;
}

/** The frames that an index tells of, without the trailer; null when it is damaged. */
export function decodeIndex(index: Buffer): Frame[] | null {
  const entries = (index.length - 8 - seekableFooterBytes) / 8;
  if (entries < 1 || index.readUInt32LE(0) !== skippableIndex || index.readUInt32LE(4) !== index.length - 8) return null;
  const frames: Frame[] = [];
  let at = 0;
  for (let entry = 0; entry < entries; entry += 1) {
    const frame = { at, bytes: index.readUInt32LE(8 + 8 * entry), plainBytes: index.readUInt32LE(12 + 8 * entry) };
    at += frame.bytes;
    frames.push(frame);
  }
  const last = frames.pop();
  return last?.bytes === 8 + trailerBytes && last.plainBytes === 0 ? frames : null;
}

function encodeIndex(frames: readonly Frame[]): Buffer {
  const index = Buffer.alloc(indexBytes(frames.length + 1));
  index.writeUInt32LE(skippableIndex, 0);
  index.writeUInt32LE(index.length - 8, 4);
  let at = 8;
  for (const { bytes, plainBytes } of [...frames, { bytes: 8 + trailerBytes, plainBytes: 0 }]) {
    index.writeUInt32LE(bytes, at);
    index.writeUInt32LE(plainBytes, at + 4);
    at += 8;
  }
  index.writeUInt32LE(frames.length + 1, at);
  index.writeUInt32LE(seekableMagic, at + 5);
  return index;
}

function ungzip(member: Buffer, plainBytes: number): Buffer {
  const lengths = gzipMemberLengths(member);
  if (lengths?.bytes !== member.length || member.length < 24 + 8) throw new Error('not a gzip member of a backup');
  const content = inflate(member.subarray(24, -8), plainBytes);
  if (member.readUInt32LE(member.length - 8) !== crcOf(content)) throw new Error('a gzip member whose checksum does not fit');
  if (member.readUInt32LE(member.length - 4) !== content.length) throw new Error('a gzip member whose length does not fit');
  return content;
}

/** Deflate, with an extra field, no time, unknown system. */
function gzipHeader(extra: Buffer): Buffer {
  const header = Buffer.from([0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255, 0, 0]);
  header.writeUInt16LE(extra.length, 10);
  return Buffer.concat([header, extra]);
}

function gzipEnd(crc: number, bytes: number): Buffer {
  const end = Buffer.alloc(8);
  end.writeUInt32LE(crc, 0);
  end.writeUInt32LE(bytes, 4);
  return end;
}
