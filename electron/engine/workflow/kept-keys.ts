/**
 * The keys of encrypted backups that an operation makes for its own way back. After a kill, recovery has to read such a backup with nobody
 * there to type anything, so the one key that opens this one file waits in Moult's own folder, mode 0600, on the machine whose data lies
 * there unencrypted anyway. It opens no other backup, and goes when the file is gone.
 */
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { keyOf, sealOf } from '../backup/unlock-backup.ts';
import { rememberKey } from '../backup/known-keys.ts';
import { exists, makeFolderDurably, namesIn, readTextOrNull, remove, writeDurably } from '../platform/files.ts';

const keptSchema = z.object({ seal: z.string().regex(/^[0-9a-f]{64}$/), path: z.string(), key: z.string().regex(/^[0-9a-f]{32}$/) });

function keysFolder(moultHome: string): string {
  return join(moultHome, 'keys');
}

/** Keeps the key of a backup that was just made; nothing to keep for one that is not encrypted. */
export async function keepKey(moultHome: string, path: string): Promise<void> {
  const [outside, key] = [await sealOf(path), await keyOf(path)];
  if (outside === null || key === null) return;
  await makeFolderDurably(keysFolder(moultHome));
  const kept = { seal: outside.sealId, path, key: Buffer.from(key).toString('hex') } satisfies z.output<typeof keptSchema>;
  await writeDurably(join(keysFolder(moultHome), `${outside.sealId}.json`), `${JSON.stringify(kept)}\n`);
}

/** Makes the kept keys known to this process, and removes those whose backup was removed. One on a disk that is not there now keeps its key. */
export async function loadKeptKeys(moultHome: string): Promise<void> {
  for (const name of await namesIn(keysFolder(moultHome))) {
    const file = join(keysFolder(moultHome), name);
    const kept = parse(await readTextOrNull(file));
    if (kept === null) continue;
    if (!(await exists(kept.path)) && (await exists(dirname(kept.path)))) await remove(file);
    else rememberKey(kept.seal, Buffer.from(kept.key, 'hex'));
  }
}

function parse(text: string | null): z.output<typeof keptSchema> | null {
  try {
    const parsed = keptSchema.safeParse(JSON.parse(text ?? 'null'));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
