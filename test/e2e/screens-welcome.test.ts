/// <reference lib="dom" />
/**
 * The greeting of a fresh machine on the built app in a real Chromium: what is there already is adopted, and a product is set up from the
 * catalogue. The third way, the sample in one press, is the beginning of `screens.test.ts`.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { lacksChromium } from '../support/chromium.ts';
import { installNatively, runLeoflow, startNatively, useLeoflow, writeOwn } from '../support/leoflow/install.ts';
import { leoflowReleases, postgresPrograms, type LeoflowRelease } from '../support/leoflow/releases.ts';
import { makeLeoflowWorld } from '../support/leoflow/world.ts';
import { quickly, sampleFeed } from '../support/moult.ts';
import { lacks } from '../support/prerequisite.ts';
import { keyboard, mouse } from '../support/screens/hand.ts';
import { button, isForAll, link, statusOf, story, title } from '../support/screens/story.ts';
import { freePort } from '../support/sprig.ts';
import { treeState } from '../support/tree-state.ts';

const isMissing = await lacksChromium();
const isWithoutPostgres = await lacks(`${postgresPrograms}/pg_dump`);

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
    await hand.press(button(page, /^Adopt Sprig Lite in /));
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

describe.skipIf(isMissing || isWithoutPostgres)('a backup file that Leoflow made by itself', () => {
  test('is all that a new machine needs: what is fetched and laid down is shown first, and the browser of before goes on', async () => {
    const release = leoflowReleases[1] as LeoflowRelease;
    const world = await makeLeoflowWorld(onTestFinished, [release]);
    const port = await freePort();
    expect(await installNatively(world, release, port, 'correct horse', world.bin)).toMatchObject({ code: 0 });
    await writeOwn(world, join(world.workspace, 'dag.py'), 'from leoflow import DAG\n');
    const stop = await startNatively(world, world.bin, port);
    const leoflow = useLeoflow(port, await useLeoflow(port).signIn('correct horse'));
    await leoflow.write('first', 'mine');
    const file = join(world.folder, 'leoflow-backup.tar.gz');
    await writeOwn(world, file, '');
    expect(await runLeoflow(world, world.bin, ['lite', 'backup', '--output', file])).toMatchObject({ code: 0 });
    await stop();
    for (const path of [world.leoflowHome, world.workspace]) await rm(path, { recursive: true });
    for (const name of await readdir(world.bin)) await rm(join(world.bin, name));

    const { person, page } = await story({ within: world });
    await title(page, 'Upgrade without fear');
    await mouse.type(page.getByRole('textbox', { name: 'Backup file' }), file);
    await mouse.press(button(page, 'Show what it would restore'));
    const question = page.getByRole('dialog');
    await question.getByText('is made anew in').waitFor();
    await question.getByText(/No backup holds these: Managed PostgreSQL/).waitFor();
    await isForAll(page);
    await mouse.press(question.getByRole('button', { name: 'Restore', exact: true }));
    await title(page, `leoflow is restored, release ${release.version}.`);
    await isForAll(page);
    expect(await leoflow.variables()).toEqual({ first: 'mine' });
    expect(await leoflow.me()).toBe(200);
    expect(await readFile(join(world.workspace, 'dag.py'), 'utf8')).toBe('from leoflow import DAG\n');
    expect(person.complaints).toEqual([]);
    await world.must(['stop', 'leoflow']);
  });
});
