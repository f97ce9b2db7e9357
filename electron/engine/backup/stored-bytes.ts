/** The bytes of a backup file at rest, whether they are encrypted or not: everything that reads a backup reads through here. */
import { openFile, type FileHandle } from '../platform/files.ts';
import { chunkBytes, nonceBytes, payloadKey, tagBytes } from '../platform/sealing.ts';
import { fits, headerEnd, isAge, largestHeader, sealIdOf, takesPassphrase } from './age-outside.ts';
import { openChunks, plainLength, stretchOf, type Seal } from './age-payload.ts';
import { badBackup, needsKey, wrongKey } from './backup-failures.ts';
import { knownKey } from './known-keys.ts';

export interface StoredBytes {
  /** Of the file as it is on disk. */
  stored: number;
  /** Of what is in it. */
  size: number;
  seal: Seal | null;
  /** Fewer where it ends before. */
  readAt(at: number, bytes: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** What an encrypted file shows to everybody. */
export interface SealedOutside {
  header: Buffer;
  /** SHA-256 of header and nonce. */
  sealId: string;
  nonce: Buffer;
  takesPassphrase: boolean;
}

/** Opens the file; `needs-key` or `wrong-key` where it is encrypted and nothing that is known opens it. */
export async function openStored(path: string, handle: FileHandle, given?: Uint8Array | null): Promise<StoredBytes> {
  const { size } = await handle.stat();
  const outside = await outsideOf(path, handle, size);
  const plain: StoredBytes = {
    stored: size,
    size,
    seal: null,
    readAt: (at, bytes) => readAt(handle, at, bytes),
    close: () => handle.close(),
  };
  if (outside === null) return plain;
  const fileKey = given ?? knownKey(outside.sealId);
  if (fileKey === null) throw needsKey(path, outside.takesPassphrase);
  if (!fits(fileKey, outside.header)) throw wrongKey(path, outside.takesPassphrase);
  const from = outside.header.length + nonceBytes;
  const bytes = plainLength(size - from);
  if (bytes === null) throw badBackup(path, 'it ends early');
  const seal: Seal = { key: payloadKey(fileKey, outside.nonce), from, bytes };
  return { ...plain, size: bytes, seal, readAt: (at, wanted) => readSealed(path, handle, seal, at, wanted) };
}

/** What an encrypted backup shows without a key; null for a file that is not encrypted. */
export async function readOutside(path: string): Promise<SealedOutside | null> {
  const handle = await openFile(path, 'r');
  try {
    return await outsideOf(path, handle, (await handle.stat()).size);
  } finally {
    await handle.close();
  }
}

async function outsideOf(path: string, handle: FileHandle, size: number): Promise<SealedOutside | null> {
  const start = await readAt(handle, 0, Math.min(4096, size));
  if (!isAge(start)) return null;
  const more = headerEnd(start) === null ? await readAt(handle, 0, Math.min(largestHeader, size)) : start;
  const end = headerEnd(more);
  if (end === null) throw badBackup(path, 'the header of its encryption is damaged');
  const header = more.subarray(0, end);
  const nonce = await readAt(handle, end, nonceBytes);
  if (nonce.length < nonceBytes || size < end + nonceBytes + tagBytes) throw badBackup(path, 'it ends early');
  return { header, nonce, sealId: sealIdOf(Buffer.concat([header, nonce])), takesPassphrase: takesPassphrase(header) };
}

/** The last chunk that was read stays open: what follows is often in it. */
const lastChunks = new WeakMap<FileHandle, { first: number; plain: Buffer }>();

async function readSealed(path: string, handle: FileHandle, seal: Seal, at: number, bytes: number): Promise<Buffer> {
  const wanted = Math.max(0, Math.min(bytes, seal.bytes - at));
  if (wanted === 0) return Buffer.alloc(0);
  const before = lastChunks.get(handle);
  const offset = before === undefined ? -1 : at - before.first * chunkBytes;
  if (before !== undefined && offset >= 0 && offset + wanted <= before.plain.length) return before.plain.subarray(offset, offset + wanted);
  const stretch = stretchOf(seal, at, wanted);
  const stored = await readAt(handle, stretch.at, stretch.bytes);
  if (stored.length < stretch.bytes) throw badBackup(path, 'it ends early');
  try {
    const plain = openChunks(seal, stretch.first, stored);
    if (stretch.bytes <= chunkBytes + tagBytes) lastChunks.set(handle, { first: stretch.first, plain });
    return plain.subarray(stretch.skip, stretch.skip + wanted);
  } catch (error) {
    throw badBackup(path, `it was damaged: ${(error as Error).message}`);
  }
}

/** Bytes from a place of the file on; fewer where it ends before. */
async function readAt(handle: FileHandle, at: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(bytes);
  let done = 0;
  while (done < bytes) {
    const { bytesRead } = await handle.read(buffer, done, bytes - done, at + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}
