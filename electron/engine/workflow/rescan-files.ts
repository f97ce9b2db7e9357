/** What a file of a backup says of itself, as a row of the catalogue. */
import type { Backup } from '../../api/models.ts';
import type { BackupManifest } from '../backup/backup-format.ts';
import type { BackupSummary } from '../backup/read-summary.ts';
import { exists, followOrNull } from '../platform/files.ts';
import { hashFile } from '../platform/tree.ts';
import type { BackupRow, KnownBackup } from '../registry/backups.ts';

/** Partial files, which begin with a dot, are none. */
export function looksLikeBackup(path: string): boolean {
  return /(?:^|[/\\])[^./\\][^/\\]*\.(?:tar\.(?:zst|gz)|tgz)(?:\.age)?$/.test(path);
}

/** `hash`: false where nobody waits for the whole file to be read; the read-back makes good for it. */
export async function rowOf(path: string, manifest: BackupManifest, signal?: AbortSignal, hash: boolean = true): Promise<BackupRow> {
  return {
    id: manifest.id,
    path,
    bytes: (await followOrNull(path))?.size ?? 0,
    files: manifest.counts.files + manifest.counts.links,
    sha256: hash ? await hashFile(path, signal) : '',
    install: manifest.install,
    product: manifest.product,
    release: manifest.release,
    schema: manifest.schema.version,
    at: manifest.created,
    reason: manifest.scheduled === true ? 'scheduled' : manifest.reason,
    verdict: 'unproven',
    verifiedAt: null,
    problem: null,
    provenAt: null,
    drilledAt: null,
    installId: manifest.installId ?? null,
  };
}

/** The same of an encrypted backup that cannot be read here, from its label. Whose install it is, a label does not tell. */
export async function rowOfSummary(path: string, summary: BackupSummary, signal?: AbortSignal, hash: boolean = true): Promise<BackupRow> {
  const { id, files, install, product, release, schema, created: at, reason } = summary;
  const told = { id, path, files, install, product, release, schema, at, reason };
  const looked = { bytes: (await followOrNull(path))?.size ?? 0, sha256: hash ? await hashFile(path, signal) : '' };
  return { ...told, ...looked, verdict: 'unproven', verifiedAt: null, problem: null, provenAt: null, drilledAt: null, installId: null };
}

/** With a look at whether its file is there. */
export async function withPresence(backup: KnownBackup): Promise<Backup> {
  return { ...backup, missing: !(await exists(backup.path)) };
}
