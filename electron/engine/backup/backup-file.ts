/** The file that a backup is written into: aside, private, in order, hashed as it grows. */
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { exists, moveDurably, openFile, privateFile, remove, type FileHandle } from '../platform/files.ts';
import { RunningHash } from '../platform/hashing.ts';
import { randomId } from '../platform/random.ts';
import { explainSystemError } from './backup-failures.ts';
import { nonceBytes, payloadKey } from '../platform/sealing.ts';
import { openChunks, SealingStream, stretchOf, type Seal } from './age-payload.ts';
import { encodeEnd, type ContainerKind, type Frame } from './frame-container.ts';

/** Copied bytes after which a sync of meanwhile begins. */
const bytesBetweenSyncs = 32 * 1024 * 1024;

export class BackupFile {
  /** Where it is being written. */
  readonly partial: string;
  readonly frames: Frame[] = [];
  plainBytes = 0;
  /** Of the frames and what follows them; on disk it is more where they are encrypted. */
  bytes = 0;
  /** On disk. */
  stored = 0;
  #isSyncing = false;
  #syncedTo = 0;
  #syncing: Promise<void> = Promise.resolve();
  /** Linux tells of a failed write once: what a sync of meanwhile was told must not be forgotten. */
  #syncFailure: unknown = null;
  readonly #to: string;
  readonly #handle: FileHandle;
  /** Where it is encrypted: what seals it, and hashes over what was written so far, as it is on disk and before that. */
  readonly #sealing: { stream: SealingStream; seal: Seal; hash: RunningHash; plainHash: RunningHash } | null;

  private constructor(to: string, partial: string, handle: FileHandle, seal: Seal | null) {
    this.#sealing =
      seal === null ? null : { stream: new SealingStream(seal.key), seal, hash: new RunningHash(), plainHash: new RunningHash() };
    this.#to = to;
    this.partial = partial;
    this.#handle = handle;
  }

  /** Refuses where a file of the name is there already. What an earlier try left behind is not in the way. */
  static async create(to: string, lock: { header: Buffer; nonce: Uint8Array; fileKey: Uint8Array } | null): Promise<BackupFile> {
    if (await exists(to)) throw taken(to, 'there is a file of this name already');
    const partial = join(dirname(to), `.${basename(to)}.${randomId(4)}.partial`);
    const handle = await openFile(partial, 'wx', privateFile).catch((error: unknown) => {
      throw explainSystemError(error, `cannot make the backup ${to}`);
    });
    if (lock === null) return new BackupFile(to, partial, handle, null);
    const from = lock.header.length + nonceBytes;
    const file = new BackupFile(to, partial, handle, { key: payloadKey(lock.fileKey, lock.nonce), from, bytes: Infinity });
    await file.#store(Buffer.concat([lock.header, lock.nonce]));
    return file;
  }

  /** What opens it so far; null where it is not encrypted. */
  get seal(): Seal | null {
    return this.#sealing?.seal ?? null;
  }

