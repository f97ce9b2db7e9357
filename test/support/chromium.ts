/** Real Chromium for tests: the machine's own. */
import { type Browser, chromium } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { chromiumOptions, findChromium } from './chromium-options.ts';

/** Whether a test on Chromium cannot run here: `test.skipIf(await lacksChromium())(…)`. In CI it must be there. */
export async function lacksChromium(): Promise<boolean> {
  const isThere = (await findChromium()) !== null;
  if (!isThere && process.env['CI'] === 'true')
    throw new Error('Chromium is missing; name it with CHROMIUM. In CI every prerequisite must be there');
  return !isThere;
}

/** A browser for the running test. */
export async function launchChromium(): Promise<Browser> {
  const browser = await chromium.launch(await chromiumOptions());
  onTestFinished(() => browser.close());
  return browser;
}
