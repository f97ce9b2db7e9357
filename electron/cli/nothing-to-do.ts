/**
 * Nothing to do is an answer and no failure: a nightly `moult upgrade --yes`, and a `moult recover` when the machine starts, end with 0
 * where all is as it should be. A release that is held back because it failed here is another matter: it needs a person, and stays refused.
 */
import type { FailureData } from '../api/failure.ts';
import type { ActionKind, Plan } from '../api/models.ts';
import { CommandFailure } from './command-failure.ts';
import type { Ending } from './command.ts';
import { planResult } from './result.ts';
import { marks } from './view/marks.ts';

/** Does the work; where there turns out to be none, the ending says so. `resultOf` makes what `--json` gives then. */
export async function orNothingToDo(work: () => Promise<Ending>, resultOf: (failure: FailureData) => unknown): Promise<Ending> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CommandFailure) || error.failure.code !== 'nothing-to-do' || isHeldBack(error.failure)) throw error;
    return { result: resultOf(error.failure), lines: [[marks.good, ' ', error.failure.message]] };
  }
}

/** The result of an operation that did not have to begin. */
export function nothingDone(action: ActionKind): (failure: FailureData) => object {
  return ({ details = {} }) => {
    const release = textIn(details, 'release');
    return { operation: null, action, install: textIn(details, 'install'), from: release, to: release, endState: 'done', receipt: null };
  };
}

/** The plan of an upgrade that has nowhere to go. */
export function emptyPlan({ details = {} }: FailureData): object {
  const release = textIn(details, 'release');
  const plan: Plan = {
    action: 'upgrade',
    install: textIn(details, 'install') ?? '',
    product: textIn(details, 'product') ?? '',
    home: textIn(details, 'home') ?? '',
    from: release,
    to: release,
    path: [],
    items: [],
    strays: [],
    checks: [],
    space: [],
    downtime: 0,
    configChanges: [],
    warnings: [],
    steps: [],
    digest: '',
  };
  return planResult(plan);
}

function isHeldBack({ details }: FailureData): boolean {
  const heldBack = details?.['heldBack'];
  return Array.isArray(heldBack) && heldBack.length > 0;
}

function textIn(details: Record<string, unknown>, name: string): string | null {
  const value = details[name];
  return typeof value === 'string' ? value : null;
}
