import { ArrowRight, RotateCw } from 'lucide-react';
import type { FailureData } from '../../electron/api/failure.ts';
import { groupOf, lastLines } from '../../electron/api/failure.ts';
import type { OperationOutcome } from '../../electron/api/models.ts';
import { visible, visibleLines } from '../../electron/api/visible.ts';
import { failureTitle, remedyAddress, stateAfter } from '../wording/failures.ts';
import { Button, ButtonLink } from './button.tsx';
import { CommandLine } from './command-line.tsx';
import { Disclosure } from './disclosure.tsx';
import { Notice } from './notice.tsx';

interface FailureParts {
  failure: FailureData;
  install?: string | null;
  outcome?: OperationOutcome | null;
  /** Whether an operation had begun: only then can something have been touched. */
  begun?: boolean;
  onRetry?: (() => void) | undefined;
}

/** What happened, how things are now, and what to press. */
export function FailureNotice({ failure, install = null, outcome = null, begun = false, onRetry }: FailureParts) {
  const state = stateAfter(failure, outcome, begun);
  const { remedy, cause } = failure;
  const link = remedy === undefined ? null : remedyAddress(remedy, install);
  const log = lastLines(failure);
  const isCalm = groupOf(failure.code) === 'cancelled' || groupOf(failure.code) === 'rolled-back';
  const actions = [
    ...(link === null
      ? []
      : [
          <ButtonLink key="link" href={link.address} icon={<ArrowRight size={16} aria-hidden="true" />}>
            {link.text}
          </ButtonLink>,
        ]),
    ...(onRetry === undefined
      ? []
      : [
          <Button key="retry" icon={<RotateCw size={16} aria-hidden="true" />} onClick={onRetry}>
            Try again
          </Button>,
        ]),
    ...(remedy?.command === undefined ? [] : [<CommandLine key="command" command={remedy.command} />]),
  ];
  return (
    <Notice
      tone={isCalm ? 'changes' : 'needs'}
      role="alert"
      title={failureTitle(failure)}
      actions={actions.length === 0 ? undefined : actions}
    >
      <p className="failure-message">{visibleLines(failure.message)}</p>
      {cause === undefined || failure.message.includes(cause.message) ? null : (
        <p className="quiet small failure-message">{visibleLines(cause.message)}</p>
      )}
      {state === '' ? null : <p>{state}</p>}
      {remedy === undefined ? null : <p>{visible(remedy.text)}</p>}
      {log.length === 0 ? null : (
        <Disclosure summary="What it printed last">
          {() => <pre className="mono small failure-log">{visibleLines(log.join('\n'))}</pre>}
        </Disclosure>
      )}
    </Notice>
  );
}
