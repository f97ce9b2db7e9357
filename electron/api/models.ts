/**
 * The shapes that every face shows. Bytes are whole bytes, durations are seconds, times are ISO 8601 in UTC,
 * paths are absolute, hashes are lower-case hexadecimal SHA-256.
 * Long because it is one glossary: every face shows these, and each is a few lines.
 */
import type { FailureData } from './failure.ts';
import type { DrillReport, Protection, RehearsalReport, Rescan } from './protection.ts';
import type { BackupEncryption, Destination } from './safekeeping.ts';

export type Fate = 'preserve' | 'replace' | 'migrate' | 'refresh' | 'remove' | 'keep';
export type Verdict = 'proven' | 'unproven' | 'bad';
export type Health = 'healthy' | 'unhealthy' | 'stopped' | 'unknown';
/** `old-and-stopped`: as it was before and not running, as it was found; nobody looked whether it is healthy. */
export type EndState = 'new-and-healthy' | 'old-and-healthy' | 'old-and-stopped' | 'done' | 'stopped-and-kept';
export type Severity = 'info' | 'warning' | 'problem';

/** What a descriptor says about itself, for a catalogue. */
export interface ProductSummary {
  product: string;
  title: string;
  summary: string;
  links: Record<string, string>;
  /** Where a new install would go on this machine. */
  home: string;
  /** The descriptor file. */
  source: string;
  bundled: boolean;
  /** What can be followed; the first is where a new install begins. */
  channels: { channel: string; note: string | null }[];
}

/** A row of the list of installs. */
export interface InstallSummary {
  install: string;
  product: string;
  title: string;
  release: string | null;
  channel: string;
  /** The newest release that it may go to; null when only the channel says. */
  pin: string | null;
  home: string;
}

export interface ServiceState {
  state: 'running' | 'stopped' | 'foreign';
  pid: number | null;
  /** ISO time at which it was started, when Moult started it. */
  since: string | null;
  port: number | null;
}

export interface UpdateInfo {
  /** The newest release that is offered on the install's channel, or null when it is already there. */
  latest: string | null;
  notes: string | null;
  /** The address of the release notes, where the product publishes them on the web. */
  notesAt: string | null;
  /** A newer release that the channel has and the pin holds back, or null. */
  held: string | null;
  /** Why a newer release is not offered: it failed here before. */
  quarantined: { release: string; reason: string }[];
  /** Set when the feed could not be asked. */
  error: FailureData | null;
}

export interface Interrupted {
  operation: string;
  kind: string;
  /** Title of the step in which it stopped. */
  step: string;
  startedAt: string;
  /** What recovery will do. */
  recovery: 'finish' | 'undo';
}

export interface Status {
  install: string;
  product: string;
  title: string;
  release: string | null;
  channel: string;
  /** The newest release that it may go to; null when only the channel says. */
  pin: string | null;
  home: string;
  schema: { version: string | null; known: string | null };
  service: ServiceState;
  health: Health;
  healthDetail: string | null;
  /** The first config file that cannot be read, with its line and the way out; null when all can be. */
  configProblem: FailureData | null;
  update: UpdateInfo;
  /** Where second copies go; left out where there are none. */
  destinations?: Pick<Destination, 'folder' | 'state' | 'reason' | 'waiting'>[];
  lastBackup: { id: string; at: string; verdict: Verdict } | null;
  protection: Protection;
  interrupted: Interrupted | null;
  /** The process that holds the install's lock now, if any. */
  busy: { pid: number; operation: string; since: string } | null;
}

/** One file or folder that an action touches or leaves alone. */
export interface PlanFile {
  path: string;
  bytes: number;
  change: 'same' | 'changed' | 'added' | 'removed' | 'kept';
}

export interface PlanItem {
  item: string;
  title: string;
  what: string;
  fate: Fate;
  note: string | null;
  /** Where it is now: absolute paths, or `file: key` for keys inside a config file. */
  paths: string[];
  files: number;
  bytes: number;
  /** The state before and after in words: a version, a hash, "unchanged". */
  before: string | null;
  after: string | null;
  /** File by file; the first 10,000, `files` counts all. */
  list: PlanFile[];
}

export type CheckStatus = 'pass' | 'warn' | 'fail';

