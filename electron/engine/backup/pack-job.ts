/** Runs in a worker thread: fills a frame with tar bytes and compresses it. */
import { closeFile, factsOfOpen, holdThread, isAbsent, isFresh, openToRead, readInto, type FileFacts } from '../platform/blocking-files.ts';
import { freeBytes } from '../platform/compression.ts';
import { hashBytesOf } from '../platform/hashing.ts';
import type { Answer } from '../platform/workers.ts';
import { frameBytes } from './backup-constants.ts';
import { compressFrame } from './frame-container.ts';
import type { Room } from './rooms.ts';
import { encodeHeader, headerLength, paddingOf, type MemberFacts } from './tar-member.ts';
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
  let at = start;
  for (let file = 0; file < files; file += 1) {
    const path = names[2 * file + 1] as string;
    const packed = packFile(names[2 * file] as string, path, { kept: part.kept?.[file] ?? null, moving: part.moving }, buffer, at);
    const row = file * packedColumns.length;
    if (typeof packed === 'string') {
      numbers[row] = packOutcomes.indexOf(packed);
      continue;
    }
    const { facts, bytes, sha256, read, fresh } = packed;
    const { mode, mtimeMs, ctimeMs, inode, uid, gid } = facts;
    numbers.set([0, at, bytes, readOutcomes.indexOf(read), fresh ? 1 : 0, facts.bytes, mode, mtimeMs, ctimeMs, inode, uid, gid], row);
    hashes.set(sha256, file * hashBytes);
    at = packed.end;
  }
  return [{ state: 'files', numbers, hashes }, at];
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
      encodeHeader(member).copy(buffer, at);
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
