/** Reads back from disk what a writer has written, and compares every byte of it with what the writer remembers. */
import { RunningHash } from '../platform/hashing.ts';
import { collectGarbage } from '../platform/memory.ts';
import type { WorkerPool } from '../platform/workers.ts';
import { badBackup } from './backup-failures.ts';
import type { BackupFile } from './backup-file.ts';
import { FrameChecker, type Expected } from './check-frames.ts';
import { digestBytes, type ContainerKind } from './frame-container.ts';
import type { Pace } from './pace.ts';
import { PackedUnits } from './packed-units.ts';
import type { Rooms } from './rooms.ts';
import type { Jobs } from './worker-jobs.ts';
import { rowsBetweenCollections, type WrittenMembers } from './written-members.ts';

export interface ReadBackOptions {
  pool: WorkerPool<Jobs>;
  rooms: Rooms;
  file: BackupFile;
  container: ContainerKind;
  members: WrittenMembers;
  pace: Pace;
  signal: AbortSignal;
}

/** As many are read back before the limit is looked at. */
const framesInPacedBatch = 4;

export class ReadBack {
  readonly #options: ReadBackOptions;
  readonly #checker: FrameChecker;
  /** Over what was read back so far. */
  readonly hash = new RunningHash();
  /** Of each frame that was read back. */
  readonly #frameHashes: Uint8Array[] = [];
  /** Members of the backup's own that are to be read back. */
  readonly #own: { facts: Expected['facts']; sha256: string }[] = [];
  #frames = 0;
  #members = 0;
  #ownMembers = 0;

  constructor(options: ReadBackOptions) {
    const { pool, rooms, file, container, signal } = options;
    this.#options = options;
    this.#checker = new FrameChecker({
      pool,
      rooms,
      file: file.partial,
      container,
      seal: () => file.seal,
      next: async () => this.#next(),
      report: (problem) => {
        throw badBackup(file.partial, `reading it back showed that ${problem}`);
      },
      fileHash: this.hash,
      // No frame of an encrypted file is ever copied.
      hashed: file.seal === null ? (_, sha256) => this.#frameHashes.push(sha256) : undefined,
      signal,
    });
  }

  get hasOwn(): boolean {
    return this.#own.length > 0;
  }

  /** A member of the backup's own that is being written: the marker, then the list and the manifest. */
  addOwn(facts: Expected['facts'], sha256: string): void {
    this.#own.push({ facts, sha256 });
  }

  /** What a later backup has to know of the frames that were read so far. */
  packedUnits(): PackedUnits {
    return new PackedUnits(this.#options.file.frames, this.#frameHashes);
  }

  /** Reads what was not read before. `isEnd`: the tar is whole. Throws `bad-backup`. */
  async check(isEnd: boolean): Promise<void> {
    const { file, pace, signal } = this.#options;
    const readable = file.readableFrames;
    const frames = file.frames.slice(this.#frames, readable);
    this.#frames = readable;
    const last = frames.length;
    const batch = pace.isLimited ? framesInPacedBatch : Math.max(1, last);
    for (let at = 0; at === 0 || at < last; at += batch) {
      const some = frames.slice(at, at + batch);
      await this.#checker.check(some, isEnd && at + batch >= last);
      const bytes = some.reduce((sum, frame) => sum + frame.bytes, 0);
      await pace.take(bytes, signal);
    }
  }

  /** Reads the trailer and the index, and compares the digest of what was read with that in the trailer. */
  async checkEnd(end: Buffer, digest: string): Promise<void> {
    const { file } = this.#options;
    const stored = await file.readEnd(end.length);
    if (!stored.equals(end)) throw badBackup(file.partial, 'reading it back showed that its end is not what was written');
    const digestAt = end.indexOf(Buffer.from(digest, 'hex'));
    this.hash.add(stored.subarray(0, digestAt));
    this.hash.add(stored.subarray(digestAt + digestBytes));
    if (this.hash.end() !== digest) throw badBackup(file.partial, 'reading it back showed other bytes than were written');
  }

  /** The marker, the items, then the list and the manifest. */
  #next(): Expected | null {
    const { written } = this.#options.members;
    const own = this.#own[this.#ownMembers];
    if (this.#ownMembers > 0 && this.#members < written.length) {
      const row = this.#members;
      this.#members += 1;
      if (row % rowsBetweenCollections === 0) collectGarbage();
      return { facts: written.facts(row), hash: written.hash(row), offset: written.number(row, 'offset'), write: null };
    }
    if (!own) return null;
    this.#ownMembers += 1;
    return { facts: own.facts, hash: Buffer.from(own.sha256, 'hex'), offset: null, write: null };
  }
}
