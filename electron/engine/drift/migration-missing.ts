/** A migration was applied, and the release that should have brought it has no file for it. */
import { isUnreadable } from './facts.ts';
import { keep, reinstall, releaseOf, restoreBackup, type Detector } from './ways.ts';

export const migrationMissing: Detector = {
  id: 'migration-missing',
  title: 'Applied migrations are in the release',
  detect: (facts) => {
    const { ledger } = facts;
    if (ledger === null) return { findings: [] };
    if (isUnreadable(ledger)) return { findings: [], unknown: ledger.error };
    return {
      findings: (ledger.comparison?.missing ?? []).map((version) => ({
        kind: 'migration-missing' as const,
        severity: 'problem' as const,
        subject: `migration ${version}`,
        expected: `a file for migration ${version} in ${releaseOf(facts)}`,
        found: 'none',
        message: `migration ${version} was applied to the datastore, but ${releaseOf(facts)} has no file for it: it was removed, or another program applied it`,
        remedy: reinstall(facts, ', which brings the shipped file back'),
        alternatives: [restoreBackup(facts), keep(`Keep it so: migration ${version} stays applied.`)],
      })),
    };
  },
};
