import type { ReactNode } from 'react';
import { count as counted } from '../../electron/api/units.ts';
import { Disclosure } from '../components/disclosure.tsx';

/** The list of files: open while one chooses from it, else behind a press. */
export function FileRoom({ isOpen, count, children }: { isOpen: boolean; count: number; children: () => ReactNode }) {
  if (isOpen) return children();
  return <Disclosure summary={count === 1 ? 'Show the file' : `Show the ${counted(count, 'file')}`}>{children}</Disclosure>;
}
