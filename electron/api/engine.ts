import type { EngineEvent } from './events.ts';
import type { Api } from './methods.ts';
import type { OperationOutcome } from './models.ts';
import type { Result } from './result.ts';

/** What the engine answers to a wish to stop: whether it still can, and a sentence for the person. */
export interface CancelAnswer {
  possible: boolean;
  text: string;
}

/** A running engine as every face holds it; made by `createEngine` and by test doubles. */
export interface Engine {
  api: Api;
  /** Hears every event from now on. The answer ends it. */
  subscribe(listener: (event: EngineEvent) => void): () => void;
  /** Asks an operation to stop. It goes on to a safe end; `wait` tells which. */
  cancel(operation: string): CancelAnswer;
  /** The end of an operation. Never rejects for an expected failure. */
  wait(operation: string): Promise<Result<OperationOutcome>>;
  /** Lets go of everything that the engine holds open. Running operations are waited for. */
  close(): Promise<void>;
}
