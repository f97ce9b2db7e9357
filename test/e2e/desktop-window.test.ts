/// <reference lib="dom" />
/** The desktop app's window: its walls, its wire to the engine, what closing and quitting mean. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Client, StreamMessage } from '../../electron/api/client.ts';
import type { Desktop as DesktopWire } from '../../electron/api/desktop.ts';
import { lacksChromium } from '../support/chromium.ts';
import { type Desktop, startDesktop } from '../support/desktop.ts';
import { makeWorld, quickly, sampleFeed, type World } from '../support/moult.ts';
import { setUpSprig } from '../support/sprig-install.ts';

const isMissing = await lacksChromium();

/** What a page finds; it runs there. */
interface PageWindow {
  moult: Client;
  moultDesktop: DesktopWire;
  heard?: StreamMessage[];
}

async function opened(env: { install?: boolean } = {}): Promise<{ world: World; desktop: Desktop }> {
  const world = await makeWorld(onTestFinished);
  if (env.install === true) {
    await world.useSprig(sampleFeed, quickly);
    await setUpSprig(world, '1.0.0');
  }
  const desktop = await startDesktop(world, onTestFinished);
  await desktop.until('a window', (view) => view.windows.some(({ visible, address }) => visible && address.startsWith('http')));
  return { world, desktop };
}

