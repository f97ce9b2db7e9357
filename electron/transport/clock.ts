/** Time as the hub needs it; tests hand in their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `work` again and again, with a pause of so many milliseconds. The answer ends it. */
  every(milliseconds: number, work: () => void): () => void;
}

/** The machine's own time. What it repeats does not keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  every: (milliseconds, work) => {
    const timer = setInterval(work, milliseconds).unref();
    return () => clearInterval(timer);
  },
};
