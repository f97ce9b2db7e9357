/**
 * Copies what did not change since an earlier backup, frame by frame, and leaves the rest to the packer. A frame is copied only when
 * everything in it is still the same, and after its content was held against the hashes of its list; the first one that is damaged ends the
 * copying, and what was to be copied with it is packed.
 */
import { isAbsent } from '../platform/blocking-files.ts';
import type { WorkerPool } from '../platform/workers.ts';
import { FrameChecker, type Expected } from './check-frames.ts';
import type { ContainerKind } from './frame-container.ts';
import type { Packed } from './entry-store.ts';
import { memberOf, type FramePacker } from './pack-frames.ts';
import type { FrameUnit, PreviousFrames } from './previous-frames.ts';
import type { Scanned } from './scan-sources.ts';
import { memberLength } from './tar-member.ts';
import type { Jobs } from './worker-jobs.ts';

/** What the copies are written into. */
export interface CopySink {
  copyIn(frame: Uint8Array, plainBytes: number): Promise<void>;
  /** Where it ends now; the function that is answered goes back there. */
  mark(): () => Promise<void>;
  readonly plainBytes: number;
  packed(packed: Packed, scanned: Scanned): void;
}

export interface CopyOptions {
  previous: PreviousFrames;
  pool: WorkerPool<Jobs>;
  container: ContainerKind;
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
      await this.#check(ready);
    } catch (error) {
      if (!(error instanceof Damaged)) throw error;
      this.#isOver = true;
      await goBack();
      for (const scanned of ready.flatMap(({ members }) => members)) await packer.add(scanned);
      return;
    }
    this.#tell(ready, begin);
  }

  /** Holds the frames against what they should hold, and copies each that is right. */
  async #check(ready: readonly Candidate[]): Promise<void> {
    const { previous, pool, container, sink, signal } = this.#options;
    const expected = ready.flatMap(({ unit, members }) => members.map((scanned, index) => this.#expected(unit.row + index, scanned)));
    let written: unknown = null;
    let next = 0;
    const checker = new FrameChecker({
      pool,
      file: previous.path,
      container,
      // An encrypted backup is not copied from.
      seal: () => null,
      next: async () => expected[next++] ?? null,
      report: (problem) => {
        throw new Damaged(problem);
      },
      fileHash: null,
      take: (frame, plainBytes) =>
        sink.copyIn(frame, plainBytes).catch((error: unknown) => {
          written = error;
          throw error;
        }),
      signal,
    });
    try {
      await checker.check(
        ready.flatMap(({ unit }) => unit.frames),
        false,
      );
    } catch (error) {
      signal.throwIfAborted();
      if (written !== null || error instanceof Damaged) throw error;
      // It cannot be read any more: as good as damaged.
      throw new Damaged('it cannot be read', { cause: error });
    }
  }

  #expected(row: number, scanned: Scanned): Expected {
    const hash = scanned.kind === 'file' ? this.#options.previous.hash(row) : null;
    return { facts: memberOf(scanned), hash, offset: null, write: null };
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
