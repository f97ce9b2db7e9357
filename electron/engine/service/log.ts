/** The log of a service: its end, what is added to it, and turning it over before it grows without bounds. */
import { dirname } from 'node:path';
import { pause } from '../platform/clock.ts';
import { followOrNull, makeFolder, openFile, privateFile, rename, setMode, statOrNull, type FileHandle } from '../platform/files.ts';

/** Bytes above which a log is set aside when the service is started; the one before it is dropped. */
const turnOverAt = 10 * 1024 * 1024;
/** Bytes that are read at once. */
const block = 64 * 1024;
/** The most that is kept of a log in memory, in bytes, however long its lines are. */
const longestTail = 16 * 1024 * 1024;
/** Milliseconds between two looks at a log that is followed. */
const every = 200;

/**
 * The last lines of a log, each ended by a line feed; empty where there is no log. Reads from the end: the time does not grow with the file.
 * `from` is a byte offset before which nothing is read.
 */
export async function tail(path: string, lines: number, from: number = 0): Promise<string> {
  const size = (await followOrNull(path))?.size ?? 0;
  return from > size ? '' : (await readLog(path, lines, from)).text;
}

/** The same, with the offset in bytes just behind the text: what was written later begins there. A rotated log is read from its start. */
export async function readLog(path: string, lines: number, from: number = 0): Promise<{ text: string; end: number }> {
  const handle = await openOrNull(path);
  if (handle === null) return { text: '', end: 0 };
  try {
    const { size } = await handle.stat();
    const bytes = await readBackwards(handle, from > size ? 0 : from, size, lines);
    const kept = bytes.toString('utf8').split('\n');
    if (kept.at(-1) === '') kept.pop();
    const text = kept
      .slice(-lines)
      .map((line) => `${line}\n`)
      .join('');
    return { text, end: size };
  } finally {
    await handle.close();
  }
}

/**
 * What is added to a log from now on, in pieces of text, until the signal aborts (which ends it quietly). A log that is turned over,
 * emptied or not there yet is followed all the same.
 */
export async function* follow(path: string, signal: AbortSignal): AsyncGenerator<string> {
  let position = (await followOrNull(path))?.size ?? 0;
  let inode = (await followOrNull(path))?.ino ?? null;
  let decoder = new TextDecoder();
  while (!signal.aborted) {
    const stats = await followOrNull(path);
    if (stats !== null && (stats.ino !== inode || stats.size < position)) {
      inode = stats.ino;
      position = 0;
      decoder = new TextDecoder();
    }
    if (stats !== null && stats.size > position) {
      const bytes = await readAt(path, position);
      position += bytes.length;
      const text = decoder.decode(bytes, { stream: true });
      if (text !== '') yield text;
      if (bytes.length === block) continue;
    }
    await pause(every, signal).catch(() => undefined);
  }
}

/** Makes a log ready for a start: its folder, nobody else may read it, and set aside as `<log>.1` when it has grown too long. Returns its bytes. */
export async function prepareLog(path: string): Promise<number> {
  await makeFolder(dirname(path));
  const stats = await statOrNull(path);
  if (stats === null || !stats.isFile()) return 0;
  if (stats.size > turnOverAt) {
    await rename(path, `${path}.1`);
    return 0;
  }
  if ((stats.mode & 0o077) !== 0) await setMode(path, privateFile);
  return stats.size;
}

async function readBackwards(handle: FileHandle, from: number, size: number, lines: number): Promise<Buffer> {
  const blocks: Buffer[] = [];
  let start = size;
  // One more than asked for, as the last line is usually ended by one.
  let missing = lines + 1;
  while (start > from && missing > 0 && size - start < longestTail) {
    const length = Math.min(block, start - from);
    start -= length;
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await handle.read(buffer, 0, length, start);
    const read = buffer.subarray(0, bytesRead);
    for (const byte of read) if (byte === 10) missing -= 1;
    blocks.unshift(read);
  }
  return Buffer.concat(blocks);
}

async function readAt(path: string, position: number): Promise<Buffer> {
  const handle = await openOrNull(path);
  if (handle === null) return Buffer.alloc(0);
  try {
    const buffer = Buffer.alloc(block);
    const { bytesRead } = await handle.read(buffer, 0, block, position);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function openOrNull(path: string): Promise<FileHandle | null> {
  return openFile(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
}
