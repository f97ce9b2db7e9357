import { Failure } from '../../api/failure.ts';
import type { Descriptor, Item } from '../product/schema.ts';
import type { Fill } from '../product/fill.ts';

/** One item of an install, found on this machine. */
export interface ResolvedItem {
  item: Item;
  kind: 'files' | 'keys' | 'slot';
  /** Absolute: what exists, else where it would be. For keys the config file. */
  paths: string[];
  /** Beside each of `paths`: its name below the home folder with forward slashes, or its last part where it is outside. */
  names: string[];
  exists: boolean;
  keys?: { file: string; format: 'yaml' | 'json' | 'env' | 'ini'; keys: string[] };
  outsideHome: boolean;
}

export interface Whereabouts {
  home: string;
  slot: string | null;
  fill: Fill;
}

export async function resolveItems(_descriptor: Descriptor, _where: Whereabouts): Promise<ResolvedItem[]> {
  throw new Failure('unsupported', 'not built yet');
}

export async function configValue(_descriptor: Descriptor, _home: string, _setting: { config: string; key: string }): Promise<unknown> {
  throw new Failure('unsupported', 'not built yet');
}
