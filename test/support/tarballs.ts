import { Header } from 'tar';

/** Tarballs made by hand, member by member, because no honest program writes the ones that are needed here. */

export interface Member {
  path: string;
  type?:
    | 'File'
    | 'Directory'
    | 'SymbolicLink'
    | 'Link'
    | 'CharacterDevice'
    | 'BlockDevice'
    | 'FIFO'
    | 'SparseFile'
    | 'ContiguousFile'
    | 'GNUDumpDir';
  content?: string | Buffer;
  linkpath?: string;
  mode?: number;
  /** What the header says, where it is not the length of the content. */
  size?: number;
  /** Changes the header's bytes before its checksum is made. */
  poke?: (header: Buffer) => void;
}

export const endMark = Buffer.alloc(1024);

export function tarball(...members: (Member | Buffer)[]): Buffer {
  return Buffer.concat([...members.map((member) => (Buffer.isBuffer(member) ? member : encode(member))), endMark]);
}

/** A pax header with any records, also such as no library writes. */
export function paxHeader(records: string | Record<string, string>, type: 'x' | 'g' = 'x'): Buffer {
  const text =
    typeof records === 'string'
      ? records
      : Object.entries(records)
          .map(([key, value]) => paxRecord(key, value))
          .join('');
  return encode({ path: 'PaxHeader/x', content: text, poke: (header) => header.write(type, 156) });
}

export function longName(name: string, type: 'L' | 'K' = 'L'): Buffer {
  return encode({ path: '././@LongLink', content: `${name}\0`, poke: (header) => header.write(type, 156) });
}

export function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

function encode(member: Member): Buffer {
  const content = Buffer.from(member.content ?? '');
  const header = new Header({
    path: member.path.slice(0, 99),
    mode: member.mode ?? (member.type === 'Directory' ? 0o755 : 0o644),
    uid: 0,
    gid: 0,
    size: member.size ?? content.length,
    mtime: new Date('2026-01-01T00:00:00Z'),
    type: member.type ?? 'File',
    ...(member.linkpath !== undefined && { linkpath: member.linkpath }),
  });
  header.encode();
  const block = header.block as Buffer;
  if (member.poke) {
    member.poke(block);
    seal(block);
  }
  return Buffer.concat([block, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

/** Makes a header's checksum right again: the sum of its bytes with the checksum's own taken as spaces. */
function seal(block: Buffer): void {
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}

/** Bytes that do not compress, the same in every run. */
export function noise(length: number, seed: number = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

export function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] as number) ^ 0x10;
  return copy;
}
