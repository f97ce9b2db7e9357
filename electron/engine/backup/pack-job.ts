/** Runs in a worker thread: fills a frame with tar bytes and compresses it. */
import {
  closeFile,
  factsOfOpen,
  holdThread,
  isAbsent,
  isFresh,
  isFreshAt,
  isLike,
  moment,
  openToRead,
  readInto,
  type FileFacts,
} from '../platform/blocking-files.ts';
import { freeBytes } from '../platform/compression.ts';
import { hashBytesOf } from '../platform/hashing.ts';
import type { Answer } from '../platform/workers.ts';
import { frameBytes } from './backup-constants.ts';
import { factColumns, factsAt, putFacts } from './fact-columns.ts';
import { compressFrame } from './frame-container.ts';
import type { Room } from './rooms.ts';
import { encodeHeader, headerLength, paddingOf, writeHeader, type MemberFacts } from './tar-member.ts';
import { hashBytes, packedColumns, packOutcomes, readOutcomes } from './worker-jobs.ts';
import type { KeptFacts, PackedPart, PackJob, PackPart, PackReply, ReadOutcome } from './worker-jobs.ts';

/** How often a file that changes while it is read is read again, and for how long it is left alone before (ms). */
const tries = 4;
const pauses = [2, 10, 40] as const;

export function packFrame(job: PackJob): Answer<PackReply> {
  const buffer = Buffer.from(job.plainRoom, 0, frameBytes);
  let at = 0;
  const parts = job.parts.map((part) => {
    const [packed, end] = packPart(part, buffer, at);
    at = end;
    return packed;
  });
  const packed = at === 0 ? 0 : store(compressFrame(job.container, buffer.subarray(0, at), job.level), job.room);
  const columns = parts.flatMap((part) => (part.state === 'files' ? [part.numbers.buffer, part.hashes.buffer] : []));
  return { reply: { frameBytes: packed, plainBytes: at, parts }, transfer: columns };
}

/** Puts bytes where the other thread finds them, and frees theirs; answers how many there are. */
export function store(bytes: Buffer, room: Room): number {
  new Uint8Array(room).set(bytes);
  const { length } = bytes;
  freeBytes(bytes);
  return length;
}

/** Answers what was packed and where it ends. */
function packPart(part: PackPart, buffer: Buffer, at: number): [PackedPart, number] {
  if (part.part === 'files') return packFiles(part, buffer, at);
  const header = part.part === 'member' ? encodeHeader(part.facts) : part.header === null ? null : encodeHeader(part.header);
  const contentAt = at + (header?.copy(buffer, at) ?? 0);
  if (part.part === 'member') return [{ state: 'packed', at }, contentAt];
  const end = contentAt + part.length;
  buffer.fill(0, end, end + part.padding);
  if (part.part === 'bytes') return [{ state: 'packed', at }, end + part.padding];
  const read = readPiece(part, buffer.subarray(contentAt, end));
  return [{ state: 'piece', at, contentAt, read }, end + part.padding];
}

function packFiles(part: Extract<PackPart, { part: 'files' }>, buffer: Buffer, start: number): [PackedPart, number] {
  const names = part.names.split('\0');
  const files = names.length / 2;
  const numbers = new Float64Array(files * packedColumns.length);
  const hashes = new Uint8Array(files * hashBytes);
  // Of the moment before any of them is read: whatever changes from now on gets a later time, or is young now.
  const began = moment();
  let at = start;
  for (let file = 0; file < files; file += 1) {
    const from = names[2 * file] as string;
    const path = names[2 * file + 1] as string;
    const kept = part.kept?.[file] ?? null;
    const row = file * packedColumns.length;
    const expected = factsAt('file', part.expect, file * factColumns.length);
    const packed =
      packExpected(from, path, { expected, kept, began }, buffer, at) ?? packFile(from, path, { kept, moving: part.moving }, buffer, at);
    if (typeof packed === 'string') {
      numbers[row] = packOutcomes.indexOf(packed);
      continue;
    }
    tell(numbers, row, packed, at);
    hashes.set(packed.sha256, file * hashBytes);
    at = packed.end;
  }
  return [{ state: 'files', numbers, hashes }, at];
}

/** In the order of `packedColumns`. */
function tell(numbers: Float64Array, row: number, { facts, bytes, read, fresh }: PackedFile, at: number): void {
  numbers[row] = 0;
  numbers[row + 1] = at;
  numbers[row + 2] = bytes;
  numbers[row + 3] = readOutcomes.indexOf(read);
  numbers[row + 4] = fresh ? 1 : 0;
  putFacts(facts, numbers, row + 5);
}

/**
 * Reads a file that is still what it was when it was listed, with one look at it behind the reading: the look at the listing is the one
 * before. Null when it is not, or when anything else is in the way: then it has to be looked at anew.
 */
