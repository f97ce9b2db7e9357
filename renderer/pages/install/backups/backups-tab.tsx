/** The backups of an install: what each is worth, where it is, and the way back to it. */
import { FlaskConical } from 'lucide-react';
import { useState } from 'react';
import type { Backup, Status } from '../../../../electron/api/models.ts';
import { Button } from '../../../components/button.tsx';
import { CheckField } from '../../../components/check-field.tsx';
import { CommandLine } from '../../../components/command-line.tsx';
import { Disclosure } from '../../../components/disclosure.tsx';
import { FailureNotice } from '../../../components/failure-notice.tsx';
import { Form } from '../../../components/form.tsx';
import { LastProven } from '../../../components/last-proven.tsx';
import { Notice } from '../../../components/notice.tsx';
import { PathField } from '../../../components/path-field.tsx';
import { useBegin } from '../../../components/use-begin.ts';
import { Empty, WhenLoaded } from '../../../components/waiting.tsx';
import { installAddress } from '../../../route/route.ts';
import { useLoaded, useRunning, useStores } from '../../../store/use-stores.ts';
import { commandLine } from '../../../wording/command-line.ts';
import { BackUpNow } from './back-up-now.tsx';
import { FromFile } from './from-file.tsx';
import { RestoreDialog } from './restore-dialog.tsx';
import { BackupRow } from './backup-row.tsx';
import { WhenOpen } from './when-open.tsx';
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
      <HowProtected status={status} />
      <WhenLoaded loaded={list} waiting="Looking for backups …" install={install} onRetry={() => void backups.load({ install })}>
        {(ready) => <Backups list={ready} install={install} onRestore={setRestoring} />}
      </WhenLoaded>
      <Disclosure summary="Restore from a file">{() => <FromFile install={install} onRestore={setRestoring} />}</Disclosure>
      <Disclosure summary="Find backups in a folder">{() => <FindBackups install={install} />}</Disclosure>
      {restoring === null ? null : (
        <WhenOpen key={restoring} backup={restoring} onClose={() => setRestoring(null)}>
          <RestoreDialog install={install} input={restoring} onClose={() => setRestoring(null)} />
        </WhenOpen>
      )}
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

/** When it was last proven, and what to do about it where that is too long ago. */
function HowProtected({ status }: { status: Status }) {
  const { install, protection, lastBackup } = status;
  const { begin, busy, failure } = useBegin();
  const isBusy = useRunning(install) !== undefined;
  const settings = installAddress(install, 'settings');
  if (lastBackup === null) return null;
  return (
    <Notice
      tone={protection.warning === null ? (protection.provenAt === null ? 'quiet' : 'stays') : 'changes'}
      title={<LastProven protection={protection} />}
      actions={
        <>
          <Button
            busy={busy}
            disabled={isBusy}
            icon={<FlaskConical size={16} aria-hidden="true" />}
            onClick={() => void begin('drill', { install })}
          >
            Try the newest now
          </Button>
          {protection.scheduled ? null : <a href={settings}>Let it be backed up by itself</a>}
        </>
      }
    >
      <p className="quiet">
        A drill runs the product on a copy of a backup, on another port, and removes the copy. {install} goes on meanwhile.
      </p>
      {failure === null ? null : <FailureNotice failure={failure} install={install} />}
    </Notice>
  );
}

function FindBackups({ install }: { install: string }) {
  const { begin, busy, failure } = useBegin();
  const [folder, setFolder] = useState('');
  const [adopts, setAdopts] = useState(false);
  const input = { folder, ...(adopts && { install }) };
  return (
    <Form onSubmit={() => void begin('rescan', input)} failure={failure} install={install}>
      <PathField label="Folder" choose="chooseFolder" placeholder="/path/to/backups" value={folder} onChange={setFolder} required />
      <CheckField checked={adopts} onChange={setAdopts} hint="Those of the same product whose install is not on this machine.">
        Adopt backups of other machines for {install}
      </CheckField>
      <div className="row">
        <Button type="submit" busy={busy}>
          Look for backups
        </Button>
        <CommandLine command={commandLine('rescan', { ...input, folder: folder === '' ? 'FOLDER' : folder })} />
      </div>
    </Form>
  );
}
