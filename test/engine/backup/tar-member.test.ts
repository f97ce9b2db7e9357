import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Header, Pax } from 'tar';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  encodeHeader,
  endOfTar,
  headerLength,
  headerToCompare,
  writeHeader,
  type MemberFacts,
} from '../../../electron/engine/backup/tar-member.ts';
import { nameBytes, nameText } from '../../../electron/engine/platform/byte-names.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { program } from './samples.ts';

const plain: MemberFacts = { path: 'items/x/file', kind: 'file', bytes: 0, mode: 0o640, mtime: 1_600_000_000_999, uid: 1000, gid: 100 };

/** What `tar`, the package, reads out of the blocks. */
function readBack(blocks: Buffer): Pick<Header, 'path' | 'size' | 'mode' | 'uid' | 'gid' | 'mtime' | 'linkpath' | 'cksumValid'> {
  const first = new Header(blocks);
  if (first.type !== 'ExtendedHeader') return first;
  const pax = Pax.parse(blocks.toString('utf8', 512, 512 + (first.size ?? 0)), undefined, false);
  const header = new Header(blocks, blocks.length - 512, pax);
  // Its parser puts the link's target of a pax header in place later.
  if (pax.linkpath !== undefined) header.linkpath = pax.linkpath;
  return header;
}

describe('a tar header', () => {
  it.each<[string, Partial<MemberFacts>]>([
    ['a file', {}],
    ['a folder', { kind: 'folder', path: 'items/x' }],
    ['a link', { kind: 'link', target: '../y' }],
    ['a name of 100 bytes', { path: 'n'.repeat(100) }],
    ['a name of 101 bytes', { path: `${'d/'.repeat(40)}${'n'.repeat(21)}` }],
    ['a name beyond ASCII', { path: 'items/x/süß 🌱' }],
    ['a long target', { kind: 'link', target: 't'.repeat(101) }],
    ['a file of 9 GB', { bytes: 9_000_000_000 }],
    ['large ids', { uid: 4_000_000_000, gid: 3_000_000 }],
    ['a time before 1970', { mtime: -1500 }],
    ['a time after 2242', { mtime: 8e12 * 1000 }],
  ])('is read by others as it was meant: %s', (_what, changes) => {
    const facts = { ...plain, ...changes };
    const blocks = encodeHeader(facts);
    expect(headerLength(facts)).toBe(blocks.length);
    const read = readBack(blocks);
    expect(read.cksumValid).toBe(true);
    const name = facts.kind === 'folder' ? `${facts.path}/` : facts.path;
    expect({ path: read.path, size: read.size, mode: read.mode, uid: read.uid, gid: read.gid }).toEqual({
      path: name,
      size: facts.bytes,
      mode: facts.mode,
      uid: facts.uid,
      gid: facts.gid,
    });
    expect(read.mtime?.getTime()).toBe(Math.floor(facts.mtime / 1000) * 1000);
    if (facts.kind === 'link') expect(read.linkpath).toBe(facts.target);
  });

  it('is the same in its place as by itself', () => {
    const text = fc.oneof(fc.string({ minLength: 1, maxLength: 130, unit: 'binary-ascii' }), fc.string({ minLength: 1, unit: 'grapheme' }));
    const facts = fc.record<MemberFacts>({
      path: text.filter((path) => !path.includes('\0')),
      kind: fc.constantFrom('file', 'folder'),
      bytes: fc.oneof(fc.nat(), fc.integer({ min: 0, max: 2 ** 40 })),
      mode: fc.integer({ min: 0, max: 0o7777 }),
      mtime: fc.oneof(fc.double({ min: -1e12, max: 8e15, noNaN: true }), fc.integer({ min: 0, max: 4e12 })),
      uid: fc.oneof(fc.nat(70_000), fc.integer({ min: 0, max: 0xffff_ffff })),
      gid: fc.oneof(fc.nat(70_000), fc.integer({ min: 0, max: 0xffff_ffff })),
    });
    fc.assert(
      fc.property(facts, (one) => {
        const alone = encodeHeader(one);
        const room = Buffer.alloc(alone.length + 20, 0xaa);
        expect(writeHeader(one, room, 7)).toBe(7 + alone.length);
        expect(room.subarray(7, 7 + alone.length).equals(alone)).toBe(true);
        expect(room.subarray(7 + alone.length).every((byte) => byte === 0xaa)).toBe(true);
        expect(headerToCompare(one).equals(alone)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('tells GNU tar each name byte by byte', async () => {
    const folder = await temporaryFolder('header');
    const raw = Buffer.concat([Buffer.from('items/x/'), Buffer.from([0xff, 0xfe]), Buffer.from('z'.repeat(120))]);
    const names = ['items/x/a b', 'items/x/näme', `items/x/${'long'.repeat(40)}`, nameText(raw), nameText(Buffer.from([0x69, 0xe9]))];
    const tar = names.map((path) => encodeHeader({ ...plain, path }));
    await writeFile(join(folder, 'x.tar'), Buffer.concat([...tar, Buffer.alloc(endOfTar)]));
    const listed = await program('tar', '--quoting-style=escape', '-tf', join(folder, 'x.tar'));
    const escaped = names.map((path) =>
      nameBytes(path)
        .toString('latin1')
        .replaceAll(/[\x80-\xff]/g, (byte) => `\\${byte.charCodeAt(0).toString(8)}`),
    );
    expect(listed.replaceAll('ä', '\\303\\244').trimEnd().split('\n')).toEqual(escaped);
  });
});

describe('names', () => {
  it('go through text and back, whatever their bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => nameBytes(nameText(Buffer.from(bytes))).equals(bytes)));
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => nameText(Buffer.from(text)) === text));
  });

  it('go through JSON', () => {
    const text = nameText(Buffer.from([0x61, 0xff, 0xc3, 0xa4]));
    expect(JSON.parse(Buffer.from(JSON.stringify(text)).toString())).toBe(text);
  });
});
