/** What the tray's menu and its double-click do. */
import { app } from 'electron';
import type { Hub } from '../transport/hub.ts';
import type { InstallsWatch } from './installs-watch.ts';
import { notify } from './notifications.ts';
import { homePage, installPage } from './pages.ts';
import type { TrayAction } from './tray-menu.ts';
import { doubleClick, upgradeAtOnce } from './upgrade-at-once.ts';
import type { Windows } from './windows.ts';

export interface ActionMeans {
  hub: Hub;
  watch: InstallsWatch;
  windows: Windows;
  checkForUpdates: () => void;
}

export interface TrayActions {
  onAction: (action: TrayAction) => void;
  onSingle: () => void;
  onDouble: () => void;
}

export function trayActions(means: ActionMeans): TrayActions {
  const { watch, windows } = means;
  return {
    onAction: (action) => void perform(action, means),
    onSingle: () => windows.open(homePage),
    onDouble: () => {
      const decided = doubleClick(watch.views());
      if (decided.do === 'open') windows.open(decided.page);
      else void upgrade(decided.install, means);
    },
  };
}

async function perform(action: TrayAction, means: ActionMeans): Promise<void> {
  switch (action.do) {
    case 'open':
      means.windows.open(action.page);
      break;
    case 'upgrade':
      await upgrade(action.install, means);
      break;
    case 'back-up':
      await backUp(action.install, means);
      break;
    case 'check-for-updates':
      means.checkForUpdates();
      break;
    case 'quit':
      app.quit();
  }
}

async function upgrade(install: string, { hub, watch, windows }: ActionMeans): Promise<void> {
  const start = await upgradeAtOnce(hub, install);
  if ('page' in start) {
    windows.open(start.page);
    return;
  }
  const title = watch.views().find((view) => view.install.install === install)?.install.title ?? install;
  notify({
    title: `Upgrading ${title} to ${start.to}`,
    body: 'Every check is green. The icon tells when it is done.',
    onClick: () => windows.open(installPage(install)),
  });
}

async function backUp(install: string, { hub, windows }: ActionMeans): Promise<void> {
  const begun = await hub.call('backUp', { install });
  if (begun.ok) return;
  notify({ title: 'No backup was made', body: begun.error.message, onClick: () => windows.open(installPage(install, 'backups')) });
}
