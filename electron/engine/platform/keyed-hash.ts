/** Hashes that are useless to whoever lacks the key: for secrets that are easy to guess. */
import { createHmac } from 'node:crypto';

/** HMAC-SHA-256 (RFC 2104), lower-case hexadecimal. */
export function keyedHash(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex');
}
