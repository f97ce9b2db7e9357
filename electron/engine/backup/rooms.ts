/** Memory that this thread and the worker threads share, for frames on their way: filled there, read here, and used again. */
import { largestFrame } from './backup-constants.ts';

/** Room for one frame, packed or unpacked. */
export type Room = SharedArrayBuffer;

/**
 * Rooms that are free. Shared memory is neither copied nor handed over between threads. Handing over would also be possible, but each buffer then
 * counts as new memory on both sides, and V8 looks for garbage all the time.
 */
export class Rooms {
  readonly #free: Room[] = [];

  take(): Room {
    return this.#free.pop() ?? new SharedArrayBuffer(largestFrame);
  }

  give(room: Room | null): void {
    if (room !== null) this.#free.push(room);
  }
}
