/** Runs in a worker thread: reads a frame from disk, compares every byte of it with what the list says, and writes out what is wanted. */
import { freeBytes } from '../platform/compression.ts';
import * as files from '../platform/blocking-files.ts';
import { hashOf } from '../platform/hashing.ts';
import type { Answer } from '../platform/workers.ts';
import { decompressFrame } from './frame-container.ts';
import { ownedBytes } from './pack-job.ts';
import { encodeHeader } from './tar-member.ts';
import type { CheckJob, CheckPart, CheckReply, WriteSpec } from './worker-jobs.ts';

/** Zeros of at least this length are left as holes when a large file is written. */
const holeBytes = 64 * 1024;

export function checkFrame(job: CheckJob): Answer<CheckReply> {
  const stored = readFrame(job);
  const frame = ownedBytes(stored);
  const reply: CheckReply = { frame, plain: null, contents: [], problems: [] };
  const answer = (plain?: Buffer): Answer<CheckReply> => {
    if (plain && job.wantsPlain) reply.plain = ownedBytes(plain);
    else if (plain) freeBytes(plain);
    return { reply, transfer: [frame.buffer, ...(reply.plain ? [reply.plain.buffer] : [])] };
  };
  if (frame.length !== job.bytes) {
    reply.problems.push({ part: -1, problem: 'the file ends before it' });
    return answer();
  }
  let plain: Buffer;
  try {
    plain = decompressFrame(job.container, stored, job.plainBytes);
  } catch (error) {
    reply.problems.push({ part: -1, problem: (error as Error).message });
    return answer();
  }
  let at = 0;
  job.parts.forEach((part, index) => {
    const complain = (problem: string) => reply.problems.push({ part: index, problem });
    if (part.header) at = checkHeader(part, plain, at, complain);
    reply.contents.push(at);
    const content = plain.subarray(at, at + part.length);
    const isRight = part.sha256 === null || hashOf(content) === part.sha256;
    if (!isRight) complain('its content is not what its SHA-256 says');
    if (part.write && isRight) writeOut(part.write, content);
    at += part.length;
    if (!isZero(plain.subarray(at, at + part.padding))) complain('the padding behind it is not empty');
    at += part.padding;
  });
  if (!isZero(plain.subarray(at, at + job.zeros)) || at + job.zeros !== plain.length) {
    reply.problems.push({ part: -1, problem: 'the tar does not end as it should' });
  }
  return answer(plain);
}

function readFrame(job: CheckJob): Buffer {
  const file = files.openToRead(job.file);
  try {
    const buffer = Buffer.allocUnsafeSlow(job.bytes);
    return buffer.subarray(0, files.readInto(file, buffer, job.at));
  } finally {
    files.closeFile(file);
  }
}

function checkHeader(part: CheckPart, plain: Buffer, at: number, complain: (problem: string) => void): number {
  const header = encodeHeader(part.facts);
  const end = at + header.length;
  if (header.compare(plain, at, Math.min(end, plain.length)) !== 0) complain('its tar header is not what the list says');
  return end;
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
