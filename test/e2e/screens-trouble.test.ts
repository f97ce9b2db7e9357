/// <reference lib="dom" />
/**
 * What goes wrong, on the screens of the built app in a real Chromium: a release that crashes, an upgrade that was interrupted, a
 * connection that is lost. Each is said, and each says the way on.
 */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { buildRelease, writeFeed } from '../../resources/sample/build.ts';
import { releases } from '../../resources/sample/releases.ts';
import { lacksChromium } from '../support/chromium.ts';
import { quickly } from '../support/moult.ts';
import { keyboard, mouse } from '../support/screens/hand.ts';
import { patience, type ServedApp, serveApp } from '../support/screens/served-app.ts';
import { button, isForAll, link, sprigStory, statusOf, story, tab, text, title } from '../support/screens/story.ts';
import { openTunnel, type Tunnel } from '../support/screens/tunnel.ts';
import { setUpSprig } from '../support/sprig-install.ts';
import { badVersion, buildMember } from '../support/zoo.ts';

const isMissing = await lacksChromium();
const goodOnly = releases.slice(0, 2);

/** What a browser itself writes to the console about what it asked while nobody answered. */
const causedByTheCut = /Failed to load resource|net::ERR_/;

describe.skipIf(isMissing).each([mouse, keyboard])('what goes wrong is said, with the $name', (hand) => {
  test('a release that crashes is undone, in words, and not offered again', async () => {
    const { world, person, page } = await story({
      before: async (world) => {
        const feed = join(world.folder, 'feed');
        const sound = await Promise.all(goodOnly.map((definition) => buildRelease(definition)));
        await writeFeed(feed, [...sound, await buildMember('crashes-at-start')]);
        await world.useSprig(feed, quickly);
        await setUpSprig(world, '1.1.0');
      },
    });
    await hand.press(link(page, `Upgrade to ${badVersion}`));
    await hand.press(button(page, new RegExp(`^Upgrade to ${badVersion}`)));
    await title(page, 'Upgrade of sprig did not succeed');
    const notice = page.getByRole('alert');
    expect(await notice.innerText()).toMatch(
      /It did not work, and was undone[^]*Everything is as it was before, and the product is healthy\./,
    );
    expect(await page.locator('.step-undone').count()).toBeGreaterThan(0);
    await isForAll(page, hand);
    await hand.press(link(page, 'Go to sprig'));
    await text(page, `${badVersion} is not offered`);
    await isForAll(page, hand);
    await hand.press(tab(page, 'Activity'));
    await text(page, 'Rolled back');
    await isForAll(page, hand);
    expect(await statusOf(world)).toMatchObject({ release: '1.1.0', health: 'healthy', update: { latest: null } });
    expect(person.complaints).toEqual([]);
  });

  test.each([
    { point: 'migrate:after', wish: 'Undo the upgrade', release: '1.0.0' },
    { point: 'tidy:before', wish: 'Finish the upgrade', release: '1.1.0' },
  ])('an upgrade that was interrupted at $point waits at the start: $wish', async ({ point, wish, release }) => {
    const { world, person, page, sprig } = await sprigStory({
      before: async (world) => {
        const run = await world.moult(['upgrade', 'sprig', '--to', '1.1.0', '--yes'], { env: { MOULT_TEST_FAILPOINT: `${point}:kill` } });
        expect(run.signal).toBe('SIGKILL');
      },
    });
    await text(page, /^The last upgrade stopped in/);
    await isForAll(page, hand);
    await hand.press(link(page, 'Finish what was interrupted'));
    await text(page, 'Nothing is lost.');
    await isForAll(page, hand);
    await hand.press(button(page, wish));
    await title(page, `sprig is recovered, release ${release}.`);
    await isForAll(page, hand);
    await hand.press(link(page, 'Go to sprig'));
    await page.getByText('Healthy').first().waitFor();
    expect(await page.getByText('stopped in').count()).toBe(0);
    expect(await statusOf(world)).toMatchObject({ release, health: 'healthy', interrupted: null });
    expect(await sprig.notes()).toMatchObject({ Garden: { text: '# Garden\n\nBeans.\n', tags: ['summer'] } });
    expect(person.complaints).toEqual([]);
  });

  test('a configuration that cannot be read is said on the card and above every tab, with its line, and a backup brings it back', async () => {
    const { world, person, page, sprig } = await sprigStory({
      before: async (world) => {
        await world.must(['backup', 'sprig']);
        await appendFile(join(world.home(), 'config.yaml'), 'x: "open\n');
      },
    });
    await text(page, 'Its configuration cannot be read');
    expect(await page.getByText('Nothing needs you').count()).toBe(0);
    await isForAll(page, hand);
    await hand.press(link(page, 'Mend its configuration'));
    await text(page, /config\.yaml:\d+:\d+ cannot be read: /);
    await isForAll(page, hand);
    await hand.press(link(page, 'Restore it from a backup'));
    await hand.press(button(page, /^Restore the backup of/));
    const question = page.getByRole('dialog');
    await hand.tick(question.getByRole('checkbox', { name: /Only what I choose/ }));
    await hand.tick(question.getByRole('checkbox', { name: /^Configuration/ }));
    await hand.press(question.getByRole('button', { name: 'Restore what I chose' }));
    await title(page, /^sprig is restored/);
    await hand.press(link(page, 'Moult'));
    await link(page, 'Upgrade to 2.0.0').waitFor();
    expect(await page.getByText('Its configuration cannot be read').count()).toBe(0);
    expect(await statusOf(world)).toMatchObject({ health: 'healthy', configProblem: null });
    expect(await sprig.notes()).toMatchObject({ Garden: { text: '# Garden\n\nBeans.\n' } });
    expect(person.complaints).toEqual([]);
  });

  test('a lost connection is said; after a new start it says how to go on, and heals without a reload once the new address is opened', async () => {
    const { world, app, person, page } = await sprigStory();
    const banner = page.locator('.connection-banner');
    await title(page, 'Your installs');
    await app.kill();
    await banner.getByText('Not connected.').waitFor();
    await isForAll(page, hand);
    await world.must(['backup', 'sprig']);

    const again = await serveApp(world, app.port);
    await banner.getByText('This page has no key to Moult').waitFor();
    await isForAll(page, hand);
    await person.open(again.address);
    await page.bringToFront();
    await banner.waitFor({ state: 'detached' });
    await hand.press(link(page, /^sprig$/));
    await hand.press(tab(page, 'Backups'));
    await button(page, /^Restore the backup of/).waitFor();
    // What was asked while nobody answered is on the console, and nothing else.
    expect(person.complaints.filter((line) => !/Failed to load resource/.test(line))).toEqual([]);
  });

  test('a connection that is cut on the way is said, and heals by itself; what happened meanwhile is there', async () => {
    const { tunnel, by } = throughTunnel();
    const { world, person, page } = await sprigStory({ by });
    await text(page, 'No backup yet');
    await (await tunnel).cut();
    const banner = page.locator('.connection-banner');
    await banner.getByText('Not connected.').waitFor();
    await isForAll(page, hand);
    await world.must(['backup', 'sprig']);
    await (await tunnel).mend();
    await banner.waitFor({ state: 'detached' });
    await text(page, /^Backed up/);
    expect(person.complaints.filter((line) => !causedByTheCut.test(line))).toEqual([]);
  });

  test('a connection that is cut in the middle of an upgrade does not stop it: the page goes on where it is, and shows the end', async () => {
    const { tunnel, by } = throughTunnel();
    // With the sample's own look at the health of each hop: an upgrade that is long enough to be cut off twice.
    const { world, person, page, sprig } = await sprigStory({ by, change: (descriptor) => descriptor });
    const banner = page.locator('.connection-banner');
    const lost = banner.getByText('What was running goes on.');
    await hand.press(link(page, 'Upgrade to 2.0.0'));
    await hand.press(button(page, /^Upgrade to 2\.0\.0/));
    await title(page, 'Upgrading sprig');
    await page.locator('[aria-current=step]').waitFor();
    await (await tunnel).cut();
    await lost.waitFor();
    await isForAll(page, hand);
    await (await tunnel).mend();
    await banner.waitFor({ state: 'detached' });
    await title(page, 'Upgrading sprig');
    await page.locator('[aria-current=step]').waitFor();

    await (await tunnel).cut();
    await lost.waitFor();
    await expect
      .poll(async () => statusOf(world), { timeout: 2 * patience, interval: 500 })
      .toMatchObject({ release: '2.0.0', busy: null });
    await title(page, 'Upgrading sprig');
    await (await tunnel).mend();
    await banner.waitFor({ state: 'detached' });
    await title(page, 'sprig is upgraded from 1.0.0 to 2.0.0.');
    await text(page, 'the same to the byte');
    await isForAll(page, hand);
    expect(await sprig.notes()).toMatchObject({ Garden: { text: '# Garden\n\nBeans.\n' } });
    expect(person.complaints.filter((line) => !causedByTheCut.test(line))).toEqual([]);
  });
});

/** The way to the app over a tunnel that the test can cut. */
function throughTunnel(): { tunnel: Promise<Tunnel>; by: (app: ServedApp) => Promise<string> } {
  const { promise, resolve } = Promise.withResolvers<Tunnel>();
  return {
    tunnel: promise,
    by: async ({ port, address }) => {
      const tunnel = await openTunnel(port, onTestFinished);
      resolve(tunnel);
      return address.replace(`:${port}`, `:${tunnel.port}`);
    },
  };
}
