/** The built app as `moult serve` gives it: the real engine in a process of its own, and pages of it in a real Chromium. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { World } from '../moult.ts';

/** Seconds for which a server may stay up; a test that takes longer hangs. */
const limit = 600;

/** Milliseconds for which a page may take to become as a test expects it, while other tests keep the machine busy. */
export const patience = 60_000;

/** Where all screens have their room: what a small laptop shows. */
const size = { width: 1280, height: 800 };

export interface ServedApp {
  port: number;
  origin: string;
  /** The printed address, with its token. */
  address: string;
  /** Ends it like a power cut ends it. */
  kill(): Promise<void>;
}

/** Starts `moult serve` in a world and waits for its address. @param port 0 for any free one */
export async function serveApp(world: World, port: number = 0): Promise<ServedApp> {
  const command = world.begin(['serve', '--port', String(port)], { limit });
  const serving = (await command.event((event) => (event as { event: string }).event === 'serving')) as unknown as {
    origin: string;
    address: string;
  };
  // A world that ends takes its servers with it; that is no failure.
  command.ended.catch(() => undefined);
  return {
    ...serving,
    port: Number(new URL(serving.origin).port),
    kill: async () => {
      command.child.kill('SIGKILL');
      await command.ended;
    },
  };
}

export interface Viewer {
  context: BrowserContext;
  /** What its pages complained about on their consoles. */
  complaints: string[];
  open(address: string): Promise<Page>;
}

/** A person's browser: its pages share the cookie that lets them in. `bypassCSP` takes the wall away that the pages' policy is. */
export async function viewer(browser: Browser, options: { bypassCSP?: boolean } = {}): Promise<Viewer> {
  const context = await browser.newContext({ viewport: size, colorScheme: 'light', reducedMotion: 'reduce', ...options });
  context.setDefaultTimeout(patience);
  const complaints: string[] = [];
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  context.on('weberror', (error) => complaints.push(error.error().message));
  return {
    context,
    complaints,
    open: async (address) => {
      const page = await context.newPage();
      await page.goto(address);
      return page;
    },
  };
}
