/// <reference lib="dom" />
/**
 * The stories of the screens in the desktop app's own window: the real main and preload bundles with the double of Electron, the page in a
 * real Chromium, every call over IPC. The upgrade by a double-click in the tray is in `desktop-tray.test.ts`.
 */
import type { Page } from 'playwright-core';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Backup } from '../../electron/api/models.ts';
import { lacksChromium } from '../support/chromium.ts';
import { openDesktopPage } from '../support/screens/desktop-page.ts';
import { makeWorld, quickly, sampleFeed, type World } from '../support/moult.ts';
import { keyboard, mouse } from '../support/screens/hand.ts';
import { button, isForAll, link, statusOf, tab, text, title } from '../support/screens/story.ts';
import { setUpSprig, type SprigInstall } from '../support/sprig-install.ts';

const isMissing = await lacksChromium();

/** A person in front of the desktop app, with the sample and a note in it. */
async function desktopStory(): Promise<{
  world: World;
  sprig: SprigInstall;
  page: Page;
  complaints: string[];
}> {
  const world = await makeWorld(onTestFinished);
  await world.useSprig(sampleFeed, quickly);
  const sprig = await setUpSprig(world, '1.0.0');
  await sprig.write('Garden', '# Garden\n\nBeans.\n', ['summer']);
  return { world, sprig, ...(await openDesktopPage(world)) };
}

describe.skipIf(isMissing).each([mouse, keyboard])('in the desktop window, with the $name', (hand) => {
  test('a backup takes one press; a restore shows its price, asks, and can be undone', async () => {
    const { world, sprig, page, complaints } = await desktopStory();
    await hand.press(link(page, /^sprig$/));
    await hand.press(tab(page, 'Backups'));
    await hand.press(button(page, 'Back up now'));
    await title(page, 'sprig is backed up.');
    await isForAll(page, hand);
    const before = await sprig.notes();
    await sprig.write('Later', '# Written after the backup\n');
    const after = await sprig.notes();
    await hand.press(link(page, 'Go to sprig'));
    await hand.press(tab(page, 'Backups'));
    await hand.press(button(page, /^Restore the backup of/));
    const question = page.getByRole('dialog');
    await question.getByText('What was written since is replaced').waitFor();
    await isForAll(page, hand);
    await hand.press(question.getByRole('button', { name: 'Restore', exact: true }));
    await title(page, 'sprig is restored, release 1.0.0.');
    expect(await sprig.notes()).toEqual(before);
    await hand.press(button(page, 'Undo'));
    await title(page, 'The last operation on sprig is undone.');
    expect(await sprig.notes()).toEqual(after);
    const backups = (await world.must(['backups', 'sprig'])).result as Backup[];
    expect(backups.map(({ reason }) => reason).sort()).toEqual(['asked', 'before-restore']);
    expect(complaints).toEqual([]);
  });

  test('a fresh start leads through three pages and asks for the name; one press undoes it', async () => {
    const { world, sprig, page, complaints } = await desktopStory();
    const before = await sprig.notes();
    await hand.press(link(page, /^sprig$/));
    await hand.press(tab(page, 'Settings'));
    await hand.press(link(page, 'Start fresh …'));
    await page.getByRole('region', { name: 'Goes' }).getByText('Workspace').first().waitFor();
    await hand.press(button(page, 'Go on'));
    await text(page, 'A last backup is taken and read back first');
    await hand.press(button(page, 'Go on'));
    await hand.type(page.getByRole('textbox', { name: "The install's name" }), 'sprig');
    await isForAll(page, hand);
    await hand.press(button(page, 'Start fresh'));
    await title(page, 'sprig has started fresh, release 1.0.0.');
    expect(await statusOf(world)).toMatchObject({ release: '1.0.0', health: 'healthy' });
    expect((await sprig.ask('/api/notes')).status).toBe(401);
    await hand.press(button(page, 'Undo'));
    await title(page, 'The last operation on sprig is undone.');
    expect(await sprig.notes()).toEqual(before);
    expect(complaints).toEqual([]);
  });
});
