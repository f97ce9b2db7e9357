/**
 * Recover: finish or undo what a kill interrupted. The steps are built again from the journal's own data; a committed operation is
 * finished, any other is undone, last step first. It can be killed and repeated itself.
 */
import type { EngineEvent } from '../../api/events.ts';
import { Failure, type FailureData } from '../../api/failure.ts';
import type { EndState, OperationOutcome } from '../../api/models.ts';
import { fail, succeed, type Result } from '../../api/result.ts';
import { moultFolderOf } from '../install/moult-folder.ts';
import type { InstallRecord } from '../install/record.ts';
import { reopenJournal, type JournalState } from '../journal/journal.ts';
import { takeLock } from '../operation/lock.ts';
import { recoverSteps } from '../operation/runner.ts';
import { now } from '../platform/clock.ts';
import { findProduct, type Kit } from './kit.ts';
import { hotJournals } from './interrupted.ts';
import { makeScene } from './program.ts';
import { buildProgram } from './programs.ts';
import { readTrashIndex } from './trash.ts';
import { sweepHome } from './sweep.ts';

interface JournalData {
  before: InstallRecord | null;
  product: string;
  data: unknown;
}

/** Homes where an operation may have been cut off: those of the installs and those of operations that never ended. */
export function suspectHomes(kit: Kit, install: string | undefined): string[] {
  const rows = kit.registry.installs.all().filter((row) => install === undefined || row.name === install);
  const open = kit.registry.operations.unfinished().filter((entry) => install === undefined || entry.install === install);
  return [...new Set([...rows.map((row) => row.home), ...open.map((entry) => entry.home)])];
}

/** Recovers every interrupted operation in a home. `nothing-to-do` when there is none. */
export async function recoverHome(
  kit: Kit,
  home: string,
  operation: string,
  emit: (event: EngineEvent) => void,
): Promise<Result<OperationOutcome>> {
  const lock = await takeLock(moultFolderOf(home).root, 'recover');
  try {
    const journals = await hotJournals(home);
    const last = journals.at(-1);
    if (last === undefined) throw new Failure('nothing-to-do', `nothing was interrupted in ${home}`);
    let result: Result<OperationOutcome> | null = null;
    for (const journal of journals) result = await recoverOne(kit, journal, operation, emit);
    return result ?? fail({ code: 'internal', message: 'no journal' });
  } finally {
    await lock.release();
    await sweepHome(kit, home);
  }
}

async function recoverOne(
  kit: Kit,
  state: JournalState,
  operation: string,
  emit: (event: EngineEvent) => void,
): Promise<Result<OperationOutcome>> {
  const { before, product, data } = state.data as JournalData;
  const { descriptor } = await findProduct(kit, product);
  const { action, install, home } = state;
  const scene = makeScene({ kit, operation: state.operation, action, install, home, descriptor, before });
  const program = buildProgram(scene, state.action, data);
  const steps = program.steps.map(({ id, title }) => ({ id, title, state: 'waiting' as const }));
  emit({ event: 'started', operation, action: 'recover', install: state.install, steps, at: now() });
  const journal = await reopenJournal(state.path);
  const end = await recoverSteps({ operation, steps: program.steps, journal, emit: (event) => emit({ ...event, operation }) }, state);
  const endState: EndState = end.kind === 'stuck' ? 'stopped-and-kept' : end.kind === 'done' ? program.endState : 'old-and-healthy';
  const error: FailureData | null =
    end.kind === 'stuck'
      ? {
          code: 'undo-failed',
          message: `The interrupted ${state.action} could not be undone: ${end.undoFailure.message}. ${descriptor.title} is left stopped; every file is kept.`,
          remedy: { action: 'recover', text: 'Remove the cause, then recover again.', command: `moult recover ${state.install}` },
        }
      : null;
  kit.registry.operations.end(state.operation, {
    endedAt: now(),
    outcome: error !== null ? 'interrupted' : end.kind === 'done' ? 'done' : 'rolled-back',
    endState,
    message: error?.message ?? `It was interrupted and ${end.kind === 'done' ? 'finished' : 'undone'} by recovery.`,
    undoUntil: end.kind === 'done' ? ((await readTrashIndex(state.home, state.operation))?.expires ?? null) : null,
    receipt: null,
  });
  if (error !== null) return fail(error);
  return succeed({
    operation,
    action: 'recover',
    install: state.install,
    from: program.from,
    to: end.kind === 'done' ? program.to : (before?.release ?? null),
    endState,
    receipt: null,
  });
}
