/**
 * Running operations: from an agreed plan to its end. Takes the lock, writes the journal, runs the steps, tells the events, and files what
 * happened: history, receipt, quarantine. One place decides what an end means for a person and for an exit code.
 */
import type { EngineEvent } from '../../api/events.ts';
import { Failure, toFailureData, type FailureData } from '../../api/failure.ts';
import type { OperationOutcome } from '../../api/models.ts';
import { fail, type Result } from '../../api/result.ts';
import { moultFolderOf } from '../install/moult-folder.ts';
import { isWithin } from '../install/paths.ts';
import { readRecord } from '../install/record.ts';
import { beginJournal, removeStillborn, type Journal } from '../journal/journal.ts';
import { takeLock, type Lock } from '../operation/lock.ts';
import { runSteps } from '../operation/runner.ts';
import { now, ticks } from '../platform/clock.ts';
import { exists, makeFolderDurably, namesIn } from '../platform/files.ts';
import { randomId } from '../platform/random.ts';
import { hotJournals, refuseInterrupted } from './interrupted.ts';
import { drillsFolder, type Kit } from './kit.ts';
import { makeScene } from './program.ts';
import { buildProgram } from './programs.ts';
import { giveBackSmallReserve, holdSmallReserve } from './reserve.ts';
import { sweepHome } from './sweep.ts';
import { conclude, sentence, type Begun, type Start } from './operation-end.ts';

export type { Start } from './operation-end.ts';

interface Running {
  controller: AbortController;
  committed: boolean;
  done: Promise<Result<OperationOutcome>>;
}

export interface Operations {
  /** Begins; answers with the id as soon as the journal stands. Throws what refuses it. */
  begin(start: Start): Promise<string>;
  /** Runs anything as an operation, with its own end. Used by recovery. */
  track(operation: string, work: (signal: AbortSignal) => Promise<Result<OperationOutcome>>): void;
  cancel(operation: string): { possible: boolean; text: string };
  wait(operation: string): Promise<Result<OperationOutcome>>;
  running(): string[];
}

export function runOperations(kit: Kit, emit: (event: EngineEvent) => void): Operations {
  const all = new Map<string, Running>();
  const track: Operations['track'] = (operation, work) => {
    const controller = new AbortController();
    const done = work(controller.signal).catch((error: unknown) => fail(toFailureData(error)));
    const entry: Running = { controller, committed: false, done };
    all.set(operation, entry);
  };
  return {
    begin: async (start) => {
      const operation = randomId(8);
      const begun = await beginOperation(kit, operation, start);
      track(operation, async (signal) => runToEnd(kit, begun, signal, emit, () => markCommitted(all.get(operation))));
      return operation;
    },
    track,
    cancel: (operation) => {
      const entry = all.get(operation);
      const answer = cancelAnswer(entry);
      emit({ event: 'cancelling', operation, ...answer });
      if (answer.possible) entry?.controller.abort(new Failure('cancelled', 'cancelled'));
      return answer;
    },
    wait: async (operation) => {
      const entry = all.get(operation);
      return entry === undefined ? fail({ code: 'unknown-operation', message: `no operation ${operation} was started here` }) : entry.done;
    },
    running: () => [...all.keys()],
  };
}

async function beginOperation(kit: Kit, operation: string, start: Start): Promise<Begun> {
  const folder = moultFolderOf(start.home);
  const { action, install, home, descriptor, before } = start;
  const scene = makeScene({ kit, operation, action, install, home, descriptor, before });
  const lock = start.locked ? await lockHome(start, folder.root) : null;
  try {
    if (start.locked) await refuseStale(kit, start);
    await start.admit?.();
    const program = buildProgram(scene, start.action, start.data);
    const head = {
      operation,
      action: start.action,
      install: start.install,
      home: start.home,
      data: { before: start.before, product: start.descriptor.product, descriptor: start.descriptor, data: start.data },
    };
    const startedAt = now();
    if (!start.locked) return { start, scene, program, journal: noJournal, lock, startedAt };
    await holdSmallReserve(folder, program);
    // The registry first: it is what leads recovery to a home that nobody knows yet.
    closeDeadEntries(kit, start.home);
    const { from, to } = program;
    kit.registry.operations.begin({ operation, action, install, home, from, to, startedAt });
    const journal = await beginJournal(folder.journal, head).catch((error: unknown) => {
      closeDeadEntries(kit, start.home);
      throw error;
    });
    return { start, scene, program, journal, lock, startedAt };
  } catch (error) {
    if (lock !== null) await sweepHome(kit, start.home);
    await lock?.release();
    throw error;
  }
}