describe.skipIf(isMissing)('the window', () => {
  test('shows the screens under the strict policy, with nothing on the console', async () => {
    const { desktop } = await opened();
    const page = await desktop.page();
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.reload();
    await page.getByText('Sprig Lite').first().waitFor();
    expect(complaints).toEqual([]);
    const view = await desktop.look();
    expect(view.sandboxed).toBe(true);
    expect(view.schemes).toEqual(['app']);
    expect(view.windows[0]?.webPreferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    });
    expect(Object.values(view.permissions)).not.toContain(true);
  });

  test('lets a page go nowhere, open nothing, and see nothing of Electron or Node', async () => {
    const { desktop } = await opened();
    const page = await desktop.page();
    const address = page.url();
    await page.evaluate(() => (location.href = 'https://evil.example/')).catch(() => undefined);
    await page.evaluate(() => void (location.href = 'file:///etc/passwd')).catch(() => undefined);
    await page.waitForTimeout(300);
    expect(page.url()).toBe(address);
    const found = await page.evaluate(() =>
      ['require', 'process', 'module', 'Buffer', 'ipcRenderer', 'electron', 'doubleInvoke'].filter((name) => name in globalThis),
    );
    expect(found).toEqual([]);
    await desktop.wish({ do: 'answer', with: 'Open' });
    await page.evaluate(() => void window.open('https://elsewhere.example/page'));
    const asked = await desktop.until('asked', (view) => view.opened.length > 0);
    expect(asked.questions).toMatchObject([{ message: 'Open elsewhere.example in your browser?' }]);
    expect(asked.opened).toEqual(['https://elsewhere.example/page']);
    await page.evaluate(() => void window.open('file:///etc/passwd'));
    await page.evaluate(() => void window.open('https://nodered.org/'));
    const known = await desktop.until('opened without a question', (view) => view.opened.length > 1);
    expect(known.opened).toEqual(['https://elsewhere.example/page', 'https://nodered.org/']);
    expect(known.windows).toHaveLength(1);
  });

  test('speaks to the engine by the one client, and hears the state first', async () => {
    const { desktop } = await opened({ install: true });
    const page = await desktop.page();
    const answers = await page.evaluate(async () => {
      const { moult, moultDesktop } = globalThis as unknown as PageWindow;
      const first = await new Promise<StreamMessage>((resolve) => {
        const leave = moult.subscribe((message) => {
          resolve(message);
          leave();
        });
      });
      return {
        first,
        installs: await moult.call('installs', {}),
        wrong: await moult.call('nothing' as 'installs', {}),
        input: await moult.call('status', { install: 1 } as never),
        settings: await moultDesktop.call('settings', {}),
        refused: await moultDesktop.call('changeSettings', { webhook: 'http://evil.example/' }),
      };
    });
    expect(answers.first).toMatchObject({ kind: 'snapshot', snapshot: { installs: [{ install: 'sprig' }] } });
    expect(answers.installs).toMatchObject({ ok: true, result: [{ install: 'sprig', release: '1.0.0' }] });
    expect(answers.wrong).toMatchObject({ ok: false, error: { code: 'bad-input' } });
    expect(answers.input).toMatchObject({ ok: false, error: { code: 'bad-input' } });
    expect(answers.settings).toEqual({ ok: true, result: { startAtLogin: false, keepInTray: true, checkForUpdates: true, webhook: null } });
    expect(answers.refused).toMatchObject({ ok: false, error: { code: 'bad-input' } });
  });

  test('a reload and a second window in the middle show the running operation; quitting asks, and waits for its end', async () => {
    const { world, desktop } = await opened({ install: true });
    const page = await desktop.page();
    await page.evaluate(() => (globalThis as unknown as PageWindow).moult.call('upgrade', { install: 'sprig', to: '1.1.0' }));
    await page.reload();
    await desktop.wish({ do: 'choose', menu: 'app', path: ['File', 'New Window'] });
    await desktop.until('two windows', (view) => view.windows.length === 2);
    const snapshot = await page.evaluate(
      () =>
        new Promise<StreamMessage>((resolve) => {
          (globalThis as unknown as PageWindow).moult.subscribe(resolve);
        }),
    );
    expect(snapshot).toMatchObject({ snapshot: { operations: [{ action: 'upgrade', ended: null }] } });
    await desktop.until('progress on the taskbar', (view) => view.windows.every(({ progress }) => progress >= 0));

    await desktop.wish({ do: 'answer', with: 'Keep Moult open' });
    await desktop.wish({ do: 'quit' });
    const asked = await desktop.until('asked', (view) => view.questions.length === 1);
    expect(asked.questions[0]?.message).toBe('Moult is upgrading sprig.');
    await desktop.wish({ do: 'answer', with: 'Quit when it is done' });
    expect(await desktop.quit()).toBe(0);
    expect((await world.must(['status', 'sprig', '--offline'])).result).toMatchObject({
      release: '1.1.0',
      health: 'healthy',
      interrupted: null,
    });
  });

  test('cancelling on the way out leaves everything as it was', async () => {
    const { world, desktop } = await opened({ install: true });
    const page = await desktop.page();
    await page.evaluate(() => (globalThis as unknown as PageWindow).moult.call('upgrade', { install: 'sprig', to: '1.1.0' }));
    await desktop.wish({ do: 'answer', with: 'Cancel it and quit' });
    expect(await desktop.quit()).toBe(0);
    expect((await world.must(['status', 'sprig', '--offline'])).result).toMatchObject({
      release: '1.0.0',
      health: 'healthy',
      interrupted: null,
    });
  });

  test('closing it leaves the tray, which is said the first time; a second start shows it again, where it was', async () => {
    const { world, desktop } = await opened();
    const bounds = { x: 40, y: 60, width: 1000, height: 700 };
    await desktop.wish({ do: 'move-window', index: 0, bounds });
    const hidden = await desktop.wish({ do: 'close-window', index: 0 });
    expect(hidden.windows).toMatchObject([{ visible: false }]);
    expect(hidden.notifications.map(({ title }) => title)).toContain('Moult stays in the tray');
    const again = await desktop.wish({ do: 'second-start' });
    expect(again.windows).toMatchObject([{ visible: true, focused: true }]);
    const second = await desktop.wish({ do: 'close-window', index: 0 });
    expect(second.notifications.filter(({ title }) => title === 'Moult stays in the tray')).toHaveLength(1);
    expect(await desktop.quit()).toBe(0);
    const kept = JSON.parse(await readFile(join(world.moultHome, 'desktop', 'desktop.json'), 'utf8')) as object;
    expect(kept).toMatchObject({ toldOfTray: true, place: { ...bounds, maximized: false } });
  });

  test('a notification opens its page in the window that is there', async () => {
    const { desktop } = await opened({ install: true });
    await desktop.until('told of a release', (view) => view.notifications.some(({ title }) => title === 'Sprig Lite 2.0.0 is out'));
    await desktop.wish({ do: 'click-notification', title: 'Sprig Lite 2.0.0 is out' });
    const page = await desktop.page();
    await page.waitForFunction(() => location.hash === '#/install/sprig/upgrade?to=2.0.0');
    expect((await desktop.look()).windows).toHaveLength(1);
  });
});
