/** Everything that Moult reads and did not write itself, or wrote on a disk that may be bad: damaged by the thousand. */
import { readFileSync, readdirSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, test } from 'vitest';
import { readRecord } from '../../electron/engine/install/record.ts';
import { readJournal } from '../../electron/engine/journal/journal.ts';
import { parseDescriptor } from '../../electron/engine/product/load.ts';
import { readFolderFeed } from '../../electron/engine/release/folder-feed.ts';
import { readManifest, listMembers } from '../../electron/engine/backup/read-backup.ts';
import { unpackArchive } from '../../electron/engine/slot/archive.ts';
import { readTrashIndex } from '../../electron/engine/workflow/trash.ts';
import { descriptorOf } from '../crash/support/stub-world.ts';
import { forge } from '../engine/backup/forge.ts';
import { hostileArchives } from '../support/hostile-archives.ts';
import { tarball, paxHeader, longName } from '../support/tarballs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { fuzz, inputsOf } from './fuzz.ts';

const long = { timeout: 5 * 3600_000 };
const json = [
  'null',
  '[]',
  '{}',
  '"',
  '\\u0000',
  '\\ud800',
  '..',
  '../../etc/passwd',
  '/',
  'true',
  '__proto__',
  'constructor',
  '1e999',
  '"format":2',
  ',',
  ':',
  ']}',
  '\u0000',
  'ü',
];

describe('readers of text', () => {
  test('a descriptor', long, async () => {
    const products = fileURLToPath(new URL('../../resources/products/', import.meta.url));
    // A short one mostly: a damage hits something that means something, and a hundred thousand are read in minutes.
    const short = Buffer.from(descriptorOf('/feed', 1234));
    const bundled = readdirSync(products).filter((name) => name.endsWith('.yaml'));
    const good = bundled.flatMap((name) => [...Array.from({ length: 7 }, () => short), readFileSync(join(products, name))]);
    const words = [
      '&a',
      '*a',
      '<<',
      '!!js/function',
      '!!binary',
      '---',
      '...',
      '|',
      '>',
      '? ',
      '{',
      '}',
      '[',
      ']',
      ': ',
      '\n',
      '\t',
      '{home}',
      '{slot}',
      '..',
      '~',
      '/',
      'null',
      '(a+)+$',
      '((((',
      '**/**/**',
      'format',
      'items',
      ...json,
    ];
    await fuzz({
      name: 'descriptor',
      inputs: inputsOf(8000, 300),
      good,
      words,
      codes: ['bad-descriptor', 'newer-format'],
      read: (input) => parseDescriptor(input.toString(), '/products/x.yaml'),
    });
  });

  test('a feed', long, async () => {
    const folder = await temporaryFolder('fuzz-feed');
    const release = {
      version: '1.0.0',
      file: 'a.tar.gz',
      bytes: 10,
      sha256: 'ab'.repeat(32),
      schema: '1',
      published: '2026-01-01T00:00:00Z',
      notes: 'n',
      breaking: ['b'],
      tags: ['latest'],
      needs: '>=0.9',
      engines: { node: '>=20' },
    };
    const good = [
      Buffer.from(
        JSON.stringify({
          format: 1,
          product: 'stub',
          releases: [release, { ...release, version: '1.1.0-rc.1', file: undefined, url: 'https://a.example/b' }],
        }),
      ),
    ];
    await fuzz({
      name: 'feed',
      inputs: inputsOf(40_000, 1500),
      good,
      words: [...json, 'file', 'url', 'http://', 'file:///', '>=1 <1', '1.0', 'v1.0.0', '999999999999999999.0.0'],
      codes: ['bad-feed', 'newer-format', 'feed-unreachable'],
      read: async (input) => {
        writeFileSync(join(folder, 'releases.json'), input);
        return readFolderFeed({ driver: 'folder', path: folder }, { product: 'stub', fill: (text: string) => text });
      },
    });
  });

  test('a journal', long, async () => {
    const at = '2026-01-01T00:00:00.000Z';
    const lines = [
      {
        type: 'begin',
        format: 1,
        at,
        operation: 'abc',
        action: 'upgrade',
        install: 'stub',
        home: '/h',
        data: { before: null, product: 'stub', data: { hops: [] } },
      },
      { type: 'step', id: 'fetch', state: 'run', at },
      { type: 'remember', data: { moves: [{ from: '/a', to: '/b', away: true }] }, at },
      { type: 'step', id: 'fetch', state: 'done', at },
      { type: 'commit', at },
      { type: 'end', endState: 'done', at },
    ];
    const good = [Buffer.from(`${lines.map((line) => JSON.stringify(line)).join('\n')}\n`)];
    await fuzz({
      name: 'journal',
      inputs: inputsOf(40_000, 2000),
      good,
      words: [...json, '\n', 'undo', 'undone', 'begin', 'step', 'commit'],
      codes: ['interrupted', 'newer-format'],
      read: (input) => readJournal(input.toString(), '/j.jsonl'),
    });
  });

  test('an install record and a trash index', long, async () => {
    const home = await temporaryFolder('fuzz-home');
    mkdirSync(join(home, '.moult', 'trash', 'op'), { recursive: true });
    const record = {
      format: 1,
      id: 'i',
      name: 'stub',
      product: 'stub',
      state: 'active',
      release: '1.0.0',
      slot: '.moult/slots/1.0.0',
      adopted: false,
      channel: 'stable',
      port: 1,
      createdAt: 'x',
      previous: { release: '0.9.0', slot: 's', backup: 'b', operation: 'o', at: 'x' },
    };
    const index = {
      format: 1,
      operation: 'op',
      action: 'purge',
      at: 'x',
      expires: 'y',
      record,
      wasRunning: true,
      moves: [{ from: '/a', to: '/b', away: true }],
      clearsAll: true,
      folders: [{ path: '/a', mode: 493 }],
    };
    await fuzz({
      name: 'record',
      inputs: inputsOf(40_000, 1000),
      good: [Buffer.from(JSON.stringify(record, null, 2))],
      words: json,
      codes: ['bad-config', 'newer-format'],
      read: async (input) => {
        writeFileSync(join(home, '.moult', 'install.json'), input);
        return readRecord(home);
      },
    });
    await fuzz({
      name: 'trash index',
      inputs: inputsOf(40_000, 1000),
      good: [Buffer.from(JSON.stringify(index, null, 2))],
      words: json,
      codes: ['newer-format'],
      read: async (input) => {
        writeFileSync(join(home, '.moult', 'trash', 'op', 'trash.json'), input);
        const read = await readTrashIndex(home, 'op');
        // What passes for an index is walked through by the sweep and by undo.
        for (const move of read?.moves ?? [])
          if (typeof move.from !== 'string' || typeof move.to !== 'string' || !move.to.startsWith('/'))
            throw new Error(`a move without its places: ${JSON.stringify(move)}`);
        return read;
      },
    });
  });
});

