/** The desktop app's composition root. Started twice, the second one shows the window of the first and ends. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app, dialog, session } from 'electron';
import { toFailureData } from './api/failure.ts';
import { createEngine } from './engine/index.ts';
import { type Desktop, startDesktop } from './shell/desktop.ts';
import { hardenApp } from './shell/hardening.ts';
import { registerScreensScheme } from './shell/screens-protocol.ts';
import { nameApp } from './shell/name-app.ts';

const built = fileURLToPath(new URL('.', import.meta.url));
const root = join(built, '..');
let desktop: Desktop | null = null;

nameApp();
hardenApp((address) => desktop?.openLink(address));
registerScreensScheme();

if (app.requestSingleInstanceLock()) {
  app.on('second-instance', () => desktop?.show());
  app.on('activate', () => desktop?.show());
  // Not awaited at the top: Electron is ready only after this file has run to its end.
  void app.whenReady().then(start).catch(giveUp);
} else {
  app.quit();
}

async function start(): Promise<void> {
  desktop = await startDesktop({
    engine: await createEngine({}),
    version: process.env.MOULT_VERSION ?? app.getVersion(),
    places: { screens: join(built, 'renderer'), preload: join(built, 'preload.cjs'), icons: join(root, 'resources', 'icons') },
    session: session.defaultSession,
    typed: process.argv.slice(1),
  });
}

function giveUp(error: unknown): void {
  const { message, remedy } = toFailureData(error);
  dialog.showErrorBox('Moult cannot start', `${message}\n${remedy?.text ?? ''}`);
  app.exit(1);
}
