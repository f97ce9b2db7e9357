/** Times as a person says them; the exact one belongs in a tooltip. */
import { count } from './numbers.ts';

/** A past time as seen from `now`: `just now`, `5 minutes ago`, `2 days ago`; a date after four weeks. */
export function ago(time: string, now: number): string {
  const seconds = (now - Date.parse(time)) / 1000;
  if (Number.isNaN(seconds)) return time;
  if (seconds < 45) return 'just now';
  const words = distance(seconds);
  return words === null ? `on ${dateOnly(time)}` : `${words} ago`;
}

/** A coming time as seen from `now`: `in 7 days`. */
export function until(time: string, now: number): string {
  const seconds = (Date.parse(time) - now) / 1000;
  if (Number.isNaN(seconds)) return time;
  if (seconds <= 0) return 'now';
  const words = distance(seconds);
  return words === null ? `on ${dateOnly(time)}` : `in ${words}`;
}

/** Whole days between a past time and `now`. */
export function daysSince(time: string, now: number): number {
  return Math.floor((now - Date.parse(time)) / 86_400_000);
}

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const short = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

/** Date and time to the second, in the person's own time zone. */
export function exactTime(time: string): string {
  return formatted(exact, time);
}

export function shortTime(time: string): string {
  return formatted(short, time);
}

function dateOnly(time: string): string {
  return formatted(day, time);
}

function formatted(format: Intl.DateTimeFormat, time: string): string {
  const at = Date.parse(time);
  return Number.isNaN(at) ? time : format.format(at);
}

function distance(seconds: number): string | null {
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return count(Math.max(1, minutes), 'minute');
  const hours = Math.round(seconds / 3600);
  if (hours < 24) return count(hours, 'hour');
  const days = Math.round(seconds / 86_400);
  return days <= 28 ? count(days, 'day') : null;
}
