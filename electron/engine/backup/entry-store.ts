/**
 * What a writer remembers of each member of `items/` until the list is written: numbers in columns and hashes in bytes instead of objects,
 * about 200 bytes a file with its name.
 */
import type { FileFacts } from '../platform/blocking-files.ts';
import type { BackupEntry } from './backup-format.ts';
import type { MemberFacts } from './tar-member.ts';
import { hashBytes, type ReadOutcome } from './worker-jobs.ts';

/** A member as it was packed. */
export interface Packed {
  entry: MemberFacts & { offset: number; sha256?: Uint8Array };
  /** Of the file that was read, before it was read. */
  facts: FileFacts;
  read: ReadOutcome;
  /** Whether it may have changed without its times telling so. */
  fresh: boolean;
}

/** Numbers kept of each member, in this order; those that need no more than 32 bits apart. */
const columns = ['bytes', 'mtime', 'offset', 'ctime', 'inode'] as const;
const smallColumns = ['mode', 'uid', 'gid'] as const;
type Column = (typeof columns)[number] | (typeof smallColumns)[number];
const columnOf = Object.fromEntries([...columns.entries(), ...smallColumns.entries()].map(([index, column]) => [column, index])) as Record<
  Column,
  number
>;

/** What the file that was read is like, where that is not what the header tells: of a snapshot, or of one that grew. */
interface ReadFacts {
  bytes: number;
  mode: number;
  mtimeMs: number;
}
/** Rows in one block: columns grow by blocks, so that nothing has to be copied. */
const blockRows = 4096;

const flags = { folder: 1, link: 2, superseded: 4, grew: 8, changed: 16, fresh: 32 } as const;

interface Block {
  numbers: Float64Array;
  small: Uint32Array;
  hashes: Buffer;
  flags: Uint8Array;
  /** The pass in which the member was last seen. */
  passes: Uint32Array;
}

/** Members by number, in the tar's order. */
export class EntryStore {
  readonly #paths: string[] = [];
  readonly #targets = new Map<number, string>();
  readonly #readFacts = new Map<number, ReadFacts>();
  readonly #blocks: Block[] = [];

  get length(): number {
    return this.#paths.length;
  }

