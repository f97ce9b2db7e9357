/**
 * Helpers (worker threads, processes at the side) that have nothing to do for the moment. Starting one takes 50 to 200 ms of processor time, and an
 * operation needs several one after another: one that is done waits for the next work instead of ending.
 */

export interface Helper {
  /** Whether it still runs and can be asked. */
  isAlive(): boolean;
  end(): Promise<void>;
}

/** How long one waits for work, in milliseconds: from one step of an operation to the next, and not for as long as a window is open. */
const patience = 20_000;

/** All there are, so that they can be ended when nobody holds them any more. */
const everywhere = new Set<{ clear(): Promise<void> }>();
let holders = 0;

/** Helpers of one kind. Outside of `holdSpares` none is kept. */
export class Spares<One extends Helper> {
  readonly #most: number;
  readonly #waiting: { helper: One; timer: NodeJS.Timeout }[] = [];

  /** Of more than `most` that wait at the same time the later ones are ended. */
  constructor(most: number = 1) {
    this.#most = most;
    everywhere.add(this);
  }

  /** One that waits, for the caller alone; null when a new one has to be started. */
  take(): One | null {
    for (let one = this.#waiting.pop(); one !== undefined; one = this.#waiting.pop()) {
      clearTimeout(one.timer);
      if (one.helper.isAlive()) return one.helper;
    }
    return null;
  }

  /** Gives back one that finished its work and remembers nothing of it. It is ended where nobody would use it again. */
  async keep(helper: One): Promise<void> {
    if (holders === 0 || this.#waiting.length >= this.#most || !helper.isAlive()) return helper.end();
    const timer = setTimeout(() => {
      this.#waiting.splice(
        this.#waiting.findIndex((one) => one.helper === helper),
        1,
      );
      void helper.end();
    }, patience);
    timer.unref();
    this.#waiting.push({ helper, timer });
  }

  /** Ends all that wait. */
  async clear(): Promise<void> {
    await Promise.all(
      this.#waiting.splice(0).map(({ helper, timer }) => {
        clearTimeout(timer);
        return helper.end();
      }),
    );
  }
}

/** Keeps spares until the answer is called; the last one to call ends them. */
export function holdSpares(): () => Promise<void> {
  holders += 1;
  let isHeld = true;
  return async () => {
    if (!isHeld) return;
    isHeld = false;
    holders -= 1;
    if (holders === 0) await Promise.all([...everywhere].map((spares) => spares.clear()));
  };
}
