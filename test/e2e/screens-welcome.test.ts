/// <reference lib="dom" />
/**
 * The greeting of a fresh machine on the built app in a real Chromium: what is there already is adopted, and a product is set up from the
 * catalogue. The third way, the sample in one press, is the beginning of `screens.test.ts`.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lacksChromium } from '../support/chromium.ts';
import { quickly, sampleFeed } from '../support/moult.ts';
import { keyboard, mouse } from '../support/screens/hand.ts';
import { button, isForAll, link, statusOf, story, title } from '../support/screens/story.ts';
import { freePort } from '../support/sprig.ts';
import { treeState } from '../support/tree-state.ts';

const isMissing = await lacksChromium();

describe.skipIf(isMissing).each([mouse, keyboard])('with the $name', (hand) => {
  test('an install that is there already is found and adopted, and nothing of it is touched', async () => {
    let before: unknown = null;
    const { world, person, page } = await story({
      before: async (world) => {
        const home = join(world.person, '.sprig');
        await world.useSprig(sampleFeed, quickly);
        await world.must(['set-up', 'sprig', '--release', '1.0.0', '--home', home, '--port', String(await freePort())]);
        await world.must(['stop', 'sprig']);
        await rm(world.moultHome, { recursive: true });
        await world.useSprig(sampleFeed, quickly);
        before = await treeState(join(home, 'notes'));
      },
    });
    await title(page, 'Upgrade without fear');
    await isForAll(page, hand);
    await hand.press(button(page, /^Adopt sprig in /));
    await title(page, /^sprig is adopted, release 1\.0\.0\. Nothing of it was touched\./);
    await isForAll(page, hand);
    expect(await treeState(join(world.person, '.sprig', 'notes'))).toEqual(before);
    await hand.press(link(page, 'Moult'));
    await link(page, /^sprig$/).waitFor();
    expect(await statusOf(world)).toMatchObject({ release: '1.0.0', home: join(world.person, '.sprig') });
    expect(person.complaints).toEqual([]);
  });

  test('a product is set up from the catalogue, at a release, in a folder and on a port of one’s choice, and what is made is shown first', async () => {
    const port = await freePort();
    const { world, person, page } = await story({ before: async (world) => world.useSprig(sampleFeed, quickly) });
    await hand.press(page.getByRole('link', { name: 'Set up Sprig Lite' }));
    await title(page, 'Set up Sprig Lite');
    await hand.type(page.getByLabel('Home folder'), world.home('mine'));
    await hand.type(page.getByLabel('Name'), 'mine');
    await hand.press(button(page, 'More'));
    await hand.type(page.getByLabel('Release'), '1.1.0');
    await hand.type(page.getByLabel('Port'), String(port));
    await hand.press(button(page, 'Show what will be made'));
    await page.getByText(world.home('mine')).first().waitFor();
    await isForAll(page, hand);
    await hand.press(page.getByRole('button', { name: 'Set up', exact: true }));
    await title(page, 'mine is set up, release 1.1.0.');
    await isForAll(page, hand);
    expect((await world.must(['status', 'mine'])).result).toMatchObject({
      release: '1.1.0',
      home: world.home('mine'),
      service: { state: 'running', port },
      health: 'healthy',
    });
    expect(await readFile(join(world.home('mine'), 'first-login.txt'), 'utf8')).toContain('password: ');
    expect(person.complaints).toEqual([]);
  });
});
