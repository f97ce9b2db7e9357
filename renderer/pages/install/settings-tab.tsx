/** What is set for one install, and how to part with it. The further it goes, the further down it stands. */
import { useState } from 'react';
import type { FailureData } from '../../../electron/api/failure.ts';
import type { Status } from '../../../electron/api/models.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { Panel } from '../../components/panel.tsx';
import { TextField } from '../../components/text-field.tsx';
import { addressOf } from '../../route/route.ts';
import { useRunning, useStores } from '../../store/use-stores.ts';
import { UninstallDialog } from './uninstall-dialog.tsx';

export function SettingsTab({ status }: { status: Status }) {
  const { install, title } = status;
  const [asking, setAsking] = useState<'uninstall' | 'purge' | null>(null);
  const isBusy = useRunning(install) !== undefined;
  return (
    <>
      <ChannelPanel status={status} />
      <Panel title="Start fresh">
        <p className="quiet">
          Like new: {title} stays, its data goes to the trash. Three pages show what goes, take a last backup and ask. It can be undone for
          7 days.
        </p>
        <div className="row">
          <ButtonLink href={addressOf({ page: 'fresh-start', install })}>Start fresh …</ButtonLink>
        </div>
      </Panel>
      <Panel title="Uninstall">
        <p className="quiet">{title} goes, its data stays where it is. Set it up again and it picks up where it left off.</p>
        <div className="row">
          <Button disabled={isBusy} onClick={() => setAsking('uninstall')}>
            Uninstall …
          </Button>
        </div>
      </Panel>
      <Panel title="Purge" tone="needs">
        <p className="quiet">{title} and everything it owns goes to the trash, and from there for good after 7 days. Backups stay.</p>
        <div className="row">
          <Button kind="danger" disabled={isBusy} onClick={() => setAsking('purge')}>
            Purge …
          </Button>
        </div>
      </Panel>
      {asking === null ? null : <UninstallDialog install={install} purge={asking === 'purge'} onClose={() => setAsking(null)} />}
    </>
  );
}

function ChannelPanel({ status }: { status: Status }) {
  const { client, statuses } = useStores();
  const { install } = status;
  const [channel, setChannel] = useState(status.channel);
  const [failure, setFailure] = useState<FailureData | null>(null);
  const [said, setSaid] = useState('');
  const save = async (): Promise<void> => {
    const answer = await client.call('setChannel', { install, channel: channel.trim() });
    setFailure(answer.ok ? null : answer.error);
    setSaid(answer.ok ? `${install} follows ${answer.result.channel} now.` : '');
    if (answer.ok) await statuses.load({ install });
  };
  return (
    <Panel title="Channel">
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextField
          label="Newer releases come from"
          hint="One of the product's channels; a wrong name is answered with the right ones."
          value={channel}
          onChange={setChannel}
          isPath
          required
        />
        <Button type="submit" disabled={channel.trim() === status.channel}>
          Follow it
        </Button>
      </form>
      <p role="status" className="small">
        {said}
      </p>
      {failure === null ? null : <FailureNotice failure={failure} install={install} />}
    </Panel>
  );
}
