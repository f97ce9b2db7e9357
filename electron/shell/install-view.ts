/** What the tray and notifications know of one install. */
import type { RunningOperation } from '../api/client.ts';
import type { InstallSummary, Status } from '../api/models.ts';

export interface InstallView {
  install: InstallSummary;
  /** Null until it was asked, or when it could not be told. */
  status: Status | null;
  /** Why there is no status, in one sentence. */
  problem: string | null;
  /** The operation that this app runs on it. */
  operation: RunningOperation | null;
}

/** The newer release that is offered; null when there is none. */
export function offered({ status }: InstallView): string | null {
  return status?.update.latest ?? null;
}

/** Whether something works on the install now, here or in another process. */
export function isBusy({ operation, status }: InstallView): boolean {
  return operation !== null || (status?.busy ?? null) !== null;
}

/** Why a person is needed, in one short sentence; null when nobody is. */
export function needsPerson({ install, status, problem }: InstallView): string | null {
  if (problem !== null) return `${install.title}: ${problem}`;
  if (status === null) return null;
  if (status.interrupted !== null) return `${install.title} was interrupted in "${status.interrupted.step}"`;
  if (status.configProblem !== null) return `The configuration of ${install.title} cannot be read`;
  if (status.health === 'unhealthy') return `${install.title} is not healthy`;
  if (status.service.state === 'foreign') return `Something else answers at the port of ${install.title}`;
  if (status.protection.warning !== null) return `${install.title}: ${status.protection.warning}`;
  return null;
}
