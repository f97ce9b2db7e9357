/**
 * Reads every page of a cluster at rest and compares its checksum, as `pg_checksums --check` does, which not every product brings along.
 * The algorithm is that of PostgreSQL's `src/include/storage/checksum_impl.h`: 32 sums side by side in the manner of FNV-1a. Pages of 8 KiB,
 * which all builds have that people are given. Runs in the worker.
 */
import { join } from 'node:path';
import { list, namesIn, openFile } from '../platform/files.ts';

export const pageBytes = 8192;
/** Pages in one file of a relation: 1 GiB. */
const pagesInFile = 131_072;
const sums = 32;
const prime = 16_777_619;
/** The most problems that are told. */
const most = 20;

const offsets = Uint32Array.of(
  0x5b1f36e9,
  0xb8525960,
  0x02ab50aa,
  0x1de66d2a,
  0x79ff467a,
  0x9bb9f8a3,
  0x217e7cd2,
  0x83e13d2c,
  0xf8d4474f,
  0xe39eb970,
  0x42c6ae16,
  0x993216fa,
  0x7b093b5d,
  0x98daff3c,
  0xf718902a,
  0x0b1c9cdb,
  0xe58f764b,
  0x187636bc,
  0x5d7b3bb1,
  0xe73de7de,
  0x92bec979,
  0xcca6c0b2,
  0x304a0979,
  0x85aa43d4,
  0x783125bb,
  0x6ca8eaa2,
  0xe407eac6,
  0x4b5cfc3e,
  0x9fbf8c76,
  0x15ca20be,
  0xf2ca9fd3,
  0x959bd756,
);

/** The checksum that a page must carry at that place of its relation. The page's own, in bytes 8 and 9, counts as zero. */
export function pageChecksum(words: Uint32Array, block: number): number {
  const partial = Uint32Array.from(offsets);
  const add = (sum: number, value: number) => {
    const mixed = (partial[sum] as number) ^ value;
    partial[sum] = Math.imul(mixed, prime) ^ (mixed >>> 17);
  };
  for (let at = 0; at < words.length; at += sums) {
    for (let sum = 0; sum < sums; sum += 1) {
      const index = at + sum;
      const word = words[index] as number;
      // Word 2 is the checksum (its low half) and the flags.
      add(sum, index === 2 ? word & 0xffff0000 : word);
    }
  }
  for (let round = 0; round < 2; round += 1) for (let sum = 0; sum < sums; sum += 1) add(sum, 0);
  let result = 0;
  for (let sum = 0; sum < sums; sum += 1) result ^= partial[sum] as number;
  return (((result ^ block) >>> 0) % 65_535) + 1;
}

/** Problems in words; none when every page is as it was written. Only for a little-endian machine, as all are that Moult runs on. */
export async function checkPages(folder: string): Promise<string[]> {
  const problems: string[] = [];
  const buffer = new ArrayBuffer(pageBytes * 64);
  for (const file of await relationFiles(folder)) {
    problems.push(...(await checkFile(folder, file, buffer)));
    if (problems.length >= most) return [...problems.slice(0, most), 'and maybe more'];
  }
  return problems;
}

async function checkFile(folder: string, file: string, buffer: ArrayBuffer): Promise<string[]> {
  const handle = await openFile(join(folder, file), 'r');
  const first = Number(/\.(\d+)$/.exec(file)?.[1] ?? 0) * pagesInFile;
  const problems: string[] = [];
  try {
    for (let position = 0; problems.length < most;) {
      const { bytesRead } = await handle.read(new Uint8Array(buffer), 0, buffer.byteLength, position);
      for (let at = 0; at + pageBytes <= bytesRead; at += pageBytes) {
        const block = first + (position + at) / pageBytes;
        const words = new Uint32Array(buffer, at, pageBytes / 4);
        if (isBad(words, block)) problems.push(`${file}: page ${block} is damaged: its checksum does not match`);
      }
      if (bytesRead % pageBytes !== 0) problems.push(`${file}: it ends in the middle of a page`);
      if (bytesRead < buffer.byteLength) return problems;
      position += bytesRead;
    }
    return problems;
  } finally {
    await handle.close();
  }
}

/** A page that was added and never written is all zeros: its `pd_upper`, in bytes 14 and 15, is zero. */
function isBad(words: Uint32Array, block: number): boolean {
  if ((words[3] as number) >>> 16 === 0) return words.some((word) => word !== 0);
  return ((words[2] as number) & 0xffff) !== pageChecksum(words, block);
}

/** Files of tables and indexes, below the folder: their names are numbers, with a fork and a segment at most. */
async function relationFiles(folder: string): Promise<string[]> {
  const folders = ['global', ...(await namesIn(join(folder, 'base'))).map((name) => `base/${name}`)];
  for (const space of await namesIn(join(folder, 'pg_tblspc'))) {
    for (const version of await namesIn(join(folder, 'pg_tblspc', space))) {
      const inside = `pg_tblspc/${space}/${version}`;
      folders.push(...(await namesIn(join(folder, inside))).map((name) => `${inside}/${name}`));
    }
  }
  const files: string[] = [];
  for (const each of folders) {
    const entries = await list(join(folder, each)).catch(() => []);
    files.push(
      ...entries
        .filter((entry) => entry.isFile() && /^\d+(?:_(?:fsm|vm|init))?(?:\.\d+)?$/.test(entry.name))
        .map((entry) => `${each}/${entry.name}`),
    );
  }
  return files;
}
