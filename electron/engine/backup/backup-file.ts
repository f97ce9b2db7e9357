/** The file that a backup is written into: aside, private, in order, hashed as it grows. */
import { basename, dirname, join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { exists, moveDurably, openFile, privateFile, remove, type FileHandle } from '../platform/files.ts';
import { randomId } from '../platform/random.ts';
import { explainSystemError } from './backup-failures.ts';
import type { BackupWorkers } from './backup-workers.ts';
import { encodeEnd, type ContainerKind, type Frame } from './frame-container.ts';

export class BackupFile {
  /** Where it is being written. */
  readonly partial: string;
  readonly frames: Frame[] = [];
  plainBytes = 0;
  bytes = 0;
  readonly #to: string;
  readonly #handle: FileHandle;
  readonly #workers: BackupWorkers;
  readonly #lane: number;
  #pending: Promise<unknown> = Promise.resolve();

  private constructor(to: string, partial: string, handle: FileHandle, workers: BackupWorkers) {
    this.#to = to;
    this.partial = partial;
    this.#handle = handle;
    this.#workers = workers;
    this.#lane = workers.newLane();
  }

  /** Refuses where a file of the name is there already. What an earlier try left behind is not in the way. */
  static async create(to: string, workers: BackupWorkers): Promise<BackupFile> {
    if (await exists(to)) throw taken(to, 'there is a file of this name already');
    const partial = join(dirname(to), `.${basename(to)}.${randomId(4)}.partial`);
    const handle = await openFile(partial, 'wx', privateFile).catch((error: unknown) => {
      throw explainSystemError(error, `cannot make the backup ${to}`);
    });
    return new BackupFile(to, partial, handle, workers);
  }

  /** Takes the frame over: nobody else may use it afterwards. */
  async write(frame: Uint8Array<ArrayBuffer>, plainBytes: number): Promise<void> {
    await this.#append(frame);
    this.frames.push({ at: this.bytes - frame.length, bytes: frame.length, plainBytes });
    this.plainBytes += plainBytes;
    // Handed over to the hash last: it leaves this thread.
    this.#pending = this.#workers.hasher.run('hash', { lane: this.#lane, content: frame }, [frame.buffer]);
    this.#pending.catch(() => {});
  }

  /** Makes what was written so far durable. */
  async sync(): Promise<void> {
    await this.#handle.sync();
  }

  /** Ends the file. Answers its digest as the trailer has it, and the SHA-256 of all of it. */
  async end(kind: ContainerKind, format: number, manifestAt: number): Promise<{ digest: string; sha256: string; end: Buffer }> {
    const { before, after } = encodeEnd(kind, this.frames, { format, manifestAt, plainBytes: this.plainBytes });
    await this.#pending;
    const { hasher } = this.#workers;
    const whole = this.#workers.newLane();
    await hasher.run('hash', { lane: this.#lane, content: Uint8Array.from(before), copyTo: whole });
    const { digest } = await hasher.run('hash', { lane: this.#lane, content: Uint8Array.from(after), end: true });
    const rest = Buffer.concat([Buffer.from(digest ?? '', 'hex'), after]);
    const all = await hasher.run('hash', { lane: whole, content: Uint8Array.from(rest), end: true });
    const end = Buffer.concat([before, rest]);
    await this.#append(end);
    await this.sync();
    return { digest: digest ?? '', sha256: all.digest ?? '', end };
  }

  /** The last bytes of the file, as they are on disk. */
  async readEnd(bytes: number): Promise<Buffer> {
    const handle = await openFile(this.partial, 'r');
    try {
      const buffer = Buffer.alloc(bytes);
      const { size } = await handle.stat();
      await handle.read(buffer, 0, bytes, size - bytes);
      return buffer;
    } finally {
      await handle.close();
    }
  }

  /** Gives the file its name. */
  async publish(): Promise<void> {
    await this.#handle.close();
    if (await exists(this.#to)) throw taken(this.#to, 'a file of this name has come meanwhile');
    await moveDurably(this.partial, this.#to);
  }

  async discard(): Promise<void> {
    await this.#handle.close();
    await remove(this.partial);
  }

  async #append(content: Uint8Array): Promise<void> {
    try {
      for (let done = 0; done < content.length; ) {
        const { bytesWritten } = await this.#handle.write(content, done, content.length - done, this.bytes + done);
        done += bytesWritten;
      }
      this.bytes += content.length;
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
