/** What can be seen of the header of an age file without the library that makes and opens headers, which takes a while to load. */
import { hashOf } from '../platform/hashing.ts';
import { isHeaderMac } from '../platform/sealing.ts';

/** What a backup is to be locked with. */
export type Lock = { recipients: string[] } | { passphrase: string };

/** What may open a backup. */
export interface Keys {
  passphrases: readonly string[];
  /** `AGE-SECRET-KEY-1…` */
  identities: readonly string[];
}

const firstLine = 'age-encryption.org/v1\n';
/** Enough for some hundred recipients. */
export const largestHeader = 64 * 1024;

export function isAge(start: Uint8Array): boolean {
  return Buffer.from(start.buffer, start.byteOffset, start.length).toString('latin1', 0, firstLine.length) === firstLine;
}

/** Where the header ends that begins with these bytes, its last line break included; null when its end is not among them. */
export function headerEnd(start: Buffer): number | null {
  const mac = start.indexOf('\n--- ', 0, 'latin1');
  const end = mac < 0 ? -1 : start.indexOf('\n', mac + 1, 'latin1');
  return end < 0 ? null : end + 1;
}

/** What tells this file from every other one: its header and the nonce behind it. */
export function sealIdOf(headerAndNonce: Uint8Array): string {
  return hashOf(headerAndNonce);
}

/** Whether the key is that of this file. A wrong key is told from a damaged file by it. */
export function fits(fileKey: Uint8Array, header: Buffer): boolean {
  const dashes = header.lastIndexOf('--- ', undefined, 'latin1');
  const mac = Buffer.from(header.toString('latin1', dashes + 4).trim(), 'base64');
  return dashes > 0 && isHeaderMac(fileKey, header.subarray(0, dashes + 3), mac);
}

export function takesPassphrase(header: Buffer): boolean {
  return header.toString('latin1').includes('\n-> scrypt ');
}
