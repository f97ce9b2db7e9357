/** On the upgrade page: whether this very upgrade was tried on a copy, how that went, and the button that tries it. */
import { FlaskConical } from 'lucide-react';
import type { Plan, Status } from '../../../electron/api/models.ts';
import { visible } from '../../../electron/api/visible.ts';
import { Button } from '../../components/button.tsx';
import { CommandLine } from '../../components/command-line.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { Notice } from '../../components/notice.tsx';
import { useBegin } from '../../components/use-begin.ts';
import { installAddress } from '../../route/route.ts';
import { commandLine } from '../../wording/command-line.ts';

export function RehearseNotice({ status, plan }: { status: Status; plan: Plan }) {
  const { begin, busy, failure } = useBegin();
  const { install } = plan;
  const rehearsed = plan.checks.find((check) => check.check === 'rehearsal');
  if (plan.to === null || plan.from === plan.to) return null;
  const wish = { install, to: plan.to };
  const tone = rehearsed === undefined ? 'quiet' : rehearsed.status === 'pass' ? 'stays' : 'changes';
  const isPossible = status.lastBackup !== null;
  return (
    <Notice
      tone={tone}
      title={rehearsed === undefined ? 'Not sure? Try it on a copy first' : visible(rehearsed.message)}
      actions={
        isPossible ? (
          <>
            <Button busy={busy} icon={<FlaskConical size={16} aria-hidden="true" />} onClick={() => void begin('rehearse', wish)}>
              {rehearsed === undefined ? 'Rehearse' : 'Rehearse again'}
            </Button>
            <CommandLine command={commandLine('rehearse', wish)} />
          </>
        ) : (
          <a href={installAddress(install, 'backups')}>Make a backup first</a>
        )
      }
    >
      <p className="quiet">
        A rehearsal unpacks the newest backup into a place of its own, starts {plan.path.length > 1 ? 'every release of the way' : plan.to}{' '}
        on it, on another port, and removes it all. {install} goes on meanwhile.
        {isPossible ? '' : ' It needs a backup, and there is none yet.'}
      </p>
      {failure === null ? null : <FailureNotice failure={failure} install={install} />}
    </Notice>
  );
}
