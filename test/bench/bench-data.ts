/** The data of the benchmark: the same bytes each time, in the proportions of a real install. */
import { createHash } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import Database from 'better-sqlite3';

const mebibyte = 1024 * 1024;

/**
 * Fills a folder with `bytes` of data: 40 % small text files (Markdown and JSON, 1 to 40 KB), 30 % large binary files (half of them
 * records of numbers, half already compressed, as pictures are), 30 % a SQLite database. Answers the number of files.
 */
export async function makeBenchData(folder: string, bytes: number): Promise<number> {
  const random = seeded(1);
  const texts = await makeTexts(join(folder, 'notes'), bytes * 0.4, random);
  const binaries = await makeBinaries(join(folder, 'media'), bytes * 0.3, random);
  await makeDatabase(join(folder, 'data'), bytes * 0.3, random);
  return texts + binaries + 1;
}

/** Fills a folder with small files of 0.2 to 4 KB, 500 in a folder. Answers their bytes. */
export async function makeSmallFiles(folder: string, files: number): Promise<number> {
  const random = seeded(2);
  let bytes = 0;
  for (let file = 0; file < files; file += 1) {
    const inside = join(folder, String(Math.floor(file / 500)).padStart(4, '0'));
    if (file % 500 === 0) await mkdir(inside, { recursive: true });
    const content = sentence(random, 40 + Math.floor(random() ** 3 * 700));
    await writeFile(join(inside, `entry-${file}.txt`), content);
    bytes += content.length;
  }
  return bytes;
}

async function makeTexts(folder: string, bytes: number, random: () => number): Promise<number> {
  let files = 0;
  for (let done = 0; done < bytes; files += 1) {
    const inside = join(folder, String(Math.floor(files / 200)).padStart(4, '0'));
    if (files % 200 === 0) await mkdir(inside, { recursive: true });
    const content = files % 3 === 0 ? jsonText(random) : markdown(random);
    await writeFile(join(inside, `note-${files}${files % 3 === 0 ? '.json' : '.md'}`), content);
    done += content.length;
  }
  return files;
}

function markdown(random: () => number): string {
  const lines = [`# ${sentence(random, 5)}`, ''];
  const wanted = 1000 + Math.floor(random() ** 3 * 39_000);
  for (let length = 0; length < wanted;) {
    const line = sentence(random, 8 + Math.floor(random() * 30));
    lines.push(line, '');
    length += line.length + 2;
  }
  return lines.join('\n');
}

function jsonText(random: () => number): string {
  const rows = Array.from({ length: 10 + Math.floor(random() ** 3 * 250) }, (_, id) => ({
    id,
    name: sentence(random, 2),
    at: new Date(1.7e12 + Math.floor(random() * 1e10)).toISOString(),
    score: random(),
    tags: [word(random), word(random)],
  }));
  return JSON.stringify(rows, null, 1);
}

async function makeBinaries(folder: string, bytes: number, random: () => number): Promise<number> {
  await mkdir(folder, { recursive: true });
  const each = 24 * mebibyte;
  let files = 0;
  for (let done = 0; done < bytes; done += each, files += 1) {
    const length = Math.min(each, bytes - done);
    const file = await open(join(folder, `media-${files}.bin`), 'w');
    for (let at = 0; at < length; at += mebibyte) {
      const piece = files % 2 === 0 ? numbers(random) : noise(`${files}-${at}`);
      await file.write(piece.subarray(0, Math.min(mebibyte, length - at)));
    }
    await file.close();
  }
  return files;
}

/** Readings of a slow sensor as 64-bit floats with few digits, beside a counter. */
function numbers(random: () => number): Buffer {
  const piece = Buffer.alloc(mebibyte);
  let level = random() * 100;
  for (let at = 0; at < piece.length; at += 16) {
    level += random() - 0.5;
    piece.writeUInt32LE(at >>> 4, at);
    piece.writeDoubleLE(Math.round(level * 100) / 100, at + 8);
  }
  return piece;
}

/** What does not compress any more. */
function noise(seed: string): Buffer {
  const pieces: Buffer[] = [];
  let block = createHash('sha512').update(seed).digest();
  for (let length = 0; length < mebibyte; length += block.length) {
    block = createHash('sha512').update(block).digest();
    pieces.push(block);
  }
  return Buffer.concat(pieces);
}

async function makeDatabase(folder: string, bytes: number, random: () => number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const database = new Database(join(folder, 'store.db'));
  database.pragma('journal_mode = OFF');
  database.pragma('synchronous = OFF');
  database.exec(
    'CREATE TABLE rows (id INTEGER PRIMARY KEY, name TEXT, at TEXT, body TEXT, extra BLOB); CREATE INDEX by_name ON rows (name)',
  );
  const insert = database.prepare('INSERT INTO rows (name, at, body, extra) VALUES (?, ?, ?, ?)');
  const fill = database.transaction(() => {
    for (let row = 0; row < 5000; row += 1) {
      const body = sentence(random, 40);
      insert.run(
        sentence(random, 3),
        new Date(1.7e12 + Math.floor(random() * 1e10)).toISOString(),
        body,
        row % 20 === 0 ? gzipSync(body) : null,
      );
    }
  });
  const size = () => Number(database.pragma('page_count', { simple: true })) * Number(database.pragma('page_size', { simple: true }));
  while (size() < bytes) fill();
  database.close();
}

function sentence(random: () => number, words: number): string {
  return Array.from({ length: words }, () => word(random)).join(' ');
}

/** Words as often as languages have them: few are common, most are rare. */
function word(random: () => number): string {
  const rank = Math.floor(random() ** 4 * 20_000);
  return dictionary[rank] ?? 'word';
}

const dictionary = Array.from({ length: 20_000 }, (_, rank) => {
  const digest = createHash('sha256').update(String(rank)).digest();
  return Array.from(digest.subarray(0, 2 + (rank % 9)), (byte) => 'etaoinshrdlucmfwypvbgkqjxz'[Math.floor((byte / 256) ** 2 * 26)]).join(
    '',
  );
});

/** Mulberry32: small, fast, and the same everywhere. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
