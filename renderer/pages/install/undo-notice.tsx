import { Undo2 } from 'lucide-react';
import { Button } from '../../components/button.tsx';
import { CommandLine } from '../../components/command-line.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { Until, useNow } from '../../components/figures.tsx';
import { Notice } from '../../components/notice.tsx';
import { useBegin } from '../../components/use-begin.ts';
import { useLoaded, useStores } from '../../store/use-stores.ts';
import { actionWords } from '../../wording/actions.ts';
import { commandLine } from '../../wording/command-line.ts';

/** The last thing that took something away can be undone for a week: said where nobody can miss it. */
export function UndoNotice({ install }: { install: string }) {
  const history = useLoaded(useStores().history, { install });
  const { begin, busy, failure } = useBegin();
  const now = useNow();
  const entry = (history.value ?? []).find((each) => each.undoUntil !== null && Date.parse(each.undoUntil) > now);
  if (entry === undefined || entry.undoUntil === null) return null;
  const input = { install, operation: entry.operation };
  return (
    <>
      <Notice
        tone="quiet"
        title={`${actionWords[entry.action].noun} can be undone`}
        actions={
          <>
            <Button busy={busy} icon={<Undo2 size={16} aria-hidden="true" />} onClick={() => void begin('undo', input)}>
              Undo
            </Button>
            <CommandLine command={commandLine('undo', input)} />
          </>
        }
      >
        <p>
          What it took away waits in the trash and goes for good <Until time={entry.undoUntil} />.
        </p>
      </Notice>
      {failure === null ? null : <FailureNotice failure={failure} install={install} />}
    </>
  );
}
