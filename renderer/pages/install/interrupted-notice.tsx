import type { Interrupted, Status } from '../../../electron/api/models.ts';
import { Button } from '../../components/button.tsx';
import { CommandLine } from '../../components/command-line.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { Ago } from '../../components/figures.tsx';
import { Notice } from '../../components/notice.tsx';
import { useBegin } from '../../components/use-begin.ts';
import { commandLine } from '../../wording/command-line.ts';

/** What a kill or a power cut left behind, how things are, and the one way on. */
export function InterruptedNotice({ status, interrupted }: { status: Status; interrupted: Interrupted }) {
  const { begin, busy, failure } = useBegin();
  const { install } = status;
  const finishes = interrupted.recovery === 'finish';
  return (
    <>
      <Notice
        tone="needs"
        title={
          <>
            The last {interrupted.kind} stopped in <em>{interrupted.step}</em>
          </>
        }
        actions={
          <>
            <Button kind="primary" busy={busy} onClick={() => void begin('recover', { install })}>
              {finishes ? `Finish the ${interrupted.kind}` : `Undo the ${interrupted.kind}`}
            </Button>
            <CommandLine command={commandLine('recover', { install })} />
          </>
        }
      >
        <p>
          It began <Ago time={interrupted.startedAt} />. {install} is on {status.release ?? 'no release'} and {healthPhrase(status)}.
          Nothing is lost.
        </p>
        <p>
          {finishes
            ? 'It had come so far that it can only be finished. That takes it to the new, healthy state.'
            : 'It had not come to the point of no return. Undoing it takes everything back to how it was before.'}
        </p>
      </Notice>
      {failure === null ? null : <FailureNotice failure={failure} install={install} />}
    </>
  );
}

function healthPhrase({ health }: Status): string {
  return health === 'unknown' ? 'its health is not known' : health;
}
