/**
 * `install.json`: which product, under which name, which slot is active. It is the one source of that; writing it is one atomic
 * rename, and that rename is the switch of an upgrade.
 */
import { z } from 'zod';
import { isAbsolute, join, relative } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { makeFolderDurably, readTextOrNull, remove, replaceLink, writeDurably } from '../platform/files.ts';
import { moultFolderOf } from './moult-folder.ts';

const recordFormat = 1;

const recordSchema = z.object({
  format: z.literal(recordFormat),
  id: z.string(),
  name: z.string(),
  product: z.string(),
  state: z.enum(['active', 'uninstalled', 'purged']),
  release: z.string().nullable(),
  /** The folder of the active release: relative to the home folder when it is inside. */
  slot: z.string().nullable(),
  adopted: z.boolean(),
  channel: z.string(),
  /** The newest release that it may go to. Records of before there were pins have none. */
  pin: z.string().nullable().default(null),
  port: z.number().int().nullable(),
  createdAt: z.string(),
  /** The release before, with the backup that brings its data back. */
  previous: z.object({ release: z.string(), slot: z.string(), backup: z.string(), operation: z.string(), at: z.string() }).nullable(),
});

export type InstallRecord = z.infer<typeof recordSchema>;

/** Reads the record of a home folder; null when Moult does not keep it. `newer-format`, `bad-config` when it cannot be understood. */
export async function readRecord(home: string): Promise<InstallRecord | null> {
  const path = moultFolderOf(home).record;
  const text = await readTextOrNull(path);
  if (text === null) return null;
  const value = parseJson(text, path);
  const format = (value as { format?: unknown }).format;
  if (typeof format === 'number' && format > recordFormat) {
    throw new Failure('newer-format', `${path} was written by a newer Moult (format ${format}, this one knows ${recordFormat})`, {
      remedy: { action: 'upgrade-moult', text: 'Upgrade Moult. Nothing was changed.' },
    });
  }
  const parsed = recordSchema.safeParse(value);
  if (!parsed.success) throw unreadable(path, z.prettifyError(parsed.error));
  return parsed.data;
}

/** Writes the record with one atomic rename, then points `current` at the slot. */
export async function writeRecord(home: string, record: InstallRecord): Promise<void> {
  const folder = moultFolderOf(home);
  await makeFolderDurably(folder.root);
  await writeDurably(folder.record, `${JSON.stringify(record, null, 2)}\n`, 0o600);
  if (record.slot === null) await remove(folder.current);
  else await replaceLink(slotPath(home, record.slot), folder.current).catch(() => undefined);
}

/** The slot's absolute path from what the record holds. */
export function slotPath(home: string, slot: string): string {
  return isAbsolute(slot) ? slot : join(home, slot);
}

/** What the record holds for a slot's absolute path. */
export function slotReference(home: string, path: string): string {
  const inside = relative(home, path);
  return inside === '' || /^\.\.(?:[/\\]|$)/.test(inside) || isAbsolute(inside) ? path : inside;
}

function parseJson(text: string, path: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch (error) {
    throw unreadable(path, (error as Error).message);
  }
  throw unreadable(path, 'not an object');
}

function unreadable(path: string, why: string): Failure {
  return new Failure('bad-config', `${path} cannot be understood: ${why}`, {
    remedy: { action: 'edit-config', text: 'Put the file back from a backup, or remove it and adopt the install again.' },
  });
}
