/** The backups of an install: what each is worth, where it is, and the way back to it. */
import { Archive } from 'lucide-react';
import { useState } from 'react';
import type { Backup, Status } from '../../../../electron/api/models.ts';
import { Button } from '../../../components/button.tsx';
import { CommandLine } from '../../../components/command-line.tsx';
import { Disclosure } from '../../../components/disclosure.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { PathField } from '../../../components/path-field.tsx';
import { useBegin } from '../../../components/use-begin.ts';
import { Empty, WhenLoaded } from '../../../components/waiting.tsx';
import { useLoaded, useRunning, useStores } from '../../../store/use-stores.ts';
import { commandLine } from '../../../wording/command-line.ts';
import { RestoreDialog } from './restore-dialog.tsx';
import { BackupRow } from './backup-row.tsx';
import { Timeline } from './timeline.tsx';
import './backups-tab.css';

export function BackupsTab({ status }: { status: Status }) {
  const { install } = status;
  const { backups } = useStores();
  const list = useLoaded(backups, { install });
  const [restoring, setRestoring] = useState<string | null>(null);
  return (
    <>
      <BackUpNow install={install} />
      <WhenLoaded loaded={list} waiting="Looking for backups …" install={install} onRetry={() => void backups.load({ install })}>
        {(ready) => <Backups list={ready} install={install} onRestore={setRestoring} />}
      </WhenLoaded>
      <Disclosure summary="Restore from a file">{() => <FromFile onRestore={setRestoring} />}</Disclosure>
      {restoring === null ? null : <RestoreDialog install={install} input={restoring} onClose={() => setRestoring(null)} />}
    </>
  );
}

function BackUpNow({ install }: { install: string }) {
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
    </>
  );
}

function Backups({ list, install, onRestore }: { list: readonly Backup[]; install: string; onRestore: (input: string) => void }) {
  if (list.length === 0)
    return <Empty title="No backup yet">The first one takes a moment, and the product goes on running meanwhile.</Empty>;
  return (
    <>
      <Timeline install={install} backups={list} />
      <ul className="backups">
        {list.map((backup) => (
          <BackupRow key={backup.id} backup={backup} onRestore={() => onRestore(backup.id)} />
        ))}
      </ul>
    </>
  );
}

function FromFile({ onRestore }: { onRestore: (input: string) => void }) {
  const [path, setPath] = useState('');
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault();
        onRestore(path);
      }}
    >
      <PathField label="Backup file" choose="chooseBackup" placeholder="/path/to/backup.tar.zst" value={path} onChange={setPath} required />
      <Button type="submit">Show what it would restore</Button>
    </form>
  );
}
