/** What is set for these screens, and what Moult is. */
import { useStore } from 'zustand';
import { isDesktop } from '../../client/client.ts';
import { Mark } from '../../components/mark.tsx';
import { PageTitle } from '../../components/page-title.tsx';
import { Facts, Panel } from '../../components/panel.tsx';
import { useStores } from '../../store/use-stores.ts';

export function SettingsPage() {
  const stores = useStores();
  const { version, connection } = useStore(stores.connection);
  const showCommands = useStore(stores.preferences, (preferences) => preferences.showCommands);
  return (
    <div className="page">
      <PageTitle title="Settings" />
      <Panel title="Screens">
        <label className="check-field">
          <input
            type="checkbox"
            checked={showCommands}
            onChange={(event) => stores.preferences.setState({ showCommands: event.target.checked })}
          />
          <span>
            Show the command line beside each action
            <br />
            <span className="quiet small">Without it, the small terminal beside a button shows it.</span>
          </span>
        </label>
        <p className="quiet small">Light or dark, text size and motion follow this computer's settings.</p>
      </Panel>
      <Panel title="About">
        <div className="row">
          <Mark size={48} />
          <p>
            <strong>Moult {version}</strong>
            <br />
            <span className="quiet">Upgrades, backs up, restores and resets self-hosted installs as transactions.</span>
          </p>
        </div>
        <Facts
          rows={[
            ['Face', isDesktop() ? 'desktop app' : 'browser, through moult serve'],
            ['Connection', connection === 'connected' ? 'connected' : 'not connected'],
            ['License', 'MIT'],
          ]}
        />
      </Panel>
    </div>
  );
}
