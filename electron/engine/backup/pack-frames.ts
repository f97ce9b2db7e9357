/**
 * Turns scanned entries into frames: plans which bytes go into which frame, lets the worker threads make them, and hands them on in order.
 * Small files are packed many to a frame; a file that does not fit into one is cut, and its hash is made by the thread that sees
 * all its pieces in order.
 */
import { frameBytes } from './backup-constants.ts';
import type { FileFacts } from '../platform/blocking-files.ts';
import { RunningHash } from '../platform/hashing.ts';
import type { WorkerPool } from '../platform/workers.ts';
import { factColumns, factsAt, putFacts } from './fact-columns.ts';
import type { ContainerKind } from './frame-container.ts';
import type { Packed } from './entry-store.ts';
import type { Room, Rooms } from './rooms.ts';
import type { Scanned } from './scan-sources.ts';
import { headerLength, memberLength, paddingOf, type MemberFacts } from './tar-member.ts';
import { look } from './tree-jobs.ts';
import { hashBytes, packedColumns, packOutcomes, readOutcomes } from './worker-jobs.ts';
import type { Jobs, KeptFacts, PackedPart, PackPart, PackReply, ReadOutcome } from './worker-jobs.ts';

const columnOf = Object.fromEntries(packedColumns.map((column, index) => [column, index])) as Record<
  (typeof packedColumns)[number],
  number
>;

export interface FrameSink {
  /** Writes a frame behind the ones before; answers when it is written, and its memory may be used again. Called in order, one at a time. */
  write(frame: Uint8Array, plainBytes: number): Promise<void>;
  /** Length of the tar so far. */
  readonly plainBytes: number;
  /** Takes the next member in and answers its number. */
  packed(packed: Packed, scanned: Scanned): number;
  /** There is no file of this name any more. */
  gone(path: string): void;
}

interface LargeFile {
  scanned: Scanned;
  hash: RunningHash;
  header: MemberFacts;
  facts: FileFacts;
  offset: number;
  read: ReadOutcome;
  fresh: boolean;
}

export interface PackOptions {
  pool: WorkerPool<Jobs>;
  rooms: Rooms;
  container: ContainerKind;
  level: number;
  sink: FrameSink;
  signal?: AbortSignal;
}

/** Told of a frame that was written: where it begins in the tar, and its tar bytes when it is a piece. */
type Take = (reply: PackReply, offset: number, plain: Room | null) => void;

/** Content that is no file's, and where it belongs in the frame. */
interface Ready {
  content: Uint8Array;
  at: number;
}

export class FramePacker {
  readonly #pool: WorkerPool<Jobs>;
  readonly #rooms: Rooms;
  readonly #container: ContainerKind;
  readonly #level: number;
  readonly #sink: FrameSink;
  readonly #signal: AbortSignal | undefined;
  #batch: Scanned[] = [];
  #batchBytes = 0;
  #again: Scanned[] = [];
  /** Frames that are being made or wait for their turn to be written, in order. */
  readonly #unwritten: Promise<void>[] = [];
  #failure: unknown = null;

  constructor(options: PackOptions) {
    this.#pool = options.pool;
    this.#rooms = options.rooms;
    this.#container = options.container;
    this.#level = options.level;
    this.#sink = options.sink;
    this.#signal = options.signal;
  }

  /** Answers a promise only where there is something to wait for: awaiting each of a hundred thousand small files takes its time. */
  add(scanned: Scanned): Promise<void> | undefined {
    const bytes = memberLength(memberOf(scanned));
    if (bytes > frameBytes) return this.#addLarge(scanned);
    if (this.#batchBytes + bytes > frameBytes) {
      const flushed = this.#flush();
      this.#take(scanned, bytes);
      return flushed;
    }
    this.#take(scanned, bytes);
    return undefined;
  }

