/**
 * The headers of the tar: ustar, with a pax header before it where ustar is too small. For one set of facts there is exactly one
 * encoding. The reader relies on it: it does not parse headers, it makes them anew from the list and compares bytes, so that nothing
 * can be in the tar that the list does not tell, and no two programs can read it in two ways.
 *
 * `tar`'s own Header and Pax classes are not used because they only know names that are UTF-8 and lose what follows a line break in a pax value.
 */
import { nameBytes } from '../platform/byte-names.ts';
import type { EntryKind } from './backup-format.ts';

export const blockBytes = 512;

/** What a header tells. `path` has no trailing slash. */
export interface MemberFacts {
  path: string;
  kind: EntryKind;
  bytes: number;
  mode: number;
  /** Milliseconds; the tar keeps whole seconds. */
  mtime: number;
  uid: number;
  gid: number;
  target?: string;
}

const typeFlags = { file: 0x30, folder: 0x35, link: 0x32 } as const satisfies Record<EntryKind, number>;
const paxFlag = 0x78;
const paxName = Buffer.from('././@PaxHeader');
/** The largest numbers of the octal fields: 7 digits for ids, 11 for size and time. */
const largestId = 0o7777777;
const largestNumber = 0o77777777777;
const nameField = 100;
const blank = makeBlank();
/** Of all bytes of a blank header, where its checksum counts as spaces. */
const blankSum = blank.reduce((sum, byte) => sum + byte, 8 * 0x20);

/** The member's header blocks: one, or three and more with a pax header. */
export function encodeHeader(facts: MemberFacts): Buffer {
  const name = nameBytes(facts.kind === 'folder' ? `${facts.path}/` : facts.path);
  const target = facts.target === undefined ? Buffer.alloc(0) : nameBytes(facts.target);
  const seconds = Math.floor(facts.mtime / 1000);
  const main = encodeBlock({
    name,
    target,
    flag: typeFlags[facts.kind],
    seconds,
    bytes: facts.bytes,
    mode: facts.mode,
    uid: facts.uid,
    gid: facts.gid,
  });
  const pax = paxRecords(facts, name, target, seconds);
  if (pax.length === 0) return main;
  const body = Buffer.concat(pax);
  const before = encodeBlock({
    name: paxName,
    target: Buffer.alloc(0),
    flag: paxFlag,
    seconds: 0,
    bytes: body.length,
    mode: 0o644,
    uid: 0,
    gid: 0,
  });
  return Buffer.concat([before, body, Buffer.alloc(paddingOf(body.length)), main]);
}

/** How long the header will be, without making it where that can be told at once. */
export function headerLength(facts: MemberFacts): number {
  return isSimple(facts) ? blockBytes : encodeHeader(facts).length;
}

/** Puts the header into its place and answers where it ends. The same bytes as `encodeHeader` makes, without memory for them. */
export function writeHeader(facts: MemberFacts, into: Buffer, at: number): number {
  if (facts.kind !== 'file' || !isSimple(facts)) return at + encodeHeader(facts).copy(into, at);
  into.set(blank, at);
  const nameLength = into.write(facts.path, at, nameField, 'latin1');
  let sum = blankSum + typeFlags.file;
  for (let place = at; place < at + nameLength; place += 1) sum += into[place] as number;
  sum += writeOctal(into, at + 100, 7, facts.mode);
  sum += writeOctal(into, at + 108, 7, facts.uid);
  sum += writeOctal(into, at + 116, 7, facts.gid);
  sum += writeOctal(into, at + 124, 11, facts.bytes);
  sum += writeOctal(into, at + 136, 11, Math.floor(facts.mtime / 1000));
  into[at + 156] = typeFlags.file;
  writeOctal(into, at + 148, 6, sum);
  into[at + 155] = 0x20;
  return at + blockBytes;
}

const shared = Buffer.alloc(blockBytes);

/** The header blocks of a member, in memory that the next call uses again: for one who only compares them. */
export function headerToCompare(facts: MemberFacts): Buffer {
  if (facts.kind !== 'file' || !isSimple(facts)) return encodeHeader(facts);
  writeHeader(facts, shared, 0);
  return shared;
}

