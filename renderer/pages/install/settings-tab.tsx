/** What is set for one install, and how to part with it. The further it goes, the further down it stands. */
import { useState } from 'react';
import type { Status } from '../../../electron/api/models.ts';
import { Button, ButtonLink } from '../../components/button.tsx';
import { Panel } from '../../components/panel.tsx';
import { addressOf } from '../../route/route.ts';
import { useRunning } from '../../store/use-stores.ts';
import { ActionsPanel } from './actions-panel.tsx';
import { ChannelPanel } from './channel-panel.tsx';
import { SchedulePanel } from './schedule-panel.tsx';
import { PinPanel } from './pin-panel.tsx';
import { DestinationsPanel } from './destinations-panel.tsx';
import { EncryptionPanel } from './encryption-panel.tsx';
import { UninstallDialog } from './uninstall-dialog.tsx';

export function SettingsTab({ status }: { status: Status }) {
  const { install, title } = status;
  const [asking, setAsking] = useState<'uninstall' | 'purge' | null>(null);
  const isBusy = useRunning(install) !== undefined;
  return (
    <>
      <ChannelPanel status={status} />
      <PinPanel status={status} />
      <SchedulePanel status={status} />
      <ActionsPanel status={status} />
      <EncryptionPanel install={install} />
      <DestinationsPanel install={install} />
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
