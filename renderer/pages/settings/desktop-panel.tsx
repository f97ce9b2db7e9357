/** What is set for the desktop app: the tray, the login, looking for updates, a webhook. */
import { useState } from 'react';
import type { Desktop, DesktopInput, DesktopSettings } from '../../../electron/api/desktop.ts';
import type { FailureData } from '../../../electron/api/failure.ts';
import { Button } from '../../components/button.tsx';
import { CheckField } from '../../components/check-field.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { Form } from '../../components/form.tsx';
import { Panel } from '../../components/panel.tsx';
import { TextField } from '../../components/text-field.tsx';
import { WhenLoaded } from '../../components/waiting.tsx';
import { everything } from '../../store/catalogue.ts';
import { useLoaded, useStores } from '../../store/use-stores.ts';

export function DesktopPanel({ desktop }: { desktop: Desktop }) {
  const { desktopSettings } = useStores();
  const settings = useLoaded(desktopSettings, everything);
  const [failure, setFailure] = useState<FailureData | null>(null);
  const change = async (changes: DesktopInput<'changeSettings'>): Promise<void> => {
    const answer = await desktop.call('changeSettings', changes);
    setFailure(answer.ok ? null : answer.error);
    await desktopSettings.load(everything);
  };
  return (
    <Panel title="Desktop app">
      <WhenLoaded loaded={settings} waiting="Reading the settings …">
        {(ready) => <Fields settings={ready} onChange={(changes) => void change(changes)} />}
      </WhenLoaded>
      {failure === null ? null : <FailureNotice failure={failure} />}
    </Panel>
  );
}

function Fields({ settings, onChange }: { settings: DesktopSettings; onChange: (changes: DesktopInput<'changeSettings'>) => void }) {
  const [webhook, setWebhook] = useState(settings.webhook ?? '');
  return (
    <>
      <CheckField checked={settings.startAtLogin} onChange={(startAtLogin) => onChange({ startAtLogin })}>
        Start when I log in
      </CheckField>
      <CheckField
        checked={settings.keepInTray}
        hint="Closing the window does not stop what runs."
        onChange={(keepInTray) => onChange({ keepInTray })}
      >
        Stay in the tray when the window is closed
      </CheckField>
      <CheckField
        checked={settings.checkForUpdates}
        hint="You are told of each release once. Nothing is upgraded by itself."
        onChange={(checkForUpdates) => onChange({ checkForUpdates })}
      >
        Look for newer releases every 24 hours
      </CheckField>
      <Form layout="row" onSubmit={() => onChange({ webhook: webhook.trim() === '' ? null : webhook.trim() })}>
        <TextField
          label="Webhook"
          hint="An address that is told of newer releases. Leave it empty for none."
          placeholder="https://"
          value={webhook}
          onChange={setWebhook}
          isPath
        />
        <Button type="submit" disabled={webhook.trim() === (settings.webhook ?? '')}>
          Save
        </Button>
      </Form>
    </>
  );
}