export interface CheckResult {
  check: string;
  title: string;
  status: CheckStatus;
  message: string;
  /** The code with which the operation is refused when this check fails. */
  code?: FailureData['code'];
  remedy?: FailureData['remedy'];
  details?: Record<string, unknown>;
}

export interface SpaceNeed {
  /** A path on the volume. */
  volume: string;
  needed: number;
  free: number;
  phases: { phase: string; bytes: number }[];
}

export interface Hop {
  release: string;
  kind: 'patch' | 'minor' | 'major' | 'prerelease' | 'same';
  /** Why this stop cannot be left out, when it is a required one. */
  because?: string;
  notes?: string;
  bytes?: number;
}

export type ActionKind =
  | 'set-up'
  | 'adopt'
  | 'upgrade'
  | 'roll-back'
  | 'back-up'
  | 'restore'
  | 'uninstall'
  | 'purge'
  | 'fresh-start'
  | 'undo'
  | 'recover'
  | 'start'
  | 'stop'
  | 'restart'
  | 'verify'
  | 'export'
  | 'drill'
  | 'rehearse'
  | 'rescan'
  | 'run'
  | 'copy';

export interface ConfigChange {
  file: string;
  option: string;
  change: 'added' | 'removed' | 'renamed' | 'deprecated';
  message: string;
}

/** What an operation will do, as data, before anything is touched. */
export interface Plan {
  action: ActionKind;
  install: string;
  product: string;
  home: string;
  from: string | null;
  to: string | null;
  path: Hop[];
  items: PlanItem[];
  /** Files inside owned folders that belong to nobody: they are kept. */
  strays: PlanFile[];
  checks: CheckResult[];
  space: SpaceNeed[];
  /** Seconds the product will be down; null when nothing was ever measured and nothing is stopped. */
  downtime: number | null;
  configChanges: ConfigChange[];
  /** Sentences a person must know before consent. */
  warnings: string[];
  /** What of a backup is put back, where that is not all of it. */
  choice?: { items: string[]; files: string[] };
  /** A restore that makes the install which it restores. */
  anew?: true;
  steps: { id: string; title: string }[];
  /** Fingerprint of what was shown; handed back with the consent so that only this plan runs. */
  digest: string;
}

export interface ReceiptItem {
  item: string;
  fate: Fate;
  before: string | null;
  after: string | null;
  unchanged: boolean;
  files: number;
  bytes: number;
}

/** What an operation did, with tree hashes from before and after. */
export interface Receipt {
  operation: string;
  action: ActionKind;
  install: string;
  from: string | null;
  to: string | null;
  endState: EndState;
  startedAt: string;
  endedAt: string;
  seconds: number;
  downtimeSeconds: number;
  backup: string | null;
  items: ReceiptItem[];
  steps: { id: string; title: string; seconds: number; outcome: 'done' | 'undone' | 'failed' | 'skipped' }[];
  reason: FailureData | null;
}

export interface Backup {
  id: string;
  path: string;
  bytes: number;
  files: number;
  sha256: string;
  install: string;
  product: string;
  release: string | null;
  schema: string | null;
  at: string;
  reason: 'asked' | 'scheduled' | 'before-upgrade' | 'before-restore' | 'before-purge';
  verdict: Verdict;
  /** When it was last read back, and why it is bad if it is. */
  verifiedAt: string | null;
  problem: string | null;
  /** When a product last ran healthily on what it holds: in a drill, or after a restore. */
  provenAt: string | null;
  /** When it was last tried in a drill, however that ended. */
  drilledAt: string | null;
  /** The identity of the install that it is of; null in backups of Moult 0.1. Names may be the same on two machines, this is not. */
  installId: string | null;
  /** It is of an install that is not on this machine: it may be restored and adopted, and is never pruned. */
  foreign: boolean;
  /** Its file is not where it was. */
  missing: boolean;
  /** Only in lists; null where it is not encrypted or its file is not there now. */
  encryption?: BackupEncryption | null;
}

export interface Tally {
  files: number;
  bytes: number;
}

/** Rows of a table: how many there were and are, and what was written since. The last three are null where rows have no key in common. */
export interface TableComparison {
  table: string;
  was: number;
  is: number;
  added: number | null;
  changed: number | null;
  removed: number | null;
}

