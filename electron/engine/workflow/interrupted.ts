/** Operations that a kill cut off: found by the journal they left behind. */
import type { Interrupted } from '../../api/models.ts';
import { moultFolderOf } from '../install/moult-folder.ts';
import { findJournals, type JournalState } from '../journal/journal.ts';

/** The journals in a home folder whose operation did not end. */
export async function hotJournals(home: string): Promise<JournalState[]> {
  return (await findJournals(moultFolderOf(home).journal)).filter((journal) => !journal.ended);
}

/** What was interrupted, for a person; null when nothing was. A running operation of a live process has a journal too: ask the lock first. */
export async function findInterrupted(home: string): Promise<Interrupted | null> {
  const [first] = await hotJournals(home);
  if (first === undefined) return null;
  const last = first.steps.at(-1);
  return {
    operation: first.operation,
    kind: first.action,
    step: last?.id ?? 'begin',
    startedAt: first.startedAt,
    recovery: first.committed ? 'finish' : 'undo',
  };
}
