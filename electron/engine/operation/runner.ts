/**
 * Runs a list of steps as a transaction.
 *
 * Before each effect a line is synced to the journal. A failure before the commit point undoes every step that was begun, last first.
 * After the commit point nothing is undone: the steps that follow tidy up, and one that fails there is told as a warning, because
 * the install is in its new state already. When an undo fails itself, the journal stays, nothing is started, and the failure says so.
 */
import type { EngineEvent, StepState } from '../../api/events.ts';
import { Failure, toFailureData, type FailureData } from '../../api/failure.ts';
import type { Receipt } from '../../api/models.ts';
import type { Journal, JournalState } from '../journal/journal.ts';
import { now, ticks } from '../platform/clock.ts';
import { endStarted } from '../platform/processes.ts';
import { checkpoint } from './failpoint.ts';
import { measureProgress, type ProgressMeter } from './progress.ts';
import { notedCommand, type Step, type StepTools } from './step.ts';

export type StepRecord = Receipt['steps'][number];

/** How a run ended. `touched` tells whether the product or its data may have been different in between; `memory` is what was remembered. */
export type RunEnd =
  | { kind: 'done'; steps: StepRecord[]; leftOver: FailureData[] }
  | { kind: 'undone'; steps: StepRecord[]; reason: FailureData; touched: boolean; memory: Readonly<Record<string, unknown>> }
  | { kind: 'stuck'; steps: StepRecord[]; reason: FailureData; undoFailure: FailureData };

export interface RunOptions {
  operation: string;
  steps: readonly Step[];
  journal: Journal;
  /** Aborting asks for a cancel; it has no effect after the commit point. */
  signal: AbortSignal;
  emit: (event: EngineEvent) => void;
  onCommit?: () => void;
  /** Called when going back begins, and before the end is written: gives back what was held for a full disk. */
  giveBack?: () => Promise<void>;
}

/** Runs all steps, or undoes what was begun. Never throws for a step's failure. */
export async function runSteps(options: RunOptions): Promise<RunEnd> {
  const run = begin(options, {});
  const begun: Step[] = [];
  let committed = false;
  const leftOver: FailureData[] = [];
  for (const step of options.steps) {
    try {
      if (!committed) options.signal.throwIfAborted();
      if (!committed) begun.push(step);
      await run.perform(step, committed ? never : options.signal);
    } catch (error) {
      if (!committed) return undo(run, begun, reasonOf(error, options.signal));
      leftOver.push(toFailureData(error));
      run.note(`"${step.title}" is left for later: ${toFailureData(error).message}`, 'warning');
    }
    if (step.commits) {
      committed = true;
      options.onCommit?.();
    }
  }
  await run.giveBack();
  await run.end(false);
  return { kind: 'done', steps: run.records, leftOver };
}

/** Undoes or finishes what a kill interrupted, from its journal. The steps must be built from the journal's own data. */
export async function recoverSteps(options: Omit<RunOptions, 'signal'>, state: JournalState): Promise<RunEnd> {
  const commitAt = options.steps.findIndex((step) => step.commits);
  const rest = state.committed ? options.steps.slice(commitAt + 1) : options.steps;
  const run = begin({ ...options, steps: rest, signal: never }, state.memory);
  const command = notedCommand(state.memory);
  if (command !== null && !(await endStarted(command)))
    run.note(`process ${command.pid}, which the interrupted operation had started, does not end`, 'warning');
  const begunIds = new Set(state.steps.map((step) => step.id));
  if (!state.committed) {
    const begun = options.steps.filter((step) => begunIds.has(step.id) && stateIn(state, step.id) !== 'undone');
    return undo(run, begun, { code: 'interrupted', message: 'the operation was interrupted' });
  }
  const leftOver: FailureData[] = [];
  for (const step of rest) {
    if (stateIn(state, step.id) === 'done') continue;
    await run.perform(step, never).catch((error: unknown) => leftOver.push(toFailureData(error)));
  }
  await run.giveBack();
  await run.end(false);
  return { kind: 'done', steps: run.records, leftOver };
}

interface Run {
  records: StepRecord[];
  memory: Readonly<Record<string, unknown>>;
  perform(step: Step, signal: AbortSignal): Promise<void>;
  takeBack(step: Step): Promise<void>;
  note(text: string, level: 'info' | 'warning'): void;
  /** Never throws: what could not be given back is swept later. */
  giveBack(): Promise<void>;
  end(leave: boolean): Promise<void>;
}

