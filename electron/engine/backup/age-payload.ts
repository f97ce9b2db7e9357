/** Encrypted bytes as they grow, and any stretch of them read back. What a chunk is, `platform/sealing.ts` says. */
import { chunkBytes, openChunk, sealChunk, tagBytes } from '../platform/sealing.ts';

/** What opens a payload that stands on a disk. Made of plain data, so that worker threads can have it. */
export interface Seal {
  /** Of the payload. */
  key: Uint8Array;
  /** Where the payload begins in the file. */
  from: number;
  /** Length of what is encrypted; infinite while it still grows. */
  bytes: number;
}

const storedChunk = chunkBytes + tagBytes;

/** How long what is encrypted is, from the length of a payload; null when no payload is that long. */
export function plainLength(payload: number): number | null {
  const chunks = Math.ceil(payload / storedChunk);
  const last = payload - (chunks - 1) * storedChunk;
  // The last chunk may be empty only when it is the only one.
  return chunks < 1 || last < tagBytes || (last === tagBytes && chunks > 1) ? null : payload - chunks * tagBytes;
}

/** Where the chunks stand that hold a stretch, and how much of the first is before it. */
export function stretchOf(seal: Seal, at: number, bytes: number): { at: number; bytes: number; first: number; skip: number } {
  const first = Math.floor(at / chunkBytes);
  const end = Math.min(seal.bytes, (Math.floor((at + bytes - 1) / chunkBytes) + 1) * chunkBytes);
  const chunks = Math.ceil((end - first * chunkBytes) / chunkBytes);
  return {
    at: seal.from + first * storedChunk,
    bytes: bytes <= 0 || at >= seal.bytes ? 0 : end - first * chunkBytes + chunks * tagBytes,
    first,
    skip: at - first * chunkBytes,
  };
}

/** Decrypts whole chunks, of which `first` is the first. Throws when one is damaged. */
export function openChunks(seal: Seal, first: number, stored: Buffer): Buffer {
  const chunks = Math.ceil(stored.length / storedChunk);
  const plain = Buffer.allocUnsafeSlow(Math.max(0, stored.length - chunks * tagBytes));
  const last = Math.max(0, Math.ceil(seal.bytes / chunkBytes) - 1);
  for (let index = 0; index < chunks; index += 1) {
    const chunk = stored.subarray(index * storedChunk, (index + 1) * storedChunk);
    openChunk(seal.key, first + index, first + index === last, chunk, plain.subarray(index * chunkBytes));
  }
  return plain;
}

/** Encrypts bytes as they come. */
export class SealingStream {
  readonly #key: Uint8Array;
  /** What does not fill a chunk yet, or may be the last one. */
  readonly #rest = Buffer.allocUnsafeSlow(chunkBytes);
  #restBytes = 0;
  #chunks = 0;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** How many bytes of the content can be read back from what was handed out. */
  get readable(): number {
    return this.#chunks * chunkBytes;
  }

  /** Answers what can be written now; `content` may be used for something else afterwards. */
  add(content: Uint8Array): Buffer {
    const all = this.#restBytes + content.length;
    // One byte at least stays, because only the end tells which chunk is the last.
    const chunks = Math.max(0, Math.ceil(all / chunkBytes) - 1);
    const stored = Buffer.allocUnsafeSlow(chunks * storedChunk);
    let from = 0;
    for (let index = 0; index < chunks; index += 1) {
      const wanted = chunkBytes - this.#restBytes;
      let chunk: Uint8Array = content.subarray(from, from + wanted);
      if (this.#restBytes > 0) {
        this.#rest.set(chunk, this.#restBytes);
        chunk = this.#rest;
      }
      from += wanted;
      this.#restBytes = 0;
      sealChunk(this.#key, this.#chunks, false, chunk, stored.subarray(index * storedChunk));
      this.#chunks += 1;
    }
    this.#rest.set(content.subarray(from), this.#restBytes);
    this.#restBytes += content.length - from;
    return stored;
  }

  /** The last chunk. */
  end(): Buffer {
    const stored = Buffer.allocUnsafeSlow(this.#restBytes + tagBytes);
    sealChunk(this.#key, this.#chunks, true, this.#rest.subarray(0, this.#restBytes), stored);
    return stored;
  }
}
