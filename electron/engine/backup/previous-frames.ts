/**
 * The frames of an earlier backup of the same install that a new one can copy instead of packing their files again: those in which every member
 * counts, stood still while it was read, and still has the facts that it had then. Frames are known by the first member in them and
 * members by a fingerprint, so that this takes about 70 bytes a file. A frame is what it was when it was proven, or it is not copied: its bytes
 * are held against the hash that the list has of it.
 */
import { hashBytesOf } from '../platform/hashing.ts';
import { collectGarbage } from '../platform/memory.ts';
import type { BackupEntry } from './backup-format.ts';
import { factsOf } from './backup-entries.ts';
import type { ContainerKind, Frame } from './frame-container.ts';
import { memberOf } from './pack-frames.ts';
import { openBackupFile, type OpenedBackup } from './read-backup.ts';
import type { Scanned } from './scan-sources.ts';
import { memberLength, type MemberFacts } from './tar-member.ts';
import { hashBytes } from './worker-jobs.ts';

/** Frames that belong together: one with many members, or the many of one large file. */
export interface FrameUnit {
  frames: Frame[];
  /** The hash over the hashes of the frames, as `UnitHash` makes it. */
  packed: string;
  /** The number of its first member, and how many there are. */
  row: number;
  rows: number;
}

/** How a scanned entry is like the one that an earlier backup holds: in all facts; in all but those of a snapshot, so that the content has to tell; not at all. */
export type Likeness = 'same' | 'same-but-content' | 'other';

export class PreviousFrames {
  readonly path: string;
  readonly #units = new Map<string, FrameUnit>();
  readonly #prints: Bytes;
  /** ctime and inode of each file; NaN, which is like nothing, where they are not known. */
  readonly #times: Float64Array;
  readonly #hashes: Bytes;

  private constructor(path: string, rows: number) {
    this.path = path;
    this.#prints = new Bytes(rows, printBytes);
    this.#times = new Float64Array(2 * rows);
    this.#hashes = new Bytes(rows, hashBytes);
  }

  /** Reads the list of an earlier backup. Null where it cannot be used: it is gone, damaged, packed in another way or too new. */
  static async open(path: string, container: ContainerKind, signal: AbortSignal): Promise<PreviousFrames | null> {
    let backup: OpenedBackup | null = null;
    try {
      backup = await openBackupFile(path, signal);
      if (backup.container !== container) return null;
      const previous = new PreviousFrames(path, backup.manifest.list.lines);
      await previous.#read(backup, signal);
      return previous;
    } catch {
      signal.throwIfAborted();
      return null;
    } finally {
      await backup?.close();
    }
  }

  /** The frames that begin with a member of this name. */
  unitAt(path: string): FrameUnit | null {
    return this.#units.get(path) ?? null;
  }

  /** Whether the member of this number is what was scanned. */
  likeness(row: number, scanned: Scanned): Likeness {
    if (scanned.moving || !this.#prints.has(row, printOf(memberOf(scanned)))) return 'other';
    if (scanned.kept !== null) return 'same-but-content';
    if (scanned.kind !== 'file') return 'same';
    return this.#times[2 * row] === scanned.facts.ctimeMs && this.#times[2 * row + 1] === scanned.facts.inode ? 'same' : 'other';
  }

  /** The SHA-256 of a file's content, 32 bytes. */
  hash(row: number): Uint8Array {
    return this.#hashes.at(row);
  }

  async #read(backup: OpenedBackup, signal: AbortSignal): Promise<void> {
    const cutter = new UnitCutter(backup.frames, (unit, path) => this.#units.set(path, unit));
    let row = 0;
    for await (const line of backup.lines(signal)) {
      const entry = JSON.parse(line) as BackupEntry;
      cutter.add(row, entry);
      this.#prints.set(row, printOf(entry));
      this.#times.set([entry.ctime ?? Number.NaN, entry.inode ?? Number.NaN], 2 * row);
      if (entry.sha256 !== undefined) this.#hashes.set(row, Buffer.from(entry.sha256, 'hex'));
      row += 1;
      if (row % rowsBetweenCollections === 0) collectGarbage();
    }
    cutter.end(backup.manifest.list.offset);
  }
}

/** Lays the members over the frames and finds those that begin and end together. */
class UnitCutter {
  readonly #frames: readonly Frame[];
  readonly #found: (unit: FrameUnit, path: string) => void;
  #next = 0;
  #plainAt = 0;
  #unit: { unit: FrameUnit; path: string; end: number; isCopyable: boolean } | null = null;

  constructor(frames: readonly Frame[], found: (unit: FrameUnit, path: string) => void) {
    this.#frames = frames;
    this.#found = found;
  }

  add(row: number, entry: BackupEntry): void {
    if (this.#unit === null || entry.offset >= this.#unit.end) this.#begin(row, entry);
    const current = this.#unit;
    if (current === null) return;
    current.unit.rows = row - current.unit.row + 1;
    const end = entry.offset + memberLength(factsOf(entry));
    // The hash is over the frames of the first member.
    const isInside = current.unit.row === row || end <= current.end;
    current.isCopyable &&= isInside && entry.superseded !== true && entry.changedWhileRead !== true;
    while (current.end < end && this.#next < this.#frames.length) this.#takeFrame(current);
  }

  /** To be told where the members end. */
  end(plainAt: number): void {
    this.#close(plainAt);
  }

  #begin(row: number, entry: BackupEntry): void {
    this.#close(entry.offset);
    // The marker's frame, and whatever else does not begin with this member.
    while (this.#plainAt < entry.offset && this.#next < this.#frames.length) this.#skipFrame();
    if (this.#plainAt !== entry.offset) return;
    const { path, packed = '' } = entry;
    this.#unit = { unit: { frames: [], packed, row, rows: 0 }, path, end: this.#plainAt, isCopyable: packed !== '' };
  }

  #close(plainAt: number): void {
    if (this.#unit?.isCopyable === true && this.#unit.end === plainAt) this.#found(this.#unit.unit, this.#unit.path);
    this.#unit = null;
  }

  #takeFrame(current: { unit: FrameUnit; end: number }): void {
    const frame = this.#frames[this.#next] as Frame;
    current.unit.frames.push(frame);
    this.#skipFrame();
    current.end = this.#plainAt;
  }

  #skipFrame(): void {
    this.#plainAt += this.#frames[this.#next]?.plainBytes ?? 0;
    this.#next += 1;
  }
}

/** About 10 MB of objects come and go with so many lines. */
const rowsBetweenCollections = 10_000;
/** Enough of a SHA-256 that no two things have the same. */
const printBytes = 16;

/** Rows of bytes of one length. */
class Bytes {
  readonly #bytes: Uint8Array;
  readonly #length: number;

  constructor(rows: number, length: number) {
    this.#bytes = new Uint8Array(rows * length);
    this.#length = length;
  }

  set(row: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes.subarray(0, this.#length), row * this.#length);
  }

  at(row: number): Uint8Array {
    return this.#bytes.subarray(row * this.#length, (row + 1) * this.#length);
  }

  has(row: number, bytes: Uint8Array): boolean {
    return Buffer.compare(this.at(row), bytes.subarray(0, this.#length)) === 0;
  }
}

/** All that the header of a member tells. */
function printOf({ path, kind, bytes, mode, mtime, uid, gid, target }: MemberFacts): Uint8Array {
  return hashBytesOf(Buffer.from(JSON.stringify([path, kind, bytes, mode, mtime, uid, gid, target])));
}
