/** Opening what is encrypted: keys are tried on a backup's header, and the one key of that file is remembered by this process. */
import type { Keys } from './age-outside.ts';
import { explainSystemError, wrongKey } from './backup-failures.ts';
import { startBackupThread } from './backup-thread.ts';
import { knownKey, rememberKey } from './known-keys.ts';
import { readOutside, type SealedOutside } from './stored-bytes.ts';

/** What an encrypted file shows without a key; null for one that is not encrypted, or not there. */
export async function sealOf(path: string): Promise<SealedOutside | null> {
  return readOutside(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EISDIR') return null;
    throw explainSystemError(error, `cannot read the backup ${path}`);
  });
}

/** The key of a file that this process knows; null when it knows none, or none is needed. */
export async function keyOf(path: string): Promise<Uint8Array | null> {
  const outside = await sealOf(path).catch(() => null);
  return outside === null ? null : knownKey(outside.sealId);
}

/** Whether the contents can be read now. */
export async function isOpen(path: string): Promise<boolean> {
  const outside = await sealOf(path).catch(() => null);
  return outside === null || knownKey(outside.sealId) !== null;
}

/** Tries keys on a backup. False when none fits; nothing happens where it is open already. A passphrase takes a second or two. */
export async function unlockBackup(path: string, keys: Keys): Promise<boolean> {
  const outside = await sealOf(path);
  if (outside === null || knownKey(outside.sealId) !== null) return true;
  if ((outside.takesPassphrase ? keys.passphrases : keys.identities).length === 0) return false;
  const thread = startBackupThread({ isItsLast: true });
  try {
    const fileKey = await thread.ask<Uint8Array | null>('unlock', { header: outside.header, keys });
    if (fileKey === null) return false;
    rememberKey(outside.sealId, fileKey);
    return true;
  } finally {
    await thread.end();
  }
}

/** As `unlockBackup`, but throws `wrong-key` when none fits. */
export async function mustUnlock(path: string, keys: Keys): Promise<void> {
  if (await unlockBackup(path, keys)) return;
  throw wrongKey(path, (await sealOf(path))?.takesPassphrase ?? false);
}
