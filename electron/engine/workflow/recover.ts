/**
 * Recover: finish or undo what a kill interrupted. The steps are built again from the journal's own data; a committed operation is
 * finished, any other is undone, last step first. It can be killed and repeated itself.
 */
import { isAbsolute, join, resolve } from 'node:path';
import type { EngineEvent } from '../../api/events.ts';
import { Failure, toFailureData, type FailureData } from '../../api/failure.ts';
import type { OperationOutcome } from '../../api/models.ts';
import { fail, succeed, type Result } from '../../api/result.ts';
import { moultFolderOf } from '../install/moult-folder.ts';
import type { InstallRecord } from '../install/record.ts';
import { reopenJournal, type JournalState } from '../journal/journal.ts';
import { lockHolder, takeLock } from '../operation/lock.ts';
import { recoverSteps } from '../operation/runner.ts';
import { now } from '../platform/clock.ts';
import { expandHome, platform } from '../platform/environment.ts';
import { exists, namesIn, removeFolderIfEmpty } from '../platform/files.ts';
import { randomId } from '../platform/random.ts';
import { descriptorSchema } from '../product/schema.ts';
import { catalogue, drillsFolder, findProduct, type Kit } from './kit.ts';
import { loadKeptKeys } from './kept-keys.ts';
import { hotJournals } from './interrupted.ts';
import { endStateOf } from './operation-end.ts';
import { tidyDeadOperations } from './operations.ts';
import { makeScene } from './program.ts';
import { buildProgram } from './programs.ts';
import { giveBackSmallReserve } from './reserve.ts';
import { readTrashIndex } from './trash.ts';
import { sweepHome } from './sweep.ts';

interface JournalData {
  before: InstallRecord | null;
  product: string;
  descriptor: unknown;
  data: unknown;
}

/** Operations of the history whose homes are looked into. */
const lastOperations = 20;

/** Homes where an operation may have been cut off: those of the installs and those of operations that never ended. */
export async function suspectHomes(kit: Kit, install: string | undefined): Promise<string[]> {
  // A registry that was lost knows no home: a folder can be named, and the usual ones are looked into.
  if (install !== undefined && isAbsolute(install)) return [resolve(install)];
  const rows = kit.registry.installs.all().filter((row) => install === undefined || row.name === install);
  const open = kit.registry.operations.unfinished().filter((entry) => install === undefined || entry.install === install);
  const usual =
    install === undefined ? (await catalogue(kit)).products.map(({ descriptor }) => expandHome(descriptor.home[platform()])) : [];
  // A drill that was cut off before the history told of it left a copy that nobody else knows.
  const drills = install === undefined ? await drillHomes(kit) : [];
  // A set-up that failed left no install; where its journal could not be removed, only the history knows where.
  const last = install === undefined ? kit.registry.operations.homes(lastOperations) : [];
  return [...new Set([...rows.map((row) => row.home), ...open.map((entry) => entry.home), ...usual, ...drills, ...last])];
}

/** The homes of the copies that drills made and did not remove: those that run, and those whose Moult was killed. */
async function drillHomes(kit: Kit): Promise<string[]> {
  const homes: string[] = [];
  for (const around of await namesIn(drillsFolder(kit)))
    for (const name of await namesIn(join(drillsFolder(kit), around))) homes.push(join(drillsFolder(kit), around, name));
  return homes;
}

/** Ends and removes the drills whose Moult was killed: their product is stopped, their copy goes. One that runs holds its lock and is left alone. */
export async function clearDeadDrills(kit: Kit): Promise<void> {
  for (const home of await drillHomes(kit)) {
    const { root } = moultFolderOf(home);
    if (!(await exists(root)) || (await lockHolder(root)) !== null) continue;
    if ((await hotJournals(home)).length > 0) await recoverHome(kit, home, randomId(8), () => undefined);
    else await tidyDeadOperations(kit, home);
  }
  await removeEmptyDrills(kit);
}

/** A kill between two removals leaves a folder without a home in it. */
export async function removeEmptyDrills(kit: Kit): Promise<void> {
  for (const around of await namesIn(drillsFolder(kit))) await removeFolderIfEmpty(join(drillsFolder(kit), around));
  await removeFolderIfEmpty(drillsFolder(kit));
}

/** Recovers every interrupted operation in a home, and tells the end. `nothing-to-do` when there is none. */
export async function recoverHome(
  kit: Kit,
  home: string,
  operation: string,
  emit: (event: EngineEvent) => void,
): Promise<Result<OperationOutcome>> {
  await loadKeptKeys(kit.moultHome);
  const result = await recoverAll(kit, home, operation, emit).catch((error: unknown) => fail(toFailureData(error)));
  emit({ event: 'ended', operation, outcome: result.ok ? result.result : null, error: result.ok ? null : result.error, at: now() });
  return result;
}

async function recoverAll(
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
    for (const journal of journals) {
      result = await recoverOne(kit, journal, operation, emit);
      if (!result.ok) break;
    }
    return result ?? fail({ code: 'internal', message: 'no journal' });
  } finally {
    await sweepHome(kit, home);
    await lock.release();
  }
}

async function recoverOne(
  kit: Kit,
  state: JournalState,
  operation: string,
  emit: (event: EngineEvent) => void,
): Promise<Result<OperationOutcome>> {
  const { before, product, data } = state.data as JournalData;
  // The descriptor that the steps were built from: the one of today may be another, or gone.
  const kept = descriptorSchema.safeParse((state.data as JournalData).descriptor);
  const descriptor = kept.success ? kept.data : (await findProduct(kit, product)).descriptor;
  const { action, install, home } = state;
  const scene = makeScene({ kit, operation: state.operation, action, install, home, descriptor, before });
  const program = buildProgram(scene, state.action, data);
  const steps = program.steps.map(({ id, title }) => ({ id, title, state: 'waiting' as const }));
  emit({ event: 'started', operation, action: 'recover', install: state.install, steps, at: now() });
  const journal = await reopenJournal(state.path);
  const giveBack = async () => giveBackSmallReserve(scene.folder);
  const toOwn = (event: EngineEvent) => emit({ ...event, operation });
  const end = await recoverSteps({ operation, steps: program.steps, journal, emit: toOwn, giveBack }, state);
  const endState = endStateOf(program, end);
  const error: FailureData | null =
    end.kind === 'stuck'
      ? {
          code: 'undo-failed',
          message: `The interrupted ${state.action} could not be undone: ${end.undoFailure.message}. ${descriptor.title} is left stopped; every file is kept.`,
          remedy: { action: 'recover', text: 'Remove the cause, then recover again.', command: `moult recover ${state.install}` },
        }
      : null;
  const known = kit.registry.operations.byId(state.operation);
  // Cut off between its end and the removal of its journal: the history has its receipt already.
  const isFiled = known !== null && known.outcome !== 'running' && known.outcome !== 'interrupted';
  if (!isFiled)
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
