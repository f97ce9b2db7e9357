import { gzipSync, zstdCompressSync } from 'node:zlib';
import { endMark, flipped, longName, noise, paxHeader, paxRecord, tarball, type Member } from './tarballs.ts';

export interface HostileArchive {
  name: string;
  /** What the refusal must say. */
  says: RegExp;
  build: () => Buffer;
}

const good: Member = { path: 'a/good.txt', content: 'good' };
const withPath = (path: string, says: RegExp, name: string = path): HostileArchive => ({
  name,
  says,
  build: () => tarball(good, paxHeader({ path }), { path: 'short', content: 'evil' }),
});
const withLink = (path: string, linkpath: string, says: RegExp): HostileArchive => ({
  name: `link ${path} -> ${linkpath}`,
  says,
  build: () => tarball(good, { path, type: 'SymbolicLink', linkpath }),
});
const withType = (type: NonNullable<Member['type']>, says: RegExp): HostileArchive => ({
  name: type,
  says,
  build: () => tarball(good, { path: 'a/thing', type }),
});
const nearlyWhole = () => gzipSync(tarball(good, { path: 'a/noise', content: noise(300_000) }));

/** Every archive that must be refused, and what the refusal says. All of them would be unpacked without stripping. */
export const hostileArchives: HostileArchive[] = [
  withPath('../evil', /climbs out/),
  withPath('a/../../evil', /climbs out/),
  withPath('a/..', /climbs out/),
  withPath('/tmp/evil', /absolute/),
  withPath('C:/evil', /drive letter/),
  withPath('a/c:evil', /drive letter/),
  withPath('a\\..\\..\\evil', /backslash/),
  withPath('\\\\server\\share', /backslash/),
  withPath('a/evil\0.txt', /NUL/, 'NUL in a pax path'),
  withPath('a/evil\u001b[2J', /control characters/, 'escape sequence'),
  withPath('a/two\nlines', /control characters/, 'newline'),
  withPath('.', /place of the root/),
  withPath(`a/${'n'.repeat(256)}`, /longer than 255 bytes/, 'name too long'),
  withPath(`a/${'ü'.repeat(128)}`, /longer than 255 bytes/, 'name too long in bytes'),
  withPath(`${'d/'.repeat(2100)}x`, /longer than 4095 bytes/, 'path too long'),
  withLink('a/link', '/etc/passwd', /absolute path/),
  withLink('a/link', '../../evil', /leads out/),
  withLink('link', '..', /leads out/),
  withLink('a/link', 'b/../../../evil', /down and up/),
  withLink('a/link', 'C:\\Windows', /backslash/),
  withLink('a/link', 'C:/Windows', /drive letter/),
  {
    name: 'links that lead out only together',
    says: /down and up/,
    build: () =>
      tarball(
        good,
        { path: 'a/b/up', type: 'SymbolicLink', linkpath: '../..' },
        { path: 'out', type: 'SymbolicLink', linkpath: 'a/b/up/..' },
      ),
  },
  {
    name: 'file through an earlier link',
    says: /leads through the link/,
    build: () => tarball(good, { path: 'a/link', type: 'SymbolicLink', linkpath: '.' }, { path: 'a/link/evil', content: 'evil' }),
  },
  {
    name: 'file in the place of a link',
    says: /there twice/,
    build: () => tarball(good, { path: 'a/link', type: 'SymbolicLink', linkpath: 'good.txt' }, { path: 'a/link', content: 'evil' }),
  },
  {
    name: 'link in the place of a folder',
    says: /there twice/,
    build: () => tarball(good, { path: 'a', type: 'SymbolicLink', linkpath: 'b' }),
  },
  { name: 'file below a file', says: /which is a file/, build: () => tarball(good, { path: 'a/good.txt/evil', content: 'evil' }) },
  { name: 'hard link out', says: /climbs out/, build: () => tarball(good, { path: 'a/hard', type: 'Link', linkpath: '../evil' }) },
  {
    name: 'hard link to an absolute path',
    says: /absolute/,
    build: () => tarball(good, { path: 'a/hard', type: 'Link', linkpath: '/etc/passwd' }),
  },
  {
    name: 'hard link to nothing',
    says: /no earlier file/,
    build: () => tarball(good, { path: 'a/hard', type: 'Link', linkpath: 'a/missing' }),
  },
  {
    name: 'hard link to a link',
    says: /no earlier file/,
    build: () =>
      tarball(good, { path: 'a/link', type: 'SymbolicLink', linkpath: 'good.txt' }, { path: 'a/hard', type: 'Link', linkpath: 'a/link' }),
  },
  {
    name: 'hard link through a link',
    says: /no earlier file/,
    build: () =>
      tarball(good, { path: 'b', type: 'SymbolicLink', linkpath: 'a' }, { path: 'a/hard', type: 'Link', linkpath: 'b/good.txt' }),
  },
  { name: 'link to nowhere', says: /damaged|nowhere/, build: () => tarball(good, { path: 'a/link', type: 'SymbolicLink', linkpath: '' }) },
  withType('CharacterDevice', /character device/),
  withType('BlockDevice', /block device/),
  withType('FIFO', /named pipe/),
  withType('SparseFile', /sparse file/),
  withType('GNUDumpDir', /of the kind/),
  { name: 'unknown type', says: /of the kind/, build: () => tarball(good, { path: 'a/odd', poke: (header) => header.write('Q', 156) }) },
  {
    name: 'sparse bomb in pax',
    says: /sparse file/,
    build: () =>
      tarball(good, paxHeader({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '1099511627776' }), {
        path: 'a/sparse',
        content: 'x',
      }),
  },
  { name: 'huge size', says: /more than|larger than/, build: () => tarball(good, { path: 'a/huge', size: 8 * 1024 ** 4 }) },
  {
    name: 'huge size in pax',
    says: /larger than/,
    build: () => tarball(good, paxHeader({ size: String(2 ** 52) }), { path: 'a/huge', size: 0 }),
  },
  {
    name: 'size beyond all numbers',
    says: /no number of bytes/,
    build: () => tarball(good, paxHeader({ size: '99999999999999999999' }), { path: 'a/huge' }),
  },
  {
    name: 'negative size',
    says: /no number of bytes/,
    build: () => tarball(good, { path: 'a/minus', poke: (header) => header.fill(0xff, 124, 136) }),
  },
  {
    name: 'size too large for what follows',
    says: /truncated/,
    build: () => tarball(good, { path: 'a/liar', content: 'short', size: 50_000 }),
  },
  {
    name: 'size too small for what follows',
    says: /damaged/,
    build: () => tarball(good, { path: 'a/liar', content: Buffer.alloc(2000, 'x'), size: 10 }),
  },
  {
    name: 'two sizes',
    says: /two sizes/,
    build: () => tarball(good, paxHeader({ size: '1024' }), { path: 'a/smuggle', content: Buffer.alloc(512, 'x') }),
  },
  {
    name: 'link with content',
    says: /of content/,
    build: () => tarball(good, { path: 'a/link', type: 'SymbolicLink', linkpath: 'good.txt', content: 'evil' }),
  },
  { name: 'same file twice', says: /there twice/, build: () => tarball(good, { path: 'a/good.txt', content: 'other' }) },
  {
    name: 'same file twice, written differently',
    says: /there twice/,
    build: () => tarball(good, { path: './a//good.txt', content: 'other' }),
  },
  { name: 'case collision', says: /one file where case/, build: () => tarball(good, { path: 'a/GOOD.txt', content: 'other' }) },
  { name: 'case collision of folders', says: /one file where case/, build: () => tarball(good, { path: 'A/other.txt', content: 'other' }) },
  {
    name: 'two ways to write an accent',
    says: /one file where case/,
    build: () => tarball({ path: 'caf\u00e9', content: 'one' }, { path: 'cafe\u0301', content: 'other' }),
  },
  {
    name: 'sharp s and double s',
    says: /one file where case/,
    build: () => tarball({ path: 'stra\u00dfe', content: 'one' }, { path: 'strasse', content: 'other' }),
  },
  {
    name: 'name that goes on behind a NUL',
    says: /behind a NUL/,
    build: () => tarball(good, { path: 'a/nul', content: 'x', poke: (header) => header.write('/../../evil', 6) }),
  },
  {
    name: 'name that is not UTF-8',
    says: /not UTF-8/,
    build: () => tarball(good, { path: 'a/latin', poke: (header) => (header[2] = 0xe9) }),
  },
  { name: 'global pax path', says: /global header/, build: () => tarball(paxHeader({ path: '../evil' }, 'g'), good) },
  { name: 'damaged pax header', says: /pax header is damaged/, build: () => tarball(paxHeader('999 path=../evil\n'), good) },
  { name: 'pax header with two paths', says: /two values/, build: () => tarball(paxHeader(paxTwice()), good) },
  {
    name: 'pax path and long name',
    says: /two headers/,
    build: () => tarball(paxHeader({ path: 'a/x' }), longName('../evil'), { path: 'a/y', content: 'x' }),
  },
  {
    name: 'long name that climbs out',
    says: /climbs out/,
    build: () => tarball(longName('a/../../evil'), { path: 'short', content: 'x' }),
  },
  {
    name: 'long link that leads out',
    says: /leads out/,
    build: () => tarball(longName('../../../evil', 'K'), { path: 'a/link', type: 'SymbolicLink', linkpath: 'short' }),
  },
  {
    name: 'huge pax header',
    says: /extra header/,
    build: () => tarball({ path: 'x', size: 2 * 1024 * 1024, poke: (header) => header.write('x', 156) }),
  },
  { name: 'pax header before the end', says: /no member/, build: () => tarball(good, paxHeader({ path: 'a/x' })) },
  { name: 'no end mark', says: /truncated/, build: () => tarball(good).subarray(0, -1024) },
  { name: 'half an end mark', says: /end is not marked/, build: () => tarball(good).subarray(0, -512) },
  {
    name: 'something behind the end',
    says: /follows its end/,
    build: () => Buffer.concat([tarball(good), tarball({ path: 'evil', content: 'x' })]),
  },
  {
    name: 'endless zeros behind the end',
    says: /zeros follow/,
    build: () => gzipSync(Buffer.concat([tarball(good), Buffer.alloc(2 * 1024 * 1024)])),
  },
  {
    name: 'truncated in a member',
    says: /truncated/,
    build: () => tarball(good, { path: 'a/cut', content: Buffer.alloc(5000, 'x') }).subarray(0, 3000),
  },
  { name: 'truncated gzip', says: /truncated/, build: () => nearlyWhole().subarray(0, 200_000) },
  { name: 'gzip without its checksum', says: /truncated/, build: () => nearlyWhole().subarray(0, -8) },
  {
    name: 'truncated zstd',
    says: /truncated/,
    build: () => zstdCompressSync(tarball(good, { path: 'a/noise', content: noise(300_000) })).subarray(0, 200_000),
  },
  { name: 'bit flipped in gzip', says: /damaged/, build: () => flipped(nearlyWhole(), 150_000) },
  { name: 'bit flipped in a header', says: /damaged/, build: () => flipped(tarball(good, { path: 'a/two', content: 'x' }), 1030) },
  { name: 'something behind gzip', says: /damaged|follows/, build: () => Buffer.concat([gzipSync(tarball(good)), Buffer.from('PK evil')]) },
  {
    name: 'something behind zstd',
    says: /follows/,
    build: () => Buffer.concat([zstdCompressSync(tarball(good)), Buffer.from('evil evil')]),
  },
  {
    name: 'gzip bomb',
    says: /times as large/,
    build: () => gzipSync(tarball(good, { path: 'a/bomb', content: Buffer.alloc(80 * 1024 * 1024) }), { level: 9 }),
  },
  { name: 'zip file', says: /not a tarball/, build: () => Buffer.concat([Buffer.from('PK\u0003\u0004'), noise(2000)]) },
  { name: 'web page', says: /not a tarball/, build: () => Buffer.from('<!doctype html><title>502 Bad Gateway</title>') },
  { name: 'text as long as a block', says: /not a tarball/, build: () => Buffer.alloc(2048, 'no tarball at all ') },
  { name: 'empty file', says: /not a tarball/, build: () => Buffer.alloc(0) },
  { name: 'nothing but an end', says: /no files/, build: () => endMark },
  { name: 'only folders', says: /no files/, build: () => tarball({ path: 'a', type: 'Directory' }) },
];

function paxTwice(): string {
  return paxRecord('path', 'a/x') + paxRecord('path', '../evil');
}
