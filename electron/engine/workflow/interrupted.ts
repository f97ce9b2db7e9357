/** Operations that a kill cut off: found by the journal they left behind. */
import { Failure } from '../../api/failure.ts';
import type { Interrupted } from '../../api/models.ts';
import { moultFolderOf } from '../install/moult-folder.ts';
import { findJournals, type JournalState } from '../journal/journal.ts';
import { lockHolder } from '../operation/lock.ts';
import type { Kit } from './kit.ts';

/** The journals in a home folder whose operation did not end. */
export async function hotJournals(home: string): Promise<JournalState[]> {
  return (await findJournals(moultFolderOf(home).journal)).filter((journal) => !journal.ended);
}

/** Throws `interrupted` when an operation in this home was cut off: it comes first. One that runs has a journal too, and holds the lock. */
export async function refuseInterrupted(kit: Kit, home: string, lock: 'held' | 'free' = 'free'): Promise<void> {
  const [hot] = await hotJournals(home);
  if (hot === undefined || (lock === 'free' && (await lockHolder(moultFolderOf(home).root)) !== null)) return;
  // Where the registry was lost, nothing but the folder leads there.
  const known = kit.registry.installs.byHome(home) ?? kit.registry.operations.byId(hot.operation);
  const command = `moult recover ${known === null ? home : hot.install}`;
  throw new Failure('interrupted', `The last operation of ${hot.install} (${hot.action}) was interrupted and has to be recovered first.`, {
    remedy: { action: 'recover', text: 'Recover the install.', command },
  });
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
