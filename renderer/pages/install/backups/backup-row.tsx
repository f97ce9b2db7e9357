import { FlaskConical, History, ShieldCheck } from 'lucide-react';
import type { Backup } from '../../../../electron/api/models.ts';
import { count } from '../../../../electron/api/units.ts';
import { visible } from '../../../../electron/api/visible.ts';
import { Badge, VerdictBadge } from '../../../components/badge.tsx';
import { Button } from '../../../components/button.tsx';
import { CommandLine } from '../../../components/command-line.tsx';
import { Copyable, CopyablePath } from '../../../components/copyable.tsx';
import { Disclosure } from '../../../components/disclosure.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { Ago, Bytes } from '../../../components/figures.tsx';
import { Facts } from '../../../components/panel.tsx';
import { exactTime } from '../../../format/time.ts';
import { commandLine } from '../../../wording/command-line.ts';
import { reasonWords, verdictWords } from '../../../wording/states.ts';
import { useBeginOpen } from './use-begin-open.tsx';

/** One backup with its verdict, and what can be done with it. */
export function BackupRow({ backup, onRestore }: { backup: Backup; onRestore: () => void }) {
  const { begin, busy, failure, question } = useBeginOpen(backup.id);
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
          {backup.encryption === undefined || backup.encryption === null ? null : <Badge tone="quiet">encrypted</Badge>}
          <span className="quiet">
            <span className="mono">{backup.release ?? 'no release'}</span>, {reasonWords[backup.reason]}, <Bytes bytes={backup.bytes} />
          </span>
        </div>
        <div className="row">
          <Button
            busy={busy}
            disabled={backup.missing}
            icon={<ShieldCheck size={16} aria-hidden="true" />}
            aria-label={`Verify the backup of ${when}`}
            onClick={() => void begin('verify', input)}
          >
            Verify
          </Button>
          <Button
            busy={busy}
            disabled={backup.missing}
            icon={<FlaskConical size={16} aria-hidden="true" />}
            aria-label={`Try the backup of ${when} on a copy`}
            onClick={() => void begin('drill', { install: backup.install, backup: backup.id })}
          >
            Try
          </Button>
          <Button
            disabled={backup.verdict === 'bad' || backup.missing}
            icon={<History size={16} aria-hidden="true" />}
            aria-label={`Restore the backup of ${when}`}
            onClick={onRestore}
          >
            Restore …
          </Button>
        </div>
      </div>
      {backup.missing ? (
        <p className="backup-problem">Its file is not there: it was moved, renamed or removed, or its disk is not connected.</p>
      ) : null}
      {backup.foreign ? <p className="quiet">Of another machine. It can be restored, and is never pruned.</p> : null}
      {backup.problem === null ? null : <p className="backup-problem">{visible(backup.problem)}</p>}
      {failure === null ? null : <FailureNotice failure={failure} install={backup.install} />}
      {question}
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
        ['Encrypted', encryptionWords(backup)],
        ['Schema', backup.schema ?? 'none'],
        ['Verdict', verdictWords[backup.verdict].meaning],
        ['Read back', backup.verifiedAt === null ? 'not since it was made' : <Ago key="verified" time={backup.verifiedAt} />],
        ['Last proven', backup.provenAt === null ? 'never' : <Ago key="proven" time={backup.provenAt} />],
        ['Last drill', backup.drilledAt === null ? 'never' : <Ago key="drilled" time={backup.drilledAt} />],
        ['Id', <Copyable key="id" text={backup.id} what="the id" />],
        ['SHA-256', backup.sha256 === '' ? 'not read yet' : <Copyable key="hash" text={backup.sha256} what="the hash" />],
        ['Try it', <CommandLine key="drill" unfolded command={commandLine('drill', { backup: backup.path })} />],
        ['Verify', <CommandLine key="command" unfolded command={commandLine('verify', { input: backup.path })} />],
      ]}
    />
  );
}

function encryptionWords({ encryption }: Backup): string {
  if (encryption === undefined || encryption === null) return 'no';
  const means = encryption.takes === 'passphrase' ? 'its passphrase' : 'its key';
  const where = encryption.opensHere ? `${means} is known here` : `to read it takes ${means}`;
  return `yes; ${where}${encryption.keyOnlyHere ? ', and nowhere else: copy it to another machine' : ''}`;
}
