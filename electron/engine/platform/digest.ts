/** Checksums of files by several algorithms in one reading. */
import { createHash, type Hash } from 'node:crypto';
import * as fs from 'node:fs/promises';

export type DigestName = 'sha256' | 'sha384' | 'sha512';

/** The raw checksums of a file. Constant memory. */
export async function digestFile<Name extends DigestName>(
  path: string,
  names: readonly Name[],
  signal?: AbortSignal,
): Promise<Record<Name, Buffer>> {
  const hashes = names.map((name) => [name, createHash(name)] as const);
  const handle = await fs.open(path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(1 << 20);
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      for (const [, hash] of hashes) hash.update(buffer.subarray(0, bytesRead));
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
