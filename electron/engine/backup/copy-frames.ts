/**
 * Copies what did not change since an earlier backup, frame by frame, and leaves the rest to the packer. A frame is copied only when
 * everything in it is still the same, and its bytes are those that were proven when it was packed; the first one that is damaged ends the
 * copying, and what was to be copied with it is packed.
 */
import { isAbsent } from '../platform/blocking-files.ts';
import type { WorkerPool } from '../platform/workers.ts';
import type { Frame } from './frame-container.ts';
import type { Packed } from './entry-store.ts';
import { memberOf, type FramePacker } from './pack-frames.ts';
import { UnitHash } from './packed-units.ts';
import type { FrameUnit, PreviousFrames } from './previous-frames.ts';
import type { Room, Rooms } from './rooms.ts';
import type { Scanned } from './scan-sources.ts';
import { memberLength } from './tar-member.ts';
import type { Jobs, ReadReply } from './worker-jobs.ts';

/** What the copies are written into. */
export interface CopySink {
  copyIn(frame: Uint8Array, plainBytes: number, sha256: Uint8Array): Promise<void>;
  /** Where it ends now; the function that is answered goes back there. */
  mark(): () => Promise<void>;
  readonly plainBytes: number;
  packed(packed: Packed, scanned: Scanned): void;
}

export interface CopyOptions {
  previous: PreviousFrames;
  pool: WorkerPool<Jobs>;
  rooms: Rooms;
  packer: FramePacker;
  sink: CopySink;
  signal: AbortSignal;
}

/** Frames that are copied in one go; their entries are in memory meanwhile. */
const framesAtOnce = 32;

interface Candidate {
  unit: FrameUnit;
  members: Scanned[];
}

/** A frame that is being read to be copied. */
interface Read {
  frame: Frame;
  unit: FrameUnit;
  hash: UnitHash;
  room: Room;
  reply: Promise<ReadReply>;
}

/** The earlier backup is not what its list says. */
class Damaged extends Error {}

export class FrameCopier {
  readonly #options: CopyOptions;
  #candidate: Candidate | null = null;
  #ready: Candidate[] = [];
  #isOver = false;

  constructor(options: CopyOptions) {
    this.#options = options;
  }

  /** Takes the next entry. What is not copied goes to the packer, in order. */
  async add(scanned: Scanned): Promise<void> {
    const { previous, packer } = this.#options;
    if (this.#candidate === null) {
      const unit = this.#isOver ? null : previous.unitAt(scanned.path);
      if (unit !== null) this.#candidate = { unit, members: [] };
    }
    const candidate = this.#candidate;
    if (candidate === null) {
      await this.#copy();
      return packer.add(scanned);
    }
    if (!(await this.#isSame(candidate.unit.row + candidate.members.length, scanned))) {
      await this.#giveUp();
      // It may begin the next frame, unless it was looked up already.
      return candidate.members.length > 0 ? this.add(scanned) : packer.add(scanned);
    }
    candidate.members.push(scanned);
    if (candidate.members.length < candidate.unit.rows) return;
    this.#ready.push(candidate);
    this.#candidate = null;
    if (this.#ready.reduce((sum, { unit }) => sum + unit.frames.length, 0) >= framesAtOnce) await this.#copy();
  }

  /** After the last entry. The packer still has to be finished. */
  async finish(): Promise<void> {
    await this.#giveUp();
  }

  /** Something in the frame is another: all of it is packed. */
  async #giveUp(): Promise<void> {
    const candidate = this.#candidate;
    this.#candidate = null;
    await this.#copy();
    if (candidate === null) return;
    for (const scanned of candidate.members) await this.#options.packer.add(scanned);
  }

  async #isSame(row: number, scanned: Scanned): Promise<boolean> {
    const { previous, pool } = this.#options;
    const likeness = previous.likeness(row, scanned);
    if (likeness !== 'same-but-content') return likeness === 'same';
    const found = await pool.run('hash-file', { path: scanned.from }).catch((error: unknown) => {
      if (isAbsent(error)) return null;
      throw error;
    });
    return found !== null && Buffer.from(found.sha256, 'hex').equals(previous.hash(row));
  }

  async #copy(): Promise<void> {
    const ready = this.#ready;
    this.#ready = [];
    if (ready.length === 0) return;
    const { sink, packer } = this.#options;
    await packer.settle();
    const begin = sink.plainBytes;
    const goBack = sink.mark();
    try {
      await this.#writeAll(ready);
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      this.#isOver = true;
      await goBack();
      for (const scanned of ready.flatMap(({ members }) => members)) await packer.add(scanned);
      return;
    }
    this.#tell(ready, begin);
  }

  /** Reads the frames ahead, in parallel, and writes each in its turn; the hash over a unit is known when its last frame was written. */
  async #writeAll(ready: readonly Candidate[]): Promise<void> {
    const { pool, rooms } = this.#options;
    const reads: Read[] = [];
    const takeFirst = async () => this.#write(reads.shift() as Read);
    try {
      for (const { unit } of ready) {
        const hash = new UnitHash();
        for (const frame of unit.frames) {
          if (reads.length > pool.size) await takeFirst();
          reads.push({ frame, unit, hash, ...this.#read(frame) });
        }
      }
      while (reads.length > 0) await takeFirst();
    } finally {
      await Promise.allSettled(reads.map(({ reply }) => reply));
      for (const { room } of reads) rooms.packed.give(room);
    }
  }

  #read({ at, bytes }: Frame): Pick<Read, 'reply' | 'room'> {
    const { previous, pool, rooms } = this.#options;
    const room = rooms.packed.take();
    const reply = pool.run('read', { file: previous.path, at, bytes, room });
    reply.catch(() => {});
    return { room, reply };
  }

  async #write({ frame, unit, hash, room, reply }: Read): Promise<void> {
    const { sink, rooms, signal } = this.#options;
    signal.throwIfAborted();
    const read = await reply.catch((error: unknown) => {
      // It cannot be read any more: as good as damaged.
      throw new Damaged('it cannot be read', { cause: error });
    });
    if (read.bytes !== frame.bytes) throw new Damaged('it ends early');
    hash.add(read.sha256);
    await sink.copyIn(new Uint8Array(room, 0, frame.bytes), frame.plainBytes, read.sha256);
    rooms.packed.give(room);
    if (frame === unit.frames.at(-1) && hash.end() !== unit.packed) throw new Damaged('a frame is not what it was');
  }

  #tell(ready: readonly Candidate[], begin: number): void {
    let offset = begin;
    for (const { unit, members } of ready) {
      for (const [index, scanned] of members.entries()) {
        const facts = memberOf(scanned);
        const sha256 = scanned.kind === 'file' ? this.#options.previous.hash(unit.row + index) : undefined;
        const entry = { ...facts, offset, ...(sha256 !== undefined && { sha256 }) };
        this.#options.sink.packed({ entry, facts: scanned.facts, read: 'settled', fresh: false }, scanned);
        offset += memberLength(facts);
      }
    }
  }
}