  /** How many frames can be read back from the disk. */
  get readableFrames(): number {
    if (this.#sealing === null || Number.isFinite(this.#sealing.seal.bytes)) return this.frames.length;
    const { readable } = this.#sealing.stream;
    const first = this.frames.findIndex((frame) => frame.at + frame.bytes > readable);
    return first < 0 ? this.frames.length : first;
  }

  /** Writes a frame; with its SHA-256 when it is copied from another backup. */
  async write(frame: Uint8Array, plainBytes: number, sha256?: Uint8Array): Promise<void> {
    await this.#append(frame);
    this.frames.push({ at: this.bytes - frame.length, bytes: frame.length, plainBytes, ...(sha256 && { sha256 }) });
    this.plainBytes += plainBytes;
    if (sha256) this.#syncMeanwhile();
  }

  /** Copying is as fast as the disk, so what was copied goes there while more is copied. What fails here fails when all of it is synced. */
  #syncMeanwhile(): void {
    if (this.#isSyncing || this.stored - this.#syncedTo < bytesBetweenSyncs) return;
    this.#isSyncing = true;
    this.#syncedTo = this.stored;
    this.#syncing = this.#handle.datasync().then(
      () => void (this.#isSyncing = false),
      (error: unknown) => void (this.#syncFailure ??= error),
    );
  }

  /** Where it ends now, to come back to. Only for a file that is not encrypted: nothing is copied into another. */
  mark(): () => Promise<void> {
    const { bytes, plainBytes } = this;
    const frames = this.frames.length;
    return async () => {
      await this.#handle.truncate(bytes);
      this.frames.length = frames;
      Object.assign(this, { bytes, plainBytes, stored: bytes });
    };
  }

  /** Makes what was written so far durable. */
  async sync(): Promise<void> {
    await this.#syncing;
    if (this.#syncFailure !== null) throw explainSystemError(this.#syncFailure, `cannot write the backup ${this.#to}`);
    await this.#handle.sync();
  }

  /**
   * Ends the file. Answers its digest as the trailer has it, and the SHA-256 of all of it. `read` is the hash over all frames as they were
   * read back from disk; an encrypted file can be read to its last frame only when it has ended, so there the hash over what was written counts.
   */
  async end(
    kind: ContainerKind,
    trailer: { format: number; manifestAt: number },
    read: RunningHash,
  ): Promise<{ digest: string; sha256: string; end: Buffer }> {
    const { before, after } = encodeEnd(kind, this.frames, { ...trailer, plainBytes: this.plainBytes });
    const hash = (this.#sealing?.plainHash ?? read).copy();
    hash.add(before);
    const whole = hash.copy();
    hash.add(after);
    const digest = hash.end();
    const rest = Buffer.concat([Buffer.from(digest, 'hex'), after]);
    whole.add(rest);
    const end = Buffer.concat([before, rest]);
    await this.#append(end);
    if (this.#sealing !== null) {
      await this.#store(this.#sealing.stream.end());
      this.#sealing.seal.bytes = this.bytes;
    }
    await this.sync();
    const plain = whole.end();
    return { digest, sha256: this.#sealing?.hash.end() ?? plain, end };
  }

  /** The last bytes of the file, as they are on disk. */
  async readEnd(bytes: number): Promise<Buffer> {
    const handle = await openFile(this.partial, 'r');
    try {
      const { size } = await handle.stat();
      const seal = this.#sealing?.seal;
      const stretch = seal === undefined ? { at: size - bytes, bytes, first: 0, skip: 0 } : stretchOf(seal, seal.bytes - bytes, bytes);
      const buffer = Buffer.alloc(stretch.bytes);
      await handle.read(buffer, 0, stretch.bytes, stretch.at);
      return seal === undefined ? buffer : openChunks(seal, stretch.first, buffer).subarray(stretch.skip);
    } finally {
      await handle.close();
    }
  }

  /** Gives the file its name. */
  async publish(): Promise<void> {
    await this.#syncing;
    await this.#handle.close();
    if (await exists(this.#to)) throw taken(this.#to, 'a file of this name has come meanwhile');
    await moveDurably(this.partial, this.#to);
  }

  async discard(): Promise<void> {
    await this.#syncing;
    await this.#handle.close();
    await remove(this.partial);
  }

  async #append(content: Uint8Array): Promise<void> {
    this.#sealing?.plainHash.add(content);
    await this.#store(this.#sealing === null ? content : this.#sealing.stream.add(content));
    this.bytes += content.length;
  }

  async #store(content: Uint8Array): Promise<void> {
    this.#sealing?.hash.add(content);
    try {
      for (let done = 0; done < content.length;) {
        const { bytesWritten } = await this.#handle.write(content, done, content.length - done, this.stored + done);
        done += bytesWritten;
      }
      this.stored += content.length;
    } catch (error) {
      throw explainSystemError(error, `cannot write the backup ${this.#to}`);
    }
  }
}

function taken(to: string, why: string): Failure {
  return new Failure('bad-input', `The backup ${to} cannot be made: ${why}.`, {
    remedy: { action: 'choose-folder', text: 'Choose another name, or remove the file if nobody needs it.' },
    details: { path: to },
  });
}
