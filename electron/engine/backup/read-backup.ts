import type { BackupEntry, BackupManifest } from './backup-format.ts';

export async function readManifest(_path: string, _signal?: AbortSignal): Promise<BackupManifest> {
  throw new Error('being written');
}

/** The members that a restore brings back, in the tar's order. */
export async function* listMembers(_path: string, _signal?: AbortSignal): AsyncGenerator<BackupEntry> {
  throw new Error('being written');
}
