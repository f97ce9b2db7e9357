import type { FailureData } from './failure.ts';
import type { ActionKind, OperationOutcome } from './models.ts';

export type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'undoing' | 'undone' | 'skipped';

/** One part of an operation as faces draw it. */
export interface StepView {
  id: string;
  title: string;
  state: StepState;
}

/** How far an operation is. `fraction` is weighted over all steps, 0 to 1, and never goes back. */
export interface Progress {
  fraction: number;
  step: string;
  /** What is being done now, for one line under the bar. */
  detail?: string;
  bytes?: number;
  totalBytes?: number;
  /** Bytes a second over the last few seconds. */
  rate?: number;
  /** Seconds left in this step, when it can be told. */
  left?: number;
}

/** What a running operation tells. `operation` names it in every event. */
export type EngineEvent =
  | { event: 'started'; operation: string; action: ActionKind; install: string; steps: StepView[]; at: string }
  | { event: 'step'; operation: string; id: string; title: string; state: StepState; at: string }
  | { event: 'progress'; operation: string; progress: Progress }
  | { event: 'note'; operation: string; level: 'info' | 'warning'; text: string }
  | { event: 'cancelling'; operation: string; possible: boolean; text: string }
  | { event: 'ended'; operation: string; outcome: OperationOutcome | null; error: FailureData | null; at: string };
