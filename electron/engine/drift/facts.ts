/**
 * What detectors look at. The workflow gathers it; detectors only compare. A part that could not be gathered is an `{ error }`,
 * a part that the product does not have is null: the two are never confused.
 */
import type { Remedy } from '../../api/failure.ts';

export interface Unreadable {
  /** Why it could not be looked at, in one sentence. */
  error: string;
  /** The way out that goes with the reason, where there is one. */
  remedy?: Remedy;
}

/** One migration of the ledger that does not match the file of the release. */
export interface AlteredMigration {
  version: string;
  /** The checksum that the ledger recorded when it was applied. */
  expected: string;
  /** The checksum of the file now. */
  found: string;
  /** Whether only white space or comments differ; null where it cannot be told. */
  cosmetic: boolean | null;
}

export interface LedgerFacts {
  /** Null where there is no datastore or no ledger in it yet. */
  reading: { version: string | null; dirty: string | null } | null;
  migrations: { known: string | null };
  comparison: {
    pending: string[];
    unknown: string[];
    altered: AlteredMigration[];
    missing: string[];
    ahead: boolean;
    dirty: string | null;
  } | null;
}

/** Paths are relative to the release's folder. */
export interface ShippedFacts {
  changed: string[];
  missing: string[];
  /** Files that are in the release's folder and that the release did not bring. */
  foreign: string[];
}

export interface OptionFindings {
  unknown: string[];
  deprecated: { option: string; message: string }[];
  renamed: { option: string; to: string }[];
  removed: { option: string; message: string }[];
}

export interface ConfigFacts {
  file: string;
  /** Against the options that the installed release knows; null where it tells none. */
  installed: OptionFindings | null;
  target: OptionFindings | null;
  /** Set when the file could not be read as what it should be. */
  error?: string;
}

export interface ItemFacts {
  item: string;
  title: string;
  exists: boolean;
  required: boolean;
  paths: string[];
}

export interface DriftFacts {
  /** The install's name, for command lines. */
  install: string;
  /** The active release; null where it could not be learned. */
  release: string | null;
  /** The release an upgrade would lead to; null when there is none. */
  target: string | null;
  ledger: LedgerFacts | Unreadable | null;
  /** Null where there is no list of what the release brought: an install that was adopted without one. */
  shipped: ShippedFacts | Unreadable | null;
  config: ConfigFacts[];
  /** Null where the product has no managed runtime. `pinned` null: the release could not be asked. */
  runtime: { pinned: string | null; found: string | null } | null;
  items: ItemFacts[];
  /** Null where the product puts no programs on PATH. `stale`: the install's own copies that are of another release. */
  programs: { folder: string; strange: string[]; stale: string[] | null } | null;
  /** Null where the product keeps its data in one place only. */
  datastores: { live: string | null; others: string[] } | null;
  service: { running: boolean; runningRelease: string | null };
  /** Older releases that are still on disk and can be rolled back to, the newest first. */
  keptOlderReleases: string[];
  /** The newest backup that the active release made, or one whose schema it knows. */
  newestBackupForRelease: { id: string; at: string } | null;
  /** The oldest release of the feed that knows the datastore's schema, when that can be told. */
  releaseThatKnowsSchema: string | null;
}

export function isUnreadable(fact: object | null): fact is Unreadable {
  return fact !== null && 'error' in fact;
}
