/**
 * The upgrade page: what stays, what changes, what it takes, and one button. The button hands back the plan's digest, so that only what
 * was shown is run. A plan that went stale is said to be so and shown anew.
 */
import { ArrowUp } from 'lucide-react';
import { useState } from 'react';
import type { Plan, Status } from '../../../electron/api/models.ts';
import { humanSeconds } from '../../../electron/api/units.ts';
import { ActionBar } from '../../components/action-bar.tsx';
import { Button } from '../../components/button.tsx';
import { CommandLine } from '../../components/command-line.tsx';
import { Disclosure } from '../../components/disclosure.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { Form } from '../../components/form.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useBegin } from '../../components/use-begin.ts';
import { Empty, Waiting } from '../../components/waiting.tsx';
import { checksWords } from '../../plan/check-list.tsx';
import { PlanView } from '../../plan/plan-view.tsx';
import { installAddress } from '../../route/route.ts';
import { goTo } from '../../route/use-route.ts';
import type { PlanInput } from '../../store/plans.ts';
import { useFresh, useRunning, useStores } from '../../store/use-stores.ts';
import { commandLine } from '../../wording/command-line.ts';
import { RehearseNotice } from './rehearse-notice.tsx';

export function UpgradeTab({ status, to }: { status: Status; to: string | null }) {
  const { install } = status;
  const { plans } = useStores();
  const running = useRunning(install);
  const ask: PlanInput = { install, action: 'upgrade', ...(to !== null && { to }) };
  const plan = useFresh(plans, running === undefined && status.interrupted === null ? ask : null);
  if (running !== undefined) return <Empty title="Something is running">The next plan can be made when it has ended.</Empty>;
  if (status.interrupted !== null)
    return <Empty title="First things first">Finish or undo what was interrupted; then the next upgrade can be planned.</Empty>;
  const isNewest = plan.error?.code === 'nothing-to-do';
  return (
    <>
      {plan.value === null ? null : <PlanView plan={plan.value} title={<UpgradeTitle plan={plan.value} />} />}
      {plan.value === null && plan.error === null ? <Waiting>Working out what stays and what changes …</Waiting> : null}
      {isNewest ? <Empty title={`${install} is up to date`}>{plan.error?.message}</Empty> : null}
      {plan.error === null || isNewest ? null : (
        <FailureNotice failure={plan.error} install={install} onRetry={() => void plans.load(ask)} />
      )}
      {plan.value === null ? null : <RehearseNotice status={status} plan={plan.value} />}
      <AnotherRelease install={install} to={to} />
      {plan.value === null ? null : <UpgradeBar plan={plan.value} to={to} onStale={() => void plans.load(ask)} />}
    </>
  );
}

/** The release that is there can be put in place again, when its files were changed. */
function wishOf(plan: Plan): string {
  return plan.from === plan.to ? 'Put in place again:' : 'Upgrade to';
}

function UpgradeTitle({ plan }: { plan: Plan }) {
  return (
    <h2 className="upgrade-title">
      {wishOf(plan)} <span className="mono">{plan.to}</span>
    </h2>
  );
}

function UpgradeBar({ plan, to, onStale }: { plan: Plan; to: string | null; onStale: () => void }) {
  const { begin, busy, failure } = useBegin();
  const { install } = plan;
  const refusal = plan.checks.find((check) => check.status === 'fail');
  const wish = { install, ...(to !== null && { to }) };
  return (
    <>
      {failure === null ? null : (
        <FailureNotice failure={failure} install={install} onRetry={failure.code === 'plan-changed' ? onStale : undefined} />
      )}
      <ActionBar>
        <Button
          kind="primary"
          busy={busy}
          disabled={refusal !== undefined}
          icon={<ArrowUp size={18} aria-hidden="true" />}
          onClick={() => void begin('upgrade', { ...wish, digest: plan.digest })}
        >
          {wishOf(plan)} {plan.to}
        </Button>
        <span className="quiet small">
          {refusal === undefined ? `Checks: ${checksWords(plan.checks)}` : `Refused: ${refusal.message}`}
          {plan.downtime === null ? '' : ` · down for about ${humanSeconds(plan.downtime)}`}
        </span>
        <CommandLine command={commandLine('upgrade', wish)} />
      </ActionBar>
    </>
  );
}

function AnotherRelease({ install, to }: { install: string; to: string | null }) {
  const [release, setRelease] = useState(to ?? '');
  return (
    <Disclosure summary="Another release" open={to !== null}>
      {() => (
        <Form layout="row" onSubmit={() => goTo(installAddress(install, 'upgrade', release.trim() === '' ? null : release.trim()))}>
          <TextField label="Release" placeholder="the newest" value={release} onChange={setRelease} isPath />
          <Button type="submit">Show its plan</Button>
        </Form>
      )}
    </Disclosure>
  );
}
