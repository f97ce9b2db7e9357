import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { app } from 'electron';
import { autostartEntry } from './autostart-entry.ts';

/** The argument with which the system starts Moult at login: it then shows its icon alone. */
export const hiddenStart = '--hidden';

/** Starts Moult at login, or no longer. Electron does it on macOS and Windows; on Linux it is a file. */
export async function setStartAtLogin(wanted: boolean): Promise<void> {
  if (process.platform !== 'linux') {
    app.setLoginItemSettings({ openAtLogin: wanted, args: [hiddenStart] });
    return;
  }
  const folder = join(app.getPath('appData'), 'autostart');
  const file = join(folder, 'moult.desktop');
  if (!wanted) {
    await rm(file, { force: true });
    return;
  }
  await mkdir(folder, { recursive: true });
  await writeFile(file, autostartEntry(startCommand()));
}

/** What starts this app: an AppImage by its own file and not by the place where it is mounted now; from a checkout Electron with its script. */
function startCommand(): string[] {
  const script = app.isPackaged ? [] : process.argv.slice(1, 2);
  return [process.env['APPIMAGE'] ?? process.execPath, ...script, hiddenStart];
}
