import { History, ShieldCheck } from 'lucide-react';
import type { Backup } from '../../../../electron/api/models.ts';
import { count } from '../../../../electron/api/units.ts';
import { VerdictBadge } from '../../../components/badge.tsx';
import { Button } from '../../../components/button.tsx';
import { CommandLine } from '../../../components/command-line.tsx';
import { Copyable, CopyablePath } from '../../../components/copyable.tsx';
import { Disclosure } from '../../../components/disclosure.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { Ago, Bytes } from '../../../components/figures.tsx';
import { Facts } from '../../../components/panel.tsx';
import { useBegin } from '../../../components/use-begin.ts';
import { exactTime } from '../../../format/time.ts';
import { commandLine } from '../../../wording/command-line.ts';
import { reasonWords, verdictWords } from '../../../wording/states.ts';

/** One backup with its verdict, and what can be done with it. */
export function BackupRow({ backup, onRestore }: { backup: Backup; onRestore: () => void }) {
  const { begin, busy, failure } = useBegin();
  const input = { input: backup.path };
  const when = exactTime(backup.at);
  return (
    <li className="backup">
      <div className="backup-head">
        <div className="row">
          <strong>
            <Ago time={backup.at} />
          </strong>
          <VerdictBadge verdict={backup.verdict} />
          <span className="quiet">
            <span className="mono">{backup.release ?? 'no release'}</span>, {reasonWords[backup.reason]}, <Bytes bytes={backup.bytes} />
          </span>
        </div>
        <div className="row">
          <Button
            busy={busy}
            icon={<ShieldCheck size={16} aria-hidden="true" />}
            aria-label={`Verify the backup of ${when}`}
            onClick={() => void begin('verify', input)}
          >
            Verify
          </Button>
          <Button
            disabled={backup.verdict === 'bad'}
            icon={<History size={16} aria-hidden="true" />}
            aria-label={`Restore the backup of ${when}`}
            onClick={onRestore}
          >
            Restore …
          </Button>
        </div>
      </div>
      {backup.problem === null ? null : <p className="backup-problem">{backup.problem}</p>}
      {failure === null ? null : <FailureNotice failure={failure} install={backup.install} />}
      <Disclosure summary="More">{() => <More backup={backup} />}</Disclosure>
    </li>
  );
}

function More({ backup }: { backup: Backup }) {
  return (
    <Facts
      rows={[
        ['File', <CopyablePath key="path" path={backup.path} />],
        ['Holds', count(backup.files, 'file')],
        ['Schema', backup.schema ?? 'none'],
        ['Verdict', verdictWords[backup.verdict].meaning],
        ['Read back', backup.verifiedAt === null ? 'not since it was made' : <Ago key="verified" time={backup.verifiedAt} />],
        ['Id', <Copyable key="id" text={backup.id} what="the id" />],
        ['SHA-256', <Copyable key="hash" text={backup.sha256} what="the hash" />],
        ['Verify', <CommandLine key="command" command={commandLine('verify', { input: backup.path })} />],
      ]}
    />
  );
}
