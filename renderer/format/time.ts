/** Exact times, for tooltips and where a moment is chosen; in words a person says them with `ago` and `until`. */

/** Whole days between a past time and `now`. */
export function daysSince(time: string, now: number): number {
  return Math.floor((now - Date.parse(time)) / 86_400_000);
}

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const short = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Date and time to the second, in the person's own time zone. */
export function exactTime(time: string): string {
  return formatted(exact, time);
}

export function shortTime(time: string): string {
  return formatted(short, time);
}

function formatted(format: Intl.DateTimeFormat, time: string): string {
  const at = Date.parse(time);
  return Number.isNaN(at) ? time : format.format(at);
}
