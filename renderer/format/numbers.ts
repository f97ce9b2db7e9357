const grouped = new Intl.NumberFormat('en');

/** `1 file`, `2 files`, `12,000 files`. */
export function count(number: number, one: string, many: string = `${one}s`): string {
  return `${grouped.format(number)} ${number === 1 ? one : many}`;
}

/** Bytes to the last one: `1,536 bytes`. */
export function exactBytes(bytes: number): string {
  return count(bytes, 'byte');
}

/** A share of 1 as whole per cent that are never 100 too early. */
export function percent(fraction: number): number {
  return Math.max(0, Math.min(100, Math.floor(fraction * 100)));
}
