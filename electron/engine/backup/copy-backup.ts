/**
 * A second copy of a backup somewhere else. Promises: it has its name only when it is whole, was synced and read back there, byte for byte;
 * a copy that was cut off goes on where it stopped, after what is there was compared. The source is only read. Refuses: to wait for ever for
 * a disk or a server that has gone.
 */
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { pause } from '../platform/clock.ts';
import {
  followOrNull,
  moveDurably,
  openFile,
  privateFile,
  readTextOrNull,
  remove,
  volumeOf,
  writeDurably,
  type FileHandle,
} from '../platform/files.ts';
import { RunningHash } from '../platform/hashing.ts';
import { explainSystemError } from './backup-failures.ts';
import { labelPath } from './backup-label.ts';
import { Pace } from './pace.ts';

export interface CopyOptions {
  /** The SHA-256 that the source must have. */
  sha256: string;
  /** Bytes a second; null without a limit. */
  limit?: number | null;
  signal?: AbortSignal;
  onProgress?: (done: { bytes: number; totalBytes: number }) => void;
  /** Milliseconds that one read or write may take before the place counts as gone. */
  patience?: number;
}

const pieceBytes = 1024 * 1024;
/** Kept free, so that a full disk does not stop others. */
const reserveBytes = 32 * 1024 * 1024;
/** A network folder on a server that is gone may make a call wait for ever. */
const usualPatience = 60_000;

/**
 * Copies a backup to `to`, an absolute path that is free, and its label with it.
 * Throws `bad-backup` when the source is not what it was, `no-space`, `io` when the place has gone or changed what was written, `timeout`.
 */
