/**
 * Consent: nothing that destroys begins before its plan was shown and answered.
 * The plan's fingerprint goes back with the answer, so that only what was shown is done.
 */
import { Failure } from '../api/failure.ts';
import type { Plan } from '../api/models.ts';
import { ask, type Context, type Given } from './command.ts';
import { cancelled } from './command-failure.ts';
import type { Line } from './page.ts';
import { emptyLine, marks, strong } from './view/marks.ts';
import { planLines } from './view/plan-view.ts';

/** How a person agrees: by a `y`, or by typing the install's name where much would be gone. */
export type Agreement = 'yes' | 'name';

/**
 * Plans, shows the plan and gets the answer. Returns the plan that was agreed to.
 * Throws the code of the first failed check, `not-confirmed`, or `cancelled`; nothing was touched then.
 */
export async function agreedPlan(context: Context, input: Given, agreement: Agreement, question: string): Promise<Plan> {
  const { screen } = context;
  const plan = await ask(context, 'plan', input);
  screen.print([...planLines(plan, screen.width), emptyLine]);
  refuseFailedChecks(plan);
  if (context.yes) return plan;
  if (!screen.canAsk) throw noOneToAsk(context);
  const agreed = agreement === 'name' ? await typesName(context, plan.install, question) : await saysYes(context, question);
  if (context.interrupts.signal.aborted) throw cancelled();
  if (!agreed) throw new Failure('not-confirmed', agreement === 'name' ? `${plan.install} was not typed.` : 'It was not agreed to.');
  return plan;
}

/** What would be refused is not asked about. */
function refuseFailedChecks(plan: Plan): void {
  const failed = plan.checks.filter((check) => check.status === 'fail');
  const [first] = failed;
  if (first === undefined) return;
  const message = failed.length === 1 ? first.message : failed.map((check) => `${check.title}: ${check.message}`).join('\n');
  throw new Failure(first.code ?? 'check-failed', message, {
    ...(first.remedy !== undefined && { remedy: first.remedy }),
    details: { ...first.details, checks: failed.map((check) => check.check) },
  });
}

async function saysYes({ screen, interrupts }: Context, question: string): Promise<boolean> {
  const answer = await screen.ask([strong(question), ' [y/N]'], interrupts.signal);
  return answer !== null && /^y(?:es)?$/i.test(answer);
}

async function typesName({ screen, interrupts }: Context, install: string, question: string): Promise<boolean> {
  const prompt: Line = [marks.warning, ' ', strong(question), ' Type ', strong(install), ' to go on:'];
  return (await screen.ask(prompt, interrupts.signal)) === install;
}

function noOneToAsk({ commandLine }: Context): Failure {
  const remedy = { action: 'confirm', text: 'Look at the plan; to go on without a question:', command: `${commandLine} --yes` } as const;
  return new Failure('not-confirmed', 'This asks first, and there is no terminal to ask on.', { remedy });
}
