/** Where the machine's own Chromium is and how tests start it. It knows no test runner: the double of Electron uses it in a process of its own. */
import { access, constants } from 'node:fs/promises';
import type { LaunchOptions } from 'playwright-core';

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

/** How Chromium is started for tests. The superuser's Chromium has no sandbox of its own. */
export async function chromiumOptions(): Promise<LaunchOptions> {
  const executablePath = await findChromium();
  if (executablePath === null) throw new Error('there is no Chromium; name it with CHROMIUM');
  const isSuperuser = process.getuid?.() === 0;
  return { executablePath, headless: true, args: ['--disable-gpu', '--disable-dev-shm-usage', ...(isSuperuser ? ['--no-sandbox'] : [])] };
}
