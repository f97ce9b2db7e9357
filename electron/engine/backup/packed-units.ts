/**
 * What a later backup has to know of frames to copy them as they are: with the member that begins a frame, or begins the many frames of a large
 * file, the list tells one hash over the hashes of these frames. They were all read back and compared with their members before.
 */
import { RunningHash } from '../platform/hashing.ts';
import type { Frame } from './frame-container.ts';

/** The hash of frames that belong together, in lower-case hexadecimal: the SHA-256 of their SHA-256s, 32 bytes each, in order. */
export class UnitHash {
  readonly #hash = new RunningHash();

  add(frame: Uint8Array): void {
    this.#hash.add(frame);
  }

  end(): string {
    return this.#hash.end();
  }
}

/** Lays members over frames, in the tar's order. */
export class PackedUnits {
  readonly #frames: readonly Frame[];
  readonly #hashes: readonly Uint8Array[];
  #next = 0;
  #plainAt = 0;

  /** `hashes` has one for each of the first frames; what lies in later ones gets none. */
  constructor(frames: readonly Frame[], hashes: readonly Uint8Array[]) {
    this.#frames = frames;
    this.#hashes = hashes;
  }

  /** Where in the tar the first frame begins that begins at `offset` or behind it; to be asked in the order of the tar. */
  nextAt(offset: number): number {
    while (this.#plainAt < offset && this.#next < this.#frames.length) this.#step();
    return this.#plainAt;
  }

  /** The hash of the frames from that one on to where the member that begins it ends; undefined when it ends with none, or one has no hash. */
  hashFrom(end: number): string | undefined {
    const hash = new UnitHash();
    let isWhole = true;
    do {
      const frame = this.#hashes[this.#next];
      isWhole &&= frame !== undefined;
      if (frame !== undefined) hash.add(frame);
      this.#step();
    } while (this.#plainAt < end && this.#next < this.#frames.length);
    return isWhole && this.#plainAt >= end ? hash.end() : undefined;
  }

  #step(): void {
    this.#plainAt += this.#frames[this.#next]?.plainBytes ?? 0;
    this.#next += 1;
  }
}
