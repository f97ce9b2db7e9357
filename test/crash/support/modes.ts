/** How much is run: a subset in `npm test`; `1`, spread over everything, in `npm run test:crash`; `soak`, every single case, for a night. */
const asked = process.env['MOULT_FULL'];
export const isFull: boolean = asked === '1' || asked === 'soak';

/** A number for each of the three. */
export function amount(quick: number, whole: number, soak: number): number {
  return asked === 'soak' ? soak : isFull ? whole : quick;
}

/** Worlds in which cases run at the same time. */
export const benchCount: number = isFull ? 2 : 1;

/** Of a list, so many, spread over it evenly; all of them in a soak. */
export function some<Item>(items: readonly Item[], quick: number, whole: number): Item[] {
  const wanted = Math.min(items.length, amount(quick, whole, Infinity));
  return Array.from({ length: wanted }, (_, index) => items[Math.floor(((index + 0.5) * items.length) / wanted)] as Item);
}

/** Numbers from 0 to 1 that a seed makes again (mulberry32, public domain). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Seed of this run; `MOULT_SEED` runs one again. */
export const seed: number = Number(process.env['MOULT_SEED'] ?? 20_261_120);

/** One line for each suite: what it ran. */
export function tellCases(suite: string, cases: number, more: string = ''): void {
  console.log(`${suite}: ${cases} cases${more === '' ? '' : `, ${more}`}`);
}
