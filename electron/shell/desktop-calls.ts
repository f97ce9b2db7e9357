/** What the desktop does for its own calls (api/desktop.ts). */
import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { dialog, type OpenDialogOptions, shell } from 'electron';
import type { DesktopSettings } from '../api/desktop.ts';
import { Failure } from '../api/failure.ts';
import type { DesktopCalls } from './answer-ipc.ts';
import { offered } from './install-view.ts';
import type { InstallsWatch } from './installs-watch.ts';
import { setStartAtLogin } from './login-item.ts';
import type { SelfUpdate } from './self-update.ts';
import type { SettingsFile } from './settings-file.ts';
import { checkWebhook } from './webhook.ts';
import type { Windows } from './windows.ts';

export interface DesktopMeans {
  settings: SettingsFile;
  selfUpdate: SelfUpdate;
  watch: InstallsWatch;
  windows: Windows;
}

export function desktopCalls(means: DesktopMeans): DesktopCalls {
  const { settings, selfUpdate, watch, windows } = means;
  const choose = async (options: OpenDialogOptions): Promise<{ path: string | null }> => {
    const front = windows.front();
    const { canceled, filePaths } = await (front === null ? dialog.showOpenDialog(options) : dialog.showOpenDialog(front, options));
    return { path: canceled ? null : (filePaths[0] ?? null) };
  };
  return {
    settings: async () => shown(settings),
    changeSettings: async ({ startAtLogin, webhook, ...rest }) => {
      // What can be refused comes first, so that a refused change changes nothing.
      const address = webhook === undefined || webhook === null || webhook === '' ? null : checkWebhook(webhook);
      if (startAtLogin !== undefined) await setStartAtLogin(startAtLogin);
      const given = Object.fromEntries(Object.entries({ startAtLogin, ...rest }).filter(([, value]) => value !== undefined));
      await settings.change({ ...given, ...(webhook !== undefined && { webhook: address }) });
      return shown(settings);
    },
    chooseFolder: ({ title, from }) =>
      choose({
        title: title ?? 'Choose a folder',
        ...startingAt(from),
        properties: ['openDirectory', 'createDirectory', 'showHiddenFiles'],
      }),
    chooseBackup: ({ title, from }) =>
      choose({
        title: title ?? 'Choose a backup',
        ...startingAt(from),
        filters: [
          { name: 'Backups', extensions: ['zst', 'gz', 'tar', 'age'] },
          { name: 'All files', extensions: ['*'] },
        ],
        properties: ['openFile', 'showHiddenFiles'],
      }),
    showFile: async ({ path }) => {
      if (!isAbsolute(path)) throw new Failure('bad-input', `"${path}" is not a whole path`);
      await stat(path);
      shell.showItemInFolder(path);
      return {};
    },
    checkForUpdates: async () => {
      await Promise.all([watch.checkForUpdates(), selfUpdate.check()]);
      const views = watch.views();
      return {
        updates: views.flatMap((view) => (offered(view) === null ? [] : [{ install: view.install.install, release: offered(view) ?? '' }])),
      };
    },
    appUpdate: async () => selfUpdate.current,
    updateApp: () => selfUpdate.advance(),
  };
}

function shown({ current }: SettingsFile): DesktopSettings {
  const { startAtLogin, keepInTray, checkForUpdates, webhook } = current;
  return { startAtLogin, keepInTray, checkForUpdates, webhook };
}

function startingAt(from: string | undefined): { defaultPath?: string } {
  return from !== undefined && isAbsolute(from) ? { defaultPath: from } : {};
}
