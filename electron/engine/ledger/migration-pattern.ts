/** The patterns by which a descriptor tells migrations from other files. */
import { Failure } from '../../api/failure.ts';

/** Compiles a descriptor's pattern. Throws `bad-descriptor` for one that is no regular expression. */
export function migrationPattern(source: string): RegExp {
  try {
    return new RegExp(source, 'u');
  } catch (error) {
    throw new Failure('bad-descriptor', `ledger.migrations.pattern is not a regular expression: ${source}`, {
      cause: error,
      remedy: { action: 'edit-descriptor', text: 'Write a regular expression with a group for the version and one for the name.' },
    });
  }
}

/** Version and name that a file's name tells; null where it is no migration. */
export function partsOfName(pattern: RegExp, fileName: string): { version: string; name: string | null } | null {
  const match = pattern.exec(fileName);
  const version = match?.groups?.['version'] ?? match?.[1];
  return match === null || version === undefined ? null : { version, name: match.groups?.['name'] ?? match[2] ?? null };
}
