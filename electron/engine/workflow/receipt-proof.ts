/**
 * Proof that a preserved item is preserved: its tree hash from before, taken from the sealed backup without reading the data again, and
 * its tree hash from the live files after. Both are SHA-256 over the same sorted lines of kind, mode, content and name.
 */
import { listMembers } from '../backup/read-backup.ts';
import { skipForeign, takeInventory } from '../install/inventory.ts';
import type { ResolvedItem } from '../install/items.ts';
import { hashEntry, hashText, walk } from '../platform/tree.ts';
import { nameText } from '../platform/byte-names.ts';
import { fingerprintKey } from './capture.ts';
import type { Kit, OpenedInstall } from './kit.ts';

export interface ItemProof {
  hash: string | null;
  files: number;
  bytes: number;
}

/** The hash of every item as a backup holds it. */
export async function proofsFromBackup(path: string, signal?: AbortSignal): Promise<Map<string, ItemProof>> {
  const lines = new Map<string, { line: string; bytes: number; file: boolean }[]>();
  for await (const entry of listMembers(path, signal)) {
    const line = lineOf(
      entry.kind,
      entry.mode,
      entry.sha256 ?? (entry.target === undefined || entry.target === null ? '' : hashText(entry.target)),
      entry.as,
    );
    const known = lines.get(entry.item) ?? [];
    known.push({ line, bytes: entry.bytes, file: entry.kind !== 'folder' });
    lines.set(entry.item, known);
  }
  return new Map([...lines].map(([item, entries]) => [item, summed(entries)]));
}

/** The hash of one item as it is on disk now. */
export async function proofOfLive(kit: Kit, opened: OpenedInstall, item: ResolvedItem, signal?: AbortSignal): Promise<ItemProof> {
  if (item.kind === 'keys') {
    const [inventory] = await takeInventory([item], { hash: true, key: fingerprintKey(kit), ...(signal && { signal }) });
    return { hash: inventory?.hash ?? null, files: inventory?.files ?? 0, bytes: inventory?.bytes ?? 0 };
  }
  const entries: { line: string; bytes: number; file: boolean }[] = [];
  for (const [index, root] of item.paths.entries()) {
    const name = item.names[index] ?? '';
    for await (const entry of walk(root, skipForeign(root, item, opened.items), signal)) {
      if (entry.kind === 'other') continue;
      const content = await hashEntry(root, entry, signal);
      if (content === null) continue;
      const below = entry.rawPath === undefined ? entry.path : nameText(entry.rawPath.subarray(Buffer.byteLength(root) + 1));
      const as = below === '' ? name : `${name}/${below}`;
      entries.push({ line: lineOf(entry.kind, entry.mode, content, as), bytes: entry.bytes, file: entry.kind !== 'folder' });
    }
  }
  return entries.length === 0 ? { hash: null, files: 0, bytes: 0 } : summed(entries);
}

function lineOf(kind: string, mode: number, content: string, as: string): string {
  return `${kind}\t${mode.toString(8)}\t${content}\t${as}`;
}

function summed(entries: { line: string; bytes: number; file: boolean }[]): ItemProof {
  return {
    hash: hashText(
      `${entries
        .map((entry) => entry.line)
        .sort()
        .join('\n')}\n`,
    ),
    files: entries.filter((entry) => entry.file).length,
    bytes: entries.reduce((sum, entry) => sum + entry.bytes, 0),
  };
}
