/// <reference lib="dom" />
/**
 * Much of everything, in a real Chromium: 20 installs at home and 10,000 files in a plan, from `moult serve` and in the desktop app's own
 * window. The counts are right, and the page answers all the time.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { launchChromium, lacksChromium } from '../support/chromium.ts';
import { openDesktopPage } from '../support/screens/desktop-page.ts';
import { makeWorld, quickly, sampleFeed, type World } from '../support/moult.ts';
import { keyboard } from '../support/screens/hand.ts';
import { longestTask } from '../support/screens/main-thread.ts';
import { copyInstalls } from '../support/screens/many-installs.ts';
import { patience, serveApp, viewer } from '../support/screens/served-app.ts';
import { isForAll, tab, text } from '../support/screens/story.ts';
import { setUpSprig } from '../support/sprig-install.ts';

const isMissing = await lacksChromium();

const installs = 20;
/** More than the 10,000 that a plan lists. */
const files = 10_050;

/** Milliseconds of the processor after which a person feels that a page hangs. */
const freeze = 100;

const faces: {
  face: string;
  open: (world: World) => Promise<{ page: Page; complaints: string[] }>;
}[] = [
  {
    face: 'in a browser',
    open: async (world) => {
      const app = await serveApp(world);
      const person = await viewer(await launchChromium());
      return { page: await person.open(app.address), complaints: person.complaints };
    },
  },
  {
    face: 'in the desktop window',
    open: openDesktopPage,
  },
];

describe.skipIf(isMissing).each(faces)('much of everything $face', ({ open }) => {
  test('20 installs are all at home, each with its next thing; and the keyboard reaches the last', async () => {
    const world = await makeWorld(onTestFinished);
    await manyInstalls(world);
    const { page, complaints } = await open(world);
    await text(page, '20 installs');
    await page.waitForFunction((count) => document.querySelectorAll('.install-card-next a').length === count, installs, {
      timeout: 3 * patience,
    });
    const names = await page.locator('.install-card h2').allInnerTexts();
    expect(names.map((name) => name.trim()).sort()).toEqual(['sprig', ...Array.from({ length: 19 }, (_, at) => `sprig-${at + 2}`)].sort());
    expect(await page.locator('.install-card-next', { hasText: 'Upgrade to 2.0.0' }).count()).toBe(installs);
    await isForAll(page);
    await keyboard.press(page.getByRole('link', { name: 'sprig-20', exact: true }));
    await page.getByRole('heading', { level: 1, name: 'sprig-20' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('10,000 files in a plan: the counts are right, the keys lead to both ends, and no task freezes the page', async () => {
    const world = await makeWorld(onTestFinished);
    await manyFiles(world);
    const { page, complaints } = await open(world);
    await keyboard.press(page.getByRole('link', { name: 'sprig', exact: true }));
    await keyboard.press(tab(page, 'Upgrade'));
    const workspace = page.getByRole('region', { name: 'Stays' }).getByRole('listitem').filter({ hasText: 'Workspace' }).first();
    const list = page.getByRole('group', { name: 'Files of Workspace' });
    const show = workspace.getByRole('button', { name: /^Show 10,000 of 10,0\d\d files$/ });
    await show.waitFor();
    await workspace.getByText(/^10,0\d\d files, /).waitFor();
    const longest = await longestTask(page, async () => {
      await keyboard.press(show);
      await list.waitFor();
      await page.keyboard.press('Tab');
      await page.waitForFunction(() => document.activeElement?.classList.contains('virtual-list'));
      await page.keyboard.press('End');
      await list.locator('[aria-posinset="10000"]').waitFor();
      for (let pages = 0; pages < 20; pages += 1) await page.keyboard.press('PageUp');
      await page.keyboard.press('Home');
      await list.locator('[aria-posinset="1"]').waitFor();
    });
    expect(longest).toBeLessThan(freeze);
    // Only what is in sight is drawn, so that a long list costs no more than a short one.
    expect(await list.getByRole('listitem').count()).toBeLessThan(60);
    expect(await list.getByRole('listitem').first().getAttribute('aria-setsize')).toBe('10000');
    await workspace.getByText(/^and \d+ files? more$/).waitFor();
    await isForAll(page);
    expect(complaints).toEqual([]);
  });
});

/** One install that has run, with all that a run makes, and its copies. */
async function manyInstalls(world: World): Promise<void> {
  await world.useSprig(sampleFeed, quickly);
  await setUpSprig(world, '1.0.0');
  await world.must(['stop', 'sprig']);
  await copyInstalls(world.home(), installs, (typed) => world.must(typed));
}

async function manyFiles(world: World): Promise<void> {
  await world.useSprig(sampleFeed, quickly);
  await world.must(['set-up', 'sprig', '--release', '1.0.0', '--home', world.home(), '--no-start']);
  for (let number = 1; number <= files; number += 1) {
    const folder = join(world.home(), 'notes', `year-${2000 + (number % 26)}`);
    if (number <= 26) await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `note-${String(number).padStart(5, '0')}.md`), `# Note ${number}\n`);
  }
}
