import type { CheckResult } from '../../api/models.ts';
import { Failure } from '../../api/failure.ts';

export type HomePurpose = 'set-up' | 'adopt' | 'purge';

/** Says whether a folder can be a home, as a check for the list of a plan. Never throws for a folder that cannot. */
export async function inspectHome(_home: string, _purpose: HomePurpose): Promise<CheckResult> {
  throw new Failure('unsupported', 'not built yet');
}

/** Throws `bad-home` where `inspectHome` fails. */
export async function checkHome(_home: string, _purpose: HomePurpose): Promise<void> {
  throw new Failure('unsupported', 'not built yet');
}
