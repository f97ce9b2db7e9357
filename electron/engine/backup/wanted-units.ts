/**
 * What is to be unpacked when it is little: the members of just those frames in which something is wanted. With them a file out of a large backup
 * takes one look at the list and one frame, not two looks and a walk over all frames.
 */
import type { BackupEntry } from './backup-format.ts';
import type { Frame } from './frame-container.ts';

/** A member, and where its content goes; null: nowhere. */
export interface Placed {
  entry: BackupEntry;
  target: string | null;
}

/** More members than these are not kept: about 1 MB. */
const mostKept = 2000;

export class WantedUnits {
  readonly #frames: readonly Frame[];
  #next = 0;
  /** Where the frame that is next begins in the tar. */
  #plainAt = 0;
  #unit: { frames: Frame[]; members: Placed[]; isWanted: boolean } = { frames: [], members: [], isWanted: false };
  #kept: { frames: Frame[]; members: Placed[] } | null = { frames: [], members: [] };

  constructor(frames: readonly Frame[]) {
    this.#frames = frames;
  }

  /** Takes the next member, in the tar's order. `end` is where it ends in the tar; `isWanted`, whether its content is to be read. */
  add(placed: Placed, end: number, isWanted: boolean): void {
    if (this.#kept === null) return;
    if (placed.entry.offset >= this.#plainAt) this.#close();
    // What comes before the first member, and whatever a member does not begin, is no part of a unit.
    while (this.#plainAt < placed.entry.offset && this.#next < this.#frames.length) this.#takeFrame();
    this.#unit.members.push(placed);
    this.#unit.isWanted ||= isWanted;
    while (this.#plainAt < end && this.#next < this.#frames.length) this.#unit.frames.push(this.#takeFrame());
    if (this.#kept.members.length + this.#unit.members.length > mostKept) this.#kept = null;
  }

  /** Whether it is still little. */
  get areFew(): boolean {
    return this.#kept !== null;
  }

  /** After the last: the frames to read and all that is in them; null when that is too much to keep. */
  end(): { frames: Frame[]; members: Placed[] } | null {
    this.#close();
    return this.#kept;
  }

  #close(): void {
    const { frames, members, isWanted } = this.#unit;
    this.#unit = { frames: [], members: [], isWanted: false };
    if (!isWanted || this.#kept === null) return;
    for (const frame of frames) this.#kept.frames.push(frame);
    for (const member of members) this.#kept.members.push(member);
  }

  #takeFrame(): Frame {
    const frame = this.#frames[this.#next] as Frame;
    this.#next += 1;
    this.#plainAt += frame.plainBytes;
    return frame;
  }
}
