/** Tarballs with the same bytes each time: sorted entries, one time, no owner, fixed modes, and nothing of the machine in the gzip header. */
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';

export interface ArchiveEntry {
  path: string;
  type: 'File' | 'Directory' | 'SymbolicLink';
  content?: Buffer;
  mode?: number;
  linkpath?: string;
}

/** A block of a tar file, in bytes. */
const block = 512;
/** Where the gzip header names the operating system (RFC 1952 section 2.3); 255 is "unknown". */
const gzipSystem = 9;

/** A gzipped ustar archive of the entries, in the order given. Paths longer than ustar's 100 bytes are refused: no release needs them. */
export function makeArchive(entries: readonly ArchiveEntry[], time: Date): Buffer {
  const blocks = entries.flatMap((entry) => [headerOf(entry, time), padded(entry.content ?? Buffer.alloc(0))]);
  const packed = gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * block)]), { level: 9 });
  packed[gzipSystem] = 255;
  return packed;
}

function headerOf(entry: ArchiveEntry, time: Date): Buffer {
  if (Buffer.byteLength(entry.path) > 100) throw new Error(`the path is too long for an archive: ${entry.path}`);
  const header = new Header({
    path: entry.path,
    type: entry.type,
    mode: entry.mode ?? (entry.type === 'Directory' ? 0o755 : 0o644),
    size: entry.content?.length ?? 0,
    uid: 0,
    gid: 0,
    uname: '',
    gname: '',
    mtime: time,
    ...(entry.linkpath !== undefined && { linkpath: entry.linkpath }),
  });
  const buffer = Buffer.alloc(block);
  header.encode(buffer);
  return buffer;
}

function padded(content: Buffer): Buffer {
  const rest = content.length % block;
  return rest === 0 ? content : Buffer.concat([content, Buffer.alloc(block - rest)]);
}
