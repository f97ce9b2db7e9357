import type { FailureData } from '../api/failure.ts';
import type { Aftermath } from './view/failure-view.ts';

/** A failure on its way to the exit code, with how far things had gone. */
export class CommandFailure extends Error {
  readonly failure: FailureData;
  readonly aftermath: Aftermath;

  constructor(failure: FailureData, aftermath: Aftermath = { begun: false, outcome: null }) {
    super(failure.message);
    this.name = 'CommandFailure';
    this.failure = failure;
    this.aftermath = aftermath;
  }
}

/** The wish to stop came while nothing was under way that changes anything. */
export function cancelled(): CommandFailure {
  return new CommandFailure({ code: 'cancelled', message: 'Cancelled.' });
}
