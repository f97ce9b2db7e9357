/** Real Chromium for tests: the machine's own. */
import { access, constants } from 'node:fs/promises';
import { type Browser, chromium, type LaunchOptions } from 'playwright-core';
import { onTestFinished } from 'vitest';

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  String.raw`C:\Program Files\Google\Chrome\Application\chrome.exe`,
];

/** Where Chromium is: `CHROMIUM`, else the usual places; null where there is none. */
export async function findChromium(): Promise<string | null> {
  const named = process.env['CHROMIUM'];
  for (const path of named === undefined || named === '' ? usualPlaces : [named]) {
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return null;
}

/** Whether a test on Chromium cannot run here: `test.skipIf(await lacksChromium())(…)`. In CI it must be there. */
export async function lacksChromium(): Promise<boolean> {
  const isThere = (await findChromium()) !== null;
  if (!isThere && process.env['CI'] === 'true') throw new Error('Chromium is missing; name it with CHROMIUM. In CI every prerequisite must be there');
  return !isThere;
}

/** How Chromium is started for tests. The superuser's Chromium has no sandbox of its own. */
export async function chromiumOptions(): Promise<LaunchOptions> {
  const executablePath = await findChromium();
  if (executablePath === null) throw new Error('there is no Chromium; name it with CHROMIUM');
  const isSuperuser = process.getuid?.() === 0;
  return { executablePath, headless: true, args: ['--disable-gpu', '--disable-dev-shm-usage', ...(isSuperuser ? ['--no-sandbox'] : [])] };
}

/** A browser for the running test. */
export async function launchChromium(): Promise<Browser> {
  const browser = await chromium.launch(await chromiumOptions());
  onTestFinished(() => browser.close());
  return browser;
}
