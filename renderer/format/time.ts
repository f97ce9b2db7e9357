/** Times as the person's own system writes them: exact ones for tooltips and where a moment is chosen, days where words would count too many. */
import { ago, until } from '../../electron/api/units.ts';

/** Whole days between a past time and `now`. */
export function daysSince(time: string, now: number): number {
  return Math.floor((now - Date.parse(time)) / 86_400_000);
}

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const short = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Date and time to the second, in the person's own time zone. */
export function exactTime(time: string): string {
  return formatted(exact, time);
}

export function shortTime(time: string): string {
  return formatted(short, time);
}

/** A past time in words, `5 minutes ago`; one that is far away by its day. */
export function agoWords(time: string, now: number): string {
  return withDay(ago(time, now), time);
}

/** A coming time in the same way. */
export function untilWords(time: string, now: number): string {
  return withDay(until(time, now), time);
}

function withDay(words: string, time: string): string {
  return words.startsWith('on ') ? `on ${formatted(day, time)}` : words;
}

function formatted(format: Intl.DateTimeFormat, time: string): string {
  const at = Date.parse(time);
  return Number.isNaN(at) ? time : format.format(at);
}
