import type { Verification } from '../../api/models.ts';
import type { BackupProgress } from './backup-format.ts';

export async function verifyBackup(
  _path: string,
  _options: { signal?: AbortSignal; onProgress?: (progress: BackupProgress) => void } = {},
): Promise<Verification> {
  throw new Error('being written');
}