describe('readers of archives', () => {
  test('the archive of a release', long, async () => {
    const folder = await temporaryFolder('fuzz-archive');
    const plain = tarball(
      { path: 'a/', type: 'Directory' },
      { path: 'a/b.txt', content: 'b'.repeat(700) },
      paxHeader({ path: 'a/long', mtime: '1.5' }),
      { path: 'x', content: 'pax' },
      longName('a/gnu'),
      { path: 'y', content: 'gnu' },
      { path: 'a/link', type: 'SymbolicLink', linkpath: 'b.txt' },
      { path: 'a/hard', type: 'Link', linkpath: 'a/b.txt' },
    );
    const small = hostileArchives.map((each) => each.build()).filter((bytes) => bytes.length < 50_000);
    const outside = join(folder, 'outside.txt');
    writeFileSync(outside, 'mine');
    await fuzz({
      name: 'archive',
      inputs: inputsOf(8000, 300),
      good: [...small.flatMap((hostile) => [plain, gzipSync(plain), hostile, plain, zstdCompressSync(plain)])],
      words: [
        '../',
        '/etc/passwd',
        'ustar\u0000',
        'ustar  ',
        '\u0000'.repeat(512),
        '00000000000',
        '77777777777',
        'x',
        'L',
        '2',
        '1',
        '30 path=../../outside.txt\n',
        '\u001f\u008b',
        '(\u00b5/\u00fd',
      ],
      codes: ['bad-archive', 'no-space'],
      read: async (input) => {
        const archive = join(folder, 'archive');
        const into = join(folder, 'into');
        writeFileSync(archive, input);
        rmSync(into, { recursive: true, force: true });
        mkdirSync(into);
        const ended = await unpackArchive(archive, { into, strip: 0, free: 1 << 30 }).then(
          () => null,
          (error: unknown) => error,
        );
        const names = readdirSync(folder).sort().join(' ');
        if (names !== 'archive into outside.txt' || readFileSync(outside, 'utf8') !== 'mine')
          throw new Error(`something was written outside: ${names}`);
        if (ended !== null) throw ended;
      },
    });
  });

  test('a backup', long, async () => {
    const folder = await temporaryFolder('fuzz-backup');
    const good: Buffer[] = [];
    for (const container of ['zstd', 'gzip'] as const) {
      const path = join(folder, container);
      await forge(path, { container });
      good.push(readFileSync(path));
    }
    const path = join(folder, 'damaged');
    const read = async (input: Buffer): Promise<void> => {
      writeFileSync(path, input);
      await readManifest(path);
      for await (const member of listMembers(path)) if (member.path.includes('..')) throw new Error(member.path);
    };
    await fuzz({
      name: 'backup',
      inputs: inputsOf(10_000, 400),
      good,
      words: ['\u001f\u008b', '(\u00b5/\u00fd', 'ustar', '\u0000'.repeat(64), '\u00ff'.repeat(16)],
      codes: ['bad-backup', 'bad-archive', 'newer-format'],
      read,
    });
  });

  test('the manifest in a backup whose checksums are right', long, async () => {
    const path = join(await temporaryFolder('fuzz-manifest'), 'forged');
    let text = '';
    await forge(path, { manifest: (manifest) => ((text = JSON.stringify(manifest)), manifest) });
    await fuzz({
      name: 'manifest',
      inputs: inputsOf(8000, 200),
      good: [Buffer.from(text)],
      words: [...json, 'items', 'places', 'relativeToHome', 'lines', 'offset'],
      codes: ['bad-backup', 'bad-archive', 'newer-format'],
      read: async (input) => {
        const damaged = parsedOrText(input);
        await forge(path, { manifest: () => damaged });
        await readManifest(path);
        for await (const member of listMembers(path)) if (member.path.includes('..')) throw new Error(member.path);
      },
    });
  });
});

/** What is no JSON any more goes in as a text: the forger makes JSON of what it is given. */
function parsedOrText(input: Buffer): unknown {
  try {
    return JSON.parse(input.toString()) as unknown;
  } catch {
    return input.toString();
  }
}
