/** Looks into a release's archive without unpacking it, so that a plan can show what the release brings. */
import { list } from 'tar';
import { startDigest } from '../platform/digest.ts';

/** Files longer than this are not configuration rules, in bytes. */
const longest = 4 * 1024 * 1024;

/** The text of one file of an archive, its path without the `strip` folders at the top; null where it is not in it. */
export async function readArchiveFile(archive: string, path: string, strip: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let found = false;
  await list({
    file: archive,
    strict: true,
    onReadEntry: (entry) => {
      if (found || entry.type !== 'File' || entry.size > longest || stripped(entry.path, strip) !== path) {
        entry.resume();
        return;
      }
      found = true;
      entry.on('data', (chunk: Buffer) => chunks.push(chunk));
    },
  });
  return found ? Buffer.concat(chunks).toString('utf8') : null;
}

/** Paths and sizes of all files of an archive, without the `strip` folders at the top. */
export async function listArchive(archive: string, strip: number): Promise<{ path: string; bytes: number }[]> {
  const files: { path: string; bytes: number }[] = [];
  await list({
    file: archive,
    strict: true,
    onReadEntry: (entry) => {
      if (entry.type === 'File') files.push({ path: stripped(entry.path, strip), bytes: entry.size });
      entry.resume();
    },
  });
  return files;
}

function stripped(path: string, strip: number): string {
  return path.replace(/^\.\//, '').split('/').slice(strip).join('/');
}

/** SHA-256 of every file of an archive, by path without the `strip` folders at the top. */
export async function hashArchive(archive: string, strip: number): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  await list({
    file: archive,
    strict: true,
    onReadEntry: (entry) => {
      if (entry.type !== 'File') {
        entry.resume();
        return;
      }
      const digest = startDigest('sha256');
      entry.on('data', (chunk: Buffer) => digest.update(chunk));
      entry.on('end', () => hashes.set(stripped(entry.path, strip), digest.digest('hex')));
    },
  });
  return hashes;
}
