/**
 * Preflight: everything that is looked at before an operation. Each check is a pure function over facts that a workflow gathered, one a
 * file, all of them in one table, all of them run: a person sees every obstacle at once and not the first one four times.
 * A check that fails refuses the operation with its code; nothing has been touched then.
 */
import { Failure } from '../../api/failure.ts';
import type { CheckResult } from '../../api/models.ts';
import { backupFolderCheck } from './backup-folder.ts';
import { configCheck } from './config.ts';
import type { Check, PreflightFacts } from './facts.ts';
import { datastoreServerCheck } from './datastore-server.ts';
import { homeCheck } from './home.ts';
import { interruptedCheck } from './interrupted.ts';
import { lockCheck } from './lock.ts';
import { migrationsCheck } from './migrations.ts';
import { nodeCheck } from './node.ts';
import { placesCheck } from './places.ts';
import { portCheck } from './port.ts';
import { programsCheck } from './programs.ts';
import { datastoresCheck } from './datastores.ts';
import { quarantineCheck } from './quarantine.ts';
import { rehearsalCheck } from './rehearsal.ts';
import { schemaCheck } from './schema.ts';
import { serviceCheck } from './service.ts';
import { shippedCheck } from './shipped.ts';
import { uncommittedCheck } from './uncommitted.ts';
import { spaceCheck } from './space.ts';

/** All checks, in the order in which they are shown and in which they refuse. */
export const checks: readonly Check[] = [
  interruptedCheck,
  lockCheck,
  homeCheck,
  placesCheck,
  backupFolderCheck,
  configCheck,
  datastoresCheck,
  datastoreServerCheck,
  schemaCheck,
  migrationsCheck,
  nodeCheck,
  portCheck,
  programsCheck,
  serviceCheck,
  spaceCheck,
  uncommittedCheck,
  shippedCheck,
  quarantineCheck,
  rehearsalCheck,
];

/** Runs every check that applies. */
export function runChecks(facts: PreflightFacts): CheckResult[] {
  return checks.flatMap((check) => {
    const seen = check.look(facts);
    return seen === null ? [] : [{ check: check.id, title: check.title, ...seen }];
  });
}

/** Throws the failure of the first check that failed. */
export function refuseOnFailure(results: readonly CheckResult[]): void {
  const failed = results.find((result) => result.status === 'fail');
  if (failed === undefined) return;
  throw new Failure(failed.code ?? 'check-failed', failed.message, {
    ...(failed.remedy && { remedy: failed.remedy }),
    details: { check: failed.check, ...failed.details },
  });
}
