/**
 * How much is run. `npm test`: a taste of each suite. `npm run test:crash`: a part that fits into CI, another one each day, so that within a
 * week or two everything comes by. `MOULT_FULL=1`: everything that docs/RELIABILITY.md promises. `MOULT_FULL=soak`: more of what has no end.
 */
type Mode = 'quick' | 'part' | 'whole' | 'soak';
const modes: Record<string, Mode> = { part: 'part', '1': 'whole', soak: 'soak' };
const mode: Mode = modes[process.env['MOULT_FULL'] ?? ''] ?? 'quick';
/** Whether this is one of the runs that a machine has for itself. */
export const isFull: boolean = mode !== 'quick';

/** A number for each of the four. */
export function amount(quick: number, part: number, whole: number, soak: number = whole): number {
  return { quick, part, whole, soak }[mode];
}

/** Worlds in which cases run at the same time. */
export const benchCount: number = isFull ? 2 : 1;

const today = new Date().toISOString().slice(0, 10).replaceAll('-', '');
/**
 * Seed of this run. The taste that comes with every `npm test` is always the same, so that a change is judged by what it changed; the longer runs
 * go by the day, so that one can be made again by its date. `MOULT_SEED=N` runs one again.
 */
export const seed: number = Number(process.env['MOULT_SEED'] ?? (isFull ? today : 20_261_128));

/** `MOULT_ONLY='restore of'` runs the workflows whose names have that in them, to look at one again. */
export const only: RegExp = new RegExp(process.env['MOULT_ONLY'] ?? '');
export const isOnly: boolean = process.env['MOULT_ONLY'] !== undefined;

/** Of a list, so many, spread over it evenly and beginning elsewhere with another seed. */
export function some<Item>(items: readonly Item[], quick: number, part: number, whole: number, soak: number = whole): Item[] {
  const wanted = Math.min(items.length, amount(quick, part, whole, soak));
  const stride = items.length / wanted;
  const first = wanted === items.length ? 0 : Math.floor(((seed * 0.618_034) % 1) * stride);
  return Array.from({ length: wanted }, (_, index) => items[first + Math.floor(index * stride)] as Item);
}

/** One line for each suite: what it ran. */
export function tellCases(suite: string, cases: number, more: string = ''): void {
  console.log(`${suite}: ${cases} cases (seed ${seed})${more === '' ? '' : `, ${more}`}`);
}
