/**
 * Reads frames back from disk and compares every byte with what the list says; on request writes contents out. Serves the read-back of
 * a new backup, the verification of an old one, and unpacking.
 */
import { RunningHash } from '../platform/hashing.ts';
import type { WorkerPool } from '../platform/workers.ts';
import { shown } from './backup-failures.ts';
import type { Seal } from './age-payload.ts';
import type { ContainerKind, Frame } from './frame-container.ts';
import { Rooms, type Room } from './rooms.ts';
import { endOfTar, headerLength, paddingOf, type MemberFacts } from './tar-member.ts';
import { checkColumns, hashBytes, kinds, type CheckParts, type Jobs, type WriteSpec } from './worker-jobs.ts';

/** A member that the tar should hold next. */
export interface Expected {
  facts: MemberFacts;
  /** SHA-256 of a file's content, 32 bytes; null for what has none. */
  hash: Uint8Array | null;
  /** Where it begins in the tar, when the list says so. */
  offset: number | null;
  write: Omit<WriteSpec, 'position'> | null;
}

/** As much of a member as is in one frame. */
interface Stretch {
  member: Expected;
  /** Where in the content it begins; it has the header when it `isBegin`. */
  from: number;
  isBegin: boolean;
  length: number;
  padding: number;
}
interface Plan {
  frame: Frame;
  stretches: Stretch[];
  zeros: number;
}

