/** The newest migration that a release knows, where it ships no folder of files that would tell. What cannot be learned is null, never guessed. */
import semver from 'semver';
import type { KnownMigrationSpec } from '../product/schema.ts';
import { followOrNull, readStream, readTextOrNull } from '../platform/files.ts';
import { compareVersions } from './compare.ts';

type Fill = (text: string) => string;

/** Asks the sources in their order; the first that answers is believed. Throws the file system's errors, but not for a file that is not there. */
export async function knownMigration(sources: readonly KnownMigrationSpec[], fill: Fill): Promise<string | null> {
  for (const source of sources) {
    const answer =
      'file' in source
        ? await fromFile(source, fill)
        : 'binary' in source
          ? await fromBinary(source, fill)
          : fromTable(source.releases, filledOrNull(fill, '{release}'));
    if (answer !== null) return answer;
  }
  return null;
}

/** The value at a JSON Pointer (RFC 6901); undefined where there is none, or no JSON. */
export function valueAt(text: string, pointer: string): unknown {
  try {
    let value: unknown = JSON.parse(text);
    for (const part of pointer.split('/').slice(1)) {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
      value =
        value !== null && typeof value === 'object' && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
    }
    return value;
  } catch {
    return undefined;
  }
}

async function fromFile(source: { file: string; pointer: string }, fill: Fill): Promise<string | null> {
  const path = filledOrNull(fill, source.file);
  const text = path === null ? null : await readTextOrNull(path);
  const value = text === null ? undefined : valueAt(text, source.pointer);
  const said = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : '';
  return said === '' ? null : said;
}

/** How much of a program is looked at twice, in bytes: no name of a migration is longer. */
const overlap = 1024;

/**
 * Programs carry their migrations inside (Go's `embed` keeps the names as plain text, https://pkg.go.dev/embed). All matches are
 * looked at, and the highest counts.
 */
async function fromBinary(source: { binary: string; pattern: string }, fill: Fill): Promise<string | null> {
  const path = filledOrNull(fill, source.binary);
  if (path === null || (await followOrNull(path))?.isFile() !== true) return null;
  const pattern = new RegExp(source.pattern, 'g');
  let highest: string | null = null;
  let rest = '';
  for await (const chunk of readStream(path)) {
    const text = rest + (chunk as Buffer).toString('latin1');
    for (const match of text.matchAll(pattern)) {
      const version = match.groups?.['version'] ?? match[1];
      if (version !== undefined && (highest === null || compareVersions(version, highest) > 0)) highest = version;
    }
    rest = text.slice(-overlap);
  }
  return highest;
}

function fromTable(releases: Record<string, string>, release: string | null): string | null {
  if (release === null) return null;
  for (const [range, version] of Object.entries(releases)) {
    if (semver.satisfies(release, range, { includePrerelease: true })) return version;
  }
  return null;
}

/** Null where a placeholder has no value here, as `{slot}` and `{release}` where there is no release. */
function filledOrNull(fill: Fill, text: string): string | null {
  try {
    return fill(text);
  } catch {
    return null;
  }
}
