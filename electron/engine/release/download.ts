import { basename, join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { pause } from '../platform/clock.ts';
import { followOrNull, makeFolder, moveDurably, remove, statOrNull } from '../platform/files.ts';
import { attemptDownload } from './attempt.ts';
import { checksumOf, verifyFile, wrongSize, type Checksum } from './checksum.ts';
import { sayAddress, unreachable } from './feed-rules.ts';
import type { Artifact } from './release.ts';
import { sizeOf } from './size-of.ts';

export interface FetchOptions {
  /** Where downloads and their unfinished parts are kept. */
  folder: string;
  signal?: AbortSignal;
  onProgress?: (progress: { bytes: number; total: number | null }) => void;
  /** Seconds without a byte after which a connection is given up; 30 unless told. */
  stall?: number;
  /** Seconds before the second try, doubled before each further one; 0.5 unless told. */
  pause?: number;
}

export interface Fetched {
  path: string;
  bytes: number;
  sha256: string;
}

/** How often in a row a server may fail without having sent a new byte, and how often in all. */
const mostTries = 5;
const mostConnections = 100;

/** Seconds: no server is obeyed that asks to be left alone for longer. */
const longestPause = 30;

/**
 * Gets an artifact onto this machine and proves that it is the right one. A file of a folder feed is proven where it is; anything else is
 * downloaded, going on where an earlier try stopped. The unfinished part is kept when the network fails, and removed when its bytes are wrong.
 *
 * Throws `wrong-checksum` (also for a wrong size), `feed-unreachable`, `no-space`, `io`.
 */
export async function fetchArtifact(artifact: Artifact, options: FetchOptions): Promise<Fetched> {
  const checksum = checksumOf(artifact);
  if (artifact.kind === 'file') return proveFile(artifact, checksum, options);
  const url = artifact.kind === 'url' ? artifact.url : artifact.tarball;
  await makeFolder(options.folder);
  // Named for its content, so that a part is never continued with the bytes of something else.
  const whole = join(options.folder, `${checksum.algorithm}-${(checksum.allowed[0] ?? '').slice(0, 64)}.download`);
  const kept = await keptDownload(whole, checksum, options);
  if (kept !== null) return kept;
  const sha256 = await downloadPart(url, `${whole}.part`, artifact.bytes, checksum, options);
  await moveDurably(`${whole}.part`, whole);
  return { path: whole, bytes: await sizeOf(whole), sha256 };
}

async function proveFile(artifact: Extract<Artifact, { kind: 'file' }>, checksum: Checksum, options: FetchOptions): Promise<Fetched> {
  const stats = await followOrNull(artifact.path);
  if (stats === null || !stats.isFile()) throw unreachable(artifact.path, 'there is no such file, though the feed lists it');
  if (artifact.bytes !== null && stats.size !== artifact.bytes) throw wrongSize(basename(artifact.path), artifact.bytes, stats.size);
  const sha256 = await verifyFile(artifact.path, checksum, basename(artifact.path), options.signal);
  options.onProgress?.({ bytes: stats.size, total: stats.size });
  return { path: artifact.path, bytes: stats.size, sha256 };
}

async function keptDownload(whole: string, checksum: Checksum, options: FetchOptions): Promise<Fetched | null> {
  if ((await statOrNull(whole)) === null) return null;
  try {
    const sha256 = await verifyFile(whole, checksum, basename(whole), options.signal);
    const bytes = await sizeOf(whole);
    options.onProgress?.({ bytes, total: bytes });
    return { path: whole, bytes, sha256 };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    await remove(whole);
    return null;
  }
}

/** Downloads and verifies. A continued part that is wrong is fetched once more from its beginning: the server's file may have changed in between. */
async function downloadPart(url: string, part: string, bytes: number | null, checksum: Checksum, options: FetchOptions): Promise<string> {
  const wasContinued = await downloadWhole(url, part, bytes, options);
  try {
    const found = await sizeOf(part);
    if (bytes !== null && found !== bytes) throw wrongSize(sayAddress(url), bytes, found);
    return await verifyFile(part, checksum, sayAddress(url), options.signal);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    await remove(part);
    if (!wasContinued) throw error;
    return downloadPart(url, part, bytes, checksum, options);
  }
}

/** Connects until the server has no more to send. True when the part still begins with bytes that were there before. */
async function downloadWhole(url: string, part: string, expected: number | null, options: FetchOptions): Promise<boolean> {
  const before = await sizeOf(part);
  if (expected !== null && before >= expected && before > 0) return true;
  let isContinued = before > 0;
  let inVain = 0;
  for (let connection = 1; ; connection += 1) {
    const attempt = await attemptDownload(url, part, expected, { ...options, stall: options.stall ?? 30 });
    if (attempt.gained !== 0 && attempt.start === 0) isContinued = false;
    if (attempt.isWhole) return isContinued && attempt.start > 0;
    inVain = attempt.gained > 0 ? 0 : inVain + 1;
    if (inVain >= mostTries || connection >= mostConnections)
      throw unreachable(url, `tried ${connection} times; ${attempt.problem}`, attempt.cause);
    const wait = attempt.retryAfter ?? (options.pause ?? 0.5) * 2 ** inVain;
    await pause(Math.min(wait, longestPause) * 1000, options.signal);
  }
}