export interface CheckOptions {
  pool: WorkerPool<Jobs>;
  file: string;
  container: ContainerKind;
  /** What opens the file; asked for each frame, because a file that still grows is read too. */
  seal: () => Seal | null;
  /** The members in the tar's order; null after the last. */
  next: () => Promise<Expected | null>;
  /** Told for each thing that is wrong; what it throws ends the check. */
  report: (problem: string) => void;
  /** The hash over the whole file, which each frame is added to; null: frames in which nothing is wanted are left out. */
  fileHash: RunningHash | null;
  /** Told of each frame that was read, in order, with the SHA-256 of its bytes on disk. */
  hashed?: ((frame: Frame, sha256: Uint8Array) => void) | undefined;
  /** Memory to use; without it, some of its own. */
  rooms?: Rooms;
  /** Told when all of a large file was written and its hash was right. */
  written?: (member: Expected) => Promise<void>;
  onProgress?: ((bytes: number, files: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** Of a content that spans frames. */
interface LongHash {
  hash: RunningHash;
  /** A stretch of it could not be read. */
  isBroken: boolean;
}

export class FrameChecker {
  readonly #options: CheckOptions;
  #member: Expected | null = null;
  /** Bytes of the current member that earlier frames held; -1: not even its header. */
  #done = -1;
  #plainAt = 0;
  #frames = 0;
  #files = 0;
  readonly #rooms: Rooms;
  readonly #hashes = new Map<Expected, LongHash>();

  constructor(options: CheckOptions) {
    this.#options = options;
    this.#rooms = options.rooms ?? new Rooms();
  }

  /** Checks the next frames. `isEnd`: the tar ends with the last of them. False when the list and the tar went apart: the rest was not looked at. */
  async check(frames: readonly Frame[], isEnd: boolean): Promise<boolean> {
    const running: Promise<void>[] = [];
    // One frame a thread and one that is ready for the first that is free; each further one would take up to 8 MB.
    const limit = this.#options.pool.size + 1;
    try {
      for (const [index, frame] of frames.entries()) {
        this.#options.signal?.throwIfAborted();
        const plan = await this.#plan(frame, isEnd && index === frames.length - 1);
        if (!plan) return false;
        if (running.length >= limit) await running.shift();
        await this.#prepare(plan);
        const before = running.at(-1) ?? Promise.resolve();
        const work = this.#run(plan, before);
        work.catch(() => {});
        running.push(work);
      }
    } finally {
      await Promise.allSettled(running);
    }
    await Promise.all(running);
    return true;
  }

  /** Lays the members over a frame. Headers and paddings are never cut in two; what does not fit is a tar that we did not write. */
  async #plan(frame: Frame, isLast: boolean): Promise<Plan | null> {
    const number = this.#frames;
    this.#frames += 1;
    const stretches: Stretch[] = [];
    const apart = (what: string) => {
      this.#options.report(`the tar and the list of files do not fit together in frame ${number}: ${what}`);
      return null;
    };
    let left = frame.plainBytes;
    while (left > 0) {
      if (this.#member === null && (this.#member = await this.#options.next()) === null) {
        if (!isLast || left !== endOfTar) return apart('there is more in the tar than in the list');
        this.#plainAt += left;
        return { frame, stretches, zeros: left };
      }
      const member = this.#member;
      const isBegin = this.#done < 0;
      if (isBegin && member.offset !== null && member.offset !== this.#plainAt)
        return apart(`${shown(member.facts.path)} is not where the list says`);
      const head = isBegin ? headerLength(member.facts) : 0;
      const from = Math.max(0, this.#done);
      const length = Math.min(left - head, member.facts.bytes - from);
      const isFinal = from + length === member.facts.bytes;
      const padding = isFinal ? paddingOf(member.facts.bytes) : 0;
      if (length < 0 || left < head + length + padding) return apart(`${shown(member.facts.path)} does not fit into it`);
      stretches.push({ member, from, isBegin, length, padding });
      left -= head + length + padding;
      this.#plainAt += head + length + padding;
      this.#done = isFinal ? -1 : from + length;
      if (isFinal) this.#member = null;
    }
    if (isLast) return apart('the tar has no end');
    return { frame, stretches, zeros: 0 };
  }

  /** Large files are made before their stretches are written, by whichever thread. */
  async #prepare({ stretches }: Plan): Promise<void> {
    for (const stretch of stretches) {
      const { write } = stretch.member;
      if (write && stretch.isBegin && !isWhole(stretch)) await this.#options.pool.run('make-file', { path: write.target });
    }
  }

  async #run(plan: Plan, before: Promise<void>): Promise<void> {
    const { frame, stretches, zeros } = plan;
    const { pool, file, container, seal, fileHash, hashed } = this.#options;
    if (fileHash === null && stretches.every(({ member }) => member.write === null)) {
      await before;
      this.#options.onProgress?.(frame.plainBytes, this.#files);
      return;
    }
    if (frame.sha256 !== undefined) return this.#readCopied(plan, before, frame.sha256);
    const long = stretches.filter((stretch) => !isWhole(stretch) && stretch.member.hash !== null);
    const parts = columnsOf(stretches);
    const [room, plainRoom] = [this.#rooms.packed.take(), long.length > 0 ? this.#rooms.plain.take() : null];
    const { at, bytes, plainBytes } = frame;
    const job = { file, container, seal: seal(), at, bytes, plainBytes, parts, zeros, room, plainRoom, wantsHash: hashed !== undefined };
    const reply = pool.run('check', job, [parts.numbers.buffer, parts.hashes.buffer]);
    reply.catch(() => {});
    await before;
    const checked = await reply;
    for (const { part, problem } of checked.problems) this.#options.report(this.#name(problem, stretches, part, frame));
    fileHash?.add(new Uint8Array(room, 0, checked.bytes));
    if (checked.sha256 !== null) hashed?.(frame, checked.sha256);
    const plain = checked.hasPlain ? plainRoom : null;
    for (const stretch of long) await this.#addToHash(stretch, plain, checked.contents[stretches.indexOf(stretch)] ?? 0);
    this.#rooms.packed.give(room);
    this.#rooms.plain.give(plainRoom);
    this.#count(plan);
  }

  /** What another backup proved only has to be the same bytes here. */
  async #readCopied(plan: Plan, before: Promise<void>, sha256: Uint8Array): Promise<void> {
    const { pool, file, fileHash, hashed, report } = this.#options;
    const { frame, stretches } = plan;
    const room = this.#rooms.packed.take();
    const reply = pool.run('read', { file, at: frame.at, bytes: frame.bytes, room });
    reply.catch(() => {});
    await before;
    const read = await reply;
    if (Buffer.compare(read.sha256, sha256) !== 0) report(this.#name('it is not what was copied', stretches, -1, frame));
    fileHash?.add(new Uint8Array(room, 0, read.bytes));
    hashed?.(frame, read.sha256);
    this.#rooms.packed.give(room);
    this.#count(plan);
  }

  #count({ frame, stretches }: Plan): void {
    this.#files += stretches.filter((stretch) => isEnd(stretch) && stretch.member.facts.kind !== 'folder').length;
    this.#options.onProgress?.(frame.plainBytes, this.#files);
  }

  #name(problem: string, stretches: Stretch[], part: number, frame: Frame): string {
    if (part >= 0) return `${shown(stretches[part]?.member.facts.path ?? '?')}: ${problem}`;
    const names = stretches.map(({ member }) => shown(member.facts.path));
    const inside =
      names.length === 0
        ? 'nothing but the end'
        : names.length > 3
          ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
          : names.join(', ');
    return `the frame at byte ${frame.at} is damaged (${problem}); it holds ${inside}`;
  }

  /** A content that spans frames is hashed here, where its stretches come in order. */
  async #addToHash({ member, from, length }: Stretch, plain: Room | null, at: number): Promise<void> {
    const { report, written } = this.#options;
    const long = this.#hashes.get(member) ?? { hash: new RunningHash(), isBroken: false };
    this.#hashes.set(member, long);
    long.isBroken ||= plain === null;
    if (plain !== null) long.hash.add(new Uint8Array(plain, at, length));
    if (from + length < member.facts.bytes) return;
    this.#hashes.delete(member);
    if (long.isBroken) return;
    if (member.hash === null || long.hash.end() !== Buffer.from(member.hash).toString('hex'))
      report(`${shown(member.facts.path)}: its content is not what its SHA-256 says`);
    else if (member.write) await written?.(member);
  }
}

function isWhole({ member, isBegin, length }: Stretch): boolean {
  return isBegin && length === member.facts.bytes;
}

function isEnd({ member, from, length }: Stretch): boolean {
  return from + length === member.facts.bytes;
}

function columnsOf(stretches: readonly Stretch[]): CheckParts {
  const numbers = new Float64Array(stretches.length * checkColumns.length);
  const hashes = new Uint8Array(stretches.length * hashBytes);
  const targets: CheckParts['targets'] = {};
  const writes: CheckParts['writes'] = {};
  stretches.forEach((stretch, index) => {
    const { member, from, isBegin, length, padding } = stretch;
    const { kind, bytes, mode, mtime, uid, gid, target } = member.facts;
    const hash = isWhole(stretch) ? member.hash : null;
    numbers.set(
      [kinds.indexOf(kind), bytes, mode, mtime, uid, gid, isBegin ? 1 : 0, length, padding, hash === null ? 0 : 1],
      index * checkColumns.length,
    );
    if (hash !== null) hashes.set(hash, index * hashBytes);
    if (target !== undefined) targets[index] = target;
    if (member.write) writes[index] = { ...member.write, position: isWhole(stretch) ? null : from };
  });
  return { names: stretches.map(({ member }) => member.facts.path).join('\0'), numbers, hashes, targets, writes };
}