function packExpected(
  from: string,
  path: string,
  how: { expected: FileFacts; kept: KeptFacts | null; began: number },
  buffer: Buffer,
  at: number,
): PackedFile | null {
  const { expected, kept, began } = how;
  const { bytes } = expected;
  const { mode, uid, gid } = kept ?? expected;
  const mtime = kept?.mtime ?? expected.mtimeMs;
  const member: MemberFacts = { path, kind: 'file', bytes, mode, mtime, uid, gid };
  const contentAt = at + headerLength(member);
  const contentEnd = contentAt + bytes;
  const end = contentEnd + paddingOf(bytes);
  if (end > buffer.length) return null;
  const file = openOrNull(from);
  if (file === null) return null;
  try {
    const content = buffer.subarray(contentAt, contentEnd);
    const read = bytes === 0 ? 0 : readOrNull(file, content);
    if (read !== bytes || !isLike(file, expected)) return null;
    writeHeader(member, buffer, at);
    if (end > contentEnd) buffer.fill(0, contentEnd, end);
    return { facts: expected, bytes, sha256: hashBytesOf(content), read: 'settled', fresh: isFreshAt(expected, began), end };
  } finally {
    closeFile(file);
  }
}

/** Null for what cannot be read, as a folder that came in its place. */
function readOrNull(file: number, into: Buffer): number | null {
  try {
    return readInto(file, into, 0);
  } catch {
    return null;
  }
}

interface PackedFile {
  facts: FileFacts;
  bytes: number;
  sha256: Uint8Array;
  read: ReadOutcome;
  fresh: boolean;
  end: number;
}

/** Reads a file into its place in the frame, again and again when it changes meanwhile. */
function packFile(
  from: string,
  path: string,
  how: { kept: KeptFacts | null; moving: boolean },
  buffer: Buffer,
  at: number,
): PackedFile | 'gone' | 'too-big' {
  for (let attempt = 0; ; attempt += 1) {
    const file = openOrNull(from);
    if (file === null) return 'gone';
    try {
      const before = factsOfOpen(file);
      if (before.kind !== 'file') return 'gone';
      const { mode, mtimeMs: mtime, uid, gid } = before;
      const member: MemberFacts = { path, kind: 'file', bytes: before.bytes, ...(how.kept ?? { mode, mtime, uid, gid }) };
      const contentAt = at + headerLength(member);
      if (contentAt + before.bytes + paddingOf(before.bytes) > buffer.length) return 'too-big';
      const fresh = isFresh(before);
      const bytes = before.bytes === 0 ? 0 : readInto(file, buffer.subarray(contentAt, contentAt + before.bytes), 0);
      const read = outcomeOf(before, factsOfOpen(file), bytes === before.bytes, how.moving);
      if (read !== 'settled' && !how.moving && attempt + 1 < tries) {
        holdThread(pauses[attempt] ?? 0);
        continue;
      }
      member.bytes = bytes;
      writeHeader(member, buffer, at);
      const end = contentAt + bytes + paddingOf(bytes);
      buffer.fill(0, contentAt + bytes, end);
      return { facts: before, bytes, sha256: hashBytesOf(buffer.subarray(contentAt, contentAt + bytes)), read, fresh, end };
    } finally {
      closeFile(file);
    }
  }
}

/** Reads a stretch of a file that should be as expected; what is missing is filled with zeros. */
function readPiece(part: Extract<PackPart, { part: 'piece' }>, into: Buffer): ReadOutcome {
  const file = openOrNull(part.from);
  if (file === null) {
    into.fill(0);
    return part.moving ? 'grew' : 'changed';
  }
  try {
    const read = factsOfOpen(file).kind === 'file' ? readInto(file, into, part.position) : 0;
    into.fill(0, read);
    return outcomeOf(part.expect, factsOfOpen(file), read === into.length, part.moving);
  } finally {
    closeFile(file);
  }
}

function outcomeOf(before: FileFacts, after: FileFacts, isComplete: boolean, isMoving: boolean): ReadOutcome {
  if (isComplete && isSameFile(before, after)) return 'settled';
  if (isMoving) return 'grew';
  return isComplete && after.inode === before.inode && after.bytes > before.bytes ? 'grew' : 'changed';
}

/** Whether two looks at a file saw the same content, as far as its facts can tell. */
export function isSameFile(one: FileFacts, other: FileFacts): boolean {
  return (
    one.bytes === other.bytes &&
    one.mtimeMs === other.mtimeMs &&
    one.ctimeMs === other.ctimeMs &&
    one.inode === other.inode &&
    one.mode === other.mode
  );
}

/** Null when there is no such file any more, or a link or socket stands in its place. */
function openOrNull(path: string): number | null {
  try {
    return openToRead(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (isAbsent(error) || code === 'ELOOP' || code === 'ENXIO') return null;
    throw Object.assign(new Error(`cannot read ${path}: ${code ?? String(error)}`), { code });
  }
}
