/** The schema version cannot be read at all. That is a finding of its own: it may be anything, and is not taken for fine. */
import { isUnreadable } from './facts.ts';
import { open, readLog, restoreBackup, rollBack, type Detector } from './ways.ts';

export const schemaUnreadable: Detector = {
  id: 'schema-unreadable',
  title: 'The schema version can be read',
  detect: (facts) => {
    const { ledger } = facts;
    if (ledger === null || !isUnreadable(ledger)) return { findings: [] };
    return {
      findings: [
        {
          kind: 'schema-unreadable',
          severity: 'problem',
          subject: 'datastore',
          expected: 'a datastore whose schema version can be read',
          found: ledger.error,
          message: `nobody can tell which schema version the datastore is at: ${ledger.error}`,
          remedy: ledger.remedy ?? restoreBackup(facts),
          alternatives: open(
            ...(ledger.remedy === undefined ? [] : [restoreBackup(facts)]),
            readLog(facts, 'whether the product itself can still read it'),
            rollBack(facts),
            {
              action: 'retry',
              text: 'Look again once nothing else has the datastore open.',
              command: `moult drift ${facts.install}`,
            },
          ),
        },
      ],
    };
  },
};