/** Whether one block is enough, and each of its fields takes its value as it is. */
function isSimple(facts: MemberFacts): boolean {
  return (
    facts.path.length < nameField &&
    (facts.target?.length ?? 0) <= nameField &&
    facts.bytes <= largestNumber &&
    facts.mtime >= 0 &&
    facts.mtime / 1000 <= largestNumber &&
    facts.uid <= largestId &&
    facts.gid <= largestId &&
    isAscii(facts.path) &&
    isAscii(facts.target ?? '')
  );
}

/** Zero bytes between the end of a content and the next block. */
export function paddingOf(bytes: number): number {
  return (blockBytes - (bytes % blockBytes)) % blockBytes;
}

/** All bytes of a member: headers, content, padding. */
export function memberLength(facts: MemberFacts): number {
  return headerLength(facts) + facts.bytes + paddingOf(facts.bytes);
}

/** Two blocks of zeros end a tar. */
export const endOfTar = 2 * blockBytes;

interface Block {
  name: Buffer;
  target: Buffer;
  flag: number;
  seconds: number;
  bytes: number;
  mode: number;
  uid: number;
  gid: number;
}

function encodeBlock(block: Block): Buffer {
  const header = Buffer.from(blank);
  block.name.copy(header, 0, 0, Math.min(nameField, block.name.length));
  writeOctal(header, 100, 7, block.mode);
  writeOctal(header, 108, 7, block.uid <= largestId ? block.uid : 0);
  writeOctal(header, 116, 7, block.gid <= largestId ? block.gid : 0);
  writeOctal(header, 124, 11, block.bytes <= largestNumber ? block.bytes : 0);
  writeOctal(header, 136, 11, fitsTime(block.seconds) ? block.seconds : 0);
  header[156] = block.flag;
  block.target.copy(header, 157, 0, Math.min(nameField, block.target.length));
  // The checksum counts its own field as eight spaces.
  let sum = 8 * 0x20;
  for (let at = 0; at < blockBytes; at += 1) sum += header[at] as number;
  writeOctal(header, 148, 6, sum);
  header[155] = 0x20;
  return header;
}

function paxRecords(facts: MemberFacts, name: Buffer, target: Buffer, seconds: number): Buffer[] {
  const records: Buffer[] = [];
  const add = (key: string, value: Buffer | number) =>
    records.push(paxRecord(key, typeof value === 'number' ? Buffer.from(String(value)) : value));
  const longName = needsPax(facts.path, name);
  const longTarget = needsPax(facts.target ?? '', target);
  const binary = (longName && !facts.path.isWellFormed()) || (longTarget && facts.target?.isWellFormed() === false);
  if (binary) add('hdrcharset', Buffer.from('BINARY'));
  if (longName) add('path', name);
  if (longTarget) add('linkpath', target);
  if (facts.bytes > largestNumber) add('size', facts.bytes);
  if (!fitsTime(seconds)) add('mtime', seconds);
  if (facts.uid > largestId) add('uid', facts.uid);
  if (facts.gid > largestId) add('gid', facts.gid);
  return records;
}

/** Names too long for their field go into a pax header, and so do those beyond ASCII; pax wants UTF-8, so others that fit stay out of it. */
function needsPax(text: string, bytes: Buffer): boolean {
  return bytes.length > nameField || (!isAscii(text) && text.isWellFormed());
}

/** `LENGTH KEY=VALUE\n`, where the length counts itself (POSIX.1-2001, pax Extended Header). */
function paxRecord(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function fitsTime(seconds: number): boolean {
  return seconds >= 0 && seconds <= largestNumber;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}

/** `digits` octal digits; the byte after them stays NUL. Answers the sum of what was written. */
function writeOctal(header: Buffer, at: number, digits: number, value: number): number {
  let sum = 0x30 * digits;
  let place = at + digits - 1;
  let rest = value;
  for (; rest > 0x7fff_ffff; place -= 1) {
    const digit = rest % 8;
    header[place] = 0x30 + digit;
    sum += digit;
    rest = (rest - digit) / 8;
  }
  for (let small = rest | 0; place >= at; place -= 1) {
    header[place] = 0x30 + (small & 7);
    sum += small & 7;
    small >>= 3;
  }
  return sum;
}

function makeBlank(): Buffer {
  const header = Buffer.alloc(blockBytes);
  header.write('ustar\u000000', 257, 'latin1');
  writeOctal(header, 329, 7, 0);
  writeOctal(header, 337, 7, 0);
  return header;
}
