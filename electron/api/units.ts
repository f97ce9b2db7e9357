/**
 * Bytes, durations, times and numbers in words for a person, the same on every face. Exact figures belong in `--json` and in tooltips.
 * Pure and without `Intl`, which costs a command tens of milliseconds before it says its first word.
 */

const steps = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Bytes in powers of 1024: `5 B`, `34 KiB`, `3.2 GiB`. */
export function humanBytes(bytes: number): string {
  let value = bytes;
  let step = 0;
  // 1023.95 would be rounded to 1024.0 of a unit that is too small.
  while (value >= 1023.95 && step < steps.length - 1) {
    value /= 1024;
    step += 1;
  }
  const digits = step === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits).replace(/\.0$/, '')} ${steps[step] ?? 'B'}`;
}

/** The other way round, as a person types it: `500 MiB`, `2GiB`, `1.5g`, `1024`. A unit counts in powers of 1024. Null for anything else. */
export function parseBytes(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*(?:([kmgtp])(?:i?b)?|b)?$/i.exec(text.trim());
  if (match === null) return null;
  const bytes = Math.round(
    Number(match[1]) * 1024 ** ('kmgtp'.indexOf((match[2] ?? '').toLowerCase() || 'k') + (match[2] === undefined ? 0 : 1)),
  );
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** Seconds: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`. */
export function humanSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1).replace(/\.0$/, '')} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return two(Math.floor(whole / 60), 'min', whole % 60, 's');
  return two(Math.floor(whole / 3600), 'h', Math.floor((whole % 3600) / 60), 'min');
}

/**
 * A past time as seen from `now`: `just now`, `5 minutes ago`, `2 days ago`; the day after four weeks: `on 2026-01-25`.
 * @param time ISO 8601; what is no time is answered as it is
 * @param now a date, or milliseconds since 1970
 */
export function ago(time: string, now: Date | number): string {
  const seconds = (Number(now) - Date.parse(time)) / 1000;
  if (Number.isNaN(seconds)) return time;
  if (seconds < 45) return 'just now';
  const far = distance(seconds);
  return far === null ? `on ${day(time)}` : `${far} ago`;
}

/** A coming time as seen from `now`: `in 7 days`. Takes what `ago` takes. */
export function until(time: string, now: Date | number): string {
  const seconds = (Date.parse(time) - Number(now)) / 1000;
  if (Number.isNaN(seconds)) return time;
  if (seconds <= 0) return 'now';
  const far = distance(seconds);
  return far === null ? `on ${day(time)}` : `in ${far}`;
}

/** `1 file`, `2 files`, `12,480 files`. */
export function count(number: number, one: string, many: string = `${one}s`): string {
  return `${grouped(number)} ${number === 1 ? one : many}`;
}

/** A whole number as people read it: "12,480". */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** The day in the person's own time zone, written so that no country reads it differently. */
function day(time: string): string {
  const date = new Date(time);
  const padded = (number: number) => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${padded(date.getMonth() + 1)}-${padded(date.getDate())}`;
}

function distance(seconds: number): string | null {
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return count(Math.max(1, minutes), 'minute');
  const hours = Math.round(seconds / 3600);
  if (hours < 24) return count(hours, 'hour');
  const days = Math.round(seconds / 86_400);
  return days <= 28 ? count(days, 'day') : null;
}

function two(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}
