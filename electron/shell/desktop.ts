/**
 * The desktop app: one tray icon, its windows and its notifications over one hub.
 * Promises: a person sees the same as in the browser, and is never surprised: nothing starts without an action of theirs, nothing that runs
 * is cut off by a closed window or by quitting. Refuses: to decide anything about installs itself; the engine does.
 */
import { join } from 'node:path';
import { app, type Session } from 'electron';
import type { RunningOperation } from '../api/client.ts';
import type { Engine } from '../api/engine.ts';
import type { EngineEvent } from '../api/events.ts';
import { systemClock } from '../transport/clock.ts';
import { type Hub, openHub } from '../transport/hub.ts';
import { setAppMenu } from './app-menu.ts';
import { desktopCalls } from './desktop-calls.ts';
import { hardenSession } from './hardening.ts';
import { type InstallsWatch, watchInstalls } from './installs-watch.ts';
import { hostsOf } from './links.ts';
import { hiddenStart } from './login-item.ts';
import { notify } from './notifications.ts';
import { openLink } from './open-link.ts';
import { newsOf, overallProgress } from './operation-news.ts';
import { homePage, installPage, settingsPage, upgradePage } from './pages.ts';
import { guardQuitting } from './quitting.ts';
import { releaseNews } from './release-news.ts';
import { serveScreens } from './screens-protocol.ts';
import { openSelfUpdate } from './self-update.ts';
import { serveWindows } from './serve-windows.ts';
import { openSettingsFile, type SettingsFile } from './settings-file.ts';
import { putUpTray, type TrayIcon } from './tray.ts';
import type { TrayAction } from './tray-menu.ts';
import { doubleClick, upgradeAtOnce } from './upgrade-at-once.ts';
import { tellWebhook } from './webhook.ts';
import { openWindows, type Windows } from './windows.ts';

export interface DesktopPlaces {
  /** The folder of the built screens, the built preload, and the folder of the icons. */
  screens: string;
  preload: string;
  icons: string;
}

export interface DesktopOptions {
  engine: Engine;
  version: string;
  places: DesktopPlaces;
  session: Session;
  /** What the system started the app with. */
  typed: readonly string[];
}

/** Everything that the parts below hold in their hands. */
interface Parts {
  hub: Hub;
  settings: SettingsFile;
  windows: Windows;
  watch: InstallsWatch;
  tray: TrayIcon | null;
}

export interface Desktop {
  /** Shows the window, as a second start of the app does. */
  show(): void;
  openLink(address: string): void;
}

/** Starts everything, once Electron is ready. */
export async function startDesktop({ engine, version, places, session, typed }: DesktopOptions): Promise<Desktop> {
  const hub = openHub(engine, version, systemClock);
  const settings = await openSettingsFile(join(app.getPath('userData'), 'desktop.json'));
  const known = hostsOf(await engine.api.products({}).catch(() => []));
  const follow = (address: string): void => void openLink(address, known);
  hardenSession(session);
  serveScreens(session, places.screens);

  const parts = {} as Parts;
  const selfUpdate = openSelfUpdate(
    () => hub.running().length > 0,
    () => quitting.letGo(),
  );
  const calls = desktopCalls({ settings, selfUpdate, watch: () => parts.watch, windows: () => parts.windows });
  const checkForUpdates = (): void => void calls.checkForUpdates({}).then(({ updates }) => tellOfCheck(updates, parts));
  parts.hub = hub;
  parts.settings = settings;
  parts.windows = openWindows({
    settings,
    preload: places.preload,
    icon: join(places.icons, 'moult-512.png'),
    devTools: !app.isPackaged,
    staysInTray: () => parts.tray !== null && settings.current.keepInTray,
    onHidden: () => tellOfTray(parts),
  });
  serveWindows(hub, calls);
  const act = (action: TrayAction): void => void perform(action, parts, checkForUpdates);
  parts.tray = tryTray(() =>
    putUpTray({ icons: places.icons, onAction: act, onSingle: () => parts.windows.open(homePage), onDouble: () => void double(parts) }),
  );
  const quitting = guardQuitting(hub, async () => {
    parts.windows.letGo();
    parts.watch.close();
    parts.tray?.remove();
    hub.close();
    await settings.settled();
    await engine.close();
  });
  parts.watch = await watchInstalls(hub, systemClock, {
    onChange: () => refresh(parts),
    onEnded: (event, operation) => tellOfEnd(event, operation, parts),
    wantsFeeds: () => settings.current.checkForUpdates,
  });
  refresh(parts);
  setAppMenu({
    devTools: !app.isPackaged,
    onNewWindow: () => parts.windows.openAnother(homePage),
    onSettings: () => parts.windows.open(settingsPage),
    onCheckForUpdates: checkForUpdates,
    onLink: follow,
    homepage: 'https://github.com/moult/moult',
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin' && (parts.tray === null || !settings.current.keepInTray)) app.quit();
  });
  if (!typed.includes(hiddenStart) || parts.tray === null) parts.windows.open(homePage);
  if (settings.current.checkForUpdates) void calls.checkForUpdates({});
  return { show: () => parts.windows.open(homePage), openLink: follow };
}

