/** Releases before 1.1 keep no history. */
export const keepsHistory = false;
export function addRevision() {}
export function pruneRevisions() {}
export function readRevisions() {
  return null;
}
