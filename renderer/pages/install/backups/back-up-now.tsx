/** One press makes a backup; below it the same with a file, a lock or a limit of its own. */
import { Archive } from 'lucide-react';
import { Button } from '../../../components/button.tsx';
import { CommandLine } from '../../../components/command-line.tsx';
import { Disclosure } from '../../../components/disclosure.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { useBegin } from '../../../components/use-begin.ts';
import { useRunning } from '../../../store/use-stores.ts';
import { commandLine } from '../../../wording/command-line.ts';
import { BackUpAs } from './back-up-as.tsx';

export function BackUpNow({ install }: { install: string }) {
  const { begin, busy, failure } = useBegin();
  const isBusy = useRunning(install) !== undefined;
  return (
    <>
      <div className="row spread">
        <p className="quiet">A backup is one file that plain tar can open. It is read back before it counts.</p>
        <div className="row">
          <CommandLine command={commandLine('backUp', { install })} />
          <Button
            kind="primary"
            busy={busy}
            disabled={isBusy}
            icon={<Archive size={16} aria-hidden="true" />}
            onClick={() => void begin('backUp', { install })}
          >
            Back up now
          </Button>
        </div>
      </div>
      {failure === null ? null : <FailureNotice failure={failure} install={install} />}
      <Disclosure summary="Back up in another way">{() => <BackUpAs install={install} isBusy={isBusy} />}</Disclosure>
    </>
  );
}