export async function copyBackup(from: string, to: string, options: CopyOptions): Promise<{ bytes: number; resumedAt: number }> {
  const partial = partialOf(to);
  try {
    return await copyAll(from, to, partial, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw explainSystemError(error, `the copy ${to} cannot be made`);
  }
}

function partialOf(to: string): string {
  return join(dirname(to), `.${basename(to)}.copy.partial`);
}

/** The name of the backup whose copy was cut off and left a file of this name; null for any other file. */
export function copiedBy(name: string): string | null {
  return /^\.(.+)\.copy\.partial$/.exec(name)?.[1] ?? null;
}

async function copyAll(from: string, to: string, partial: string, options: CopyOptions): Promise<{ bytes: number; resumedAt: number }> {
  const patient = withPatience(to, options.patience ?? usualPatience);
  const source = await openFile(from, 'r');
  try {
    const { size } = await source.stat();
    const there = (await patient(followOrNull(partial)))?.size ?? 0;
    await refuseTooLarge(to, size - Math.min(there, size), await patient(volumeOf(dirname(to))));
    const target = await patient(openFile(partial, there > 0 ? 'r+' : 'w+', privateFile));
    let resumedAt: number;
    try {
      const hash = new RunningHash();
      resumedAt = there > 0 && there <= size ? await compareBeginning(source, target, there, hash, patient, options) : 0;
      if (resumedAt === 0) await patient(target.truncate(0));
      const whole = resumedAt === 0 ? new RunningHash() : hash;
      await copyRest(source, target, resumedAt, size, whole, patient, options);
      if (whole.end() !== options.sha256) {
        await patient(remove(partial));
        throw new Failure('bad-backup', `${from} is damaged: its SHA-256 is not the one that it was made with. It was not copied.`, {
          remedy: { action: 'restore-backup', text: 'Look at it, and make a new one.', command: `moult verify ${from}` },
        });
      }
      await patient(target.sync());
    } finally {
      await patient(target.close()).catch(() => undefined);
    }
    await readBack(partial, to, size, patient, options);
    const label = await readTextOrNull(labelPath(from));
    if (label !== null) await patient(writeDurably(labelPath(to), label, privateFile));
    await patient(moveDurably(partial, to));
    return { bytes: size, resumedAt };
  } finally {
    await source.close();
  }
}

type Patient = <Result>(work: Promise<Result>) => Promise<Result>;

/** How much of what an earlier try left is the same as the source; 0 where any of it differs. */
async function compareBeginning(
  source: FileHandle,
  target: FileHandle,
  bytes: number,
  hash: RunningHash,
  patient: Patient,
  { signal }: CopyOptions,
): Promise<number> {
  const [one, other] = [Buffer.allocUnsafeSlow(pieceBytes), Buffer.allocUnsafeSlow(pieceBytes)];
  for (let at = 0; at < bytes; at += pieceBytes) {
    signal?.throwIfAborted();
    const wanted = Math.min(pieceBytes, bytes - at);
    await readFully(source, one, wanted, at);
    await patient(readFully(target, other, wanted, at));
    if (one.compare(other, 0, wanted, 0, wanted) !== 0) return 0;
    hash.add(one.subarray(0, wanted));
  }
  return bytes;
}

async function copyRest(
  source: FileHandle,
  target: FileHandle,
  from: number,
  size: number,
  hash: RunningHash,
  patient: Patient,
  { limit, signal, onProgress }: CopyOptions,
): Promise<void> {
  const pace = new Pace(limit ?? null);
  const buffer = Buffer.allocUnsafeSlow(pieceBytes);
  for (let at = from; at < size; at += pieceBytes) {
    signal?.throwIfAborted();
    const wanted = Math.min(pieceBytes, size - at);
    await readFully(source, buffer, wanted, at);
    hash.add(buffer.subarray(0, wanted));
    for (let done = 0; done < wanted;) done += (await patient(target.write(buffer, done, wanted - done, at + done))).bytesWritten;
    onProgress?.({ bytes: at + wanted, totalBytes: size });
    await pace.take(wanted, signal);
  }
}

/** Through a handle of its own: a network folder answers from the server what it would have answered from what it was just given. */
async function readBack(partial: string, to: string, size: number, patient: Patient, { sha256, signal }: CopyOptions): Promise<void> {
  const handle = await patient(openFile(partial, 'r'));
  try {
    const hash = new RunningHash();
    const buffer = Buffer.allocUnsafeSlow(pieceBytes);
    for (let at = 0; at < size; at += pieceBytes) {
      signal?.throwIfAborted();
      const wanted = Math.min(pieceBytes, size - at);
      await patient(readFully(handle, buffer, wanted, at));
      hash.add(buffer.subarray(0, wanted));
    }
    if (hash.end() === sha256) return;
  } finally {
    await patient(handle.close()).catch(() => undefined);
  }
  await patient(remove(partial));
  throw new Failure(
    'io',
    `The copy ${to} was not what was written when it was read back. It was removed; the backup itself is not touched.`,
    {
      remedy: { action: 'retry', text: 'Look at the disk, then copy again.', command: 'moult copy' },
    },
  );
}

async function readFully(handle: FileHandle, buffer: Buffer, bytes: number, at: number): Promise<void> {
  for (let done = 0; done < bytes;) {
    const { bytesRead } = await handle.read(buffer, done, bytes - done, at + done);
    if (bytesRead === 0) throw Object.assign(new Error('a file is shorter than it was'), { code: 'EIO' });
    done += bytesRead;
  }
}

async function refuseTooLarge(to: string, needed: number, { free, folder }: { free: number; folder: string }): Promise<void> {
  if (needed + reserveBytes <= free) return;
  throw new Failure('no-space', `The copy ${to} takes ${needed} bytes, and ${free} are free on the volume of ${folder}.`, {
    remedy: { action: 'free-space', text: 'Free some space there, or choose another folder.' },
    details: { needed, free, folder },
  });
}

/** A call that does not come back cannot be ended, but nobody has to wait for it. */
function withPatience(to: string, limit: number): Patient {
  return async (work) => {
    const over = new AbortController();
    try {
      return await Promise.race([
        work,
        pause(limit, over.signal).then(() => {
          throw new Failure(
            'timeout',
            `Nothing came from the disk or the server of ${dirname(to)} for ${Math.round(limit / 1000)} seconds: it has gone.`,
            {
              remedy: { action: 'retry', text: 'Connect it again, then copy; it goes on where it stopped.', command: 'moult copy' },
            },
          );
        }),
      ]);
    } finally {
      over.abort(new Error('it came'));
    }
  };
}
