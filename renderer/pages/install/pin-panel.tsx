import { useState } from 'react';
import type { FailureData } from '../../../electron/api/failure.ts';
import type { Status } from '../../../electron/api/models.ts';
import { Button } from '../../components/button.tsx';
import { CommandLine } from '../../components/command-line.tsx';
import { Form } from '../../components/form.tsx';
import { Panel } from '../../components/panel.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useStores } from '../../store/use-stores.ts';
import { pinLine } from '../../wording/command-line.ts';

/** How far an install may go on its channel: to a release that a person named, and no further. */
export function PinPanel({ status }: { status: Status }) {
  const { client, statuses } = useStores();
  const { install, pin } = status;
  const [release, setRelease] = useState(pin ?? status.release ?? '');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<FailureData | null>(null);
  const [said, setSaid] = useState('');
  const wanted = release.trim();
  const set = async (next: string | null): Promise<void> => {
    setBusy(true);
    const answer = await client.call('setPin', { install, pin: next });
    setFailure(answer.ok ? null : answer.error);
    setSaid(answer.ok ? (next === null ? `${install} is not pinned any more.` : `${install} is pinned to ${next} now.`) : '');
    if (answer.ok) await statuses.load({ install });
    setBusy(false);
  };
  return (
    <Panel title="Pin">
      <p className="quiet">
        {pin === null
          ? `Not pinned: every newer release on ${status.channel} is offered.`
          : `Pinned to ${pin}: nothing newer is offered, by the window, the tray or the command line.`}
      </p>
      <Form onSubmit={() => void set(wanted)} failure={failure} install={install}>
        <TextField
          label="Go no further than"
          hint="The release that it is on, or a newer one."
          value={release}
          onChange={setRelease}
          isPath
        />
        <div className="row">
          <Button type="submit" busy={busy} disabled={wanted === '' || wanted === pin}>
            Pin
          </Button>
          {pin === null ? null : (
            <Button busy={busy} onClick={() => void set(null)}>
              Take the pin off
            </Button>
          )}
          <CommandLine command={pinLine(install, wanted === pin ? null : wanted)} />
          <p role="status" className="small">
            {said}
          </p>
        </div>
      </Form>
    </Panel>
  );
}