/** What is left of an operation that was cut off before it began or after it ended: without a journal there is nothing to undo, only to tidy. */
export async function tidyDeadOperations(kit: Kit, home: string): Promise<void> {
  const { root } = moultFolderOf(home);
  const isOpen = kit.registry.operations.unfinished().some((entry) => entry.home === home);
  const names = await namesIn(root);
  const isLeft = names.some((name) => ['lock.json', 'journal', 'reserve'].includes(name) || name.endsWith('.moult-tmp'));
  // A lock alone is what an install keeps, and all that a drill left which was cut off as it began.
  const isNobodys = isWithin(drillsFolder(kit), home) && (await exists(root));
  if (!isOpen && !isLeft && !isNobodys) return;
  const lock = await takeLock(root, 'recover').catch(() => null);
  if (lock === null) return;
  try {
    await removeStillborn(moultFolderOf(home).journal);
    if ((await hotJournals(home)).length === 0) closeDeadEntries(kit, home);
    await sweepHome(kit, home);
  } finally {
    await lock.release();
  }
}

/** Entries of the history that say "running" although, with the lock held and no journal there, nothing runs: they never came to begin. */
function closeDeadEntries(kit: Kit, home: string): void {
  for (const entry of kit.registry.operations.unfinished()) {
    if (entry.home !== home) continue;
    const message = 'It ended before anything was done.';
    kit.registry.operations.end(entry.operation, {
      endedAt: now(),
      outcome: 'failed',
      endState: null,
      message,
      undoUntil: null,
      receipt: null,
    });
  }
}

/** What a lock is taken for, in words, and the folder it needs. A home that is made only now is swept away again if nothing comes of it. */
async function lockHome(start: Start, root: string): Promise<Lock> {
  if (!(await exists(root))) await makeFolderDurably(root);
  return takeLock(root, start.action.replaceAll('-', ' '));
}

/** Between the plan and the lock somebody else may have been here. */
async function refuseStale(kit: Kit, start: Start): Promise<void> {
  await refuseInterrupted(kit, start.home, 'held');
  const record = await readRecord(start.home);
  if (JSON.stringify(record) !== JSON.stringify(start.before)) {
    throw new Failure('plan-changed', 'The install was changed by somebody else since the plan was made.', {
      remedy: { action: 'retry', text: 'Look at the new plan.' },
    });
  }
}

async function runToEnd(
  kit: Kit,
  begun: Begun,
  signal: AbortSignal,
  emit: (event: EngineEvent) => void,
  onCommit: () => void,
): Promise<Result<OperationOutcome>> {
  const { scene, program, journal, start } = begun;
  const { operation } = scene;
  const from = ticks();
  const steps = program.steps.map(({ id, title }) => ({ id, title, state: 'waiting' as const }));
  emit({ event: 'started', operation, action: start.action, install: start.install, steps, at: begun.startedAt });
  let result: Result<OperationOutcome>;
  try {
    // The journal goes only when the history knows how it ended: until then a kill leaves something to go by, for `undo` too.
    const end = await runSteps({
      operation,
      steps: program.steps,
      journal: { ...journal, close: async () => journal.leave() },
      signal,
      emit,
      onCommit,
      giveBack: async () => giveBackSmallReserve(scene.folder),
    });
    result = await conclude(kit, begun, end, (ticks() - from) / 1000, emit);
    if (end.kind !== 'stuck') await journal.close();
  } catch (error) {
    await journal.leave().catch(() => undefined);
    result = fail(leftOpen(start, toFailureData(error)));
  } finally {
    for (const step of program.steps) await step.release?.().catch(() => undefined);
    await program.cleanUp?.();
    if (start.locked) await sweepHome(kit, start.home);
    await begun.lock?.release();
  }
  emit({ event: 'ended', operation, outcome: result.ok ? result.result : null, error: result.ok ? null : result.error, at: now() });
  return result;
}

/** The run is over but its journal could not be ended: until recovery has seen to that, nothing else may happen here. */
function leftOpen(start: Start, reason: FailureData): FailureData {
  return {
    code: 'interrupted',
    message: `${start.action} could not be brought to its end: ${sentence(reason.message)} Recovery will finish or undo it.`,
    remedy: { action: 'recover', text: 'Remove the cause, then recover the install.', command: `moult recover ${start.install}` },
    cause: { code: reason.code, message: reason.message },
  };
}

function cancelAnswer(entry: Running | undefined): { possible: boolean; text: string } {
  if (entry === undefined) return { possible: false, text: 'It is over already.' };
  if (entry.committed)
    return { possible: false, text: 'It is past the point of no return and is being finished. You can roll back afterwards.' };
  return { possible: true, text: 'Cancelling; everything goes back to how it was.' };
}

function markCommitted(entry: Running | undefined): void {
  if (entry) entry.committed = true;
}

/** For operations that change nothing that would have to be undone. */
const noJournal: Journal = { path: '', append: async () => {}, close: async () => {}, leave: async () => {} };
