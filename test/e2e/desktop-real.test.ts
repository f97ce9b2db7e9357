/// <reference lib="dom" />
/**
 * The desktop app in the real Electron: what the double cannot show. It runs wherever Electron's program and a display are, and is skipped
 * with its reason elsewhere: the program is fetched from GitHub at the first `npm start`, and where it cannot be had (as in CI) that is no
 * failure. The same main and preload bundles are tried on the double in `desktop-window.test.ts` and `desktop-tray.test.ts`.
 */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Status } from '../../electron/api/models.ts';
import { makeWorld, quickly, sampleFeed, type World } from '../support/moult.ts';
import { mouse } from '../support/screens/hand.ts';
import { patience } from '../support/screens/served-app.ts';
import { setUpSprig } from '../support/sprig-install.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const packageFolder = fileURLToPath(new URL('../../node_modules/electron', import.meta.url));
const program = await findProgram();
const missing = program === null ? "Electron's program is not here (`npm start` fetches it)" : obstacle();

/** Why Electron cannot open a window here. */
function obstacle(): string | null {
  if (process.platform !== 'linux') return null;
  if ((process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'] ?? '') === '') return 'this machine has no display';
  return process.getuid?.() === 0 ? 'the superuser has no sandbox in Electron' : null;
}

/** Where npm's package `electron` put the program; null when it was never fetched. */
async function findProgram(): Promise<string | null> {
  const name = await readFile(join(packageFolder, 'path.txt'), 'utf8').catch(() => null);
  if (name === null) return null;
  const path = join(packageFolder, 'dist', name);
  return access(path).then(
    () => path,
    () => null,
  );
}

async function opened(world: World): Promise<{ app: ElectronApplication; page: Page }> {
  const display = Object.fromEntries(
    ['DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'XDG_RUNTIME_DIR', 'DBUS_SESSION_BUS_ADDRESS'].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const app = await _electron.launch({ executablePath: program ?? '', args: [main], env: { ...world.env, ...display }, timeout: patience });
  onTestFinished(() => app.close().catch(() => undefined));
  const page = await app.firstWindow();
  page.setDefaultTimeout(patience);
  await page.waitForSelector('h1');
  return { app, page };
}

describe.skipIf(missing !== null)(missing === null ? 'in the real Electron' : `in the real Electron; not here: ${missing}`, () => {
  test('the window shows the screens from a scheme of its own, in a sandbox, without Node', async () => {
    const { page } = await opened(await makeWorld(onTestFinished));
    await page.getByRole('heading', { level: 1, name: 'Upgrade without fear' }).waitFor();
    expect(new URL(page.url()).protocol).toBe('app:');
    expect(await page.evaluate(() => ['require', 'process', 'module', 'Buffer'].filter((name) => name in globalThis))).toEqual([]);
    expect(await page.evaluate(() => ['moult', 'moultDesktop'].filter((name) => name in globalThis))).toEqual(['moult', 'moultDesktop']);
    const address = page.url();
    await page.evaluate(() => void (location.href = 'https://elsewhere.example/')).catch(() => undefined);
    await page.waitForTimeout(500);
    expect(page.url()).toBe(address);
  });

  test('an upgrade goes on through a reload and ends with its receipt; a second window shows the same', async () => {
    const world = await makeWorld(onTestFinished);
    await world.useSprig(sampleFeed, quickly);
    const sprig = await setUpSprig(world, '1.0.0');
    await sprig.write('Garden', '# Garden\n', ['summer']);
    const before = await sprig.notes();
    const { app, page } = await opened(world);
    await mouse.press(page.getByRole('link', { name: 'Upgrade to 2.0.0' }));
    await mouse.press(page.getByRole('button', { name: /^Upgrade to 2\.0\.0/ }));
    await page.getByRole('heading', { level: 1, name: 'Upgrading sprig' }).waitFor();
    await page.reload();
    const next = app.waitForEvent('window');
    await app.evaluate(({ Menu }) => {
      const file = Menu.getApplicationMenu()?.items.find(({ label }) => label === 'File');
      file?.submenu?.items.find(({ label }) => label === 'New Window')?.click();
    });
    const second = await next;
    for (const each of [page, second]) {
      if (each === second) await each.getByRole('link', { name: /sprig/ }).first().waitFor({ timeout: patience });
      else await each.getByRole('heading', { level: 1, name: 'sprig is upgraded from 1.0.0 to 2.0.0.' }).waitFor();
    }
    expect(await sprig.notes()).toEqual(before);
    const status = (await world.must(['status', 'sprig'])).result as Status;
    expect(status).toMatchObject({ release: '2.0.0', health: 'healthy' });
  });

  test('a backup and a restore take a press each', async () => {
    const world = await makeWorld(onTestFinished);
    await world.useSprig(sampleFeed, quickly);
    const sprig = await setUpSprig(world, '1.0.0');
    const before = await sprig.notes();
    const { page } = await opened(world);
    await mouse.press(page.getByRole('link', { name: 'sprig', exact: true }));
    await mouse.press(page.getByRole('tab', { name: 'Backups' }));
    await mouse.press(page.getByRole('button', { name: 'Back up now' }));
    await page.getByRole('heading', { level: 1, name: 'sprig is backed up.' }).waitFor();
    await sprig.write('Later', '# Later\n');
    await mouse.press(page.getByRole('link', { name: 'Go to sprig' }));
    await mouse.press(page.getByRole('tab', { name: 'Backups' }));
    await mouse.press(page.getByRole('button', { name: /^Restore the backup of/ }).first());
    await mouse.press(page.getByRole('dialog').getByRole('button', { name: 'Restore', exact: true }));
    await page.getByRole('heading', { level: 1, name: 'sprig is restored, release 1.0.0.' }).waitFor();
    expect(await sprig.notes()).toEqual(before);
  });
});
