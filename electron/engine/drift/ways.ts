/** What detectors have in common: their shape, and the ways out that they offer, in words and as commands. Pure. */
import type { Remedy } from '../../api/failure.ts';
import type { Finding } from '../../api/models.ts';
import type { DriftFacts } from './facts.ts';

export interface Detector {
  id: string;
  title: string;
  /** `unknown` says why it could not look, or not at everything. */
  detect: (facts: DriftFacts) => { findings: Finding[]; unknown?: string };
}

/** `release 1.1.0`, or words for a release that nobody could learn. */
export function releaseOf(facts: DriftFacts): string {
  return facts.release === null ? 'the installed release' : `release ${facts.release}`;
}

export function reinstall(facts: DriftFacts, why: string): Remedy {
  return {
    action: 'reinstall-release',
    text: `Put ${releaseOf(facts)} in place again${why}.`,
    ...(facts.release !== null && { command: `moult upgrade ${facts.install} --to ${facts.release}` }),
  };
}

/** The newest backup that the active release can run on, by name where there is one. */
export function restoreBackup(facts: DriftFacts): Remedy {
  const backup = facts.newestBackupForRelease;
  if (backup === null)
    return { action: 'restore-backup', text: `Restore a backup that ${releaseOf(facts)} made.`, command: `moult backups ${facts.install}` };
  return {
    action: 'restore-backup',
    text: `Restore the backup of ${backup.at}, which ${releaseOf(facts)} can run on.`,
    command: `moult restore ${facts.install} --input ${backup.id}`,
  };
}

/** Back to the state before the last upgrade; null where nothing was kept. */
export function rollBack(facts: DriftFacts): Remedy | null {
  const [older] = facts.keptOlderReleases;
  if (older === undefined) return null;
  return {
    action: 'roll-back',
    text: `Roll back to release ${older}, code and data together.`,
    command: `moult rollback ${facts.install}`,
  };
}

export function keep(text: string): Remedy {
  return { action: 'accept', text };
}

export function editConfig(file: string, what: string): Remedy {
  return { action: 'edit-config', text: `${what} in ${file}.` };
}

export function readLog(facts: DriftFacts, what: string): Remedy {
  return { action: 'open-log', text: `Read in the log ${what}.`, command: `moult logs ${facts.install}` };
}

/** Leaves out the ways that are not open. */
export function open(...ways: (Remedy | null)[]): Remedy[] {
  return ways.filter((way) => way !== null);
}
