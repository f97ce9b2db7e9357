import { CircleCheck, Info, OctagonAlert, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Tone } from '../wording/states.ts';
import './notice.css';

const icons: Record<Tone, ReactNode> = {
  stays: <CircleCheck size={20} aria-hidden="true" />,
  changes: <TriangleAlert size={20} aria-hidden="true" />,
  needs: <OctagonAlert size={20} aria-hidden="true" />,
  quiet: <Info size={20} aria-hidden="true" />,
};

interface NoticeParts {
  tone: Tone;
  title?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  /** `alert` is read out at once: for what just went wrong. */
  role?: 'alert' | 'status';
}

/** Something to know before going on. */
export function Notice({ tone, title, children, actions, role }: NoticeParts) {
  return (
    <div className={`notice notice-${tone}`} role={role}>
      {icons[tone]}
      <div className="notice-words">
        {title === undefined ? null : <strong>{title}</strong>}
        {children}
        {actions === undefined ? null : <div className="row">{actions}</div>}
      </div>
    </div>
  );
}
