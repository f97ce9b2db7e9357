/**
 * Moult's own updates, through electron-updater: looked for on demand and with the feeds, downloaded and installed only when a person asks,
 * and never while an operation runs. It verifies what it downloads (SHA-512 of the release's list, the platform's signature).
 */
import { app } from 'electron';
import type { AppUpdater } from 'electron-updater';
import type { AppUpdate } from '../api/desktop.ts';
import { Failure } from '../api/failure.ts';

export interface SelfUpdate {
  readonly current: AppUpdate;
  check(): Promise<AppUpdate>;
  /** Downloads what is offered, or installs what is downloaded: then the app quits and comes back. */
  advance(): Promise<AppUpdate>;
}

const unsupported: AppUpdate = {
  state: 'unsupported',
  version: null,
  fraction: null,
  text: 'This Moult is kept up to date by what installed it.',
};
const none: AppUpdate = { state: 'none', version: null, fraction: null, text: 'This is the newest Moult.' };

/** @param isWorking whether an operation runs; @param prepareToQuit is waited for before the installer starts */
export function openSelfUpdate(isWorking: () => boolean, prepareToQuit: () => Promise<void>): SelfUpdate {
  let current: AppUpdate = canUpdate() ? none : unsupported;
  let updater: Promise<AppUpdater> | null = null;
  const set = (state: AppUpdate['state'], version: string | null, text: string, fraction: number | null = null): AppUpdate =>
    (current = { state, version, fraction, text });
  const failed = (): AppUpdate => set('failed', current.version, 'Moult could not look for its own updates. Try again later.');
  const load = (): Promise<AppUpdater> => {
    updater ??= loadUpdater((fraction) => set('downloading', current.version, 'Moult is being downloaded.', fraction));
    return updater;
  };
  return {
    get current() {
      return current;
    },
    check: async () => {
      if (current.state === 'unsupported' || current.state === 'downloading' || current.state === 'ready') return current;
      try {
        const found = await (await load()).checkForUpdates();
        if (found === null || !found.isUpdateAvailable) return set('none', null, none.text);
        return set('available', found.updateInfo.version, `Moult ${found.updateInfo.version} is out.`);
      } catch {
        return failed();
      }
    },
    advance: async () => {
      refuseWhileWorking(isWorking());
      if (current.state === 'available') {
        set('downloading', current.version, 'Moult is being downloaded.', 0);
        await (
          await load()
        )
          .downloadUpdate()
          .then(() => set('ready', current.version, 'Moult is ready to be updated; it starts anew.'), failed);
      } else if (current.state === 'ready') {
        await prepareToQuit();
        (await load()).quitAndInstall(false, true);
      }
      return current;
    },
  };
}

function refuseWhileWorking(working: boolean): void {
  if (!working) return;
  throw new Failure('locked', 'An operation runs; Moult does not replace itself now.', {
    remedy: { action: 'wait', text: 'Wait for its end.' },
  });
}

/** A package of the system (deb) is its package manager's to update; on Linux only an AppImage replaces itself. */
function canUpdate(): boolean {
  return app.isPackaged && (process.platform !== 'linux' || process.env['APPIMAGE'] !== undefined);
}

async function loadUpdater(onFraction: (fraction: number) => void): Promise<AppUpdater> {
  const { autoUpdater } = await import('electron-updater');
  autoUpdater.autoDownload = false;
  autoUpdater.autoInstallOnAppQuit = false;
  autoUpdater.allowDowngrade = false;
  autoUpdater.logger = null;
  autoUpdater.on('download-progress', ({ percent }) => onFraction(percent / 100));
  // Its failures arrive as rejections as well; unheard, this event would end the app.
  autoUpdater.on('error', () => undefined);
  return autoUpdater;
}
