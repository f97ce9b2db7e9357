/** The browser's composition root: it ties an engine to the screens that the build made. `moult serve` opens it. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Engine } from './api/engine.ts';
import { systemClock } from './transport/clock.ts';
import { keepSchedules } from './transport/keep-schedules.ts';
import { openBrowser } from './web/open-browser.ts';
import { serve, type WebServer } from './web/serve.ts';

export interface OpenedServer extends WebServer {
  /** Opens the screens in the person's browser; false where nothing can. */
  openBrowser(): Promise<boolean>;
}

/** @param port 0 for any; without it the usual one */
export async function openServer(engine: Engine, port: number | undefined): Promise<OpenedServer> {
  const server = await serve(engine, { version: await version(), files: screens(), port });
  const stop = keepSchedules(engine, systemClock);
  return {
    ...server,
    openBrowser: () => openBrowser(server.ticketAddress()),
    close: async () => {
      stop();
      await server.close();
    },
  };
}

/** The built screens stand beside the built server; without a build step, these are the sources. */
function screens(): string {
  return fileURLToPath(new URL(process.env.MOULT_VERSION === undefined ? '../dist/renderer' : 'renderer', import.meta.url));
}

/** The build step fills the version in. */
async function version(): Promise<string> {
  if (process.env.MOULT_VERSION !== undefined) return process.env.MOULT_VERSION;
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
