/**
 * What a face holds in its hands, whatever the wire: in the desktop app the preload puts it at `window.moult`, in a browser it is made
 * over HTTP. State first, then the stream: the first message of a subscription is always a snapshot.
 */
import type { EngineEvent, Progress, StepView } from './events.ts';
import type { FailureData } from './failure.ts';
import type { MethodInput, MethodName, OperationName, QueryName, QueryResults } from './methods.ts';
import type { ActionKind, InstallSummary, OperationOutcome } from './models.ts';
import type { Result } from './result.ts';

/** An operation as it stands: everything that its events have told so far. */
export interface RunningOperation {
  operation: string;
  action: ActionKind;
  install: string;
  startedAt: string;
  steps: StepView[];
  progress: Progress | null;
  notes: { level: 'info' | 'warning'; text: string }[];
  cancelling: boolean;
  /** Set when it has ended; ended ones stay in the snapshot for a while, so that a reload still shows the receipt. */
  ended: { outcome: OperationOutcome | null; error: FailureData | null; at: string } | null;
}

/** The whole state that a face begins with. */
export interface Snapshot {
  version: string;
  installs: InstallSummary[];
  operations: RunningOperation[];
}

export type StreamMessage =
  | { kind: 'snapshot'; snapshot: Snapshot }
  | { kind: 'event'; event: EngineEvent }
  /** The list of installs or a status may have changed: ask again. */
  | { kind: 'changed'; install: string | null };

export type Connection = 'connecting' | 'connected' | 'lost';

export type MethodResult<M extends MethodName> = M extends QueryName
  ? QueryResults[M]
  : M extends OperationName
    ? { operation: string }
    : never;

export interface Client {
  call<M extends MethodName>(method: M, input: MethodInput<M>): Promise<Result<MethodResult<M>>>;
  cancel(operation: string): Promise<Result<{ possible: boolean; text: string }>>;
  subscribe(listener: (message: StreamMessage) => void, onConnection?: (connection: Connection) => void): () => void;
}