  /** Adds a member and answers its number. */
  add({ entry, facts, read, fresh }: Packed): number {
    const row = this.#paths.length;
    if (row % blockRows === 0) {
      this.#blocks.push({
        numbers: new Float64Array(blockRows * columns.length),
        small: new Uint32Array(blockRows * smallColumns.length),
        hashes: Buffer.alloc(blockRows * hashBytes),
        flags: new Uint8Array(blockRows),
        passes: new Uint32Array(blockRows),
      });
    }
    this.#paths.push(entry.path);
    if (entry.target !== undefined) this.#targets.set(row, entry.target);
    const { bytes, mode, mtime, uid, gid, offset } = entry;
    const block = this.#block(row);
    const start = (row % blockRows) * columns.length;
    block.numbers[start] = bytes;
    block.numbers[start + 1] = mtime;
    block.numbers[start + 2] = offset;
    const smallStart = (row % blockRows) * smallColumns.length;
    block.small[smallStart] = mode;
    block.small[smallStart + 1] = uid;
    block.small[smallStart + 2] = gid;
    block.flags[row % blockRows] = entry.kind === 'folder' ? flags.folder : entry.kind === 'link' ? flags.link : 0;
    this.setFacts(row, facts, read, fresh);
    if (entry.sha256 !== undefined) block.hashes.set(entry.sha256, (row % blockRows) * hashBytes);
    return row;
  }

  /** What is known of the file now; its content is the same. */
  setFacts(row: number, facts: FileFacts, read: ReadOutcome, fresh: boolean): void {
    const block = this.#block(row);
    const start = (row % blockRows) * columns.length;
    block.numbers[start + columnOf.ctime] = facts.ctimeMs;
    block.numbers[start + columnOf.inode] = facts.inode;
    const { bytes, mode, mtimeMs } = facts;
    const isAsTold = bytes === this.number(row, 'bytes') && mode === this.number(row, 'mode') && mtimeMs === this.number(row, 'mtime');
    if (!isAsTold) this.#readFacts.set(row, { bytes, mode, mtimeMs });
    else if (this.#readFacts.size > 0) this.#readFacts.delete(row);
    const kept = (block.flags[row % blockRows] as number) & (flags.folder | flags.link | flags.superseded);
    block.flags[row % blockRows] =
      kept | (read === 'grew' ? flags.grew : 0) | (read === 'changed' ? flags.changed : 0) | (fresh ? flags.fresh : 0);
  }

  /** From now on it does not count any more. */
  supersede(row: number): void {
    const block = this.#block(row);
    block.flags[row % blockRows] = (block.flags[row % blockRows] as number) | flags.superseded;
  }

  /** Notes that a pass has seen it; answers whether the same pass had seen it before. */
  see(row: number, pass: number): boolean {
    const { passes } = this.#block(row);
    const isAgain = passes[row % blockRows] === pass;
    passes[row % blockRows] = pass;
    return isAgain;
  }

  wasSeen(row: number, pass: number): boolean {
    return this.#block(row).passes[row % blockRows] === pass;
  }

  path(row: number): string {
    return this.#paths[row] as string;
  }

  read(row: number): ReadOutcome {
    return this.#has(row, 'changed') ? 'changed' : this.#has(row, 'grew') ? 'grew' : 'settled';
  }

  isFresh(row: number): boolean {
    return this.#has(row, 'fresh');
  }

  isSuperseded(row: number): boolean {
    return this.#has(row, 'superseded');
  }

  kind(row: number): BackupEntry['kind'] {
    return this.#has(row, 'folder') ? 'folder' : this.#has(row, 'link') ? 'link' : 'file';
  }

  number(row: number, column: Column): number {
    const block = this.#block(row);
    if (column === 'mode' || column === 'uid' || column === 'gid')
      return block.small[(row % blockRows) * smallColumns.length + columnOf[column]] as number;
    return block.numbers[(row % blockRows) * columns.length + columnOf[column]] as number;
  }

  target(row: number): string | null {
    return this.#targets.get(row) ?? null;
  }

  /** 32 bytes; null for what is no file. */
  hash(row: number): Uint8Array | null {
    const start = (row % blockRows) * hashBytes;
    return this.kind(row) === 'file' ? this.#block(row).hashes.subarray(start, start + hashBytes) : null;
  }

  /** Whether a new look at the file that was read saw the same. */
  hasFacts(row: number, facts: FileFacts): boolean {
    const read = this.#readFacts.get(row);
    return (
      (read?.bytes ?? this.number(row, 'bytes')) === facts.bytes &&
      (read?.mode ?? this.number(row, 'mode')) === facts.mode &&
      (read?.mtimeMs ?? this.number(row, 'mtime')) === facts.mtimeMs &&
      this.number(row, 'ctime') === facts.ctimeMs &&
      this.number(row, 'inode') === facts.inode
    );
  }

  /** What its header tells. */
  facts(row: number): MemberFacts {
    const facts: MemberFacts = {
      path: this.path(row),
      kind: this.kind(row),
      bytes: this.number(row, 'bytes'),
      mode: this.number(row, 'mode'),
      mtime: this.number(row, 'mtime'),
      uid: this.number(row, 'uid'),
      gid: this.number(row, 'gid'),
    };
    const target = this.target(row);
    if (target !== null) facts.target = target;
    return facts;
  }

  /**
   * Its line in the list, see `BackupEntry`. Put together by hand out of the columns: lists are long, and this takes a third of the time of an
   * object and `JSON.stringify`. `packed`: as `PackedUnits` tells it.
   */
  line(row: number, packed: string | undefined): string {
    const block = this.#block(row);
    const at = row % blockRows;
    const { numbers, small } = block;
    const [start, smallStart, hashStart] = [at * columns.length, at * smallColumns.length, at * hashBytes];
    const flag = block.flags[at] as number;
    const kind = (flag & flags.folder) !== 0 ? 'folder' : (flag & flags.link) !== 0 ? 'link' : 'file';
    const mtime = numbers[start + 1] as number;
    let line = `{"path":${JSON.stringify(this.#paths[row])},"kind":"${kind}","bytes":${numbers[start]},"mode":${small[smallStart]},"mtime":${mtime},"uid":${small[smallStart + 1]},"gid":${small[smallStart + 2]}`;
    if (kind === 'file') line += `,"sha256":"${block.hashes.toString('hex', hashStart, hashStart + hashBytes)}"`;
    const target = kind === 'link' ? this.#targets.get(row) : undefined;
    if (target !== undefined) line += `,"target":${JSON.stringify(target)}`;
    line += `,"offset":${numbers[start + 2]}`;
    if ((flag & flags.superseded) !== 0) line += ',"superseded":true';
    if ((flag & flags.grew) !== 0) line += ',"changedWhileRead":true';
    // Of a snapshot they would say nothing of the file that it is of, and it has another time.
    const isSettled = kind === 'file' && (flag & (flags.grew | flags.changed | flags.fresh)) === 0;
    if (isSettled && (this.#readFacts.size === 0 || (this.#readFacts.get(row)?.mtimeMs ?? mtime) === mtime))
      line += `,"ctime":${numbers[start + 3]},"inode":${numbers[start + 4]}`;
    return `${line}${packed === undefined ? '' : `,"packed":"${packed}"`}}\n`;
  }

  #has(row: number, flag: keyof typeof flags): boolean {
    return ((this.#block(row).flags[row % blockRows] as number) & flags[flag]) !== 0;
  }

  #block(row: number): Block {
    return this.#blocks[Math.floor(row / blockRows)] as Block;
  }
}
