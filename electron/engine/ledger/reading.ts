/** What every ledger driver answers. */
import type { LedgerSpec } from '../product/schema.ts';

/** One migration that the datastore says was applied. */
export interface AppliedMigration {
  version: string;
  name: string | null;
  /** As the ledger has it, in lower case. */
  checksum: string | null;
  /** As the ledger has it: products write times in many forms. */
  appliedAt: string | null;
}

/** What a datastore says of its schema. */
export interface LedgerReading {
  /** The newest applied version; null where nothing was applied yet. */
  version: string | null;
  applied: AppliedMigration[];
  /** Why the schema is half way between two versions; null when it is not. */
  dirty: string | null;
  /** Set where the ledger keeps the newest version alone, in `version`: everything older counts as applied. */
  newestOnly?: true;
}

/**
 * Reads a table of a datastore that has a server of its own, every value as text; null where there is no such table. Rooms do not know
 * each other, so the datastore's driver is handed in.
 */
export type TableReader = (table: string, columns: readonly string[]) => Promise<Record<string, string | null>[] | null>;

/** One migration that a release brings. */
export interface MigrationFile {
  version: string;
  name: string | null;
  /** In the form in which the ledger keeps it; null where ledgers of this product keep none. */
  checksum: string | null;
  /** The same, over the text without comments and with white space made even: tells a cosmetic change from a real one. */
  essence: string | null;
  /** Checksums of the same text with other line ends or blanks at its ends. */
  variants: string[];
  path: string;
}

/** What a release knows of the schema. */
export interface ReleaseMigrations {
  /** The newest version the release knows; null where it cannot be learned, which is "unknown" and never guessed. */
  known: string | null;
  files: MigrationFile[];
}

export interface LedgerDriver<Spec extends LedgerSpec = LedgerSpec> {
  /**
   * Reads the ledger in the datastore at `paths` (its item's places), changing nothing on disk.
   * Null where there is no datastore or no ledger in it yet. Throws `io` with what to do where it cannot be read: that is never "fine".
   * `tables` reads where the datastore is not a SQLite file.
   */
  read(spec: Spec, paths: string[], tables?: TableReader): Promise<LedgerReading | null>;
  /** What the unpacked release knows. `fill` replaces `{slot}` and its like. Throws `bad-descriptor` for a pattern that cannot be used. */
  migrationsOf(spec: Spec, fill: (text: string) => string): Promise<ReleaseMigrations>;
}
