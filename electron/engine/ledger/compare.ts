/** Compares what a datastore says was applied with what a release knows. Pure. */
import type { LedgerReading, MigrationFile, ReleaseMigrations } from './reading.ts';

export interface LedgerComparison {
  /** What the release would apply at its next start, in order. */
  pending: string[];
  /** Applied and newer than all that the release knows, in order. */
  unknown: string[];
  /** Applied by a file that is no longer the same. */
  altered: { version: string; expected: string; found: string; cosmetic: boolean | null }[];
  /** Applied, not newer, and the release has no file for it. */
  missing: string[];
  /** The datastore's schema is newer than the release: it must not be run. */
  ahead: boolean;
  dirty: string | null;
}

/**
 * `originals` are migrations of other releases that are still on disk; with them a file that differs only in white space and comments
 * can be told from one that does something else. Null where the release does not tell what it knows: nothing is guessed.
 */
export function compareLedger(
  reading: LedgerReading,
  migrations: ReleaseMigrations,
  originals: readonly MigrationFile[] = [],
): LedgerComparison | null {
  const { known } = migrations;
  if (known === null) return null;
  const applied = sorted([...reading.applied.map((one) => one.version), ...(reading.version === null ? [] : [reading.version])]);
  const have = new Set(applied.map(keyOf));
  const byVersion = new Map<string, MigrationFile[]>();
  for (const file of migrations.files) byVersion.set(keyOf(file.version), [...(byVersion.get(keyOf(file.version)) ?? []), file]);
  const unknown = applied.filter((version) => compareVersions(version, known) > 0 && !byVersion.has(keyOf(version)));
  const told = migrations.files.length > 0;
  return {
    pending: sorted(migrations.files.map((file) => file.version)).filter(
      (version) => !have.has(keyOf(version)) && !isImplied(reading, version),
    ),
    unknown,
    altered: reading.applied.flatMap((one) => {
      const files = byVersion.get(keyOf(one.version)) ?? [];
      const found = files[0]?.checksum ?? null;
      if (one.checksum === null || found === null || files.some((file) => file.checksum === one.checksum)) return [];
      return [{ version: one.version, expected: one.checksum, found, cosmetic: isCosmetic(one.checksum, files, originals) }];
    }),
    missing: told ? applied.filter((version) => compareVersions(version, known) <= 0 && !byVersion.has(keyOf(version))) : [],
    ahead: unknown.length > 0,
    dirty: reading.dirty,
  };
}

/** Whether a ledger that keeps the newest version alone says that an older one was applied too. */
function isImplied(reading: LedgerReading, version: string): boolean {
  return reading.newestOnly === true && reading.version !== null && compareVersions(version, reading.version) <= 0;
}

/**
 * The order of versions: numbers (of any size) by value, before all that is not a number; other texts part by part, runs of digits by
 * value, so that `v9` comes before `v10`. Negative when `a` is older.
 */
export function compareVersions(a: string, b: string): number {
  const numbers = [isNumber(a), isNumber(b)];
  if (numbers[0] && numbers[1]) return compareNumbers(a, b);
  if (numbers[0] !== numbers[1]) return numbers[0] ? -1 : 1;
  return compareTexts(a, b);
}

/** The same for versions that are equal, such as `0018` and `18`. */
function keyOf(version: string): string {
  return isNumber(version) ? BigInt(version).toString() : version;
}

function sorted(versions: string[]): string[] {
  const once = new Map(versions.map((version) => [keyOf(version), version]));
  return [...once.values()].sort(compareVersions);
}

function isCosmetic(recorded: string, files: MigrationFile[], originals: readonly MigrationFile[]): boolean | null {
  if (files.some((file) => file.variants.includes(recorded))) return true;
  const original = originals.find((file) => file.checksum === recorded && file.essence !== null);
  if (original === undefined) return null;
  return files.some((file) => file.essence === original.essence);
}

function isNumber(version: string): boolean {
  return /^\d+$/.test(version);
}

function compareNumbers(a: string, b: string): number {
  const [one, other] = [BigInt(a), BigInt(b)];
  return one < other ? -1 : one > other ? 1 : 0;
}

function compareTexts(a: string, b: string): number {
  const [ones, others] = [partsOf(a), partsOf(b)];
  for (let index = 0; index < Math.max(ones.length, others.length); index += 1) {
    const [one, other] = [ones[index] ?? '', others[index] ?? ''];
    if (isNumber(one) && isNumber(other)) {
      const order = compareNumbers(one, other);
      if (order !== 0) return order;
    } else if (one !== other) return one < other ? -1 : 1;
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

function partsOf(text: string): string[] {
  return text.match(/\d+|\D+/g) ?? [];
}
