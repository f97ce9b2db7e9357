import { Failure } from '../../api/failure.ts';
import type { ResolvedItem } from './items.ts';

export interface ItemInventory {
  item: string;
  files: number;
  bytes: number;
  /** SHA-256 over names, kinds, modes and contents; null where nothing is there or it was not asked for. */
  hash: string | null;
  /** The first 10,000 files; `files` counts all. Absolute paths. */
  list: { path: string; bytes: number }[];
}

export interface InventoryOptions {
  hash: boolean;
  /** The key under which the values of keys-items are fingerprinted. */
  key?: string;
  signal?: AbortSignal;
  onProgress?: (progress: { item: string; files: number; bytes: number }) => void;
}

export async function takeInventory(_items: readonly ResolvedItem[], _options: InventoryOptions): Promise<ItemInventory[]> {
  throw new Failure('unsupported', 'not built yet');
}

export interface Strays {
  files: number;
  bytes: number;
  /** The first 10,000. Absolute paths. */
  list: { path: string; bytes: number }[];
}

export async function findStrays(
  _home: string,
  _items: readonly ResolvedItem[],
  _known: readonly string[],
  _signal?: AbortSignal,
): Promise<Strays> {
  throw new Failure('unsupported', 'not built yet');
}

/** A keyed fingerprint of secret values: equal only for equal values under the same key, and useless without the key. */
export function secretsFingerprint(_values: Readonly<Record<string, unknown>>, _key: string): string {
  throw new Failure('unsupported', 'not built yet');
}

/** Which files below `root` belong to another item or to Moult: the skip of a walk that stays with one item. */
export function skipForeign(_root: string, _one: ResolvedItem, _items: readonly ResolvedItem[]): (relative: string) => boolean {
  throw new Failure('unsupported', 'not built yet');
}
