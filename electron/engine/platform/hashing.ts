/** SHA-256 over pieces and over wholes, as lower-case hexadecimal. */
import { createHash, hash, type Hash } from 'node:crypto';

/** A SHA-256 that grows piece by piece. */
export class RunningHash {
  readonly #hash: Hash;

  constructor(hash: Hash = createHash('sha256')) {
    this.#hash = hash;
  }

  add(content: Uint8Array): void {
    this.#hash.update(content);
  }

  /** A second one with the same past. */
  copy(): RunningHash {
    return new RunningHash(this.#hash.copy());
  }

  /** The digest; nothing can be added after it. */
  end(): string {
    return this.#hash.digest('hex');
  }
}

/** The SHA-256 of a whole, in one call: the cheapest for small files. */
export function hashOf(content: Uint8Array): string {
  return hash('sha256', content, 'hex');
}

/** The same as 32 bytes. */
export function hashBytesOf(content: Uint8Array): Uint8Array {
  return hash('sha256', content, 'buffer');
}
