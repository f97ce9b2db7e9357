import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Descriptor } from '../../../electron/engine/product/schema.ts';
import { makerOf, readOwnBackup } from '../../../electron/engine/workflow/own-backup.ts';
import { tarball, type Member } from '../../support/tarballs.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const manifest = { manifest_version: 1, leoflow_version: '0.0.1-prealpha.18', schema_version: 18, created_at: '2026-06-01T00:00:00Z' };
const dump = [
  'CREATE TABLE public.schema_migrations (version bigint, dirty boolean);',
  `COPY public.notes (text) FROM stdin;`,
  'x'.repeat(300_000),
  '\\.',
  'COPY public.schema_migrations (dirty, version) FROM stdin;',
  'f\t15',
  '\\.',
  '',
].join('\n');
const whole: Member[] = [
  { path: 'MANIFEST.json', content: JSON.stringify(manifest) },
  { path: 'config.yaml', content: 'a: 1\n' },
  { path: 'datastore.sql', content: dump },
  { path: 'workspace/dag.py', content: 'x' },
];
const descriptor = {
  title: 'Leoflow Lite',
  ledger: { driver: 'golang-migrate', table: 'schema_migrations' },
  ownBackup: {
    driver: 'tarball',
    manifest: { member: 'MANIFEST.json', format: '/manifest_version', known: 1, release: '/leoflow_version', created: '/created_at' },
    parts: [
      { member: 'config.yaml', item: 'config' },
      { member: 'setup.json', item: 'setup-notes' },
      { member: 'workspace', item: 'workspace' },
    ],
    dump: { member: 'datastore.sql', datastore: 'datastore' },
  },
} as unknown as Descriptor;

describe("a product's own backup", () => {
  test('is read for what it holds; its schema is that of its dump and not what it says', async () => {
    expect(await read(archive(whole))).toMatchObject({
      release: '0.0.1-prealpha.18',
      created: '2026-06-01T00:00:00Z',
      schema: '15',
      parts: [{ item: 'config' }, { item: 'workspace' }],
      dump: { datastore: 'datastore' },
    });
  });

  test('of a ledger that stands nowhere in the dump has no known schema', async () => {
    const members = whole.map((member) => (member.path === 'datastore.sql' ? { ...member, content: 'SELECT 1;\n' } : member));
    expect(await read(archive(members))).toMatchObject({ schema: null });
  });

  test.each<[string, Member[], string, RegExp]>([
    [
      'of a newer format',
      [{ path: 'MANIFEST.json', content: '{"manifest_version":2}' }, ...whole.slice(1)],
      'newer-format',
      /format 2, .* up to 1/,
    ],
    ['without its dump', whole.filter((member) => member.path !== 'datastore.sql'), 'bad-backup', /has no datastore\.sql/],
    ['whose manifest is not JSON', [{ path: 'MANIFEST.json', content: '{' }, ...whole.slice(1)], 'bad-backup', /not JSON/],
  ])('%s is refused', async (_, members, code, says) => {
    await expect(read(archive(members))).rejects.toMatchObject({ code, message: expect.stringMatching(says) as string });
  });

  test('that was cut off is refused, although its product reported it as written', async () => {
    const bytes = archive(whole);
    await expect(read(bytes.subarray(0, bytes.length - 40))).rejects.toMatchObject({ code: 'bad-backup' });
  });

  test('is told from any other file', async () => {
    expect(await read(Buffer.from('hello'))).toBeNull();
    expect(await read(archive(whole.slice(1)))).toBeNull();
    expect(await readOwnBackup(descriptor, '/nowhere')).toBeNull();
    const { ownBackup: _, ...without } = descriptor;
    expect(await readOwnBackup(without as Descriptor, '/nowhere')).toBeNull();
  });

  test('is known to be of its product by its manifest, by the number of the format alone only where no other could have made it', async () => {
    const { ownBackup: _, ...silent } = descriptor;
    const other = {
      ...descriptor,
      ownBackup: { ...descriptor.ownBackup, manifest: { ...descriptor.ownBackup?.manifest, release: '/other' } },
    };
    const makerIn = async (descriptors: unknown[], content: unknown) =>
      makerOf(descriptors as Descriptor[], await written(archive([{ path: 'MANIFEST.json', content: JSON.stringify(content) }])));
    expect(await makerIn([silent, other, descriptor], manifest)).toBe(descriptor);
    expect(await makerIn([silent, descriptor], { manifest_version: 1 })).toBe(descriptor);
    expect(await makerIn([other, descriptor], { manifest_version: 1 })).toBeNull();
    expect(await makerIn([descriptor], { manifest_version: 'one' })).toBeNull();
    expect(await makerIn([descriptor], 'text')).toBeNull();
    expect(await makerOf([descriptor], '/nowhere')).toBeNull();
    expect(await makerOf([descriptor], await written(Buffer.from('hello')))).toBeNull();
  });
});

function archive(members: readonly Member[]): Buffer {
  return gzipSync(tarball(...members));
}

async function read(bytes: Buffer) {
  return readOwnBackup(descriptor, await written(bytes));
}

async function written(bytes: Buffer): Promise<string> {
  const path = join(await temporaryFolder('own-backup'), 'b.tar.gz');
  await writeFile(path, bytes);
  return path;
}
