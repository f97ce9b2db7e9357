import { Failure } from '../../api/failure.ts';
import type { ResolvedItem } from './items.ts';

/** The folders in which Moult may change anything: the home folder and the places outside it that settings name. */
export function ownedRoots(home: string, items: readonly ResolvedItem[]): string[] {
  return [home, ...items.filter((one) => one.outsideHome).flatMap((one) => one.paths)];
}

/** Throws `outside-roots` for the first place that an install may not own. */
export async function checkPlaces(_home: string, _items: readonly ResolvedItem[]): Promise<void> {
  throw new Failure('unsupported', 'not built yet');
}
