import type { BackupHeader, BackupProgress, BackupSource, SealedBackup } from './backup-format.ts';

/** A backup that is being written. Methods are called one after the other, never at once. */
export interface BackupWriter {
  /** Takes everything in, while the product runs. */
  addFirstPass(sources: readonly BackupSource[]): Promise<void>;
  /** Looks again and takes in only what changed since; what vanished is dropped. The last call counts. */
  addChanges(sources: readonly BackupSource[]): Promise<{ changed: number; removed: number }>;
  /** Reads back what is on disk so far, so that `seal` has to read only what was added since. */
  verifyWritten(): Promise<void>;
  /** Ends the file, reads it back from disk, syncs it and gives it its name. */
  seal(header: BackupHeader): Promise<SealedBackup>;
  /** Gives up and removes the partial file. Harmless after `seal`. */
  abandon(): Promise<void>;
}

export interface BackupOptions {
  /** Absolute path of the file to make; `.tar.zst`, or `.tar.gz` (`.tgz`) for gzip. It must not exist. */
  to: string;
  /** zstd 1 to 19 (3), gzip 1 to 9 (6). */
  level?: number;
  /** Written into the manifest. */
  moultVersion?: string;
  signal?: AbortSignal;
  onProgress?: (progress: BackupProgress) => void;
}

export async function openBackup(_options: BackupOptions): Promise<BackupWriter> {
  throw new Error('being written');
}
