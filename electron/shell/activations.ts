/** Milliseconds between two activations that count as a double-click; where the system tells none, as on Linux, they are counted here. */
export const doubleClickTime = 400;

/** Tells a double-click from a single one. A single one is known only when the time for a second has passed. */
export class Activations {
  readonly #onSingle: () => void;
  readonly #onDouble: () => void;
  #waiting: ReturnType<typeof setTimeout> | null = null;

  constructor(onSingle: () => void, onDouble: () => void) {
    this.#onSingle = onSingle;
    this.#onDouble = onDouble;
  }

  /** The icon was activated once. */
  activate(): void {
    if (this.#waiting !== null) {
      this.double();
      return;
    }
    this.#waiting = setTimeout(() => {
      this.#waiting = null;
      this.#onSingle();
    }, doubleClickTime);
  }

  /** The system says that it was a double-click. It said single before, once or twice. */
  double(): void {
    if (this.#waiting !== null) clearTimeout(this.#waiting);
    this.#waiting = null;
    this.#onDouble();
  }
}
