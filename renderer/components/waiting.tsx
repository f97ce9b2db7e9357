import { LoaderCircle } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Loaded } from '../store/keyed.ts';
import { FailureNotice } from './failure-notice.tsx';
import './waiting.css';

/** Something is on its way. */
export function Waiting({ children }: { children: ReactNode }) {
  return (
    <p className="waiting" role="status">
      <LoaderCircle size={18} aria-hidden="true" />
      <span>{children}</span>
    </p>
  );
}

/** Nothing is here, why, and what to do about it. */
export function Empty({ title, children, actions }: { title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="empty">
      <strong>{title}</strong>
      {children}
      {actions === undefined ? null : <div className="row">{actions}</div>}
    </div>
  );
}

interface WhenLoadedParts<T> {
  loaded: Loaded<T>;
  waiting: string;
  install?: string | null;
  onRetry?: () => void;
  children: (value: T) => ReactNode;
}

/** An answer in each of its states: on its way, failed (with an older answer still shown), there. */
export function WhenLoaded<T>({ loaded, waiting, install = null, onRetry, children }: WhenLoadedParts<T>) {
  return (
    <>
      {loaded.error === null ? null : <FailureNotice failure={loaded.error} install={install} onRetry={onRetry} />}
      {loaded.value === null && loaded.error === null ? <Waiting>{waiting}</Waiting> : null}
      {loaded.value === null ? null : children(loaded.value)}
    </>
  );
}
