/** Runs in a worker thread: reads a frame from disk, compares every byte of it with what the list says, and writes out what is wanted. */
import { freeBytes } from '../platform/compression.ts';
import * as files from '../platform/blocking-files.ts';
import { hashBytesOf } from '../platform/hashing.ts';
import type { Answer } from '../platform/workers.ts';
import { openChunks, stretchOf, type Seal } from './age-payload.ts';
import { decompressFrame } from './frame-container.ts';
import { store } from './pack-job.ts';
import { headerToCompare, type MemberFacts } from './tar-member.ts';
import {
  checkColumns,
  hashBytes,
  kinds,
  type CheckJob,
  type CheckParts,
  type CheckReply,
  type ReadJob,
  type ReadReply,
  type WriteSpec,
} from './worker-jobs.ts';

/** Zeros of at least this length are left as holes when a large file is written. */
const holeBytes = 64 * 1024;

export function checkFrame(job: CheckJob): Answer<CheckReply> {
  let stored: Buffer;
  try {
    stored = job.seal === null ? readFrame(job) : readSealedFrame(job, job.seal);
  } catch (error) {
    if (!(error instanceof DamagedChunk)) throw error;
    return { reply: { bytes: 0, sha256: null, hasPlain: false, contents: [], problems: [{ part: -1, problem: error.message }] } };
  }
  const reply: CheckReply = { bytes: stored.length, sha256: null, hasPlain: false, contents: [], problems: [] };
  if (job.wantsHash) reply.sha256 = hashBytesOf(stored);
  if (stored.length !== job.bytes) {
    reply.problems.push({ part: -1, problem: 'the file ends before it' });
    return { reply };
  }
  let plain: Buffer;
  try {
    plain = decompressFrame(job.container, stored, job.plainBytes);
  } catch (error) {
    reply.problems.push({ part: -1, problem: (error as Error).message });
    return { reply };
  }
  let at = 0;
  const names = job.parts.names.split('\0');
  const parts = job.parts.numbers.length / checkColumns.length;
  for (let part = 0; part < parts; part += 1) {
    const complain = (problem: string) => reply.problems.push({ part, problem });
    const [contentAt, end] = checkPart(job.parts, part, names[part] ?? '', plain, at, complain);
    if (job.plainRoom !== null) reply.contents[part] = contentAt;
    at = end;
  }
  if (!isZero(plain.subarray(at, at + job.zeros)) || at + job.zeros !== plain.length) {
    reply.problems.push({ part: -1, problem: 'the tar does not end as it should' });
  }
  if (job.plainRoom === null) freeBytes(plain);
  else reply.hasPlain = store(plain, job.plainRoom) > 0;
  return { reply };
}

/** Answers where the content begins and where the part ends. */
function checkPart(
  parts: CheckParts,
  part: number,
  path: string,
  plain: Buffer,
  start: number,
  complain: (problem: string) => void,
): [number, number] {
  const row = part * checkColumns.length;
  const number = (column: number) => parts.numbers[row + column] as number;
  const [kind, bytes, mode, mtime, uid, gid] = [number(0), number(1), number(2), number(3), number(4), number(5)];
  const [header, length, padding, hashed] = [number(6), number(7), number(8), number(9)];
  let contentAt = start;
  if (header === 1) {
    const target = parts.targets[part];
    const facts: MemberFacts = { path, kind: kinds[kind] as MemberFacts['kind'], bytes, mode, mtime, uid, gid };
    const expected = headerToCompare(target === undefined ? facts : { ...facts, target });
    contentAt += expected.length;
    if (expected.compare(plain, start, Math.min(contentAt, plain.length)) !== 0) complain('its tar header is not what the list says');
  }
  const end = contentAt + length;
  const content = plain.subarray(contentAt, end);
  const hash = parts.hashes.subarray(part * hashBytes, (part + 1) * hashBytes);
  const isRight = hashed === 0 || Buffer.compare(hash, hashBytesOf(content)) === 0;
  if (!isRight) complain('its content is not what its SHA-256 says');
  const write = parts.writes[part];
  if (write && isRight) writeOut(write, content);
  if (!isZero(plain.subarray(end, end + padding))) complain('the padding behind it is not empty');
  return [contentAt, end + padding];
}

/** Bytes of a frame, looked at by their hash alone; fewer where the file ends before. */
export function readStored(job: ReadJob): Answer<ReadReply> {
  const stored = readFrame(job);
  return { reply: { bytes: stored.length, sha256: hashBytesOf(stored) } };
}

function readFrame(job: ReadJob): Buffer {
  const file = files.openToRead(job.file);
  try {
    const buffer = Buffer.from(job.room, 0, job.bytes);
    return buffer.subarray(0, files.readInto(file, buffer, job.at));
  } finally {
    files.closeFile(file);
  }
}

class DamagedChunk extends Error {}

/** A frame out of an encrypted file: the chunks that hold it are read and opened, here, so that several threads do it at once. */
function readSealedFrame(job: CheckJob, seal: Seal): Buffer {
  const stretch = stretchOf(seal, job.at, job.bytes);
  const file = files.openToRead(job.file);
  const stored = Buffer.allocUnsafeSlow(stretch.bytes);
  try {
    const read = files.readInto(file, stored, stretch.at);
    const plain = openChunks(seal, stretch.first, stored.subarray(0, read));
    const buffer = Buffer.from(job.room, 0, job.bytes);
    const length = plain.copy(buffer, 0, stretch.skip, stretch.skip + job.bytes);
    freeBytes(plain);
    return buffer.subarray(0, length);
  } catch (error) {
    if (typeof (error as NodeJS.ErrnoException).code === 'string' && (error as NodeJS.ErrnoException).syscall !== undefined) throw error;
    throw new DamagedChunk((error as Error).message);
  } finally {
    files.closeFile(file);
    freeBytes(stored);
  }
}

function writeOut(write: WriteSpec, content: Buffer): void {
  try {
    if (write.position === null) writeWhole(write, content);
    else writeStretch(write, content, write.position);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw Object.assign(new Error(`cannot write ${write.target}: ${code ?? String(error)}`), { code });
  }
}

function writeWhole(write: WriteSpec, content: Buffer): void {
  const file = files.openNew(write.target, 0o600);
  try {
    files.writeFrom(file, content, 0);
    files.setFacts(file, write.facts);
  } finally {
    files.closeFile(file);
  }
}

function writeStretch(write: WriteSpec, content: Buffer, position: number): void {
  const file = files.openToWrite(write.target);
  try {
    for (let at = 0; at < content.length; at += holeBytes) {
      const stretch = content.subarray(at, at + holeBytes);
      if (!isZero(stretch)) files.writeFrom(file, stretch, position + at);
    }
  } finally {
    files.closeFile(file);
  }
}

const zeros = Buffer.alloc(holeBytes);

function isZero(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += zeros.length) {
    const stretch = bytes.subarray(at, at + zeros.length);
    if (stretch.compare(zeros, 0, stretch.length) !== 0) return false;
  }
  return true;
}
