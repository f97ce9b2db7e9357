/** A migration was begun and not finished: the datastore is between two schema versions. */
import { isUnreadable } from './facts.ts';
import { open, readLog, restoreBackup, rollBack, type Detector } from './ways.ts';

export const schemaDirty: Detector = {
  id: 'schema-dirty',
  title: 'Every migration was finished',
  detect: (facts) => {
    const { ledger } = facts;
    if (ledger === null) return { findings: [] };
    if (isUnreadable(ledger)) return { findings: [], unknown: ledger.error };
    const dirty = ledger.reading?.dirty ?? null;
    if (dirty === null) return { findings: [] };
    const back = facts.newestBackupForRelease === null ? rollBack(facts) : restoreBackup(facts);
    const log = readLog(facts, 'why the migration stopped, and what the product advises');
    return {
      findings: [
        {
          kind: 'schema-dirty',
          severity: 'problem',
          subject: 'datastore',
          expected: 'every migration finished',
          found: dirty,
          message: `the datastore is between two schema versions: ${dirty}`,
          remedy: back ?? log,
          alternatives: open(back === null ? restoreBackup(facts) : log, back?.action === 'restore-backup' ? rollBack(facts) : null, {
            action: 'start-service',
            text: 'Start the product once more, if it is one that takes up a migration where it stopped.',
            command: `moult start ${facts.install}`,
          }),
        },
      ],
    };
  },
};
