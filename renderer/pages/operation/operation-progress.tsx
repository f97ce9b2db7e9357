import { useState } from 'react';
import type { RunningOperation } from '../../../electron/api/client.ts';
import { humanBytes, humanSeconds } from '../../../electron/api/units.ts';
import { Button } from '../../components/button.tsx';
import { Notice } from '../../components/notice.tsx';
import { ProgressBar } from '../../components/progress-bar.tsx';
import { percent } from '../../format/numbers.ts';
import { useStores } from '../../store/use-stores.ts';
import { actionWords } from '../../wording/actions.ts';

/** How far it is, how long it takes, and the way to stop it. */
export function OperationProgress({ operation }: { operation: RunningOperation }) {
  const fraction = operation.progress?.fraction ?? 0;
  const step = operation.steps.find((each) => each.state === 'running' || each.state === 'undoing');
  return (
    <section className="operation-progress" aria-label="Progress">
      <div className="row spread">
        <strong className="operation-percent">{percent(fraction)} %</strong>
        <span className="quiet">{progressWords(operation)}</span>
      </div>
      <ProgressBar fraction={fraction} label={actionWords[operation.action].running(operation.install)} />
      {/* Heard step by step, not byte by byte. */}
      <p className="only-heard" aria-live="polite">
        {operation.cancelling ? 'Cancelling' : (step?.title ?? '')}
      </p>
      <Cancel operation={operation} />
    </section>
  );
}

function progressWords({ progress }: RunningOperation): string {
  if (progress === null) return '';
  const { bytes, totalBytes, rate, left } = progress;
  return [
    bytes === undefined ? null : totalBytes === undefined ? humanBytes(bytes) : `${humanBytes(bytes)} of ${humanBytes(totalBytes)}`,
    rate === undefined ? null : `${humanBytes(rate)}/s`,
    left === undefined ? null : `${humanSeconds(left)} left in this step`,
  ]
    .filter((part) => part !== null)
    .join(' · ');
}

function Cancel({ operation }: { operation: RunningOperation }) {
  const { client } = useStores();
  const [said, setSaid] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const cancel = async (): Promise<void> => {
    setBusy(true);
    const answer = await client.cancel(operation.operation);
    setBusy(false);
    setSaid(answer.ok ? answer.result.text : answer.error.message);
  };
  return (
    <>
      <div className="row">
        <Button busy={busy || operation.cancelling} onClick={() => void cancel()}>
          {operation.cancelling ? 'Cancelling …' : 'Cancel'}
        </Button>
      </div>
      {said === null ? null : (
        <Notice tone="quiet" role="status">
          <p>{said}</p>
        </Notice>
      )}
    </>
  );
}
