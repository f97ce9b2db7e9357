import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkPages, pageBytes, pageChecksum } from '../../../electron/engine/datastore/postgres-checksums.ts';
import { parseControl } from '../../../electron/engine/datastore/postgres-control.ts';
import { parseLabel, parseSegment, segmentName, segmentsBetween } from '../../../electron/engine/datastore/postgres-wal.ts';
import { parsePosition, positionText } from '../../../electron/engine/platform/postgres.ts';
import { debian, embedded, lacksDebian, lacksEmbedded, makeCluster, runAsUser } from '../../support/postgres.ts';

const noDebian = await lacksDebian;
const noEmbedded = await lacksEmbedded;

describe('the control file', () => {
  test.skipIf(noDebian)('says what pg_controldata says', async () => {
    const cluster = await makeCluster(debian, { initdb: ['--data-checksums'] });
    const told = await runAsUser(debian, 'pg_controldata', [cluster.folder]);
    const value = (name: string) => new RegExp(`^${name}: +(.*)$`, 'm').exec(told)?.[1];
    const control = parseControl(await readFile(join(cluster.folder, 'global', 'pg_control')));
    expect(control).toEqual({
      systemIdentifier: value('Database system identifier'),
      controlVersion: Number(value('pg_control version number')),
      state: 'clean',
      checkpoint: parsePosition(value('Latest checkpoint location') ?? ''),
      redo: parsePosition(value("Latest checkpoint's REDO location") ?? ''),
      timeline: Number(value("Latest checkpoint's TimeLineID")),
      checksums: true,
    });
    await cluster.start();
    expect(parseControl(await readFile(join(cluster.folder, 'global', 'pg_control')))?.state).toBe('in-use');
  });

  test.skipIf(noEmbedded)('of PostgreSQL 18 tells whether pages carry checksums', async () => {
    const withThem = await makeCluster(embedded, { initdb: ['--data-checksums'] });
    const without = await makeCluster(embedded, { initdb: ['--no-data-checksums'] });
    const of = async (folder: string) => parseControl(await readFile(join(folder, 'global', 'pg_control')))?.checksums;
    expect([await of(withThem.folder), await of(without.folder)]).toEqual([true, false]);
  });

  test.skipIf(noDebian)('that is damaged or cut off is none', async () => {
    const cluster = await makeCluster(debian);
    const content = await readFile(join(cluster.folder, 'global', 'pg_control'));
    for (const at of [0, 17, 40, 100, 200]) {
      const damaged = Buffer.from(content);
      damaged[at] = (damaged[at] as number) ^ 1;
      expect(parseControl(damaged), `byte ${at}`).toBeNull();
    }
    expect(parseControl(content.subarray(0, 100))).toBeNull();
    expect(parseControl(Buffer.alloc(8192))).toBeNull();
  });
});

describe('page checksums', () => {
  test.skipIf(noDebian)('of every page of a real cluster are right, and a flipped bit is found where pg_checksums finds it', async () => {
    const cluster = await makeCluster(debian, { initdb: ['--data-checksums'] });
    await cluster.start();
    await cluster.query('CREATE TABLE t AS SELECT g AS id, repeat(md5(g::text), 9) AS body FROM generate_series(1, 3000) g');
    const [row] = await cluster.query("SELECT pg_relation_filepath('t') AS path");
    await cluster.stop();
    expect(await checkPages(cluster.folder)).toEqual([]);
    const path = row?.['path'] as string;
    const file = join(cluster.folder, path);
    const content = await readFile(file);
    content[5 * pageBytes + 4000] = (content[5 * pageBytes + 4000] as number) ^ 8;
    await writeFile(file, content);
    expect(await checkPages(cluster.folder)).toEqual([`${path}: page 5 is damaged: its checksum does not match`]);
    await expect(runAsUser(debian, 'pg_checksums', ['--check', '-D', cluster.folder])).rejects.toThrow(/block 5/);
    await writeFile(file, content.subarray(0, content.length - 100));
    expect(await checkPages(cluster.folder)).toContain(`${path}: it ends in the middle of a page`);
  });

  test('depend on every bit of the page and on its place', () => {
    const words = Uint32Array.from({ length: pageBytes / 4 }, (_, index) => index * 2_654_435_761);
    const plain = pageChecksum(words, 7);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: words.length - 1 }), fc.integer({ min: 0, max: 31 }), (index, bit) => {
        const changed = Uint32Array.from(words);
        changed[index] = (changed[index] as number) ^ (1 << bit);
        const isOwnChecksum = index === 2 && bit < 16;
        expect(pageChecksum(changed, 7) === plain).toBe(isOwnChecksum);
      }),
      { numRuns: 300 },
    );
    expect(pageChecksum(words, 8)).not.toBe(plain);
  });
});

describe('the log', () => {
  test('has segments whose names go there and back, in order', () => {
    const sizes = fc.constantFrom(1, 16, 64, 1024).map((mebibytes) => mebibytes * 1024 * 1024);
    fc.assert(
      fc.property(sizes, fc.bigInt(0n, 1n << 50n), fc.integer({ min: 1, max: 5000 }), (bytes, position, timeline) => {
        const number = position / BigInt(bytes);
        const name = segmentName({ timeline, number }, bytes);
        expect(parseSegment(name, bytes)).toEqual({ timeline, number });
        expect(segmentName({ timeline, number: number + 1n }, bytes) > name).toBe(true);
      }),
    );
    const mebibytes16 = 16 * 1024 * 1024;
    expect(segmentsBetween(parsePosition('0/FE000028'), parsePosition('1/100'), 1, mebibytes16)).toEqual([
      '0000000100000000000000FE',
      '0000000100000000000000FF',
      '000000010000000100000000',
    ]);
    for (const name of ['00000002.history', '0000000100000000000000FE.partial', 'archive_status', '0000000100000000000000fe'])
      expect(parseSegment(name, mebibytes16), name).toBeNull();
  });

  test('has positions that go there and back', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 64n) - 1n), (position) => {
        expect(parsePosition(positionText(position))).toBe(position);
      }),
    );
    for (const wrong of ['', '0', '0/', '0/123456789', 'G/1']) expect(() => parsePosition(wrong), wrong).toThrow(/not a position/);
  });

  test('is named by the label of a backup', () => {
    expect(
      parseLabel('START WAL LOCATION: 0/9000028 (file 000000030000000000000009)\nBACKUP METHOD: streamed\nSTART TIMELINE: 3\n'),
    ).toEqual({
      position: '0/9000028',
      timeline: 3,
    });
    expect(() => parseLabel('LABEL: moult\n')).toThrow(/names no position/);
  });
});