  #take(scanned: Scanned, bytes: number): void {
    this.#batch.push(scanned);
    this.#batchBytes += bytes;
  }

  /** Adds a file after a new look at it; one that is gone stays out. */
  async addAgain(scanned: Scanned): Promise<void> {
    const now = lookNow(scanned.from);
    const { path, item, kind, from, target, kept, moving } = scanned;
    if (now?.facts.kind === 'file') await this.add({ path, item, kind, from, facts: now.facts, target, kept, moving });
    else this.#sink.gone(scanned.path);
  }

  /** Adds a member that is made here and not read from a file, in frames of its own. `content` comes in pieces of at most a frame less 8 KiB. */
  async addOwn(header: MemberFacts, content: Iterable<Uint8Array>, end: number): Promise<void> {
    await this.#flush();
    let isFirst = true;
    let left = header.bytes;
    for (const piece of content) {
      left -= piece.length;
      const padding = left === 0 ? paddingOf(header.bytes) + end : 0;
      const at = isFirst ? headerLength(header) : 0;
      const part: PackPart = { part: 'bytes', header: isFirst ? header : null, length: piece.length, padding };
      await this.#dispatch([part], () => {}, { ready: { content: piece, at } });
      isFirst = false;
    }
  }

  /** Ends the frame that was begun and waits until all of them are written, so that another may write behind them. */
  async settle(): Promise<void> {
    await this.#flush();
    await Promise.all(this.#unwritten.splice(0));
    if (this.#failure !== null) throw this.#failure;
  }

  /** Waits until all that was added is written. */
  async finish(): Promise<void> {
    for (;;) {
      await this.settle();
      const again = this.#again;
      this.#again = [];
      if (again.length === 0) break;
      for (const scanned of again) await this.addAgain(scanned);
    }
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#batch = [];
    this.#batchBytes = 0;
    const runs = runsOf(batch);
    await this.#dispatch(runs.map(partOf), (reply, offset) => {
      reply.parts.forEach((part, index) => this.#takePart(part, runs[index] as Scanned[], offset));
    });
  }

  #takePart(part: PackedPart, run: readonly Scanned[], offset: number): void {
    const [first] = run as [Scanned];
    if (part.state === 'packed') {
      const entry = { ...memberOf(first), offset: offset + part.at };
      this.#sink.packed({ entry, facts: first.facts, read: 'settled', fresh: false }, first);
    }
    if (part.state === 'files') run.forEach((scanned, index) => this.#takeFile(part, index, scanned, offset));
  }

  #takeFile({ numbers, hashes }: Extract<PackedPart, { state: 'files' }>, index: number, scanned: Scanned, offset: number): void {
    const row = index * packedColumns.length;
    const number = (column: number) => numbers[row + column] as number;
    const outcome = packOutcomes[number(columnOf.outcome)];
    if (outcome === 'too-big') this.#again.push(scanned);
    if (outcome === 'gone') this.#sink.gone(scanned.path);
    if (outcome !== 'packed') return;
    const facts = factsAt('file', numbers, row + columnOf.bytes);
    const { mode, uid, gid } = scanned.kept ?? facts;
    const mtime = scanned.kept?.mtime ?? facts.mtimeMs;
    const entry = {
      path: scanned.path,
      kind: 'file' as const,
      bytes: number(columnOf.length),
      mode,
      mtime,
      uid,
      gid,
      sha256: hashes.subarray(index * hashBytes, (index + 1) * hashBytes),
      offset: offset + number(columnOf.at),
    };
    this.#sink.packed(
      { entry, facts, read: readOutcomes[number(columnOf.read)] ?? 'changed', fresh: number(columnOf.fresh) === 1 },
      scanned,
    );
  }

  async #addLarge(scanned: Scanned): Promise<void> {
    await this.#flush();
    const now = lookNow(scanned.from);
    if (now?.facts.kind !== 'file') return this.#sink.gone(scanned.path);
    const { facts } = now;
    const header = memberOf({ ...scanned, facts });
    const large: LargeFile = { scanned, hash: new RunningHash(), header, facts, offset: -1, read: 'settled', fresh: now.fresh };
    for (let position = 0; position === 0 || position < facts.bytes;) {
      const isFirst = position === 0;
      const length = Math.min(frameBytes - (isFirst ? headerLength(header) : 0), facts.bytes - position);
      const isLast = position + length === facts.bytes;
      // The padding of the last piece has to fit into the same frame.
      const padding = isLast ? paddingOf(facts.bytes) : 0;
      const part: PackPart = {
        part: 'piece',
        from: scanned.from,
        moving: scanned.moving,
        header: isFirst ? header : null,
        expect: facts,
        position,
        length,
        padding,
      };
      await this.#dispatch([part], (reply, offset, plain) => this.#takePiece(reply, { offset, plain, length, isLast }, large), {
        isPiece: true,
      });
      position += length;
    }
  }

  #takePiece(reply: PackReply, piece: { offset: number; plain: Room | null; length: number; isLast: boolean }, large: LargeFile): void {
    const part = reply.parts[0];
    const { offset, plain, length, isLast } = piece;
    if (part?.state !== 'piece' || plain === null) throw new Error('a piece of a file came back as something else');
    if (large.offset < 0) large.offset = offset;
    if (part.read !== 'settled' && large.read !== 'changed') large.read = part.read;
    large.hash.add(new Uint8Array(plain, part.contentAt, length));
    if (!isLast) return;
    const { header, facts, read, fresh } = large;
    const entry = { ...header, offset: large.offset, sha256: Buffer.from(large.hash.end(), 'hex') };
    this.#sink.packed({ entry, facts, read, fresh }, large.scanned);
  }

  /**
   * Has a frame made; once the ones before it are written, writes it and tells `take`, in order. `isPiece`: the tar bytes are wanted then.
   * `ready`: content that is no file's.
   */
  async #dispatch(parts: PackPart[], take: Take, { isPiece = false, ready }: { isPiece?: boolean; ready?: Ready } = {}): Promise<void> {
    // Two frames a thread, so that none waits for one that takes longer and has to be written first.
    while (this.#unwritten.length >= 2 * this.#pool.size) await this.#unwritten.shift();
    this.#signal?.throwIfAborted();
    if (this.#failure !== null) throw this.#failure;
    const [room, plainRoom] = [this.#rooms.packed.take(), this.#rooms.plain.take()];
    if (ready) new Uint8Array(plainRoom).set(ready.content, ready.at);
    const made = this.#pool.run('pack', { container: this.#container, level: this.#level, parts, room, plainRoom });
    const done = made.then((reply) => {
      if (!isPiece) this.#rooms.plain.give(plainRoom);
      return reply;
    });
    done.catch(() => {});
    const before = this.#unwritten.at(-1) ?? Promise.resolve();
    const written = this.#takeFrame(before, done, { room, plain: isPiece ? plainRoom : null }, take);
    this.#unwritten.push(written.catch((error: unknown) => void (this.#failure ??= error)));
  }

  async #takeFrame(
    before: Promise<void>,
    made: Promise<PackReply>,
    { room, plain }: { room: Room; plain: Room | null },
    take: Take,
  ): Promise<void> {
    await before;
    const reply = await made;
    if (this.#failure !== null) return;
    const offset = this.#sink.plainBytes;
    if (reply.plainBytes > 0) await this.#sink.write(new Uint8Array(room, 0, reply.frameBytes), reply.plainBytes);
    take(reply, offset, plain);
    this.#rooms.packed.give(room);
    this.#rooms.plain.give(plain);
  }
}

/** In this thread: in another it would have its turn behind frames, and all would wait for it. */
function lookNow(path: string): Jobs['look']['reply'] {
  return look({ path }).reply;
}

/** A folder or link alone, or as many files as follow each other. */
function runsOf(batch: readonly Scanned[]): Scanned[][] {
  const runs: Scanned[][] = [];
  for (const scanned of batch) {
    const last = runs.at(-1);
    if (scanned.kind === 'file' && last?.[0]?.kind === 'file' && last[0].moving === scanned.moving) last.push(scanned);
    else runs.push([scanned]);
  }
  return runs;
}

function partOf(run: readonly Scanned[]): PackPart {
  const [first] = run as [Scanned];
  if (first.kind !== 'file') return { part: 'member', facts: memberOf(first) };
  const kept: Record<number, KeptFacts> = {};
  const expect = new Float64Array(run.length * factColumns.length);
  run.forEach((scanned, index) => {
    if (scanned.kept) kept[index] = scanned.kept;
    putFacts(scanned.facts, expect, index * factColumns.length);
  });
  return { part: 'files', names: run.map(({ from, path }) => `${from}\0${path}`).join('\0'), expect, kept, moving: first.moving };
}

/** What the header of a scanned entry tells. */
export function memberOf(scanned: Pick<Scanned, 'path' | 'kind' | 'facts' | 'target' | 'kept'>): MemberFacts {
  const { path, kind, facts, target } = scanned;
  const { mode, uid, gid } = scanned.kept ?? facts;
  const mtime = scanned.kept?.mtime ?? facts.mtimeMs;
  const bytes = kind === 'file' ? facts.bytes : 0;
  return target === null ? { path, kind, bytes, mode, mtime, uid, gid } : { path, kind, bytes, mode, mtime, uid, gid, target };
}
