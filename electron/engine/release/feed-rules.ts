import semver from 'semver';
import { z } from 'zod';
import { Failure } from '../../api/failure.ts';
import type { Release } from './release.ts';

/** What every feed must be, whatever its driver. `where` names the feed in messages: a file or an address. */

export function badFeed(where: string, problem: string, details: Record<string, unknown> = {}): Failure {
  return new Failure('bad-feed', `the feed ${sayAddress(where)} cannot be used: ${problem}`, {
    remedy: { action: 'retry', text: 'Tell the publisher of the feed, and try again when it is repaired. The install is as it was.' },
    details: { feed: sayAddress(where), ...details },
  });
}

export function unreachable(where: string, problem: string, cause?: unknown): Failure {
  return new Failure('feed-unreachable', `${sayAddress(where)} cannot be reached: ${problem}`, {
    remedy: { action: 'check-network', text: 'Check the connection and the address of the feed, then try again.' },
    details: { tried: sayAddress(where) },
    cause,
  });
}

/** An address without what may be secret in it: a login, or a token in the query. A path stays as it is. */
export function sayAddress(where: string): string {
  if (!/^https?:/.test(where) || !URL.canParse(where)) return where;
  const { protocol, host, pathname } = new URL(where);
  return `${protocol}//${host}${pathname}`;
}

export function parseFeedText(text: string, where: string): unknown {
  if (text.trim() === '') throw badFeed(where, 'it is empty');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw badFeed(where, `it is not JSON (${(error as Error).message})`);
  }
}

/** Holds data against a schema; the message names up to three places by JSON Pointer (RFC 6901). */
export function shapeFeed<Schema extends z.ZodType>(schema: Schema, data: unknown, where: string): z.output<Schema> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map((issue) => ({ pointer: pointerTo(issue.path), problem: issue.message }));
  const said = places.slice(0, 3).map((place) => `at ${place.pointer}: ${place.problem}`);
  throw badFeed(where, `${said.join('; ')}${places.length > 3 ? `; and ${places.length - 3} more` : ''}`, { places });
}

/** A version as feeds must write it: semver 2.0 to the letter, because it becomes the name of a slot. */
export const versionText = z
  .string()
  .max(100)
  .refine((value) => semver.valid(value) === value.replace(/\+.*$/, ''), 'not a semver version such as 1.2.3 or 2.0.0-beta.1')
  // A slot's manifest stands beside it as `<version>.json`, so that no version may end that way.
  .refine((value) => !value.toLowerCase().endsWith('.json'), 'a version may not end in .json');

export const rangeText = z
  .string()
  .max(500)
  .refine((value) => value.trim() !== '' && semver.validRange(value) !== null, 'not a semver range such as >=1.2.0');

/** Newest first; refuses two releases that semver cannot tell apart, and a feed that offers none. */
export function orderReleases(releases: Release[], where: string): Release[] {
  if (releases.length === 0) throw badFeed(where, 'it offers no release');
  const ordered = releases.toSorted((one, other) => semver.rcompare(one.version, other.version));
  for (const [index, release] of ordered.entries()) {
    const next = ordered[index + 1];
    const isTwice = next !== undefined && (semver.eq(release.version, next.version) || sameName(release.version, next.version));
    if (isTwice) throw badFeed(where, `it lists ${release.version} and ${next.version}, which are the same release`);
  }
  return ordered;
}

// Slots are folders, and some file systems do not tell upper from lower case.
function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function pointerTo(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'the top' : path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
