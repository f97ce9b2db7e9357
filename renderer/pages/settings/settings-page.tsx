/** What is set for these screens, and what Moult is. */
import { useStore } from 'zustand';
import { CheckField } from '../../components/check-field.tsx';
import { Mark } from '../../components/mark.tsx';
import { PageTitle } from '../../components/page-title.tsx';
import { Facts, Panel } from '../../components/panel.tsx';
import { useStores } from '../../store/use-stores.ts';
import { AppUpdateRow } from './app-update-row.tsx';
import { DesktopPanel } from './desktop-panel.tsx';
import { LimitPanel } from './limit-panel.tsx';

export function SettingsPage() {
  const stores = useStores();
  const { version, connection } = useStore(stores.connection);
  const showCommands = useStore(stores.preferences, (preferences) => preferences.showCommands);
  return (
    <div className="page">
      <PageTitle title="Settings" />
      <Panel title="Screens">
        <CheckField
          checked={showCommands}
          hint="Without it, the small terminal beside a button shows it."
          onChange={(checked) => stores.preferences.setState({ showCommands: checked })}
        >
          Show the command line beside each action
        </CheckField>
        <p className="quiet small">Light or dark, text size and motion follow this computer's settings.</p>
      </Panel>
      <LimitPanel />
      {stores.desktop === null ? null : <DesktopPanel desktop={stores.desktop} />}
      <Panel title="About">
        <div className="row">
          <Mark size={48} />
          <p>
            <strong>Moult {version}</strong>
            <br />
            <span className="quiet">Upgrades, backs up, restores and resets self-hosted installs as transactions.</span>
          </p>
        </div>
        {stores.desktop === null ? null : <AppUpdateRow desktop={stores.desktop} />}
        <Facts
          rows={[
            ['Shown by', stores.desktop !== null ? 'the desktop app' : 'a browser, through moult serve'],
            ['Connection', connection === 'connected' ? 'connected' : 'not connected'],
            ['License', 'MIT'],
          ]}
        />
      </Panel>
    </div>
  );
}
