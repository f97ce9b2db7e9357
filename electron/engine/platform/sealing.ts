/**
 * The payload of an age file (https://c2sp.org/age, "Payload"): chunks of 64 KiB, each encrypted with ChaCha20-Poly1305 under a key of this
 * file alone, so that any of them can be opened without the others. These calls block, so they belong into worker threads for what is large.
 */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';

export const chunkBytes = 64 * 1024;
export const tagBytes = 16;
export const nonceBytes = 16;

/** A fresh nonce for a payload. */
export function newNonce(): Uint8Array {
  return randomBytes(nonceBytes);
}

/** The key that a file's payload is encrypted with. */
export function payloadKey(fileKey: Uint8Array, nonce: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', fileKey, nonce, 'payload', 32));
}

/** Whether `mac` is the one that the holder of the file key gave to a header. `header` ends in its three dashes. */
export function isHeaderMac(fileKey: Uint8Array, header: Uint8Array, mac: Uint8Array): boolean {
  const key = new Uint8Array(hkdfSync('sha256', fileKey, '', 'header', 32));
  const expected = createHmac('sha256', key).update(header).digest();
  return mac.length === expected.length && timingSafeEqual(mac, expected);
}

/** A key of its own for what Moult says beside the file, so that the file key is used for nothing but the file. */
export function labelKey(fileKey: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', fileKey, '', 'moult.app/label', 32));
}

/**
 * Wraps a file key with a passphrase, as age's scrypt recipient does (https://c2sp.org/age, "The scrypt recipient type"). Node's own scrypt
 * takes a tenth of the time of one in JavaScript; at work factor 18 still most of a second, and 256 MiB.
 */
export function wrapWithPassphrase(fileKey: Uint8Array, passphrase: string, workFactor: number): { salt: Uint8Array; body: Uint8Array } {
  const salt = randomBytes(16);
  const cipher = createCipheriv('chacha20-poly1305', passphraseKey(passphrase, salt, workFactor), Buffer.alloc(12), {
    authTagLength: tagBytes,
  });
  return { salt, body: Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]) };
}

/** The file key; null when it is another passphrase. */
export function unwrapWithPassphrase(body: Uint8Array, passphrase: string, salt: Uint8Array, workFactor: number): Uint8Array | null {
  if (body.length !== 16 + tagBytes) return null;
  const key = passphraseKey(passphrase, salt, workFactor);
  const decipher = createDecipheriv('chacha20-poly1305', key, Buffer.alloc(12), { authTagLength: tagBytes });
  decipher.setAuthTag(body.subarray(16));
  const fileKey = decipher.update(body.subarray(0, 16));
  try {
    decipher.final();
    return fileKey;
  } catch {
    return null;
  }
}

function passphraseKey(passphrase: string, salt: Uint8Array, workFactor: number): Uint8Array {
  const cost = 2 ** workFactor;
  const label = Buffer.from('age-encryption.org/v1/scrypt');
  return scryptSync(passphrase, Buffer.concat([label, salt]), 32, { N: cost, r: 8, p: 1, maxmem: cost * 8 * 128 + 1024 * 1024 });
}

/** HMAC-SHA-256 of a text, lower-case hexadecimal. */
export function macOf(key: Uint8Array, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}

/** Encrypts one chunk into `into`, which has room for the content and the tag. */
export function sealChunk(key: Uint8Array, number: number, isLast: boolean, content: Uint8Array, into: Buffer): void {
  const cipher = createCipheriv('chacha20-poly1305', key, chunkNonce(number, isLast), { authTagLength: tagBytes });
  into.set(cipher.update(content), 0);
  cipher.final();
  into.set(cipher.getAuthTag(), content.length);
}

/** Decrypts one chunk, its tag included, into `into`; throws when it is not what was encrypted there. */
export function openChunk(key: Uint8Array, number: number, isLast: boolean, chunk: Uint8Array, into: Buffer): void {
  const end = chunk.length - tagBytes;
  if (end < 0) throw new Error('a chunk of it is cut off');
  const decipher = createDecipheriv('chacha20-poly1305', key, chunkNonce(number, isLast), { authTagLength: tagBytes });
  decipher.setAuthTag(chunk.subarray(end));
  into.set(decipher.update(chunk.subarray(0, end)), 0);
  try {
    decipher.final();
  } catch {
    throw new Error('it was changed after it was encrypted');
  }
}

/** Eleven bytes that count the chunks, big-endian, and one that is 1 for the last. */
function chunkNonce(number: number, isLast: boolean): Uint8Array {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(number, 5, 6);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}
