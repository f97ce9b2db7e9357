/** Looks into a release's archive without unpacking it, with the reader that unpacking uses, so that a plan shows what the release brings. */
import { decompressed } from '../platform/decompress.ts';
import { startDigest } from '../platform/digest.ts';
import { readTar, type TarMember } from './tar-reader.ts';

/** Files longer than this are not configuration rules, in bytes. */
const longest = 4 * 1024 * 1024;

/** The text of one file of an archive, its path without the `strip` folders at the top; null where it is not in it. */
export async function readArchiveFile(archive: string, path: string, strip: number): Promise<string | null> {
  for await (const member of filesOf(archive)) {
    if (stripped(member.name, strip) !== path || member.size > longest) continue;
    const chunks: Buffer[] = [];
    for await (const chunk of member.body) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  }
  return null;
}

export interface ArchiveFile {
  /** Without the `strip` folders at the top. */
  path: string;
  bytes: number;
  sha256: string;
}

/** Every file of an archive with its size and hash. */
export async function listArchive(archive: string, strip: number): Promise<ArchiveFile[]> {
  const files: ArchiveFile[] = [];
  for await (const member of filesOf(archive)) {
    const digest = startDigest('sha256');
    for await (const chunk of member.body) digest.update(chunk);
    files.push({ path: stripped(member.name, strip), bytes: member.size, sha256: digest.digest('hex') });
  }
  return files;
}

async function* filesOf(archive: string): AsyncGenerator<TarMember> {
  for await (const member of readTar(decompressed(archive))) if (member.type === 'file') yield member;
}

function stripped(path: string, strip: number): string {
  return path.replace(/^\.\//, '').split('/').slice(strip).join('/');
}

/** The most of one line that is looked at, in bytes: a row of data may be longer than memory is large. */
const longestLine = 64 * 1024;

/** Hands the lines of one file of an archive to `onLine`, until that says that it has seen enough. False where the file is not in it. */
export async function readArchiveLines(archive: string, path: string, strip: number, onLine: (line: string) => boolean): Promise<boolean> {
  for await (const member of filesOf(archive)) {
    if (stripped(member.name, strip) !== path) continue;
    let rest = Buffer.alloc(0);
    for await (const chunk of member.body) {
      rest = rest.length > longestLine ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
        const line = rest.subarray(0, Math.min(end, longestLine)).toString('utf8');
        rest = rest.subarray(end + 1);
        if (onLine(line)) return true;
      }
    }
    if (rest.length > 0) onLine(rest.subarray(0, longestLine).toString('utf8'));
    return true;
  }
  return false;
}

/** The name of every file in an archive and its bytes, read to the end: an archive that was cut off is refused. */
export async function namesInArchive(archive: string): Promise<Map<string, number>> {
  const names = new Map<string, number>();
  for await (const member of filesOf(archive)) names.set(stripped(member.name, 0), member.size);
  return names;
}
