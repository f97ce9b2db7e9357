/**
 * Writes a backup.
 * Promises: the file has its name only when it is whole, was synced and every byte of it was read back from disk and compared; until then
 * it is `.<name>.<digits>.partial`, which nothing takes for a backup. What changes while it is read is noticed. Memory does not grow with the
 * size of the files (about half a kilobyte is kept for each of them). Refuses: to overwrite anything; to follow links; to leave out silently what cannot be read.
 */
import type { BackupHeader, BackupProgress, BackupSource, SealedBackup } from './backup-format.ts';
import { startBackupThread } from './backup-thread.ts';
import { Failure } from '../../api/failure.ts';
import type { Lock } from './age-outside.ts';
import { containerFor } from './frame-container.ts';
import { rememberKey } from './known-keys.ts';

/** A backup that is being written. Methods are called one after the other, never at once. */
export interface BackupWriter {
  /** Takes everything in, while the product runs. May be called again with what belongs to it. */
  addFirstPass(sources: readonly BackupSource[]): Promise<void>;
  /**
   * Looks again and takes in only what changed since; what vanished is dropped, and so is what is in none of the sources any more.
   * Sources that are `taken` stay as they were. May be called again. Each file's facts are compared; contents only where a fact is too young to be trusted.
   */
  addChanges(sources: readonly BackupSource[]): Promise<{ changed: number; removed: number }>;
  /** Reads back what is on disk so far, so that `seal` has to read only what was added since. */
  verifyWritten(): Promise<void>;
  /** Ends the file, reads it back from disk, syncs it and gives it its name. Throws `io` when a file never stood still. */
  seal(header: BackupHeader): Promise<SealedBackup>;
  /** Gives up and removes the partial file. Harmless after `seal`. */
  abandon(): Promise<void>;
}

export interface BackupOptions {
  /** Absolute path of the file to make; `.tar.zst`, or `.tar.gz` (`.tgz`) for gzip. It must not exist. */
  to: string;
  /** zstd 1 to 19 (3), gzip 1 to 9 (6). */
  level?: number;
  /**
   * An earlier backup of the same install: frames of it in which nothing changed are copied, after their hash was checked, instead of
   * being packed again. One that cannot be used is left aside.
   */
  previous?: string;
  /** Written into the manifest; without it, this Moult's own. */
  moultVersion?: string;
  /** What it is encrypted for; the name then ends in `.age`, and only then. */
  lock?: Lock | undefined;
  /** Bytes a second that the file may grow by and be read back with while the product runs; once it has stopped there is no limit. */
  limit?: number | null;
  /** Lets others have the processor and the disk first. */
  goLast?: boolean;
  signal?: AbortSignal;
  /** Told after each frame; `files` counts what was read so far. */
  onProgress?: (progress: BackupProgress) => void;
}

/** Begins a backup. Throws `bad-input` when the name is taken or has another ending, `no-space`, `io`. */
export async function openBackup(options: BackupOptions): Promise<BackupWriter> {
  options.signal?.throwIfAborted();
  containerFor(options.to);
  let sources: readonly BackupSource[] = [];
  const skip = (source: number, relatives: string[]) => relatives.map((relative) => sources[source]?.skip?.(relative) === true);
  const thread = startBackupThread({ skip, ...options, isItsLast: options.lock !== undefined || options.goLast === true });
  refuseOtherName(options);
  const { to, level, moultVersion, previous, lock, limit = null, goLast = false } = options;
  try {
    await thread.ask('open', {
      to,
      limit,
      goLast,
      ...(level !== undefined && { level }),
      ...(moultVersion !== undefined && { moultVersion }),
      ...(previous !== undefined && { previous }),
      ...(lock && { lock }),
    });
  } catch (error) {
    await thread.end();
    throw error;
  }
  let isOver = false;
  const close = async () => {
    isOver = true;
    await thread.end();
  };
  const pass = <Answer>(name: string, next: readonly BackupSource[]): Promise<Answer> => {
    sources = next;
    return thread.ask<Answer>(
      name,
      sources.map(({ skip: asked, ...source }) => ({ ...source, hasSkip: asked !== undefined })),
    );
  };
  return {
    addFirstPass: (next) => pass('addFirstPass', next),
    addChanges: (next) => pass('addChanges', next),
    verifyWritten: () => thread.ask('verifyWritten', null),
    seal: async (header) => {
      const sealed = await thread.ask<SealedBackup>('seal', header);
      const key = await thread.ask<{ sealId: string; fileKey: Uint8Array } | null>('key', null);
      if (key !== null) rememberKey(key.sealId, key.fileKey);
      await close();
      return sealed;
    },
    abandon: async () => {
      if (isOver) return;
      await thread.askAnyway('abandon');
      await close();
    },
  };
}

/** A name that promises encryption is kept, and one that does not is not given to what nobody else could read. */
function refuseOtherName({ to, lock }: BackupOptions): void {
  if (to.endsWith('.age') === (lock !== undefined)) return;
  const message =
    lock === undefined
      ? `${to} is named like an encrypted backup, but nothing was said to encrypt it for.`
      : `An encrypted backup is named *.tar.zst.age or *.tar.gz.age, which ${to} is not.`;
  throw new Failure('bad-input', message, {
    remedy: {
      action: 'show-help',
      text: lock === undefined ? 'Say whom it is for, or leave out .age.' : 'Add .age to its name.',
      command: 'moult backup --help',
    },
  });
}
