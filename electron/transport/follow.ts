import type { CancelAnswer, Engine } from '../api/engine.ts';
import type { EngineEvent } from '../api/events.ts';
import type { OperationName } from '../api/methods.ts';
import type { OperationOutcome } from '../api/models.ts';
import type { Result } from '../api/result.ts';
import { call } from './call.ts';

/** An operation that is under way, from its start to its end. */
export interface Followed {
  end: Promise<Result<OperationOutcome>>;
  /** Asks it to stop. Asked before the engine gave the operation its id, the wish is handed on as soon as it has one. */
  cancel(onAnswer: (answer: CancelAnswer) => void): void;
}

/** Starts an operation and hands its own events, and no others, to the listener, in order and none of them lost. */
export function follow(engine: Engine, method: OperationName, input: unknown, listener: (event: EngineEvent) => void): Followed {
  let operation: string | null = null;
  let wish: ((answer: CancelAnswer) => void) | null = null;
  const early: EngineEvent[] = [];
  const hear = (event: EngineEvent): void => {
    // Events may arrive before the call has answered with the operation's id.
    if (operation === null) early.push(event);
    else if (event.operation === operation) listener(event);
  };
  const unsubscribe = engine.subscribe(hear);
  const run = async (): Promise<Result<OperationOutcome>> => {
    try {
      const started = await call(engine, method, input);
      if (!started.ok) return started;
      operation = started.result.operation;
      early.splice(0).forEach(hear);
      if (wish !== null) wish(engine.cancel(operation));
      return await engine.wait(operation);
    } finally {
      unsubscribe();
    }
  };
  const cancel = (onAnswer: (answer: CancelAnswer) => void): void => {
    if (operation === null) wish = onAnswer;
    else onAnswer(engine.cancel(operation));
  };
  return { end: run(), cancel };
}
