/** What an operation came to: in words first, then what to do next, then the receipt. */
import { ExternalLink as OpenIcon } from 'lucide-react';
import { useLayoutEffect } from 'react';
import type { RunningOperation } from '../../../electron/api/client.ts';
import type { OperationOutcome } from '../../../electron/api/models.ts';
import { ButtonLink } from '../../components/button.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { Notice } from '../../components/notice.tsx';
import { PageTitle } from '../../components/page-title.tsx';
import { Disclosure } from '../../components/disclosure.tsx';
import { installAddress } from '../../route/route.ts';
import { useInstalls, useStatus } from '../../store/use-stores.ts';
import { doneWords, failedWords } from '../../wording/actions.ts';
import { endStateWords } from '../../wording/states.ts';
import { RollBackButton } from '../install/roll-back-dialog.tsx';
import { UndoNotice } from '../install/undo-notice.tsx';
import { Exported, MadeBackup, Verified } from './backup-outcome.tsx';
import { Drilled, Rescanned } from './drill-outcome.tsx';
import { Notes } from './notes.tsx';
import { Rehearsed } from './rehearsal-outcome.tsx';
import { ReceiptView } from './receipt-view.tsx';
import { StepList } from './step-list.tsx';

/** What takes something away and can be undone for a week. */
const undoable = new Set(['restore', 'fresh-start', 'uninstall', 'purge', 'roll-back']);

export function Ending({ operation, ended }: { operation: RunningOperation; ended: NonNullable<RunningOperation['ended']> }) {
  const { outcome, error } = ended;
  // The steps have scrolled the page along with them; what it came to stands at the top. Newer browsers answer a promise, which is no cleanup:
  // the body in braces returns nothing.
  useLayoutEffect(() => {
    scrollTo(0, 0);
  }, []);
  const title = error === null && outcome !== null ? doneWords(outcome) : failedWords(operation, error?.code === 'cancelled');
  return (
    <div className="page">
      <PageTitle title={title} />
      {error === null ? (
        outcome === null ? null : (
          <Well outcome={outcome} />
        )
      ) : (
        <FailureNotice failure={error} install={operation.install} outcome={outcome} begun />
      )}
      {outcome?.printed === undefined ? null : <Printed text={outcome.printed} />}
      <NextSteps operation={operation} outcome={error === null ? outcome : null} />
      {outcome === null || outcome.receipt === null || outcome.exported !== undefined ? null : <ReceiptView receipt={outcome.receipt} />}
      {outcome?.backup === undefined ? null : (
        <MadeBackup backup={outcome.backup} title={operation.action === 'back-up' ? 'The backup' : 'The backup that was taken before'} />
      )}
      {outcome?.exported === undefined ? null : <Exported exported={outcome.exported} />}
      {outcome?.drill === undefined ? null : <Drilled drill={outcome.drill} />}
      {outcome?.rehearsal === undefined ? null : <Rehearsed rehearsal={outcome.rehearsal} />}
      {outcome?.rescan === undefined ? null : <Rescanned rescan={outcome.rescan} />}
      {outcome?.verification === undefined || outcome.drill !== undefined ? null : <Verified verification={outcome.verification} />}
      {error === null && undoable.has(operation.action) && outcome?.exported === undefined ? (
        <UndoNotice install={operation.install} />
      ) : null}
      <Disclosure summary="The steps" open={error !== null}>
        {() => <StepList steps={atTheEnd(operation.steps)} progress={null} />}
      </Disclosure>
      <Notes notes={operation.notes} />
    </div>
  );
}

/** What was still at work when it ended did not come to its own end: nothing turns on a page about what is over. */
function atTheEnd(steps: RunningOperation['steps']): RunningOperation['steps'] {
  return steps.map((step) => (step.state === 'running' || step.state === 'undoing' ? { ...step, state: 'failed' } : step));
}

function Well({ outcome }: { outcome: OperationOutcome }) {
  const words = endStateWords[outcome.endState];
  if (words === '') return null;
  const isWell = outcome.endState === 'new-and-healthy' || outcome.action !== 'upgrade';
  return (
    <Notice tone={outcome.endState === 'stopped-and-kept' ? 'needs' : isWell ? 'stays' : 'changes'} role="status">
      <p>{words}</p>
    </Notice>
  );
}

/** What the product's own command said. It is kept nowhere, so it has to be said that it is seen once. */
function Printed({ text }: { text: string }) {
  return (
    <Notice tone="changes" role="status">
      <p>This is shown once and kept nowhere:</p>
      <pre className="mono">{text}</pre>
    </Notice>
  );
}

function NextSteps({ operation, outcome }: { operation: RunningOperation; outcome: OperationOutcome | null }) {
  const { install } = operation;
  const isThere = useInstalls()?.some((each) => each.install === install) ?? false;
  return (
    <div className="row">
      {isThere ? (
        <>
          <ButtonLink kind="primary" href={installAddress(install)}>
            Go to {install}
          </ButtonLink>
          <OpenProduct install={install} />
          {outcome?.action === 'upgrade' && outcome.endState === 'new-and-healthy' ? <RollBackButton install={install} /> : null}
        </>
      ) : (
        <ButtonLink kind="primary" href="#/">
          Home
        </ButtonLink>
      )}
    </div>
  );
}

function OpenProduct({ install }: { install: string }) {
  const status = useStatus(install).value;
  if (status === null || status.service.state !== 'running' || status.service.port === null) return null;
  return (
    <ButtonLink
      href={`http://127.0.0.1:${status.service.port}/`}
      target="_blank"
      rel="noopener noreferrer"
      icon={<OpenIcon size={16} aria-hidden="true" />}
    >
      Open {status.title}
    </ButtonLink>
  );
}
