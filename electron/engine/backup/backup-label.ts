/**
 * The label of an encrypted backup: a small file beside it that says what it is of, so that it can be listed without a key. It names no
 * file, no folder and no content. Whoever holds the key can tell whether it was changed; whoever does not wants it only for a list.
 */
import { z } from 'zod';
import { readTextOrNull, remove, writeDurably } from '../platform/files.ts';
import { labelKey, macOf } from '../platform/sealing.ts';
import type { BackupManifest } from './backup-format.ts';

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const text = z.string().max(4096);
const hash = z.string().regex(/^[0-9a-f]{64}$/);

const labelSchema = z.object({
  'moult-label': z.literal(1),
  id: z.uuid(),
  created: z.iso.datetime(),
  product: text.min(1),
  install: text.min(1),
  release: text.nullable(),
  schema: text.nullable(),
  reason: z.enum(['asked', 'before-upgrade', 'before-restore', 'before-purge']),
  counts: z.object({ files: count, folders: count, links: count }),
  contentBytes: count,
  /** Of the encrypted file, and its SHA-256: damage is found without a key. */
  bytes: count,
  sha256: hash,
  /** SHA-256 of the file's header and nonce: the file it belongs to, whatever it is called now. */
  seal: hash,
});

export type BackupLabel = z.output<typeof labelSchema>;

export function labelPath(backup: string): string {
  return `${backup}.label.json`;
}

export function labelOf(manifest: BackupManifest, stored: { bytes: number; sha256: string; seal: string }): BackupLabel {
  const { id, created, product, install, release, schema, reason, contentBytes } = manifest;
  const { files, folders, links } = manifest.counts;
  return {
    'moult-label': 1,
    id,
    created,
    product,
    install,
    release,
    schema: schema.version,
    reason,
    counts: { files, folders, links },
    contentBytes,
    ...stored,
  };
}

/** Writes the label beside where the backup will be, signed with a key that comes from the file's. */
export async function writeLabel(backup: string, label: BackupLabel, fileKey: Uint8Array): Promise<void> {
  const mac = macOf(labelKey(fileKey), signedText(label));
  await writeDurably(labelPath(backup), `${JSON.stringify({ ...label, mac }, null, 2)}\n`);
}

/** The label beside a backup; null where there is none, or none that belongs to this file. */
export async function readLabel(backup: string, seal: string): Promise<{ label: BackupLabel; mac: string } | null> {
  const content = await readTextOrNull(labelPath(backup)).catch(() => null);
  if (content === null) return null;
  try {
    const data: unknown = JSON.parse(content);
    const parsed = labelSchema.safeParse(data);
    const mac = (data as { mac?: unknown } | null)?.mac;
    return parsed.success && parsed.data.seal === seal ? { label: parsed.data, mac: typeof mac === 'string' ? mac : '' } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Whether the label is what was written with this key. */
export function isSigned({ label, mac }: { label: BackupLabel; mac: string }, fileKey: Uint8Array): boolean {
  return macOf(labelKey(fileKey), signedText(label)) === mac;
}

export async function removeLabel(backup: string): Promise<void> {
  await remove(labelPath(backup));
}

/** What is signed: the values in the order of the schema, whatever the order in the file. */
function signedText(label: BackupLabel): string {
  return JSON.stringify(labelSchema.parse(label));
}
