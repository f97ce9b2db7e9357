import type { EngineEvent } from '../api/events.ts';
import type { Result } from '../api/result.ts';

/**
 * One line of JSON Lines: an event while an operation runs, or the result that ends every answer.
 * JSON escapes every control character, so that a line is a line; the two line ends that JSON leaves alone are escaped as well.
 */
export function toLine(value: EngineEvent | Result<unknown> | Record<string, unknown>): string {
  return `${JSON.stringify(value, plain)
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`)}\n`;
}

/** `undefined` as a result would vanish from the line; big integers have no form in JSON. */
function plain(key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  return key === 'result' && value === undefined ? null : value;
}
