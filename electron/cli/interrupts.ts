/**
 * Ctrl-C, and the signals by which a terminal or a service manager says the same.
 * Promises that a signal never ends the process on the spot: whoever holds the wish decides what is safe.
 */

/** What `process` offers, and a test's double. */
export interface SignalSource {
  on(name: string, listener: () => void): unknown;
  off(name: string, listener: () => void): unknown;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export class Interrupts {
  /** Aborted by the first signal that nobody holds. */
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #source: SignalSource;
  #holder: ((time: number) => void) | null = null;
  #times = 0;

  constructor(source: SignalSource) {
    this.#source = source;
    this.signal = this.#controller.signal;
    for (const name of signals) source.on(name, this.#hear);
  }

  /** While `work` runs, signals go to `holder`, with how many came so far. */
  async hold<T>(holder: (time: number) => void, work: () => Promise<T>): Promise<T> {
    this.#times = 0;
    this.#holder = holder;
    try {
      return await work();
    } finally {
      this.#holder = null;
    }
  }

  close(): void {
    for (const name of signals) this.#source.off(name, this.#hear);
  }

  readonly #hear = (): void => {
    this.#times += 1;
    if (this.#holder === null) this.#controller.abort();
    else this.#holder(this.#times);
  };
}
