/// <reference lib="dom" />
/**
 * Every screen in every state (empty, loading, running, done, failed, offline, interrupted …), in a real Chromium, at the sizes that people
 * have: axe finds nothing in light and dark, nothing is cut off at the side, and the console stays empty. What the screens say comes from
 * the gallery's sample data; the same screens on the real engine are in `screens.test.ts`.
 *
 * `MOULT_PICTURES=folder` keeps a picture of each to look at.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gallery, openGallery } from '../renderer/gallery/open-gallery.ts';
import { scenes } from '../renderer/gallery/scenes.ts';
import { chromiumOptions } from '../support/chromium-options.ts';
import { lacksChromium } from '../support/chromium.ts';
import { violationsOn } from '../support/screens/accessibility.ts';

const isMissing = await lacksChromium();
const pictures = process.env['MOULT_PICTURES'] ?? '';

const usual = { width: 1280, height: 800 };
const small = { width: 900, height: 600 };
/** The small window at a zoom of 200 %: as many CSS pixels are left. */
const zoomed = { width: 450, height: 300 };

describe.skipIf(isMissing)('every screen', () => {
  let gallery: Gallery;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    gallery = await openGallery();
    browser = await chromium.launch(await chromiumOptions());
    page = await browser.newPage({ viewport: usual, colorScheme: 'light', reducedMotion: 'reduce' });
    page.setDefaultTimeout(30_000);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    if (pictures !== '') await mkdir(pictures, { recursive: true });
  });
  afterAll(async () => {
    await browser?.close();
    await gallery?.close();
  });

  test.each(Object.keys(scenes))('%s', async (name) => {
    complaints.length = 0;
    await page.setViewportSize(usual);
    await gallery.show(page, name);
    expect(await violationsOn(page)).toEqual([]);
    for (const size of [usual, small, zoomed]) {
      await page.setViewportSize(size);
      expect(await cutOff(page), `at ${size.width}×${size.height}`).toEqual([]);
      await takePictures(name, size);
    }
    expect(complaints).toEqual([]);
  });

  async function takePictures(name: string, size: typeof usual): Promise<void> {
    if (pictures === '') return;
    // A question stands where the window is, not at the top of the page.
    const fullPage = (await page.locator('dialog[open]').count()) === 0;
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(pictures, `${name}-${size.width}-${colorScheme}.png`), fullPage });
    }
    await page.emulateMedia({ colorScheme: 'light' });
  }
});

/** What stands over the page's side, or over its own frame: a person would have to scroll sideways, or never sees it. */
async function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    const wide = scrollWidth > clientWidth ? [`the page is ${scrollWidth - clientWidth} pixels too wide`] : [];
    const buttons = [...document.querySelectorAll<HTMLElement>('button, a.button')].filter((element) => element.offsetParent !== null);
    const cut = buttons.filter((element) => element.scrollWidth > element.clientWidth + 1);
    return [...wide, ...cut.map((element) => `the words of a button are cut off: ${element.textContent}`)];
  });
}
