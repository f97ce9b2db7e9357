/**
 * The desktop app for a test: the real main and preload bundles on the real engine, in a process of its own, with the double of Electron and
 * pages in a real Chromium.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { DesktopView, Wish } from './electron-double/drive.ts';
import type { World } from './moult.ts';
import { freePort } from './sprig.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const register = new URL('./electron-double/register.ts', import.meta.url).href;

/** Milliseconds for which something may take to become as a test expects it. */
const patience = 60_000;

export interface Desktop {
  /** What the app looks like from outside. */
  look(): Promise<DesktopView>;
  wish(wish: Wish): Promise<DesktopView>;
  /** Looks again and again until it is so; fails with what it saw last. */
  until(what: string, isSo: (view: DesktopView) => boolean): Promise<DesktopView>;
  /** The pages of its windows, as a person sees them. */
  pages(): Promise<Page[]>;
  page(): Promise<Page>;
  /** What it wrote to its output and errors. */
  said(): string;
  /** Resolves with its exit code. */
  ended: Promise<number | null>;
  /** Quits it as a person does, and waits. */
  quit(): Promise<number | null>;
  kill(): void;
}

/** @param typed what the system starts the app with; @param program the app's main file: the built one, unless another is named */
export async function startDesktop(
  world: World,
  onEnd: (end: () => Promise<void>) => void,
  typed: readonly string[] = [],
  program: string = main,
): Promise<Desktop> {
  const port = await freePort();
  const child = fork(program, typed, {
    execArgv: ['--import', register],
    env: { ...environmentOf(world), DOUBLE_DEBUGGING_PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const wish = openChannel(child, ended, () => said);
  let browser: Browser | null = null;
  const desktop: Desktop = {
    look: () => wish({ do: 'look' }),
    wish,
    until: async (what, isSo) => {
      const limit = performance.now() + patience;
      for (;;) {
        const view = await desktop.look();
        if (isSo(view)) return view;
        if (performance.now() > limit) throw new Error(`not ${what} after ${patience / 1000} s: ${JSON.stringify(view, null, 1)}\n${said}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    pages: async () => {
      browser ??= await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
      return browser
        .contexts()
        .flatMap((context) => context.pages())
        .filter((page) => page.url().startsWith('http://moult.localhost/'));
    },
    page: async () => {
      const [page] = await desktop.pages();
      if (page === undefined) throw new Error('there is no window');
      return page;
    },
    said: () => said,
    ended,
    quit: async () => {
      await wish({ do: 'quit' });
      return ended;
    },
    kill: () => void child.kill('SIGKILL'),
  };
  onEnd(async () => {
    await browser?.close().catch(() => undefined);
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(timer);
  });
  return desktop;
}

/** Sends wishes to the app and gives what it looks like after each. */
function openChannel(child: ChildProcess, ended: Promise<number | null>, said: () => string): Desktop['wish'] {
  const waiting = new Map<number, PromiseWithResolvers<DesktopView>>();
  let number = 0;
  child.on('message', (message: { number: number; view: DesktopView; error?: string }) => {
    const waiter = waiting.get(message.number);
    waiting.delete(message.number);
    if (message.error === undefined) waiter?.resolve(message.view);
    else waiter?.reject(new Error(message.error));
  });
  void ended.then((code) => waiting.forEach((waiter) => waiter.reject(new Error(`the app ended with ${code}:\n${said()}`))));
  return (wish) => {
    if (!child.connected) return Promise.reject(new Error(`the app has ended:\n${said()}`));
    number += 1;
    const waiter = Promise.withResolvers<DesktopView>();
    waiting.set(number, waiter);
    child.send({ number, wish });
    return waiter.promise;
  };
}

/** As the world's own commands run: nothing of the person's, nothing of the test run. */
function environmentOf(world: World): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(?:npm_|VITEST|MOULT_|NODE_OPTIONS$|XDG_|FORCE_COLOR$)/.test(entry[0]),
  );
  return { ...Object.fromEntries(kept), HOME: world.person, TMPDIR: world.temporary, MOULT_HOME: world.moultHome, E2E_WORLD: world.folder };
}
