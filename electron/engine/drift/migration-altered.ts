/** A migration that was applied is no longer the file it was. What it did to the datastore stays done; what the file says now was never run. */
import type { Finding } from '../../api/models.ts';
import { isUnreadable, type AlteredMigration, type DriftFacts } from './facts.ts';
import { keep, reinstall, releaseOf, type Detector } from './ways.ts';

export const migrationAltered: Detector = {
  id: 'migration-altered',
  title: 'Applied migrations are the files that were applied',
  detect: (facts) => {
    const { ledger } = facts;
    if (ledger === null) return { findings: [] };
    if (isUnreadable(ledger)) return { findings: [], unknown: ledger.error };
    return { findings: (ledger.comparison?.altered ?? []).map((one) => finding(facts, one)) };
  },
};

function finding(facts: DriftFacts, { version, expected, found, cosmetic }: AlteredMigration): Finding {
  const restore = reinstall(facts, ', which brings the shipped file back');
  const accept = keep(`Keep the file as it is: migration ${version} stays applied and is not run again.`);
  return {
    kind: 'migration-altered',
    severity: cosmetic === true ? 'warning' : 'problem',
    subject: `migration ${version}`,
    expected: `checksum ${expected}`,
    found: `checksum ${found}`,
    message: `the file of migration ${version} in ${releaseOf(facts)} is not the one that was applied${differenceIn(cosmetic)}`,
    remedy: cosmetic === true ? accept : restore,
    alternatives: [cosmetic === true ? restore : accept],
  };
}

function differenceIn(cosmetic: boolean | null): string {
  if (cosmetic === null) return '; the original is not here, so it cannot be told whether it does something else';
  return cosmetic ? '; only white space, line ends or comments differ, so it does the same' : '; it does something else than what was done';
}
