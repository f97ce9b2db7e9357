/** The datastore's schema is newer than the active release knows. The release must not run on it: it would read it wrongly, or spoil it. */
import type { Remedy } from '../../api/failure.ts';
import { isUnreadable, type DriftFacts } from './facts.ts';
import { open, releaseOf, restoreBackup, rollBack, type Detector } from './ways.ts';

export const schemaAhead: Detector = {
  id: 'schema-ahead',
  title: 'The datastore is not newer than the release',
  detect: (facts) => {
    const { ledger } = facts;
    if (ledger === null) return { findings: [] };
    if (isUnreadable(ledger)) return { findings: [], unknown: ledger.error };
    if (ledger.reading === null || ledger.reading.version === null) return { findings: [] };
    const { known } = ledger.migrations;
    const found = ledger.reading.version;
    if (known === null || ledger.comparison === null) {
      return { findings: [], unknown: `${releaseOf(facts)} does not tell which schema versions it knows; the datastore is at ${found}` };
    }
    if (!ledger.comparison.ahead) return { findings: [] };
    const plain = `datastore is at schema version ${found} but ${releaseOf(facts)} only knows up to ${known}`;
    const consequence = facts.service.running
      ? 'an older release is being run against a newer datastore'
      : 'an older release must not be run against a newer datastore';
    return {
      findings: [
        {
          kind: 'schema-ahead',
          severity: 'problem',
          subject: 'datastore',
          expected: `schema version ${known} or older`,
          found: `schema version ${found}`,
          message: `${plain}; ${consequence}`,
          remedy: upgrade(facts, found),
          alternatives: open(restoreBackup(facts), rollBack(facts), stop(facts)),
        },
      ],
    };
  },
};

function upgrade(facts: DriftFacts, schema: string): Remedy {
  const release = facts.releaseThatKnowsSchema;
  if (release === null)
    return {
      action: 'choose-release',
      text: `Upgrade to a release that knows schema version ${schema}.`,
      command: `moult plan ${facts.install}`,
    };
  return {
    action: 'choose-release',
    text: `Upgrade to release ${release}, which knows schema version ${schema}.`,
    command: `moult upgrade ${facts.install} --to ${release}`,
  };
}

function stop(facts: DriftFacts): Remedy | null {
  if (!facts.service.running) return null;
  return { action: 'stop-service', text: 'Stop the product until one of these is done.', command: `moult stop ${facts.install}` };
}
