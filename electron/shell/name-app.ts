import { join } from 'node:path';
import { app } from 'electron';

/**
 * Gives the app its name and its own folder, before anything is written. With `MOULT_HOME` the desktop's own things go along; without it they
 * stand apart from Moult's database, which on a Mac would otherwise share a folder with the browser engine's files.
 */
export function nameApp(): void {
  app.setName('Moult');
  app.setAppUserModelId('io.github.moult');
  const home = process.env['MOULT_HOME'];
  app.setPath('userData', home === undefined || home === '' ? join(app.getPath('appData'), 'Moult Desktop') : join(home, 'desktop'));
}
