/**
 * The keys of encrypted files that this process knows, as an agent does: each opens one file and no other, and is found by that file's own
 * header. Filled when a backup is made or unlocked; lost when the process ends. Nothing here ever reaches a disk, a log or a plan.
 */
const known = new Map<string, Uint8Array>();

export function rememberKey(sealId: string, fileKey: Uint8Array): void {
  known.set(sealId, Uint8Array.from(fileKey));
}

export function knownKey(sealId: string): Uint8Array | null {
  return known.get(sealId) ?? null;
}

/** Forgets all of them, as the end of the process does. */
export function forgetKeys(): void {
  known.clear();
}
