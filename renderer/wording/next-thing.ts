/** The one thing to do next with an install: the most pressing one, never a list. */
import type { DriftReport, Status } from '../../electron/api/models.ts';
import { count } from '../../electron/api/units.ts';

export type NextThing =
  | { kind: 'recover' | 'config' | 'wait' | 'log' | 'back-up' | 'backups' | 'start' | 'none'; text: string }
  | { kind: 'upgrade'; text: string; to: string }
  | { kind: 'drift'; text: string };

/** @param drift null when it was not looked at yet */
export function nextThing(status: Status, drift: DriftReport | null): NextThing {
  if (status.busy !== null) return { kind: 'wait', text: 'Something is running' };
  if (status.interrupted !== null) return { kind: 'recover', text: 'Finish what was interrupted' };
  if (status.configProblem !== null) return { kind: 'config', text: 'Mend its configuration' };
  if (status.health === 'unhealthy') return { kind: 'log', text: 'See what it says' };
  const problems = (drift?.findings ?? []).filter((finding) => finding.severity !== 'info').length;
  if (problems > 0) return { kind: 'drift', text: `Look at ${count(problems, 'finding')}` };
  if (status.update.latest !== null) return { kind: 'upgrade', text: `Upgrade to ${status.update.latest}`, to: status.update.latest };
  if (status.lastBackup === null || status.lastBackup.verdict === 'bad') return { kind: 'back-up', text: 'Back up' };
  if (status.protection.warning !== null) return { kind: 'backups', text: 'Look at its backups' };
  if (status.service.state === 'stopped') return { kind: 'start', text: 'Start' };
  return { kind: 'none', text: 'Nothing needs you' };
}
