import { Check, Circle, LoaderCircle, Minus, Undo2, X } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import type { Progress, StepState, StepView } from '../../../electron/api/events.ts';
import { visible } from '../../../electron/api/visible.ts';

const icons: Record<StepState, ReactNode> = {
  waiting: <Circle size={18} role="img" aria-label="waiting" />,
  running: <LoaderCircle className="step-turning" size={18} role="img" aria-label="running" />,
  done: <Check size={18} role="img" aria-label="done" />,
  failed: <X size={18} role="img" aria-label="failed" />,
  undoing: <LoaderCircle className="step-turning" size={18} role="img" aria-label="being undone" />,
  undone: <Undo2 size={18} role="img" aria-label="undone" />,
  skipped: <Minus size={18} role="img" aria-label="skipped" />,
};

/** The steps of an operation, the current one open. */
export function StepList({ steps, progress }: { steps: readonly StepView[]; progress: Progress | null }) {
  const list = useRef<HTMLOListElement>(null);
  const current = steps.find(isCurrentStep)?.id;
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  return (
    <ol ref={list} className="steps">
      {steps.map((step) => {
        const isCurrent = isCurrentStep(step);
        return (
          <li key={step.id} className={`step step-${step.state}`} aria-current={isCurrent ? 'step' : undefined}>
            {icons[step.state]}
            <div>
              <span>{step.title}</span>
              {isCurrent && progress?.detail !== undefined ? <p className="quiet small step-detail">{visible(progress.detail)}</p> : null}
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function isCurrentStep({ state }: StepView): boolean {
  return state === 'running' || state === 'undoing';
}
