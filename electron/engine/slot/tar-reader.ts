import { Header } from 'tar';
import { badArchive } from './archive-rules.ts';
import { ByteSource } from './byte-source.ts';
import { parsePax } from './pax.ts';

/** One member of a tarball as its header tells it; nothing of it is trusted yet. */
export interface TarMember {
  name: string;
  type: 'file' | 'folder' | 'link' | 'hard-link';
  /** Bytes of `body`. */
  size: number;
  mode: number;
  /** Seconds since 1970. */
  modified: number | null;
  /** Where a link points. */
  target: string;
  body: AsyncIterable<Buffer>;
}

/** What long names and pax headers say about the member that follows them. */
interface Overrides {
  path?: string;
  linkpath?: string;
  size?: number;
  mtime?: number;
}

/** Bytes of a tar block, and how long a long name or a pax header may be: node-tar's bound. */
const block = 512;
const longestExtra = 1024 * 1024;

/** Zeros that may follow the end of an archive: tar fills up a record, 10 KiB by default and never more than this in practice. */
const longestPadding = 1024 * 1024;

const memberTypes: Record<string, TarMember['type']> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'folder',
  SymbolicLink: 'link',
  Link: 'hard-link',
};

/**
 * Reads a tarball (POSIX ustar and pax, GNU long names) member by member. Stricter than tar itself: what two programs could read in two
 * ways is refused, and so is an end that is not marked. Headers are decoded by node-tar. Throws `bad-archive`.
 */
export async function* readTar(chunks: AsyncIterable<Buffer>): AsyncGenerator<TarMember> {
  const source = new ByteSource(chunks);
  try {
    yield* membersOf(source);
  } finally {
    await source.close();
  }
}

async function* membersOf(source: ByteSource): AsyncGenerator<TarMember> {
  let overrides: Overrides = {};
  for (let isFirst = true; ; isFirst = false) {
    const at = source.position;
    const bytes = await source.take(block);
    if (bytes === null) throw isFirst ? badArchive(null, 'it is empty or not a tarball') : truncated();
    if (isZero(bytes)) {
      if (Object.keys(overrides).length > 0) throw badArchive(null, 'a long name or a pax header is followed by no member');
      return await finish(source, isFirst);
    }
    const header = decode(bytes, overrides, at, isFirst);
    const type = header.type as string;
    const member = memberTypes[type];
    if (member === undefined) {
      overrides = await readExtra(source, header, type, overrides);
      continue;
    }
    yield* oneMember(source, header, member, overrides);
    overrides = {};
  }
}

async function* oneMember(source: ByteSource, header: Header, type: TarMember['type'], overrides: Overrides): AsyncGenerator<TarMember> {
  const name = overrides.path ?? header.path ?? '';
  const size = sizeOf(header, type, overrides, name);
  const end = source.position + Math.ceil(size / block) * block;
  const modified = overrides.mtime ?? (header.mtime === undefined ? null : header.mtime.getTime() / 1000);
  yield {
    name,
    type,
    size,
    mode: header.mode ?? 0o644,
    modified,
    target: overrides.linkpath ?? header.linkpath ?? '',
    body: bodyOf(source, size, name),
  };
  if (!(await source.skipTo(end))) throw truncated(name);
}

function decode(bytes: Buffer, overrides: Overrides, at: number, isFirst: boolean): Header {
  const header = headerOf(bytes, overrides);
  if (header?.cksumValid !== true) {
    throw badArchive(null, isFirst ? 'it is not a tarball' : `it is damaged: byte ${at} should begin a member and does not`);
  }
  const isPosix = bytes.toString('latin1', 257, 263) === 'ustar\0';
  const fields = [bytes.subarray(0, 100), bytes.subarray(157, 257), ...(isPosix ? [bytes.subarray(345, 475)] : [])];
  if (fields.some(hidesBytes)) throw badArchive(header.path ?? null, 'its name goes on behind a NUL');
  return header;
}

function headerOf(bytes: Buffer, overrides: Overrides): Header | null {
  try {
    // The longer name is passed on, because a cut-off one that ends in a slash would make a folder of a file.
    return new Header(bytes, 0, overrides.path === undefined ? undefined : { path: overrides.path });
  } catch {
    // node-tar throws plain errors for numbers that it cannot read.
    return null;
  }
}

