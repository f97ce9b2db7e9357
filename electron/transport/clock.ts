/** Time, from the composition root: this building knows no clock. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `work` again and again, with a pause of so many milliseconds. The answer ends it. */
  every(milliseconds: number, work: () => void): () => void;
}
