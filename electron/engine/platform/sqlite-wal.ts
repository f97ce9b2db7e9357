/**
 * What a SQLite write-ahead log says of itself, for deciding whether a log taken later continues a snapshot taken before.
 * Formats: https://www.sqlite.org/walformat.html (the log's header, big-endian; the index in `-shm`, in the machine's order, which is
 * little-endian on every machine that Moult runs on).
 *
 * POSIX drops all locks that a process has on a file when it closes any handle of that file, so the handle of `-shm` stays open until
 * the connection is closed. `-wal` is never locked and may be opened at will.
 */
import { followOrNull, openFile, type FileHandle } from './files.ts';

export interface WalState {
  /** Bytes of the `-wal` file; 0 where there is none. */
  bytes: number;
  /** The two salts in the log's header; null where the log is empty. A log that begins anew counts the first up by one. */
  salts: [number, number] | null;
  /** Frames that are valid, 0 after a restart. */
  frames: number;
  /** Of these, frames that a checkpoint has already put into the main file. */
  backfilled: number;
}

export interface WalWatch {
  /** Null while the index cannot be read in one piece. */
  read(): Promise<WalState | null>;
  /** Only after the connection was closed. */
  close(): Promise<void>;
}

const walHeaderBytes = 32;
const saltOffset = 16;
/** Two copies of the index header, 48 bytes each, then the number of backfilled frames. */
const indexHeaderBytes = 48;
const indexBytes = 2 * indexHeaderBytes + 4;
const frameCountOffset = 16;

/** Watches the log of an open database: its connection must have read at least once. */
export async function watchWal(database: string): Promise<WalWatch> {
  const index = await openFile(`${database}-shm`, 'r');
  return {
    read: async () => {
      for (let left = 20; left > 0; left -= 1) {
        const seen = await readIndex(index);
        if (seen === null) continue;
        return { ...seen, ...(await readHeader(`${database}-wal`)) };
      }
      return null;
    },
    close: () => index.close(),
  };
}

async function readIndex(index: FileHandle): Promise<{ frames: number; backfilled: number } | null> {
  const bytes = Buffer.alloc(indexBytes);
  const { bytesRead } = await index.read(bytes, 0, indexBytes, 0);
  // Writers change the second copy first: two equal copies were not caught half way.
  if (bytesRead < indexBytes || !bytes.subarray(0, indexHeaderBytes).equals(bytes.subarray(indexHeaderBytes, 2 * indexHeaderBytes)))
    return null;
  return { frames: bytes.readUInt32LE(frameCountOffset), backfilled: bytes.readUInt32LE(2 * indexHeaderBytes) };
}

async function readHeader(path: string): Promise<{ bytes: number; salts: [number, number] | null }> {
  const stats = await followOrNull(path);
  if (stats === null || stats.size < walHeaderBytes) return { bytes: stats?.size ?? 0, salts: null };
  const handle = await openFile(path, 'r');
  try {
    const header = Buffer.alloc(walHeaderBytes);
    const { bytesRead } = await handle.read(header, 0, walHeaderBytes, 0);
    if (bytesRead < walHeaderBytes) return { bytes: stats.size, salts: null };
    return { bytes: stats.size, salts: [header.readUInt32BE(saltOffset), header.readUInt32BE(saltOffset + 4)] };
  } finally {
    await handle.close();
  }
}
