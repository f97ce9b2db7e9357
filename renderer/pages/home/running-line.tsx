import type { RunningOperation } from '../../../electron/api/client.ts';
import { ProgressBar } from '../../components/progress-bar.tsx';
import { percent } from '../../format/numbers.ts';
import { addressOf } from '../../route/route.ts';
import { actionWords } from '../../wording/actions.ts';
import './running-line.css';

/** What runs on an install, in a line that leads to it. */
export function RunningLine({ operation }: { operation: RunningOperation }) {
  const fraction = operation.progress?.fraction ?? 0;
  const words = actionWords[operation.action].running(operation.install);
  return (
    <a className="running-line" href={addressOf({ page: 'operation', operation: operation.operation })}>
      <span className="row spread">
        <span>{words}</span>
        <span>{percent(fraction)} %</span>
      </span>
      <ProgressBar fraction={fraction} label={words} />
    </a>
  );
}
