/** One operation, while it runs and when it has ended. It goes on without this page; any window shows the same. */
import type { RunningOperation } from '../../../electron/api/client.ts';
import { ButtonLink } from '../../components/button.tsx';
import { PageTitle } from '../../components/page-title.tsx';
import { Empty } from '../../components/waiting.tsx';
import { useOperation } from '../../store/use-stores.ts';
import { actionWords } from '../../wording/actions.ts';
import { Ending } from './ending.tsx';
import { Notes } from './notes.tsx';
import { OperationProgress } from './operation-progress.tsx';
import { StepList } from './step-list.tsx';
import './operation-page.css';

export function OperationPage({ operation: id }: { operation: string }) {
  const operation = useOperation(id);
  if (operation === undefined) return <Unknown />;
  return operation.ended === null ? <Running operation={operation} /> : <Ending operation={operation} ended={operation.ended} />;
}

function Running({ operation }: { operation: RunningOperation }) {
  return (
    <div className="page">
      <PageTitle title={actionWords[operation.action].running(operation.install)} />
      <OperationProgress operation={operation} />
      <StepList steps={operation.steps} progress={operation.progress} />
      <Notes notes={operation.notes} />
      <p className="quiet small">This page can be closed; the operation goes on.</p>
    </div>
  );
}

function Unknown() {
  return (
    <div className="page">
      <PageTitle title="Nothing is known of this operation" />
      <Empty
        title="It may have ended some time ago."
        actions={
          <ButtonLink kind="primary" href="#/">
            Home
          </ButtonLink>
        }
      >
        What was done with an install stands in its Activity.
      </Empty>
    </div>
  );
}
