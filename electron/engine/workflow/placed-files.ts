/** What a release of a product with a `files` payload has put into the home folder beside its slot. */
import { placedCopies } from '../slot/copies.ts';
import type { OpenedInstall } from './kit.ts';

/**
 * The files that the active release's copies are, where they are still there; none where there is no release. Of an install that was
 * adopted nobody knows who put them there: only those count that are as the release has them.
 */
export async function placedFiles({ descriptor, slot, home, record }: OpenedInstall): Promise<string[]> {
  const { payload } = descriptor;
  if (payload.driver !== 'files' || slot === null) return [];
  return placedCopies({ slot, home, copies: payload.copies, onlySame: record.adopted });
}
