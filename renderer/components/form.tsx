import type { ReactNode } from 'react';
import type { FailureData } from '../../electron/api/failure.ts';
import { FailureNotice } from './failure-notice.tsx';

interface FormParts {
  onSubmit: () => void;
  /** How its fields stand: below each other, close to each other, beside each other, or as parts of a page. */
  layout?: 'stack' | 'stack-tight' | 'row' | 'page';
  /** Why what was submitted last was refused. */
  failure?: FailureData | null;
  install?: string | null;
  children: ReactNode;
}

/** Fields and what is done with them, by Enter or by its button; a refusal stands where the person pressed. */
export function Form({ onSubmit, layout = 'stack', failure = null, install = null, children }: FormParts) {
  return (
    <form
      className={layout}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
      {failure === null ? null : <FailureNotice failure={failure} install={install} />}
    </form>
  );
}