function tryTray(put: () => TrayIcon): TrayIcon | null {
  try {
    return put();
  } catch {
    // A desktop without a tray: closing the window then ends the app.
    return null;
  }
}

/** Draws what is known. It may come before everything stands. */
function refresh({ hub, settings, watch, tray, windows }: Parts): void {
  windows.showProgress(overallProgress(hub.running()));
  if (watch === undefined) return;
  const views = watch.views();
  tray?.show(views);
  const news = releaseNews(views, settings.current.toldOf);
  if (news.length === 0) return;
  const toldOf = { ...settings.current.toldOf, ...Object.fromEntries(news.map(({ install, to }) => [install, to])) };
  settings.change({ toldOf }).catch(() => undefined);
  for (const each of news) {
    const from = each.from === null ? '' : ` It is ${each.from} here.`;
    notify({ title: `${each.title} ${each.to} is out`, body: `See what stays and what changes.${from}`, onClick: () => windows.open(upgradePage(each.install, each.to)) });
    if (settings.current.webhook !== null) void tellWebhook(settings.current.webhook, each);
  }
}

async function double({ hub, watch, windows }: Parts): Promise<void> {
  const decided = doubleClick(watch.views());
  if (decided.do === 'open') windows.open(decided.page);
  else await upgrade(decided.install, { hub, watch, windows });
}

async function upgrade(install: string, { hub, watch, windows }: Pick<Parts, 'hub' | 'watch' | 'windows'>): Promise<void> {
  const start = await upgradeAtOnce(hub, install);
  if ('page' in start) {
    windows.open(start.page);
    return;
  }
  const title = watch.views().find((view) => view.install.install === install)?.install.title ?? install;
  notify({ title: `Upgrading ${title} to ${start.to}`, body: 'Every check is green. The icon tells when it is done.', onClick: () => windows.open(installPage(install)) });
}

async function perform(action: TrayAction, parts: Parts, checkForUpdates: () => void): Promise<void> {
  const { hub, windows } = parts;
  switch (action.do) {
    case 'open':
      windows.open(action.page);
      break;
    case 'upgrade':
      await upgrade(action.install, parts);
      break;
    case 'back-up': {
      const begun = await hub.call('backUp', { install: action.install });
      if (!begun.ok) notify({ title: 'No backup was made', body: begun.error.message, onClick: () => windows.open(installPage(action.install, 'backups')) });
      break;
    }
    case 'check-for-updates':
      checkForUpdates();
      break;
    case 'quit':
      app.quit();
  }
}

/** Asked by hand, a check also answers when there is nothing; what is new tells of itself. */
function tellOfCheck(updates: readonly { install: string; release: string }[], { watch, windows }: Parts): void {
  const unknown = watch.views().filter((view) => view.status === null || view.status.update.error !== null);
  if (updates.length > 0) {
    const words = updates.map(({ install, release }) => `${install} ${release}`).join(', ');
    notify({ title: 'There are newer releases', body: words, onClick: () => windows.open(homePage) });
  } else if (unknown.length > 0) {
    notify({ title: 'Not every feed could be asked', body: unknown.map((view) => view.install.title).join(', '), onClick: () => windows.open(homePage) });
  } else {
    notify({ title: 'Everything is up to date', body: 'Every feed was asked.', onClick: () => windows.open(homePage) });
  }
}

function tellOfEnd(event: Extract<EngineEvent, { event: 'ended' }>, { action, install }: RunningOperation, { watch, windows }: Parts): void {
  if (windows.isLookedAt()) return;
  const title = watch?.views().find((view) => view.install.install === install)?.install.title ?? install;
  const news = newsOf(event, action, title);
  if (news !== null) notify({ title: news.title, body: news.body, onClick: () => windows.open(news.page) });
}

function tellOfTray({ settings, windows }: Parts): void {
  if (settings.current.toldOfTray) return;
  settings.change({ toldOfTray: true }).catch(() => undefined);
  notify({ title: 'Moult stays in the tray', body: 'Its icon shows how your installs are. Quit is in its menu.', onClick: () => windows.open(homePage) });
}
