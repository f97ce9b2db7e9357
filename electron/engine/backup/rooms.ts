/** Memory that this thread and the worker threads share, for frames on their way: filled there, read here, and used again. */
import { largestFrame } from './backup-constants.ts';

/** Room for one frame, packed or unpacked. */
export type Room = SharedArrayBuffer;

/**
 * Rooms that are free. Shared memory is neither copied nor handed over between threads. Handing over would also be possible, but each buffer then
 * counts as new memory on both sides, and V8 looks for garbage all the time.
 */
class Stock {
  readonly #free: Room[] = [];

  /** The one that was given back last, because all of it may be in memory, or a new one. */
  take(): Room {
    return this.#free.pop() ?? new SharedArrayBuffer(largestFrame);
  }

  give(room: Room | null): void {
    if (room !== null) this.#free.push(room);
  }
}

/** Packed frames fill their rooms in part, and only what was filled once takes memory: so these are others than those of tar bytes. */
export class Rooms {
  readonly packed = new Stock();
  readonly plain = new Stock();
}
