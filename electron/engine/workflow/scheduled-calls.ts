/** What the scheduler may have done: the same operations that a person can begin, each awaited. */
import type { OperationOutcome } from '../../api/models.ts';
import type { Result } from '../../api/result.ts';
import type { OpenedInstall } from './kit.ts';

export interface ScheduledCalls {
  /** @param reserve bytes that must stay free */
  backUp(opened: OpenedInstall, reserve: number): Promise<Result<OperationOutcome>>;
  drill(backup: string): Promise<Result<OperationOutcome>>;
  verify(path: string): Promise<Result<OperationOutcome>>;
}
