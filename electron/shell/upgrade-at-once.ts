/**
 * What a double-click in the tray does: it upgrades where nothing is in question, and otherwise brings the person to the question.
 * Refuses to choose between several installs, and to start anything that a check speaks against.
 */
import type { Plan } from '../api/models.ts';
import type { Hub } from '../transport/hub.ts';
import { type InstallView, isBusy, needsPerson, offered } from './install-view.ts';
import { homePage, installPage, operationPage, upgradePage } from './pages.ts';

export type DoubleClick = { do: 'upgrade'; install: string } | { do: 'open'; page: string };

/** What a double-click is about, from what is known now. */
export function doubleClick(views: readonly InstallView[]): DoubleClick {
  const working = views.find((view) => view.operation !== null)?.operation;
  if (working) return { do: 'open', page: operationPage(working.operation) };
  const candidates = views.filter((view) => offered(view) !== null && needsPerson(view) === null && !isBusy(view));
  const [first, ...others] = candidates;
  if (first !== undefined && others.length === 0) return { do: 'upgrade', install: first.install.install };
  const inNeed = views.filter((view) => needsPerson(view) !== null);
  const only = inNeed[0];
  return {
    do: 'open',
    page: first === undefined && only !== undefined && inNeed.length === 1 ? installPage(only.install.install) : homePage,
  };
}

/**
 * Whether an upgrade may begin without a look at its plan: every check is green. The plan's warnings are no checks: they hold as well for an
 * upgrade that is asked for, and some of them (what a product prunes by itself) hold for every one.
 */
export function isGreen(plan: Plan): boolean {
  return plan.to !== null && plan.checks.every((check) => check.status === 'pass');
}

export type UpgradeStart = { started: string; to: string } | { page: string };

/** Begins the upgrade of an install if it is green; otherwise tells the page where the question is. */
export async function upgradeAtOnce(hub: Pick<Hub, 'call'>, install: string): Promise<UpgradeStart> {
  const planned = await hub.call('plan', { install, action: 'upgrade' });
  if (!planned.ok) return { page: upgradePage(install, null) };
  const plan = planned.result;
  if (plan.to === null || !isGreen(plan)) return { page: upgradePage(install, plan.to) };
  const begun = await hub.call('upgrade', { install, to: plan.to, digest: plan.digest });
  return begun.ok ? { started: begun.result.operation, to: plan.to } : { page: upgradePage(install, plan.to) };
}
