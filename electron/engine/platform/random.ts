/** Names that nobody else has. */
import { randomBytes, randomUUID } from 'node:crypto';

/** A random text of lower-case hexadecimal digits, two for each byte; 8 bytes are plenty for a name, 16 for a mark that nobody can guess. */
export function randomId(bytes: number = 8): string {
  return randomBytes(bytes).toString('hex');
}

/** A version 4 UUID (RFC 9562). */
export function randomUuid(): string {
  return randomUUID();
}
