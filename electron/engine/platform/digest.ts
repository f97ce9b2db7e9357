/** Checksums of files by several algorithms in one reading. */
import { createHash, type Hash } from 'node:crypto';
import { openToRead } from './open-to-read.ts';

export type DigestName = 'sha256' | 'sha384' | 'sha512';

/** Bytes read at a time. */
const largestRead = 1024 * 1024;

/** The raw checksums of a file. Constant memory. */
export async function digestFile<Name extends DigestName>(
  path: string | Buffer,
  names: readonly Name[],
  signal?: AbortSignal,
): Promise<Record<Name, Buffer>> {
  const hashes = names.map((name) => [name, createHash(name)] as const);
  const handle = await openToRead(path);
  try {
    // A release has thousands of small files: none needs a large buffer, and one byte more than there is tells in one reading that it was all.
    const { size } = await handle.stat();
    const buffer = Buffer.allocUnsafe(Math.min(size + 1, largestRead));
    for (let isOver = false; !isOver;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      for (const [, hash] of hashes) hash.update(buffer.subarray(0, bytesRead));
      isOver = bytesRead < buffer.length;
    }
  } finally {
    await handle.close();
  }
  return Object.fromEntries(hashes.map(([name, hash]) => [name, hash.digest()])) as Record<Name, Buffer>;
}

/** A checksum that is fed piece by piece. */
export function startDigest(name: DigestName): Hash {
  return createHash(name);
}
