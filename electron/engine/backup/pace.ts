/** A limit of bytes a second, so that a backup or a copy leaves the disk and the network to others. */
import { pause, ticks } from '../platform/clock.ts';

export class Pace {
  #bytesPerSecond: number | null;
  /** When what was taken so far is used up, on the clock of `ticks`. */
  #free = 0;

  /** `null`: as fast as it goes. */
  constructor(bytesPerSecond: number | null) {
    this.#bytesPerSecond = bytesPerSecond;
  }

  get isLimited(): boolean {
    return this.#bytesPerSecond !== null;
  }

  /** From now on it goes as fast as it can. */
  lift(): void {
    this.#bytesPerSecond = null;
  }

  /** Waits until so many bytes more are within the limit. */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    if (this.#bytesPerSecond === null) return;
    const now = ticks();
    this.#free = Math.max(now, this.#free) + (bytes * 1000) / this.#bytesPerSecond;
    if (this.#free > now) await pause(this.#free - now, signal);
  }
}
