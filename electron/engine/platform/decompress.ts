/** Compressed files as streams: gzip and zstd are told by their first bytes, anything else is passed on as it is. */
import type { Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from 'node:zlib';
import { openToRead } from './open-to-read.ts';

/** Bytes read at a time. */
const pieceBytes = 256 * 1024;

export interface DecompressOptions {
  signal?: AbortSignal;
  /** Takes every byte of the file as it is on disk, so that what was unpacked is what was hashed. */
  hash?: Hash;
  /** Told after each piece how many bytes of the file were read. */
  onRead?: (bytes: number) => void;
}

/**
 * The content of a file. Constant memory. Throws an `Error` with zlib's `code` for damaged data, with the code `TRUNCATED` where the file ends
 * too early, and `TRAILING` where something else follows the compressed data.
 */
export async function* decompressed(path: string, options: DecompressOptions = {}): AsyncGenerator<Buffer> {
  const handle = await openToRead(path);
  try {
    const { size } = await handle.stat();
    const source = { handle, size, hashed: 0, ...options };
    let position = 0;
    do {
      const kind = await kindAt(handle, position);
      if (kind === 'plain' && position > 0) throw coded('TRAILING', `${size - position} bytes follow the compressed data`);
      position = yield* kind === 'plain' ? plain(source, position) : engineOutput(source, position, kind);
    } while (position < size);
  } finally {
    await handle.close();
  }
}

interface Source extends DecompressOptions {
  handle: FileHandle;
  size: number;
  /** How far the file was hashed: a second frame is read again from where it begins. */
  hashed: number;
}

async function* plain(source: Source, start: number): AsyncGenerator<Buffer, number> {
  let position = start;
  for await (const piece of pieces(source, start)) {
    position += piece.length;
    yield piece;
  }
  return position;
}

/** Runs one engine until it has no use for more input, and returns the position behind what it used. */
async function* engineOutput(source: Source, start: number, kind: 'gzip' | 'zstd'): AsyncGenerator<Buffer, number> {
  const engine = kind === 'gzip' ? createGunzip({ chunkSize: pieceBytes }) : createZstdDecompress({ chunkSize: pieceBytes });
  const feeding = feed(engine, source, start);
  // Its failure arrives through the engine; this only keeps it from being reported twice.
  feeding.catch(() => {});
  try {
    for await (const output of engine) yield output as Buffer;
    await feeding;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'Z_BUF_ERROR' || code === 'ZSTD_error_srcSize_wrong')
      throw coded('TRUNCATED', 'the compressed data ends too early', error);
    throw error;
  } finally {
    engine.destroy();
  }
  if (engine.bytesWritten === 0) throw coded('TRUNCATED', 'the compressed data ends too early');
  return start + engine.bytesWritten;
}

/** Writes piece by piece and stops when the engine leaves some of one unused: then its data is at an end. */
async function feed(engine: Gunzip | ZstdDecompress, source: Source, start: number): Promise<void> {
  let fed = 0;
  try {
    for await (const piece of pieces(source, start)) {
      fed += piece.length;
      await new Promise<void>((resolve, reject) => engine.write(piece, (error) => (error ? reject(error) : resolve())));
      if (engine.bytesWritten < fed) return;
    }
    engine.end();
  } catch (error) {
    engine.destroy(error as Error);
    throw error;
  }
}

async function* pieces(source: Source, start: number): AsyncGenerator<Buffer> {
  for (let position = start; ;) {
    source.signal?.throwIfAborted();
    const { buffer, bytesRead } = await source.handle.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes, position);
    if (bytesRead === 0) return;
    const piece = buffer.subarray(0, bytesRead);
    position += bytesRead;
    if (position > source.hashed) {
      source.hash?.update(piece.subarray(Math.max(0, bytesRead - (position - source.hashed))));
      source.hashed = position;
      source.onRead?.(position);
    }
    yield piece;
  }
}

/** gzip: RFC 1952 section 2.3.1; zstd frames and skippable frames: RFC 8878 section 3.1. */
async function kindAt(handle: FileHandle, position: number): Promise<'gzip' | 'zstd' | 'plain'> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, position);
  if (bytesRead >= 2 && buffer[0] === 0x1f && buffer[1] === 0x8b) return 'gzip';
  if (bytesRead < 4) return 'plain';
  const magic = buffer.readUInt32LE(0);
  return magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50 ? 'zstd' : 'plain';
}

function coded(code: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { code });
}