function hidesBytes(field: Buffer): boolean {
  const nul = field.indexOf(0);
  return nul !== -1 && !isZero(field.subarray(nul));
}

function sizeOf(header: Header, type: TarMember['type'], overrides: Overrides, name: string): number {
  const written = header.size;
  const size = overrides.size ?? written ?? (type === 'file' ? Number.NaN : 0);
  if (!Number.isSafeInteger(size) || size < 0) throw badArchive(name, 'its size is no number of bytes');
  if (overrides.size !== undefined && written !== undefined && written !== 0 && written !== overrides.size) {
    throw badArchive(name, `it has two sizes, ${written} and ${overrides.size}`);
  }
  if (type !== 'file' && size > 0) throw badArchive(name, `it is a ${type} with ${size} bytes of content`);
  return size;
}

async function* bodyOf(source: ByteSource, size: number, name: string): AsyncGenerator<Buffer> {
  for (let left = size; left > 0;) {
    const piece = await source.some(left);
    if (piece === null) throw truncated(name);
    left -= piece.length;
    yield piece;
  }
}

/** Long names of GNU tar and pax headers; everything else that is no file, folder or link is refused by its name. */
async function readExtra(source: ByteSource, header: Header, type: string, overrides: Overrides): Promise<Overrides> {
  const name = header.path ?? '';
  const isLong = type === 'NextFileHasLongPath' || type === 'NextFileHasLongLinkpath';
  if (!isLong && type !== 'ExtendedHeader' && type !== 'GlobalExtendedHeader')
    throw badArchive(name, `it is a ${kindInWords(type, header)}, which no release needs`);
  const size = header.size ?? Number.NaN;
  if (!(size >= 0 && size <= longestExtra)) throw badArchive(name, `its extra header has ${size} bytes; at most ${longestExtra} are read`);
  const text = await source.take(size);
  if (text === null || !(await source.skipTo(source.position + ((block - (size % block)) % block)))) throw truncated(name);
  if (isLong)
    return withOnce(overrides, type === 'NextFileHasLongPath' ? { path: longName(text, name) } : { linkpath: longName(text, name) }, name);
  const pax = parsePax(text, name);
  if (type === 'ExtendedHeader') return withOnce(overrides, pax, name);
  if (pax.path !== undefined || pax.linkpath !== undefined || pax.size !== undefined)
    throw badArchive(name, 'a global header gives all members one name or size');
  return overrides;
}

function withOnce(overrides: Overrides, more: Overrides, name: string): Overrides {
  const twice = Object.keys(more).find((key) => key in overrides);
  if (twice !== undefined) throw badArchive(name, `two headers give it a ${twice}`);
  return { ...overrides, ...more };
}

function longName(bytes: Buffer, name: string): string {
  if (hidesBytes(bytes)) throw badArchive(name, 'its long name goes on behind a NUL');
  const nul = bytes.indexOf(0);
  return bytes.toString('utf8', 0, nul === -1 ? bytes.length : nul);
}

function kindInWords(type: string, header: Header): string {
  const words: Record<string, string> = {
    CharacterDevice: 'character device',
    BlockDevice: 'block device',
    FIFO: 'named pipe',
    SparseFile: 'sparse file',
  };
  return words[type] ?? `member of the kind "${type === 'Unsupported' ? header.typeKey : type}"`;
}

/** The end is two blocks of zeros, and nothing but zeros may follow. */
async function finish(source: ByteSource, isEmpty: boolean): Promise<void> {
  const second = await source.take(block);
  if (second === null || !isZero(second)) throw badArchive(null, 'it is damaged: its end is not marked by two blocks of zeros');
  for (let padding = 0; ;) {
    const piece = await source.some(block * 128);
    if (piece === null) break;
    padding += piece.length;
    if (!isZero(piece)) throw badArchive(null, 'something follows its end');
    if (padding > longestPadding) throw badArchive(null, `more than ${longestPadding} zeros follow its end`);
  }
  if (isEmpty) throw badArchive(null, 'it holds no files');
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

function truncated(name?: string): Error {
  return badArchive(
    name ?? null,
    name === undefined ? 'it is truncated: it ends without its end mark' : 'the archive is truncated in the middle of it',
  );
}
