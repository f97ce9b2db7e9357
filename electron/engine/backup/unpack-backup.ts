/**
 * Unpacks a backup.
 * Promises: only what `into` says is written, only as new files, folders and links, never through a link; each content is held against its
 * hash, and small ones before they are written; all of it is on the disk when the call ends; one that was cut off can go on. Everything in the list is looked at before
 * anything is written. Refuses: backups that contradict themselves, names that this platform cannot keep apart, targets that exist
 * (unless it is to go on with what it left there itself).
 */
import type { BackupProgress, MemberName } from './backup-format.ts';
import { startBackupThread } from './backup-thread.ts';
import { keyOf } from './unlock-backup.ts';

export interface UnpackOptions {
  /** Where a member goes: an absolute path; null leaves it out. Asked several times for each, and must answer the same. */
  into: (member: MemberName) => string | null;
  /** Goes on where an earlier call was cut off: files that are whole stay, each held against its hash again; the rest of it is made anew. */
  resume?: boolean;
  signal?: AbortSignal;
  onProgress?: (progress: BackupProgress) => void;
}

/**
 * Writes the members that `into` names and answers how many files and links there were, and how many bytes of content. Owners are kept when
 * this process may give files away. Throws `unknown-backup`, `bad-backup`, `bad-archive`, `newer-format`, `no-space` and `io`; what was
 * written by then stays where it is.
 */
export async function unpackBackup(path: string, options: UnpackOptions): Promise<{ files: number; bytes: number }> {
  const { resume = false, ...rest } = options;
  options.signal?.throwIfAborted();
  const thread = startBackupThread(rest);
  try {
    return await thread.ask<{ files: number; bytes: number }>('unpack', { path, resume, fileKey: await keyOf(path) });
  } finally {
    await thread.end();
  }
}
