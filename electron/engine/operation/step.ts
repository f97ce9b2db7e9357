/**
 * A workflow is a list of steps. The runner writes the journal entry, syncs it, then runs the step; step ids are the checkpoints.
 * `undo` must bring back the state before `run` whether `run` finished, was cut in the middle or never began, and must do no harm when
 * it is called twice: it is what recovery calls in another process, with nothing but the program's data and what was remembered.
 */
import type { Progress } from '../../api/events.ts';
import type { Started } from '../platform/processes.ts';

/** How far a step is; `fraction` is of this step, 0 to 1. */
export type StepProgress = Partial<Omit<Progress, 'step'>>;

export interface StepTools {
  /** Aborted when the person cancels; never during `undo` and after the commit point. */
  signal: AbortSignal;
  progress(progress: StepProgress): void;
  note(text: string, level?: 'info' | 'warning'): void;
  /** Puts facts into the journal, synced, before anything relies on them. Merged into `memory`. */
  remember(facts: Record<string, unknown>): Promise<void>;
  /** Everything remembered so far, by this or an earlier process. */
  memory: Readonly<Record<string, unknown>>;
}

/**
 * For the `onStarted` of a command that works on an install: notes it in the journal. One that outlives the process that started it is ended by
 * recovery, before anything is undone or finished that it may still be writing to.
 */
export function commandNote(tools: Pick<StepTools, 'remember'>): (started: Started) => Promise<void> {
  return (command) => tools.remember({ command });
}

/** The command that was noted last. */
export function notedCommand(memory: Readonly<Record<string, unknown>>): Started | null {
  const command = memory['command'] as Partial<Started> | undefined;
  return typeof command?.pid === 'number' && typeof command.start === 'string' ? { pid: command.pid, start: command.start } : null;
}

export interface Step {
  id: string;
  title: string;
  /** Share of the whole, in any unit. */
  weight: number;
  /** From its beginning on, the product or its data may be different: a failure is answered by rolling back. */
  touches?: boolean;
  /** When it is done the operation is committed: nothing before it is undone any more, what follows is finished. */
  commits?: boolean;
  run(tools: StepTools): Promise<void>;
  undo?(tools: StepTools): Promise<void>;
  /**
   * Lets go of what only this process holds: helpers, connections. Called once it is over in the process that ran it, however it ended, also where
   * `undo` could not be tried because the journal could not be written. Must do no harm when there is nothing to let go of.
   */
  release?(): Promise<void>;
}
