import type { ReactNode } from 'react';
import type { FailureData } from '../../electron/api/failure.ts';
import type { Plan } from '../../electron/api/models.ts';
import { CheckList } from '../plan/check-list.tsx';
import { DiskBudget } from '../plan/disk-budget.tsx';
import { PlanFacts } from '../plan/plan-facts.tsx';
import { TwoColumns } from '../plan/two-columns.tsx';
import type { PlanInput } from '../store/plans.ts';
import { useFresh, useStores } from '../store/use-stores.ts';
import { failureTitle } from '../wording/failures.ts';
import { Button, type ButtonKind } from './button.tsx';
import { CommandLine } from './command-line.tsx';
import { Dialog } from './dialog.tsx';
import { FailureNotice } from './failure-notice.tsx';
import { Notice } from './notice.tsx';
import { WhenLoaded } from './waiting.tsx';

interface PlanDialogParts {
  title: string;
  /** What is asked for; its plan is what the dialog shows. Null as long as nothing is. */
  ask: PlanInput | null;
  /** Null as long as there is none. */
  install: string | null;
  wish: string;
  kind?: ButtonKind;
  command: string;
  busy: boolean;
  failure: FailureData | null;
  onAgree: (plan: Plan) => void;
  onClose: () => void;
  /** More consent than a press, such as typing a name. */
  question?: ReactNode;
  /** What stands above the plan and does not wait for it. */
  first?: ReactNode;
  /** What stands below the plan, or below the reason why there is none. */
  last?: ReactNode;
  /** More about the plan, once it is there. */
  more?: (plan: Plan) => ReactNode;
  agreed?: boolean;
}

/** A plan, its price first, and one button. Nothing can be agreed to before it is shown or while one of its checks fails. */
export function PlanDialog(parts: PlanDialogParts) {
  const plan = useFresh(useStores().plans, parts.ask);
  const isRefused = plan.value?.checks.some((check) => check.status === 'fail') ?? true;
  const isReady = plan.value !== null && plan.error === null && !isRefused && parts.agreed !== false;
  return (
    <Dialog
      title={parts.title}
      onClose={parts.onClose}
      footer={
        <>
          {parts.question === undefined ? null : <div className="dialog-question">{parts.question}</div>}
          {plan.error === null ? null : <p className="dialog-refusal small">{failureTitle(plan.error)}. Why stands above.</p>}
          <CommandLine command={parts.command} />
          <Button onClick={parts.onClose}>Leave it as it is</Button>
          <Button
            kind={parts.kind ?? 'primary'}
            busy={parts.busy}
            disabled={!isReady}
            onClick={() => (plan.value === null ? undefined : parts.onAgree(plan.value))}
          >
            {parts.wish}
          </Button>
        </>
      }
    >
      {parts.first}
      {parts.ask === null ? null : (
        <WhenLoaded loaded={plan} waiting="Working out what it would take …" install={parts.install}>
          {(ready) => (
            <>
              {parts.more?.(ready)}
              <Price plan={ready} />
            </>
          )}
        </WhenLoaded>
      )}
      {parts.last}
      {parts.failure === null ? null : <FailureNotice failure={parts.failure} install={parts.install} />}
    </Dialog>
  );
}

function Price({ plan }: { plan: Plan }) {
  return (
    <>
      {plan.warnings.length === 0 ? null : (
        <Notice tone="changes" title="What it costs">
          {plan.warnings.map((warning) => (
            <p key={warning}>{warning}</p>
          ))}
        </Notice>
      )}
      <PlanFacts plan={plan} />
      <TwoColumns plan={plan} />
      <CheckList checks={plan.checks} install={plan.install} />
      <DiskBudget space={plan.space} />
    </>
  );
}
