import type { ReactNode } from 'react';
import type { Plan } from '../../electron/api/models.ts';
import { count } from '../../electron/api/units.ts';
import { Disclosure } from '../components/disclosure.tsx';
import { CheckList } from './check-list.tsx';
import { ConfigDiff } from './config-diff.tsx';
import { DiskBudget } from './disk-budget.tsx';
import { HopPath } from './hop-path.tsx';
import { PlanFacts } from './plan-facts.tsx';
import { ReleaseNotes } from './release-notes.tsx';
import { TwoColumns } from './two-columns.tsx';
import './plan-view.css';

/** A whole plan as a page shows it. Dialogs, which are small, show its parts. */
export function PlanView({ plan, title }: { plan: Plan; title?: ReactNode }) {
  // What stands in the way is read before anything else.
  const isRefused = plan.checks.some((check) => check.status === 'fail');
  return (
    <div className="plan-view">
      <div className="plan-top">
        <div className="row spread">
          {title}
          <PlanFacts plan={plan} />
        </div>
        <HopPath plan={plan} />
      </div>
      {isRefused ? <CheckList checks={plan.checks} install={plan.install} /> : null}
      <TwoColumns plan={plan} />
      <div className="plan-below">
        <div className="stack">
          {isRefused ? null : <CheckList checks={plan.checks} install={plan.install} />}
          <DiskBudget space={plan.space} />
        </div>
        <div className="stack">
          <ReleaseNotes plan={plan} />
          <ConfigDiff changes={plan.configChanges} />
        </div>
      </div>
      {plan.steps.length === 0 ? null : (
        <Disclosure summary={`The ${count(plan.steps.length, 'step')}, one after the other`}>
          {() => (
            <ol className="plan-steps">
              {plan.steps.map((step) => (
                <li key={step.id}>{step.title}</li>
              ))}
            </ol>
          )}
        </Disclosure>
      )}
    </div>
  );
}
