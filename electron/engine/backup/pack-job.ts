/** Runs in a worker thread: fills a frame with tar bytes and compresses it. */
import { closeFile, factsOfOpen, holdThread, isAbsent, isFresh, openToRead, readInto, type FileFacts } from '../platform/blocking-files.ts';
import { hashOf } from '../platform/hashing.ts';
import type { Answer } from '../platform/workers.ts';
import { compressFrame } from './frame-container.ts';
import { encodeHeader, headerLength, paddingOf, type MemberFacts } from './tar-member.ts';
import type { PackedPart, PackJob, PackPart, PackReply, ReadOutcome } from './worker-jobs.ts';

/** How often a file that changes while it is read is read again, and for how long it is left alone before (ms). */
const tries = 4;
const pauses = [2, 10, 40] as const;

export function packFrame(job: PackJob): Answer<PackReply> {
  const buffer = Buffer.from(job.buffer);
  let at = 0;
  const parts = job.parts.map((part) => {
    const [packed, length] = packPart(part, buffer, at);
    at += length;
    return packed;
  });
  const frame = at === 0 ? Buffer.alloc(0) : compressFrame(job.container, buffer.subarray(0, at), job.level);
  const owned = ownedBytes(frame);
  return { reply: { frame: owned, plainBytes: at, buffer: job.buffer, parts }, transfer: [owned.buffer, job.buffer] };
}

/** The same bytes in a buffer that can be handed over: small ones share Node's pool and are copied out of it. */
export function ownedBytes(bytes: Buffer): Uint8Array<ArrayBuffer> {
  const isPooled = bytes.buffer.byteLength === Buffer.poolSize || bytes.length < Buffer.poolSize;
  return isPooled ? Uint8Array.from(bytes) : new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.length);
}

function packPart(part: PackPart, buffer: Buffer, at: number): [PackedPart, number] {
  if (part.part === 'file') return packFile(part, buffer, at);
  const header = part.part === 'member' ? encodeHeader(part.facts) : part.header === null ? null : encodeHeader(part.header);
  const contentAt = at + (header?.copy(buffer, at) ?? 0);
  if (part.part === 'member') return [{ state: 'packed', at }, contentAt - at];
  if (part.part === 'bytes') {
    buffer.set(part.content, contentAt);
    const end = contentAt + part.content.length;
    buffer.fill(0, end, end + part.padding);
    return [{ state: 'packed', at }, end + part.padding - at];
  }
  const end = contentAt + part.length;
  const read = readPiece(part.from, part.expect, part.position, buffer.subarray(contentAt, end));
  buffer.fill(0, end, end + part.padding);
  return [{ state: 'piece', at, contentAt, read }, end + part.padding - at];
}

function packFile(part: Extract<PackPart, { part: 'file' }>, buffer: Buffer, at: number): [PackedPart, number] {
  for (let attempt = 0; ; attempt += 1) {
    const file = openOrNull(part.from);
    if (file === null) return [{ state: 'gone' }, 0];
    try {
      const before = factsOfOpen(file);
      if (before.kind !== 'file') return [{ state: 'gone' }, 0];
      const facts: MemberFacts = {
        path: part.path,
        kind: 'file',
        bytes: before.bytes,
        ...(part.kept ?? { mode: before.mode, mtime: before.mtimeMs, uid: before.uid, gid: before.gid }),
      };
      const contentAt = at + headerLength(facts);
      if (contentAt + before.bytes + paddingOf(before.bytes) > buffer.length) return [{ state: 'too-big' }, 0];
      const fresh = isFresh(before);
      const content = buffer.subarray(contentAt, contentAt + before.bytes);
      const bytes = readInto(file, content, 0);
      const after = factsOfOpen(file);
      const read = outcomeOf(before, after, bytes === before.bytes);
      if (read !== 'settled' && attempt + 1 < tries) {
        holdThread(pauses[attempt] ?? 0);
        continue;
      }
      facts.bytes = bytes;
      encodeHeader(facts).copy(buffer, at);
      const end = contentAt + bytes;
      const padding = paddingOf(bytes);
      buffer.fill(0, end, end + padding);
      const sha256 = hashOf(content.subarray(0, bytes));
      return [{ state: 'file', at, facts: before, bytes, sha256, read, fresh }, end + padding - at];
    } finally {
      closeFile(file);
    }
  }
}

/** Reads a stretch of a file that should be as expected; what is missing is filled with zeros. */
function readPiece(path: string, expect: FileFacts, position: number, into: Buffer): ReadOutcome {
  const file = openOrNull(path);
  if (file === null) {
    into.fill(0);
    return 'changed';
  }
  try {
    const read = factsOfOpen(file).kind === 'file' ? readInto(file, into, position) : 0;
    into.fill(0, read);
    return outcomeOf(expect, factsOfOpen(file), read === into.length);
  } finally {
    closeFile(file);
  }
}

function outcomeOf(before: FileFacts, after: FileFacts, isComplete: boolean): ReadOutcome {
  if (isComplete && isSameFile(before, after)) return 'settled';
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
