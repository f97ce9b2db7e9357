/** What `--json` gives for an operation: the one place that turns the end of an operation into a result and an exit code. */
import { Failure } from '../api/failure.ts';
import type { BackupMade, OperationOutcome, Plan, SpaceNeed, Verification } from '../api/models.ts';
import type { DrillReport, RehearsalReport } from '../api/protection.ts';
import { exitCodes } from './exit-code.ts';

export type OperationResult =
  | BackupMade
  | Verification
  | DrillReport
  | RehearsalReport
  | Omit<OperationOutcome, 'backup' | 'verification' | 'drill' | 'rehearsal' | 'plan'>;

/** A backup gives the backup, a verification its verdict, everything else `{operation, action, install, from, to, endState, receipt}`, with `exported` where files were written beside. */
export function resultOf(outcome: OperationOutcome): OperationResult {
  if (outcome.action === 'back-up' && outcome.backup !== undefined) return outcome.backup;
  if (outcome.action === 'drill' && outcome.drill !== undefined) return outcome.drill;
  if (outcome.action === 'rehearse' && outcome.rehearsal !== undefined) return outcome.rehearsal;
  if (outcome.action === 'verify' && outcome.verification !== undefined) return outcome.verification;
  const { operation, action, install, from, to, endState, receipt, exported, printed } = outcome;
  const more = { ...(exported !== undefined && { exported }), ...(printed !== undefined && { printed }) };
  return { operation, action, install, from, to, endState, receipt, ...more };
}

/** An operation that ended without a failure may still not have reached what was asked for. */
export function exitCodeOfOutcome({ action, endState }: OperationOutcome): number {
  if (endState === 'stopped-and-kept') return exitCodes.failed;
  return action === 'upgrade' && endState.startsWith('old-and-') ? exitCodes['rolled-back'] : exitCodes.done;
}

/** A bad backup is no success of `verify`. Throws `bad-backup` with all problems. */
export function refuseBadBackup(outcome: OperationOutcome): void {
  const { verification } = outcome;
  if (verification?.verdict !== 'bad') return;
  const problems = verification.problems.length === 0 ? 'it could not be read' : verification.problems.join('\n');
  throw new Failure('bad-backup', `The backup ${verification.path} is bad: ${problems}`, {
    remedy: { action: 'restore-backup', text: 'Keep to another backup, or make a new one.', command: 'moult backups' },
    details: { ...verification },
  });
}

/** The plan with its space summed up: the volume where it is tightest, and all of them. */
export function planResult(plan: Plan): Omit<Plan, 'space'> & { space: { needed: number; free: number | null; volumes: SpaceNeed[] } } {
  const tightest = plan.space.reduce<SpaceNeed | null>(
    (least, need) => (least === null || need.free - need.needed < least.free - least.needed ? need : least),
    null,
  );
  return { ...plan, space: { needed: tightest?.needed ?? 0, free: tightest?.free ?? null, volumes: plan.space } };
}
