/**
 * Verifies a backup: every byte of the file is read, every frame decompressed, every header and every content compared with the list, and
 * the whole held against the SHA-256 in its trailer. What is right is `unproven` (only a product that ran on it proves a backup).
 * Damage is an answer, not an error; errors are a missing file, a newer format, and a disk that cannot be read.
 */
import type { Verification } from '../../api/models.ts';
import type { BackupProgress } from './backup-format.ts';
import { startBackupThread } from './backup-thread.ts';

export interface VerifyOptions {
  signal?: AbortSignal;
  onProgress?: (progress: BackupProgress) => void;
}

/** Reads all of a backup. Throws `unknown-backup`, `newer-format` and `io`; everything else that is wrong is in the answer. */
export async function verifyBackup(path: string, options: VerifyOptions = {}): Promise<Verification> {
  options.signal?.throwIfAborted();
  const thread = startBackupThread(options);
  try {
    return await thread.ask<Verification>('verify', { path });
  } finally {
    await thread.end();
  }
}
