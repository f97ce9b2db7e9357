/** Writes a backup, in the thread of `backup-worker.ts`. `open-backup.ts` says what it promises. */
import { now, pause } from '../platform/clock.ts';
import { moultVersion, platform } from '../platform/environment.ts';
import { hashOf } from '../platform/hashing.ts';
import { randomUuid } from '../platform/random.ts';
import { newNonce } from '../platform/sealing.ts';
import type { WorkerPool } from '../platform/workers.ts';
import { giveBack } from './backup-workers.ts';
import { fits, sealIdOf, type Lock } from './age-outside.ts';
import { badBackup, explainSystemError, neverStill } from './backup-failures.ts';
import { BackupFile } from './backup-file.ts';
import { backupFormat, memberNames } from './backup-constants.ts';
import type { BackupHeader, BackupManifest, BackupProgress, SealedBackup } from './backup-format.ts';
import { makeList, piecesOf, tally } from './backup-list.ts';
import type { Packed } from './entry-store.ts';
import { containerFor, type ContainerKind } from './frame-container.ts';
import { markerContent, ownMember } from './own-members.ts';
import { FrameCopier } from './copy-frames.ts';
import { FramePacker } from './pack-frames.ts';
import type { PreviousFrames } from './previous-frames.ts';
import { Pace } from './pace.ts';
import { ReadBack } from './read-back.ts';
import { Rooms } from './rooms.ts';
import { memberPath, scanSources, type LeftOut, type Scanned, type ScannedSource } from './scan-sources.ts';
import { readOutside } from './stored-bytes.ts';
import { endOfTar } from './tar-member.ts';
import type { Jobs } from './worker-jobs.ts';
import { WrittenMembers } from './written-members.ts';

/** As `BackupOptions`, without what cannot cross into a worker thread. */
export interface WriterOptions {
  to: string;
  level?: number;
  moultVersion?: string;
  previous?: string;
  /** What it is encrypted for. */
  lock?: Lock | undefined;
  limit?: number | null;
  goLast?: boolean;
}

/** What the thread that asked for the backup does for it. */
export interface WriterHelp {
  signal: AbortSignal;
  /** Which of the paths below a source are to be left out. */
  skip: (source: number, relatives: string[]) => Promise<boolean[]>;
  progress: (progress: BackupProgress) => void;
}

/** How often what changed while it was read is read again after the last pass. */
const lastTries = 3;

/** The threads of `pool` are borrowed: the writer gives them back, a failure ends them. */
export async function createWriter(options: WriterOptions, help: WriterHelp, pool: WorkerPool<Jobs>): Promise<Writer> {
  try {
    const container = containerFor(options.to);
    const { previous, lock: asked } = options;
    const lock = asked === undefined ? null : await makeLock(asked);
    // Frames are copied between files that are not encrypted: what is in an encrypted one is packed anew.
    const earlier = previous === undefined || lock !== null ? null : await openPrevious(previous, container, help.signal);
    const file = await BackupFile.create(options.to, lock);
    return new Writer({ ...options, lock: undefined }, help, container, pool, file, earlier, lock);
  } catch (error) {
    await giveBack(pool, false);
    throw error;
  }
}

// What only some backups need is loaded with them: the others begin sooner.
async function makeLock(lock: Lock): Promise<MadeLock> {
  const { makeHeader } = await import('./age-header.ts');
  return { ...(await makeHeader(lock)), nonce: newNonce() };
}

async function openPrevious(path: string, container: ContainerKind, signal: AbortSignal): Promise<PreviousFrames | null> {
  const { PreviousFrames: Frames } = await import('./previous-frames.ts');
  return Frames.open(path, container, signal);
}

/** The header of an encrypted file, and what opens it. */
interface MadeLock {
  header: Buffer;
  nonce: Uint8Array;
  fileKey: Uint8Array;
}

/** The writer itself, in a thread of its own; see `BackupWriter` for what its methods promise. */
export class Writer {
  readonly #options: WriterOptions;
  readonly #help: WriterHelp;
  readonly #container: ContainerKind;
  readonly #pool: WorkerPool<Jobs>;
  readonly #file: BackupFile;
  readonly #lock: MadeLock | null;
  readonly #packer: FramePacker;
  readonly #copier: FrameCopier | null;
  readonly #readBack: ReadBack;
  readonly #rooms = new Rooms();
  readonly #id = randomUuid();
  readonly #created = now();
  readonly #members: WrittenMembers;
  #leftOut = new Map<string, LeftOut>();
  #isClosed = false;
  readonly #pace: Pace;