/** What was written to an item since a backup. */
export interface ItemComparison {
  item: string;
  title: string;
  kind: 'files' | 'keys' | 'datastore';
  added: Tally;
  changed: Tally;
  removed: Tally;
  /** For keys: whether their values differ. */
  differs: boolean;
  /** Of a datastore, when it was asked for and the driver can tell. */
  tables: TableComparison[] | null;
  /** Why the rows cannot be told. */
  tablesProblem: string | null;
  /** Why it cannot be restored alone; null when it can. */
  together: string | null;
}

/** A file that differs between a backup and the present. */
export interface ComparedFile {
  item: string;
  /** Its name in the backup, by which it can be restored. */
  file: string;
  /** Where it is or was. */
  path: string;
  change: 'added' | 'changed' | 'removed';
  /** Now; 0 where it is gone. */
  bytes: number;
  /** In the backup; 0 where it is not in it. */
  was: number;
}

/** What was written since a backup: what a restore of all of it would take back. */
export interface Comparison {
  install: string;
  backup: { id: string; path: string; at: string; release: string | null };
  items: ItemComparison[];
  /** The files that match, up to the limit. */
  files: ComparedFile[];
  /** How many match. */
  matches: number;
}

/** Files that were written beside the install. */
export interface Exported {
  /** The folder. */
  path: string;
  files: number;
  bytes: number;
  rows: number;
}

export interface BackupMade extends Backup {
  seconds: number;
  downtimeSeconds: number;
  /** Bytes before compression. */
  contentBytes: number;
}

export interface Verification {
  id: string | null;
  path: string;
  verdict: Verdict;
  files: number;
  bytes: number;
  seconds: number;
  problems: string[];
  /** It is encrypted and no key was at hand: its bytes are those that were written, its contents were not looked at. */
  sealed?: true;
}

export type FindingKind =
  | 'schema-ahead'
  | 'schema-dirty'
  | 'schema-unreadable'
  | 'migration-altered'
  | 'migration-missing'
  | 'shipped-changed'
  | 'shipped-missing'
  | 'foreign-file'
  | 'config-unknown'
  | 'config-deprecated'
  | 'config-removed-in-target'
  | 'config-unreadable'
  | 'runtime-mismatch'
  | 'item-missing'
  | 'service-mismatch'
  | 'programs-stale'
  | 'datastore-second';

/** One difference between what should be and what is. */
export interface Finding {
  kind: FindingKind;
  severity: Severity;
  /** The file, option, migration or item it is about. */
  subject: string;
  expected: string;
  found: string;
  message: string;
  remedy: NonNullable<FailureData['remedy']>;
  /** Further ways out, so that the first is never the only one. */
  alternatives: NonNullable<FailureData['remedy']>[];
}

export interface DriftReport {
  install: string;
  release: string | null;
  target: string | null;
  findings: Finding[];
  /** Detectors that could not look, and why. Silence is never mistaken for health. */
  unknown: { detector: string; reason: string }[];
}

export interface HistoryEntry {
  operation: string;
  action: ActionKind;
  install: string;
  from: string | null;
  to: string | null;
  startedAt: string;
  endedAt: string | null;
  outcome: 'running' | 'done' | 'failed' | 'rolled-back' | 'cancelled' | 'interrupted' | 'refused';
  endState: EndState | null;
  message: string | null;
  /** ISO time until which `undo` can bring things back; null when there is nothing to undo. */
  undoUntil: string | null;
}

export interface LogChunk {
  path: string;
  text: string;
  /** Offset in bytes just behind `text`. Handed back as `from`, it asks for what was written since (from 0 after a rotation). */
  end: number;
}

/** Something an `adopt` found, or could take over. */
export interface Discovery {
  product: string;
  home: string;
  release: string | null;
  /** How the release was learned. */
  evidence: string;
}

/** What ends every operation. */
export interface OperationOutcome {
  operation: string;
  action: ActionKind;
  install: string;
  from: string | null;
  to: string | null;
  endState: EndState;
  receipt: Receipt | null;
  backup?: BackupMade;
  verification?: Verification;
  exported?: Exported;
  drill?: DrillReport;
  rehearsal?: RehearsalReport;
  rescan?: Rescan;
  plan?: Plan;
  /** What the product's own command printed, such as a new password. It is in no history, no journal and no log. */
  printed?: string;
}

/** Something that the product can do by a command of its own. */
export interface ProductAction {
  action: string;
  title: string;
  what: string;
}
