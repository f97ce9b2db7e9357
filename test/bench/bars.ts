/** What is printed of figures, and whether they are good enough. */

/** Machines are noisy: five in a hundred are not a difference. */
const noise = 0.05;

export class Bars {
  isMissed = false;

  /** A figure that has to be at least so much. */
  least(name: string, value: number, bar: number): void {
    this.#print(name, value, value >= bar * (1 - noise), `at least ${bar}`);
  }

  /** A figure that must not be more. */
  most(name: string, value: number, bar: number): void {
    this.#print(name, value, value <= bar, `at most ${bar}`);
  }

  /** A figure without a bar. */
  tell(name: string, value: number): void {
    console.log(`       ${name}: ${shown(value)}`);
  }

  #print(name: string, value: number, isHeld: boolean, bar: string): void {
    this.isMissed ||= !isHeld;
    console.log(`${isHeld ? 'held  ' : 'MISSED'} ${name} (${bar}): ${shown(value)}`);
  }
}

/** How much faster the second is than the first, in the median of the rounds. */
export function ratio(first: readonly number[], second: readonly number[]): number {
  return median(first.map((seconds, round) => seconds / (second[round] ?? Infinity)));
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function shown(value: number): string {
  return value < 20 ? value.toFixed(2) : value.toFixed(0);
}
