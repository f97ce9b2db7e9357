/**
 * The desktop app: one tray icon, its windows and its notifications over one hub.
 * Promises: a person sees the same as in the browser, and is never surprised: nothing starts without an action of theirs, nothing that runs
 * is cut off by a closed window or by quitting. Refuses: to decide anything about installs itself; the engine does.
 */
import { join } from 'node:path';
import { app, type Session } from 'electron';
import type { Engine } from '../api/engine.ts';
import { systemClock } from '../transport/clock.ts';
import { openHub } from '../transport/hub.ts';
import { keepSchedules } from '../transport/keep-schedules.ts';
import { setAppMenu } from './app-menu.ts';
import { desktopCalls } from './desktop-calls.ts';
import { hardenSession } from './hardening.ts';
import { installsWatch } from './installs-watch.ts';
import { hostsOf } from './links.ts';
import { hiddenStart } from './login-item.ts';
import { openLink } from './open-link.ts';
import { overallProgress } from './operation-news.ts';
import { homePage, settingsPage } from './pages.ts';
import { guardQuitting } from './quitting.ts';
import { serveScreens } from './screens-protocol.ts';
import { openSelfUpdate } from './self-update.ts';
import { serveWindows } from './serve-windows.ts';
import { openSettingsFile } from './settings-file.ts';
import { tellOfCheck, tellOfEnd, tellOfReleases, tellOfTray } from './tidings.ts';
import { putUpTray, type TrayIcon } from './tray.ts';
import { trayActions } from './tray-actions.ts';
import { openWindows } from './windows.ts';

const homepage = 'https://github.com/moult/moult';

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

export interface Desktop {
  /** Shows the window, as a second start of the app does. */
  show: () => void;
  openLink: (address: string) => void;
}

/** Starts everything, once Electron is ready. The window opens before anything is asked of an install or a feed. */
export async function startDesktop({ engine, version, places, session, typed }: DesktopOptions): Promise<Desktop> {
  const hub = openHub(engine, version, systemClock);
  const settings = await openSettingsFile(join(app.getPath('userData'), 'desktop.json'));
  const known = hostsOf(await engine.api.products({}).catch(() => []));
  const devTools = !app.isPackaged;
  hardenSession(session);
  serveScreens(session, places.screens);

  let tray: TrayIcon | null = null;
  const watch = installsWatch(hub, systemClock);
  const windows = openWindows({
    settings,
    preload: places.preload,
    icon: join(places.icons, 'moult-512.png'),
    devTools,
    staysInTray: () => tray !== null && settings.current.keepInTray,
    onHidden: () => tellOfTray({ settings, windows }),
  });
  const stopSchedules = keepSchedules(engine, systemClock);
  const quitting = guardQuitting(hub, async () => {
    stopSchedules();
    windows.letGo();
    watch.close();
    tray?.remove();
    hub.close();
    await settings.settled();
    await engine.close();
  });
  const selfUpdate = openSelfUpdate(
    () => hub.running().length > 0,
    () => quitting.letGo(),
  );
  const calls = desktopCalls({ settings, selfUpdate, watch, windows });
  const tidings = { settings, watch, windows };
  const checkForUpdates = (): void => void calls.checkForUpdates({}).then(({ updates }) => tellOfCheck(updates, tidings));
  const follow = (address: string): void => void openLink(address, known);
  const show = (): void => windows.open(homePage);
  serveWindows(hub, calls);
  tray = tryTray(() => putUpTray({ icons: places.icons, ...trayActions({ hub, watch, windows, checkForUpdates }) }));
  setAppMenu({
    devTools,
    homepage,
    onNewWindow: () => windows.openAnother(homePage),
    onSettings: () => windows.open(settingsPage),
    onCheckForUpdates: checkForUpdates,
    onLink: follow,
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin' && (tray === null || !settings.current.keepInTray)) app.quit();
  });
  if (!typed.includes(hiddenStart) || tray === null) show();
  const watching = watch.start({
    onChange: () => {
      windows.showProgress(overallProgress(hub.running()));
      tray?.show(watch.views());
      tellOfReleases(tidings);
    },
    onEnded: (event, operation) => tellOfEnd(event, operation, tidings),
    wantsFeeds: () => settings.current.checkForUpdates,
  });
  if (settings.current.checkForUpdates) void watching.then(() => calls.checkForUpdates({}));
  return { show, openLink: follow };
}

function tryTray(put: () => TrayIcon): TrayIcon | null {
  try {
    return put();
  } catch {
    // A desktop without a tray: closing the window then ends the app.
    return null;
  }
}