/** A signal that nobody aborts. */
const never = new AbortController().signal;

function begin(options: RunOptions, memory: Record<string, unknown>): Run {
  const { operation, journal } = options;
  const emit = sheltered(options.emit);
  const records: StepRecord[] = [];
  let commitTried = false;
  const meter: ProgressMeter = measureProgress(options.steps, (progress) => emit({ event: 'progress', operation, progress }));
  const tell = (step: Step, state: StepState) => emit({ event: 'step', operation, id: step.id, title: step.title, state, at: now() });
  const note = (text: string, level: 'info' | 'warning') => emit({ event: 'note', operation, level, text });
  const mark = async (step: Step, state: 'run' | 'done' | 'undo' | 'undone') =>
    journal.append({ type: 'step', id: step.id, state, at: now() });
  // Undoing twice is harmless, so a full disk that takes no more lines is no reason to leave things half done. Only where the journal may
  // say "commit" does it have to say first that this does not count.
  const tryToMark = async (step: Step, state: 'undo' | 'undone') =>
    mark(step, state).catch((error: unknown) => {
      if (commitTried) throw error;
    });
  const tools = (signal: AbortSignal) => toolsOf(journal, memory, signal, (progress) => meter.report(progress), note);
  const record = (step: Step, from: number, outcome: StepRecord['outcome']) =>
    records.push({ id: step.id, title: step.title, seconds: (ticks() - from) / 1000, outcome });
  return {
    records,
    memory,
    note,
    giveBack: async () => options.giveBack?.().catch(() => undefined),
    perform: async (step, signal) => {
      const from = ticks();
      await mark(step, 'run');
      tell(step, 'running');
      meter.begin(step);
      try {
        await checkpoint(step.id, 'before', signal);
        await step.run(tools(signal));
        await checkpoint(step.id, 'after', signal);
        await mark(step, 'done');
        if (step.commits) {
          commitTried = true;
          await journal.append({ type: 'commit', at: now() });
        }
      } catch (error) {
        record(step, from, 'failed');
        tell(step, 'failed');
        throw error;
      }
      meter.end(step);
      record(step, from, 'done');
      tell(step, 'done');
    },
    takeBack: async (step) => {
      await tryToMark(step, 'undo');
      tell(step, 'undoing');
      await checkpoint(step.id, 'before-undo');
      await step.undo?.(tools(never));
      await checkpoint(step.id, 'after-undo');
      await tryToMark(step, 'undone');
      tell(step, 'undone');
      const known = records.find((entry) => entry.id === step.id);
      if (known?.outcome === 'done') known.outcome = 'undone';
    },
    end: async (leave) => {
      if (leave) return journal.leave();
      return journal.close();
    },
  };
}

function toolsOf(
  journal: Journal,
  memory: Record<string, unknown>,
  signal: AbortSignal,
  progress: StepTools['progress'],
  note: Run['note'],
): StepTools {
  return {
    signal,
    memory,
    progress,
    note: (text, level = 'info') => note(text, level),
    remember: async (facts) => {
      await journal.append({ type: 'remember', data: facts, at: now() });
      Object.assign(memory, facts);
    },
  };
}

/** A listener that throws (a window that is gone, a pipe that was closed) must not turn an upgrade into a failed one. */
function sheltered(emit: (event: EngineEvent) => void): (event: EngineEvent) => void {
  return (event) => {
    try {
      emit(event);
    } catch {
      // Nothing can be told to it any more.
    }
  };
}

async function undo(run: Run, begun: readonly Step[], reason: FailureData): Promise<RunEnd> {
  const touched = begun.some((step) => step.touches === true);
  await run.giveBack();
  for (const step of begun.toReversed()) {
    try {
      await run.takeBack(step);
    } catch (error) {
      await run.end(true);
      return { kind: 'stuck', steps: run.records, reason, undoFailure: toFailureData(error) };
    }
  }
  await run.end(false);
  return { kind: 'undone', steps: run.records, reason, touched, memory: run.memory };
}

function stateIn(state: JournalState, id: string): string | undefined {
  return state.steps.find((step) => step.id === id)?.state;
}

function reasonOf(error: unknown, signal: AbortSignal): FailureData {
  if (signal.aborted && !(error instanceof Failure && error.code !== 'cancelled')) {
    return { code: 'cancelled', message: 'Cancelled.' };
  }
  return toFailureData(error);
}
