/** How backups are kept proven, made by themselves and found again: the shapes that every face shows. Units as in `models.ts`. */
import type { Backup, Verdict } from './models.ts';

/** What a drill saw: a backup unpacked elsewhere, with its own release running on it. */
export interface DrillReport {
  backup: string;
  path: string;
  release: string;
  /** Whether its release came from a slot of the install or from the feed. */
  code: 'slot' | 'feed';
  verdict: Verdict;
  /** Files whose hashes were compared with the manifest, on the disk that they were unpacked to. */
  files: number;
  /** The version of the datastore as the manifest has it and as it was found; null where there is no ledger. */
  schema: { expected: string | null; found: string | null };
  /** Tables and rows that were counted and are as many as the manifest says; null where it says nothing, or nobody can count. */
  rows: { tables: number; rows: number } | null;
  /** Seconds from the start of the product until it had been healthy for long enough. */
  healthyAfter: number;
  notes: string[];
}

/** One release that was started on the copy. */
export interface RehearsedHop {
  release: string;
  /** The version of the datastore before and after it was started; null where there is no ledger, or nothing in it. */
  schema: { before: string | null; after: string | null };
  /** Seconds from its start until it was healthy: its migrations are among them, the time for which it had to stay healthy is not. */
  seconds: number;
  /** The newest migration that this release knows, where nothing told it before and this start did. */
  learned: string | null;
}

/** What a rehearsal saw: the releases of an upgrade, one after another, healthy on a copy of the data. */
export interface RehearsalReport {
  backup: string;
  path: string;
  /** The release that made the backup: where the path begins. */
  from: string;
  release: string;
  hops: RehearsedHop[];
  schema: { before: string | null; after: string | null };
  /** Seconds of all starts together: what the same upgrade will take at the least while the product is down. */
  seconds: number;
  /** Tables that were counted, and those that have fewer rows than before or are gone (`after` null); null where nobody can count. */
  rows: { tables: number; fewer: { table: string; before: number; after: number | null }[] } | null;
  notes: string[];
}

/** When an install is backed up by itself, what is kept of it, and how its backups are kept proven. */
export interface Schedule {
  /** `change`: daily, but only when something was changed since the last backup. */
  every: 'day' | 'week' | 'change';
  /** Local times of this machine, `HH:MM`. What was missed is caught up with as soon as Moult runs again. */
  window: { from: string; to: string };
  /** 0 is Sunday; counts for `week` only. */
  weekday: number;
  /** How many backups stay: the newest ones, and one for each of so many days, weeks and months. */
  keep: { last: number; daily: number; weekly: number; monthly: number };
  /** `each`: after every scheduled backup. */
  drill: 'each' | 'week' | 'never';
  /** Bytes of older backups that are read back a day; 0 for none. */
  readBack: number;
  /** Bytes that stay free where the backups are. */
  reserve: number;
  /** ISO time at which it was set. */
  since: string;
}

export interface ScheduleState {
  install: string;
  schedule: Schedule | null;
  /** When the next backup is due; in the past when it is due now; null without a schedule. */
  next: string | null;
  /** The time at which a backup was due that is still not there after its window. */
  missed: string | null;
  /** The last thing that the schedule did here, and why it failed if it did. */
  last: { at: string; problem: string | null } | null;
  /** What the next backup would need, computed from what the install holds now. */
  space: { volume: string; needed: number; free: number; reserve: number };
}

/** One thing that a run of the schedule did. */
export interface ScheduleDeed {
  install: string;
  what: 'backup' | 'drill' | 'prune' | 'read-back';
  outcome: 'done' | 'failed';
  /** One sentence. */
  text: string;
}

export interface ScheduleRun {
  at: string;
  /** The process that looks after the schedules now, where that is another one: then nothing was done. */
  actedBy: number | null;
  deeds: ScheduleDeed[];
}

/** What retention takes away and why it keeps the rest. */
export interface Pruning {
  install: string;
  removed: Backup[];
  kept: { id: string; at: string; because: string[] }[];
  /** Bytes that became free, or would. */
  bytes: number;
  /** Second copies of what was removed, or would be: gone with it, and on disks that are not there now, where they go when those are back. */
  copies: { removed: number; waiting: number };
  /** Nothing was removed: it was only asked. */
  dry: boolean;
}

/** How well an install's data is protected, at a glance. */
export interface Protection {
  /** When a product last ran healthily on a backup of this install. */
  provenAt: string | null;
  scheduled: boolean;
  next: string | null;
  missed: string | null;
  /** One sentence for a person, when something has to be done; null when all is well. */
  warning: string | null;
}

/** What was found in a folder of backups. */
export interface Rescan {
  folder: string;
  /** Files that looked like backups. */
  files: number;
  added: Backup[];
  moved: { id: string; from: string; to: string }[];
  /** Further files of a backup that stands elsewhere already. */
  copies: { id: string; path: string }[];
  /** In the catalogue, below this folder, and not there. */
  missing: Backup[];
  /** Of installs that are not on this machine. */
  foreign: Backup[];
  adopted: Backup[];
  unreadable: { path: string; problem: string }[];
}
