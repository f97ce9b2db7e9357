/** What a list tells of a backup file: from the file itself where it can be read, else from the label beside it. */
import { Failure } from '../../api/failure.ts';
import type { BackupManifest } from './backup-format.ts';
import { readLabel } from './backup-label.ts';
import { readManifest } from './read-backup.ts';
import { sealOf } from './unlock-backup.ts';

export interface BackupSummary extends Pick<
  BackupManifest,
  'id' | 'created' | 'product' | 'install' | 'release' | 'reason' | 'contentBytes'
> {
  schema: string | null;
  /** Files and links that a restore brings back. */
  files: number;
}

/** Needs no key. Throws as `readManifest` does, and `needs-key` for an encrypted one that has lost its label. */
export async function readSummary(path: string, signal?: AbortSignal): Promise<BackupSummary> {
  try {
    const { id, created, product, install, release, reason, contentBytes, schema, counts } = await readManifest(path, signal);
    return { id, created, product, install, release, reason, contentBytes, schema: schema.version, files: counts.files + counts.links };
  } catch (error) {
    const outside = error instanceof Failure && error.code === 'needs-key' ? await sealOf(path) : null;
    const read = outside === null ? null : await readLabel(path, outside.sealId);
    if (read === null) throw error;
    const { id, created, product, install, release, reason, contentBytes, schema, counts } = read.label;
    return { id, created, product, install, release, reason, contentBytes, schema, files: counts.files + counts.links };
  }
}
