/** What was tried on copies: how the last rehearsal of each release ended here, and which migration each release was seen to know. */
import type { Database } from '../platform/sqlite.ts';

/** The last time that a release was tried on a copy of the data of an install. */
export interface Rehearsal {
  /** The home of the install, not of the copy. */
  home: string;
  release: string;
  /** The release that made the backup. */
  from: string;
  /** The id of the backup. */
  backup: string;
  at: string;
  before: string | null;
  after: string | null;
  /** Of all starts; null where one failed. */
  seconds: number | null;
  /** Why it failed; null where it was healthy. */
  problem: string | null;
}

export interface RehearsalList {
  /** Takes the place of an earlier one of the same release. */
  put(rehearsal: Rehearsal): void;
  of(home: string, release: string): Rehearsal | null;
}

export function rehearsalList(database: Database): RehearsalList {
  return {
    put: (rehearsal) => {
      database
        .prepare(
          `INSERT OR REPLACE INTO rehearsals (home, release, from_release, backup, at, schema_before, schema_after, seconds, problem)
           VALUES (@home, @release, @from, @backup, @at, @before, @after, @seconds, @problem)`,
        )
        .run(rehearsal);
    },
    of: (home, release) =>
      (database
        .prepare(
          `SELECT home, release, from_release AS "from", backup, at, schema_before AS "before", schema_after AS "after", seconds, problem
           FROM rehearsals WHERE home = ? AND release = ?`,
        )
        .get(home, release) as Rehearsal | undefined) ?? null,
  };
}

/** The newest migration of a release, as it was seen. `ledger` tells two ledgers of one product apart. */
export interface LearnedMigration {
  release: string;
  version: string;
}

export interface LearnedMigrations {
  learn(product: string, ledger: string, learned: LearnedMigration, at: string): void;
  of(product: string, ledger: string): LearnedMigration[];
}

export function learnedMigrations(database: Database): LearnedMigrations {
  return {
    learn: (product, ledger, { release, version }, at) => {
      database
        .prepare('INSERT OR REPLACE INTO learned_migrations (product, ledger, release, version, at) VALUES (?, ?, ?, ?, ?)')
        .run(product, ledger, release, version, at);
    },
    of: (product, ledger) =>
      database
        .prepare('SELECT release, version FROM learned_migrations WHERE product = ? AND ledger = ? ORDER BY release')
        .all(product, ledger) as LearnedMigration[],
  };
}
