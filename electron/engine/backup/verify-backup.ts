/**
 * Verifies a backup: every byte of the file is read, every frame decompressed, every header and every content compared with the list, and
 * the whole held against the SHA-256 in its trailer. What is right is `unproven` (only a product that ran on it proves a backup).
 * Damage is an answer, not an error; errors are a missing file, a newer format, and a disk that cannot be read.
 */
import type { Verification } from '../../api/models.ts';
import type { BackupProgress } from './backup-format.ts';
import { startBackupThread } from './backup-thread.ts';
import { isSigned, readLabel } from './backup-label.ts';
import { keyOf, sealOf } from './unlock-backup.ts';

export interface VerifyOptions {
  signal?: AbortSignal;
  onProgress?: (progress: BackupProgress) => void;
}

/** Reads all of a backup. Throws `unknown-backup`, `newer-format` and `io`; everything else that is wrong is in the answer. */
export async function verifyBackup(path: string, options: VerifyOptions = {}): Promise<Verification> {
  options.signal?.throwIfAborted();
  const thread = startBackupThread(options);
  try {
    const verification = await thread.ask<Verification>('verify', { path, fileKey: await keyOf(path) });
    const problem = await labelProblem(path);
    return problem === null ? verification : { ...verification, problems: [...verification.problems, problem] };
  } finally {
    await thread.end();
  }
}

/** What is wrong with the label beside an encrypted backup. It says nothing of the backup itself, whose verdict stays as it is. */
async function labelProblem(path: string): Promise<string | null> {
  const [outside, fileKey] = [await sealOf(path).catch(() => null), await keyOf(path)];
  const label = outside === null || fileKey === null ? null : await readLabel(path, outside.sealId);
  if (label === null || fileKey === null || isSigned(label, fileKey)) return null;
  return 'the label beside it was changed since it was made: what a list without the key says of it is not to be believed';
}
