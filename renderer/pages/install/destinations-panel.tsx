/** Where second copies of the backups go. A disk that is not connected is a fact here and not a trouble. */
import { useState } from 'react';
import type { Destination } from '../../../electron/api/safekeeping.ts';
import { count, parseBytes } from '../../../electron/api/units.ts';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { CommandLine } from '../../components/command-line.tsx';
import { CopyablePath } from '../../components/copyable.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { Bytes } from '../../components/figures.tsx';
import { Form } from '../../components/form.tsx';
import { Panel } from '../../components/panel.tsx';
import { PathField } from '../../components/path-field.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useBegin } from '../../components/use-begin.ts';
import { useChange } from '../../components/use-change.ts';
import { WhenLoaded } from '../../components/waiting.tsx';
import { useLoaded, useStores } from '../../store/use-stores.ts';
import { commandLine } from '../../wording/command-line.ts';
import { ratePattern } from '../../wording/rates.ts';
import './destinations-panel.css';

export function DestinationsPanel({ install }: { install: string }) {
  const { destinations } = useStores();
  const list = useLoaded(destinations, { install });
  return (
    <Panel title="Second copies">
      <p className="quiet">
        Each backup is copied to these folders after it was made, and read back there: another disk, a stick, a network folder.
      </p>
      <WhenLoaded loaded={list} waiting="Looking at the disks …" install={install} onRetry={() => void destinations.load({ install })}>
        {(ready) => <Destinations install={install} list={ready} />}
      </WhenLoaded>
      <AddDestination install={install} />
    </Panel>
  );
}

function Destinations({ install, list }: { install: string; list: readonly Destination[] }) {
  const { client, destinations } = useStores();
  const { busy, failure, change } = useChange();
  if (list.length === 0) return null;
  const remove = async (folder: string): Promise<void> => {
    if (await change(() => client.call('removeDestination', { install, folder }))) await destinations.load({ install });
  };
  const isWaiting = list.some((each) => each.state === 'present' && each.waiting > 0);
  return (
    <>
      <ul className="destinations">
        {list.map((each) => (
          <li key={each.folder} className="destination">
            <div className="row spread">
              <div className="row">
                <CopyablePath path={each.folder} />
                <Badge tone={each.state === 'present' ? 'stays' : 'quiet'}>
                  {each.state === 'present' ? 'connected' : 'not connected'}
                </Badge>
              </div>
              <Button busy={busy} aria-label={`Remove ${each.folder}`} onClick={() => void remove(each.folder)}>
                Remove
              </Button>
            </div>
            <p className="quiet small">{factsOf(each)}</p>
            {each.free === null ? null : (
              <p className="quiet small">
                <Bytes bytes={each.free} /> free
              </p>
            )}
            {each.copies
              .filter((copy) => copy.state === 'failed')
              .map((copy) => (
                <p key={copy.backup} className="small">
                  {copy.problem} It is tried again after the next backup.
                </p>
              ))}
          </li>
        ))}
      </ul>
      {isWaiting ? <CopyNow install={install} /> : null}
      {failure === null ? null : <FailureNotice failure={failure} install={install} />}
    </>
  );
}

function CopyNow({ install }: { install: string }) {
  const { begin, busy, failure } = useBegin();
  const [rate, setRate] = useState('');
  const limit = parseBytes(rate);
  const input = { install, ...(limit !== null && { limit }) };
  return (
    <Form onSubmit={() => void begin('copy', input)} failure={failure} install={install}>
      <TextField
        label="At most, a second"
        hint="Such as 20 MiB. Without it, what Moult's settings say."
        pattern={ratePattern}
        value={rate}
        onChange={setRate}
      />
      <div className="row">
        <Button type="submit" busy={busy}>
          Copy now
        </Button>
        <CommandLine command={commandLine('copy', input)} />
      </div>
    </Form>
  );
}

function factsOf({ copies, waiting, state, reason }: Destination): string {
  const whole = copies.filter((copy) => copy.state === 'whole').length;
  const waits = waiting === 0 ? '' : `; ${count(waiting, 'backup')} ${waiting === 1 ? 'waits' : 'wait'} to be copied`;
  const why = state === 'absent' && reason !== null ? `; ${reason}` : '';
  const there = whole === 0 ? 'No whole copy yet' : `${whole === 1 ? '1 copy' : `${whole} copies`}, read back there`;
  return `${there}${waits}${why}.`;
}

function AddDestination({ install }: { install: string }) {
  const { client, destinations } = useStores();
  const { busy, failure, change } = useChange();
  const [folder, setFolder] = useState('');
  const add = async (): Promise<void> => {
    if (!(await change(() => client.call('addDestination', { install, folder })))) return;
    setFolder('');
    await destinations.load({ install });
  };
  return (
    <Form onSubmit={() => void add()} failure={failure} install={install}>
      <PathField
        label="Folder for copies"
        choose="chooseFolder"
        placeholder="/media/me/backups"
        value={folder}
        onChange={setFolder}
        required
      />
      <div className="row">
        <Button type="submit" busy={busy} disabled={folder === ''}>
          Add
        </Button>
      </div>
    </Form>
  );
}
