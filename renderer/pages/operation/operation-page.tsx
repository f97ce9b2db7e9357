/** One operation, while it runs and when it has ended. It goes on without this page; any window shows the same. */
import type { RunningOperation } from '../../../electron/api/client.ts';
import { PageTitle } from '../../components/page-title.tsx';
import { useOperation } from '../../store/use-stores.ts';
import { actionWords } from '../../wording/actions.ts';
import { Ending } from './ending.tsx';
import { Notes } from './notes.tsx';
import { OperationProgress } from './operation-progress.tsx';
import { PastOperation } from './past-operation.tsx';
import { StepList } from './step-list.tsx';
import './operation-page.css';

export function OperationPage({ operation: id }: { operation: string }) {
  const operation = useOperation(id);
  if (operation === undefined) return <PastOperation operation={id} />;
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