  constructor(
    options: WriterOptions,
    help: WriterHelp,
    container: ContainerKind,
    pool: WorkerPool<Jobs>,
    file: BackupFile,
    previous: PreviousFrames | null,
    lock: MadeLock | null,
  ) {
    this.#lock = lock;
    this.#pace = new Pace(options.limit ?? null);
    this.#options = options;
    this.#help = help;
    this.#container = container;
    this.#pool = pool;
    this.#file = file;
    this.#members = new WrittenMembers(pool);
    const { signal } = help;
    const tell = () => help.progress({ bytes: file.plainBytes, files: this.#members.written.length });
    const rooms = this.#rooms;
    const write = async (frame: Uint8Array, plainBytes: number, sha256?: Uint8Array) => {
      const before = file.stored;
      await file.write(frame, plainBytes, sha256);
      tell();
      await this.#pace.take(file.stored - before, signal);
    };
    const sink = {
      write: (frame: Uint8Array, plainBytes: number) => write(frame, plainBytes),
      copyIn: write,
      mark: () => file.mark(),
      get plainBytes() {
        return file.plainBytes;
      },
      packed: (packed: Packed, scanned: Scanned) => this.#members.take(packed, scanned),
      gone: (path: string) => this.#members.drop(path),
    };
    this.#packer = new FramePacker({ pool, rooms, container, level: options.level ?? (container === 'zstd' ? 3 : 6), sink, signal });
    this.#copier = previous && new FrameCopier({ previous, pool, rooms, packer: this.#packer, sink, signal });
    this.#readBack = new ReadBack({ pool, rooms, file, container, members: this.#members, pace: this.#pace, signal });
  }

  async addFirstPass(sources: readonly ScannedSource[]): Promise<void> {
    await this.#guard(async () => {
      await this.#addMarker();
      this.#members.beginPass();
      const to = this.#copier ?? this.#packer;
      for await (const some of this.#scan(sources)) {
        for (const scanned of some) {
          const added = to.add(scanned);
          if (added !== undefined) await added;
        }
      }
      await this.#copier?.finish();
      await this.#packer.finish();
    });
  }

