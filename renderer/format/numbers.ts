import { count } from '../../electron/api/units.ts';

/** Bytes to the last one: `1,536 bytes`. */
export function exactBytes(bytes: number): string {
  return count(bytes, 'byte');
}

/** A share of 1 as whole per cent that are never 100 too early. */
export function percent(fraction: number): number {
  return Math.max(0, Math.min(100, Math.floor(fraction * 100)));
}
