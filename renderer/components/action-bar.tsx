import type { ReactNode } from 'react';
import './action-bar.css';

/** What a page is for, always in reach at its lower edge. */
export function ActionBar({ children }: { children: ReactNode }) {
  return <div className="action-bar">{children}</div>;
}
