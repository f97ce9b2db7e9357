import { Failure } from '../../api/failure.ts';
import { openFile, remove, type FileHandle } from '../platform/files.ts';
import { transfer, type Transfer } from '../platform/transfer.ts';
import { wrongSize } from './checksum.ts';
import { sayAddress, unreachable } from './feed-rules.ts';
import { sizeOf } from './size-of.ts';

export interface AttemptOptions {
  signal?: AbortSignal;
  onProgress?: (progress: { bytes: number; total: number | null }) => void;
  /** Seconds without a byte after which the connection is given up. */
  stall: number;
}

/** What came of one connection. */
export interface Attempt {
  isWhole: boolean;
  /** Where the server began: 0 when it ignored the offset. */
  start: number;
  /** Bytes that the part has more than before. */
  gained: number;
  problem: string;
  /** Seconds that the server asked to be left alone. */
  retryAfter: number | null;
  cause?: unknown;
}

/** The most that is taken from a server when the feed does not say how much there is, in bytes. */
const mostBytes = 16 * 1024 ** 3;

/** What a server answers while it is busy or being restarted. */
const passing = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * One connection: continues the part, or begins it again where the server does not continue. What can pass by itself is returned; what
 * another try cannot mend is thrown: `wrong-checksum` for a wrong size (the part is removed), `feed-unreachable`, `no-space`, `io`.
 */
export async function attemptDownload(url: string, part: string, expected: number | null, options: AttemptOptions): Promise<Attempt> {
  const from = await sizeOf(part);
  let running: Transfer | null = null;
  try {
    running = await transfer(url, { from, stall: options.stall, ...(options.signal && { signal: options.signal }) });
    return await take(running, { url, part, from, expected }, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof Failure) {
      if (error.code === 'wrong-checksum') await remove(part);
      throw error;
    }
    refuseDiskFailure(error, part);
    return { isWhole: false, start: from, gained: (await sizeOf(part)) - from, problem: reasonOf(error), retryAfter: null, cause: error };
  } finally {
    running?.close();
  }
}

async function take(
  running: Transfer,
  wanted: { url: string; part: string; from: number; expected: number | null },
  options: AttemptOptions,
): Promise<Attempt> {
  const { url, part, from, expected } = wanted;
  const { status, total, start } = running;
  const attempt: Attempt = { isWhole: false, start, gained: 0, problem: `it answered ${status}`, retryAfter: running.retryAfter };
  if (passing.has(status)) return attempt;
  if (status === 416 || (start !== 0 && start !== from)) {
    await remove(part);
    return { ...attempt, problem: `it cannot continue at byte ${from}` };
  }
  if (status !== 200 && status !== 206) throw unreachable(url, attempt.problem);
  if (expected !== null && total !== null && total !== expected) throw wrongSize(sayAddress(url), expected, total);
  const length = await append(running, { part, start, limit: expected ?? mostBytes, total: expected ?? total }, options);
  if (length > (expected ?? mostBytes)) throw wrongSize(sayAddress(url), expected ?? mostBytes, length);
  return { ...attempt, gained: length - from, isWhole: total === null || length >= total, problem: `it sent ${length} of ${total} bytes` };
}

/** Writes the body behind `start` and returns how long the part is then. Stops as soon as there is more than there may be. */
async function append(
  running: Transfer,
  place: { part: string; start: number; limit: number; total: number | null },
  options: AttemptOptions,
): Promise<number> {
  const handle = await openFile(place.part, place.start === 0 ? 'w' : 'r+');
  let length = place.start;
  try {
    for await (const chunk of running.body) {
      await writeAll(handle, chunk, length);
      length += chunk.byteLength;
      options.onProgress?.({ bytes: length, total: place.total });
      if (length > place.limit) break;
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return length;
}

/** A write may be cut short, as on a disk that is nearly full; the next one then says why. */
async function writeAll(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.byteLength;) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.byteLength - done, position + done);
    done += bytesWritten;
  }
}

function refuseDiskFailure(error: unknown, part: string): void {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (!['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'EIO'].includes(code)) return;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  throw new Failure(isFull ? 'no-space' : 'io', `the download cannot be written to ${part}: ${(error as Error).message}`, {
    remedy: isFull
      ? { action: 'free-space', text: 'Free some space and try again; the download goes on where it stopped.' }
      : { action: 'choose-folder', text: 'Make the folder writable and try again.' },
    cause: error,
  });
}

function reasonOf(error: unknown): string {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  return cause?.message || cause?.code || (error as Error).message;
}
