/** What checks look at, and what a check is. */
import type { FailureData } from '../../api/failure.ts';
import type { ActionKind, CheckResult, Interrupted, SpaceNeed } from '../../api/models.ts';

/** What checks look at. Null means that it does not apply to this action. */
export interface PreflightFacts {
  action: ActionKind;
  title: string;
  install: string;
  home: string;
  /** Why the home folder cannot be used. */
  homeProblem: FailureData | null;
  placesProblem: FailureData | null;
  space: SpaceNeed[];
  /** `taken`: further ports that the product needs and somebody else has. */
  port: { number: number; free: boolean; ours: boolean; setting: string | null; taken?: number[] } | null;
  service: { running: boolean; health: string; detail: string | null } | null;
  schema: {
    version: string | null;
    known: string | null;
    dirty: string | null;
    error: string | null;
    /** The way out of the error. */ remedy?: FailureData['remedy'];
    by: string;
    /** Versions the release does not know. */ unknown: string[];
  } | null;
  /** Datastores with a server of their own. */
  servers?: { detail: string; problems: FailureData[]; warnings: string[] }[];
  migrations: { altered: string[]; missing: string[] } | null;
  node: { needed: string; found: string; release: string; satisfied: boolean }[];
  config: { unreadable: string[]; changes: string[] } | null;
  shipped: { changed: number; missing: number } | null;
  /** Of a product with programs on PATH. */
  programs: { folder: string; onPath: boolean; strange: string[]; unwritable: string[] } | null;
  /** Of a product that may keep its data in several places. */
  datastores: { live: string | null; others: string[] } | null;
  /** Items that go and are repositories with work that is committed nowhere; those that the person named are left out. */
  uncommitted: { item: string; title: string; path: string; files: number | null }[] | null;
  quarantined: { release: string; reason: string } | null;
  /** How the last rehearsal of the target ended here; `when` as seen from now. */
  rehearsal?: {
    release: string;
    at: string;
    when: string;
    before: string | null;
    after: string | null;
    seconds: number | null;
    problem: string | null;
  } | null;
  backupFolder: { path: string; problem: string | null } | null;
  holder: { pid: number; operation: string; since: string } | null;
  interrupted: Interrupted | null;
}

export interface Check {
  id: string;
  title: string;
  /** Null where the check does not apply. */
  look(facts: PreflightFacts): Omit<CheckResult, 'check' | 'title'> | null;
}
