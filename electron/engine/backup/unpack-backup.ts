import type { BackupEntry, BackupProgress } from './backup-format.ts';

export interface UnpackOptions {
  /** Where a member goes: an absolute path; null leaves it out. */
  into: (entry: BackupEntry) => string | null;
  signal?: AbortSignal;
  onProgress?: (progress: BackupProgress) => void;
}

export async function unpackBackup(_path: string, _options: UnpackOptions): Promise<{ files: number; bytes: number }> {
  throw new Error('being written');
}