  async addChanges(sources: readonly ScannedSource[]): Promise<{ changed: number; removed: number }> {
    // A second pass comes after the product was stopped: from now on somebody waits for it.
    this.#pace.lift();
    return this.#guard(async () => {
      await this.#addMarker();
      const taken = sources.filter((source) => source.taken === true).map((source) => memberPath(source, ''));
      const isTaken = (path: string) => taken.some((root) => path === root || path.startsWith(`${root}/`));
      this.#leftOut = new Map([...this.#leftOut].filter(([path]) => isTaken(path)));
      this.#members.beginPass();
      let changed = 0;
      for await (const some of this.#scan(sources)) {
        for (const scanned of some) {
          const isUnchanged = this.#members.isUnchanged(scanned);
          if (isUnchanged === true || (isUnchanged !== false && (await isUnchanged))) continue;
          changed += 1;
          await this.#packer.add(scanned);
        }
      }
      await this.#packer.finish();
      await this.#readRestlessAgain();
      return { changed, removed: this.#members.dropUnseen(isTaken) };
    });
  }

  async verifyWritten(): Promise<void> {
    await this.#guard(async () => {
      // Side by side: the disk is busy with the one and the processor with the other.
      const sync = this.#file.sync();
      sync.catch(() => {});
      await this.#readBack.check(false);
      await sync;
    });
  }

  async seal(header: BackupHeader): Promise<SealedBackup> {
    const sealed = await this.#guard(async () => {
      await this.#addMarker();
      await this.#readRestlessAgain();
      this.#refuseRestless();
      // An encrypted file can be read to its last frame only when it has ended.
      const isEncrypted = this.#lock !== null;
      if (!isEncrypted) await this.#readBack.check(false);
      const list = await this.#addList();
      const manifest = this.#manifest(header, list);
      const manifestAt = this.#file.plainBytes;
      const content = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
      await this.#addOwn(memberNames.manifest, content.length, piecesOf(content), hashOf(content), endOfTar);
      if (!isEncrypted) await this.#readBack.check(true);
      const { digest, sha256, end } = await this.#file.end(this.#container, { format: backupFormat, manifestAt }, this.#readBack.hash);
      if (isEncrypted) await this.#readBack.check(true);
      await this.#readBack.checkEnd(end, digest);
      await this.#label(manifest, sha256);
      await this.#file.publish();
      const { files, links } = manifest.counts;
      return {
        id: this.#id,
        path: this.#options.to,
        bytes: this.#file.stored,
        files: files + links,
        contentBytes: manifest.contentBytes,
        sha256,
        encrypted: this.#lock !== null,
      };
    });
    this.#isClosed = true;
    await giveBack(this.#pool, true);
    return sealed;
  }

  /** The key of the file, for the process that asked for it; null where it is not encrypted. */
  key(): { sealId: string; fileKey: Uint8Array } | null {
    if (this.#lock === null) return null;
    const { header, nonce, fileKey } = this.#lock;
    return { sealId: sealIdOf(Buffer.concat([header, nonce])), fileKey };
  }

  async abandon(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await giveBack(this.#pool, false);
    if (this.#lock !== null) await (await import('./backup-label.ts')).removeLabel(this.#options.to);
    await this.#file.discard();
  }

  /** Errors of the system become failures; what went wrong leaves the partial file to `abandon`. */
  async #guard<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#isClosed) throw new Error('the backup is closed');
    try {
      return await work();
    } catch (error) {
      this.#help.signal.throwIfAborted();
      throw explainSystemError(error, 'the backup cannot be made');
    }
  }

  /**
   * What was to be encrypted is: its header on the disk is the one that its key was tried on, and every chunk was opened when it was read
   * back. Then the label, before the file has its name: no encrypted backup is ever without one.
   */
  async #label(manifest: BackupManifest, sha256: string): Promise<void> {
    const key = this.key();
    if (key === null || this.#lock === null) return;
    const outside = await readOutside(this.#file.partial);
    if (outside?.sealId !== key.sealId || !fits(key.fileKey, outside.header)) {
      throw badBackup(this.#file.partial, 'it was to be encrypted, and is not encrypted with its key');
    }
    const { labelOf, writeLabel } = await import('./backup-label.ts');
    const label = labelOf(manifest, { bytes: this.#file.stored, sha256, seal: key.sealId });
    await writeLabel(this.#options.to, label, key.fileKey);
  }

  #scan(sources: readonly ScannedSource[]): AsyncGenerator<readonly Scanned[]> {
    const { skip, signal } = this.#help;
    return scanSources(sources, { pool: this.#pool, skip, signal, leaveOut: (entry) => this.#leftOut.set(entry.path, entry) });
  }

  /** Files that changed while they were read, also when read again at once, are given some time and read once more. */
  async #readRestlessAgain(): Promise<void> {
    for (let attempt = 1; attempt <= lastTries && this.#members.restless.size > 0; attempt += 1) {
      await pause(attempt * 100, this.#help.signal);
      for (const scanned of [...this.#members.restless.values()]) await this.#packer.addAgain(scanned);
      await this.#packer.finish();
    }
  }

  /** What did not stand still while it was read must not pass for its content. */
  #refuseRestless(): void {
    if (this.#members.restless.size === 0) return;
    throw neverStill([...this.#members.restless.values()].map(({ from }) => from));
  }

  async #addMarker(): Promise<void> {
    if (this.#readBack.hasOwn) return;
    const content = markerContent(this.#id);
    await this.#addOwn(memberNames.marker, content.length, [content], hashOf(content), 0);
  }

  async #addOwn(name: string, bytes: number, pieces: Iterable<Uint8Array>, sha256: string, end: number): Promise<void> {
    const facts = ownMember(name, bytes, this.#created);
    this.#readBack.addOwn(facts, sha256);
    await this.#packer.addOwn(facts, pieces, end);
    await this.#packer.finish();
  }

  async #addList(): Promise<BackupManifest['list']> {
    const offset = this.#file.plainBytes;
    const { bytes, sha256, pieces } = makeList(this.#members.written, () => this.#readBack.packedUnits(), this.#rooms);
    await this.#addOwn(memberNames.files, bytes, pieces, sha256, 0);
    return { offset, bytes, lines: this.#members.written.length, sha256 };
  }

  #manifest(header: BackupHeader, list: BackupManifest['list']): BackupManifest {
    return {
      format: backupFormat,
      id: this.#id,
      created: this.#created,
      moult: this.#options.moultVersion ?? moultVersion(),
      platform: platform(),
      ...header,
      leftOut: [...this.#leftOut.values()],
      ...tally(this.#members.written),
      list,
    };
  }
}
