/// <reference lib="dom" />
/**
 * The screens as a person has them: the built app from `moult serve`, in a real Chromium, on the real engine and the sample. Every page of
 * every story is looked at by axe, light and dark; every story is told once more with the keyboard alone. What goes wrong is told in
 * `screens-trouble.test.ts`, much of everything in `screens-many.test.ts`.
 * Long because it is the stories themselves, one after the other.
 */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Backup } from '../../electron/api/models.ts';
import type { ScheduleRun } from '../../electron/api/protection.ts';
import { lacksChromium } from '../support/chromium.ts';
import { quickly, sampleFeed } from '../support/moult.ts';
import { keyboard, mouse } from '../support/screens/hand.ts';
import { button, isForAll, link, sprigStory, statusOf, story, tab, text, title } from '../support/screens/story.ts';
import { firstPassword, setUpSprig, useSprig } from '../support/sprig-install.ts';
import { signIn } from '../support/sprig.ts';

const isMissing = await lacksChromium();

describe.skipIf(isMissing).each([mouse, keyboard])('with the $name', (hand) => {
  test('the sample is tried in one press, and upgraded; a reload and a second page in the middle show the same', async () => {
    const { world, app, person, page } = await story();
    await title(page, 'Upgrade without fear');
    await text(page, 'Nothing in the usual places');
    await isForAll(page, hand);
    await hand.press(button(page, 'Try the sample'));
    await title(page, 'sprig is set up, release 1.0.0.');
    await isForAll(page, hand);
    const { port, state } = (await statusOf(world)).service;
    expect(state).toBe('running');
    const home = join(world.person, '.sprig');
    const password = await firstPassword(home);
    const sprig = useSprig(home, port ?? 0, password, await signIn(port ?? 0, password));
    await sprig.write('Garden', '# Garden\n', ['summer']);

    await hand.press(link(page, 'Moult'));
    await title(page, 'Your installs');
    await isForAll(page, hand);
    await hand.press(link(page, 'Upgrade to 2.0.0'));
    await page.getByRole('region', { name: 'Stays' }).getByText('Workspace').first().waitFor();
    await page.getByRole('region', { name: 'Changes' }).getByText('Binaries').first().waitFor();
    await isForAll(page, hand);
    await hand.press(button(page, /^Upgrade to 2\.0\.0/));
    await title(page, 'Upgrading sprig');
    await page.locator('[aria-current=step]').waitFor();
    const address = page.url();
    await page.reload();
    await title(page, 'Upgrading sprig');
    const other = await person.open(`${app.origin}/`);
    await hand.press(link(other, 'Upgrading sprig'));
    await title(other, 'Upgrading sprig');
    expect(other.url()).toBe(address);
    const steps = await Promise.all([page, other].map((each) => each.locator('.step').allTextContents()));
    expect(steps[0]?.length).toBeGreaterThan(5);
    expect(steps[1]?.length).toBe(steps[0]?.length);
    await isForAll(other, hand);
    for (const each of [page, other]) {
      await title(each, 'sprig is upgraded from 1.0.0 to 2.0.0.');
      await text(each, 'the same to the byte');
    }
    await isForAll(page, hand);
    await hand.press(button(page, 'Hashes and times'));
    await page.getByRole('region', { name: 'Hashes and times' }).waitFor();
    await isForAll(page, hand);
    expect(await statusOf(world)).toMatchObject({ release: '2.0.0', health: 'healthy' });
    expect(await sprig.notes()).toMatchObject({ Garden: { text: '# Garden\n' } });
    expect(person.complaints).toEqual([]);
  });

  test('a backup takes one press; a restore shows its price, asks, and can be undone', async () => {
    const { world, person, page, sprig } = await sprigStory();
    await hand.press(link(page, /^sprig$/));
    await title(page, 'sprig');
    await isForAll(page, hand);
    await hand.press(tab(page, 'Backups'));
    await text(page, 'No backup yet');
    await isForAll(page, hand);
    await hand.press(button(page, 'Back up now'));
    await title(page, 'sprig is backed up.');
    await isForAll(page, hand);
    const before = await sprig.notes();
    await sprig.write('Later', '# Written after the backup\n');
    const after = await sprig.notes();

    await hand.press(link(page, 'Go to sprig'));
    await hand.press(tab(page, 'Backups'));
    await isForAll(page, hand);
    await hand.press(button(page, /^Restore the backup of/));
    const question = page.getByRole('dialog');
    await question.getByText('What it costs').waitFor();
    await question.getByText('What was written since is replaced').waitFor();
    // What a descriptor remarks on upgrades has no place beside what a restore replaces.
    expect(await question.getByText(/upgrade/).count()).toBe(0);
    await isForAll(page, hand);
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    expect(await sprig.notes()).toEqual(after);
    await hand.press(button(page, /^Restore the backup of/));
    await hand.press(question.getByRole('button', { name: 'Restore', exact: true }));
    await title(page, 'sprig is restored, release 1.0.0.');
    expect(await sprig.notes()).toEqual(before);
    await text(page, 'Restore can be undone');
    await isForAll(page, hand);
    await hand.press(button(page, 'Undo'));
    await title(page, 'The last operation on sprig is undone.');
    expect(await sprig.notes()).toEqual(after);
    const backups = (await world.must(['backups', 'sprig'])).result as Backup[];
    expect(backups.map(({ reason }) => reason).sort()).toEqual(['asked', 'before-restore']);
    expect(person.complaints).toEqual([]);
  });

  test('a schedule is set, its backup is made by itself and tried on a copy, the card says that it is proven, and one note is restored out of it', async () => {
    const { world, app, person, page, sprig } = await sprigStory();
    await hand.press(link(page, /^sprig$/));
    await hand.press(tab(page, 'Settings'));
    const panel = page.getByRole('region', { name: 'Scheduled backups' });
    await panel.getByLabel('Back up').selectOption('day');
    await panel.getByLabel('Try a backup on a copy').selectOption('each');
    await panel.getByLabel('Always stays free').fill('1 MiB');
    await isForAll(page, hand);
    await hand.press(panel.getByRole('button', { name: 'Set the schedule' }));
    await panel.getByText(/^Next backup/).waitFor();
    // Since yesterday: the time of last night has passed, and nobody was there.
    const file = join(sprig.home, '.moult/schedule.json');
    const schedule = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, JSON.stringify({ ...schedule, since: new Date(Date.now() - 2 * 24 * 3600_000).toISOString() }));
    await page.reload();
    await hand.press(tab(page, 'Settings'));
    await isForAll(page, hand);

    // Whoever of the two comes first does it: the served app, which looks every minute, or the command of a timer.
    const run = (await world.must(['schedule', 'run'])).result as ScheduleRun;
    expect(run.deeds.filter(({ outcome }) => outcome !== 'done')).toEqual([]);
    const backups = async () => (await world.must(['backups', 'sprig'])).result as Backup[];
    await expect.poll(backups, { timeout: 90_000 }).toMatchObject([{ reason: 'scheduled', verdict: 'proven' }]);
    await hand.press(tab(page, 'Backups'));
    await text(page, /^Last proven restorable just now/);
    await text(page, 'scheduled');
    await page.getByText('Proven', { exact: true }).first().waitFor();
    await isForAll(page, hand);
    await hand.press(button(page, /^Try the newest now/));
    await title(page, /^The backup is proven: sprig 1\.0\.0 ran healthily on it/);
    await page
      .getByRole('region', { name: 'The drill' })
      .getByText(/as the manifest says/)
      .first()
      .waitFor();
    await isForAll(page, hand);
    await hand.press(link(page, 'Moult'));
    await text(page, /^Last proven restorable/);
    await isForAll(page, hand);
    // What is proven is of use: one note comes back out of it, and nothing else goes back.
    await sprig.write('Garden', '# Garden\n\nWeeds.\n', ['summer']);
    await sprig.write('Later', '# Written after the backup\n');
    await hand.press(link(page, /^sprig$/));
    await hand.press(tab(page, 'Backups'));
    await hand.press(button(page, /^Restore the backup of/));
    const question = page.getByRole('dialog');
    await hand.tick(question.getByRole('checkbox', { name: /Only what I choose/ }));
    await hand.type(question.getByLabel('Search in the files'), 'gard');
    await hand.tick(question.getByRole('checkbox', { name: /Garden\.md/ }));
    await hand.press(question.getByRole('button', { name: 'Restore what I chose' }));
    await title(page, 'sprig is restored, release 1.0.0.');
    expect(await sprig.notes()).toMatchObject({
      Garden: { text: '# Garden\n\nBeans.\n' },
      Later: { text: '# Written after the backup\n' },
    });
    expect(await readdir(join(world.moultHome, 'drills')).catch(() => [])).toEqual([]);
    expect(person.complaints).toEqual([]);
    expect(app.origin).toMatch(/^http/);
  });

  test('one note is restored out of a backup: searched, ticked, and nothing else goes back; what was written since is exported first', async () => {
    const { world, person, page, sprig } = await sprigStory();
    await sprig.write('Kitchen', '# Kitchen\n\nSalt.\n');
    await world.must(['backup', 'sprig']);
    await sprig.write('Garden', '# Garden\n\nWeeds.\n', ['summer']);
    await sprig.write('Kitchen', '# Kitchen\n\nPepper.\n');
    await sprig.write('Later', '# Written after the backup\n');
    await hand.press(link(page, /^sprig$/));
    await hand.press(tab(page, 'Backups'));
    await hand.press(button(page, /^Restore the backup of/));
    const question = page.getByRole('dialog');
    await question.getByText('3 files differ.').waitFor();
    await question
      .getByText(/row(s)? added/)
      .first()
      .waitFor();
    await isForAll(page, hand);
    await hand.press(question.getByRole('button', { name: 'Export it first' }));
    await hand.type(question.getByLabel('New folder'), join(world.folder, 'since'));
    await isForAll(page, hand);
    await hand.press(question.getByRole('button', { name: 'Export', exact: true }));
    await title(page, 'What was written to sprig since the backup is exported.');
    await isForAll(page, hand);
    expect((await readdir(join(world.folder, 'since/files/notes'))).sort()).toEqual(['Garden.md', 'Kitchen.md', 'Later.md']);
    expect(await readFile(join(world.folder, 'since/rows/datastore/notes.jsonl'), 'utf8')).toContain('"change":"added"');

    await hand.press(link(page, 'Go to sprig'));
    await hand.press(tab(page, 'Backups'));
    await hand.press(button(page, /^Restore the backup of/));
    await hand.tick(question.getByRole('checkbox', { name: /Only what I choose/ }));
    await question.getByText('Nothing is chosen yet.').waitFor();
    await hand.type(question.getByLabel('Search in the files'), 'gard');
    await question.getByText('1 file found').waitFor();
    await isForAll(page, hand);
    await hand.tick(question.getByRole('checkbox', { name: /Garden\.md/ }));
    await question.getByText('1 file chosen.').waitFor();
    await question.getByText('Only what was chosen is put back').waitFor();
    await isForAll(page, hand);
    await hand.press(question.getByRole('button', { name: 'Restore what I chose' }));
    await title(page, 'sprig is restored, release 1.0.0.');
    const notes = await sprig.notes();
    expect(notes['Garden']?.text).toBe('# Garden\n\nBeans.\n');
    expect(notes['Kitchen']?.text).toBe('# Kitchen\n\nPepper.\n');
    expect(notes['Later']?.text).toBe('# Written after the backup\n');
    await hand.press(button(page, 'Undo'));
    await title(page, 'The last operation on sprig is undone.');
    expect((await sprig.notes())['Garden']?.text).toBe('# Garden\n\nWeeds.\n');
    expect(person.complaints).toEqual([]);
  });

  test('a fresh machine with nothing but a backup file: the welcome screen makes all of it again', async () => {
    let kept = '';
    const { world, person, page } = await story({
      before: async (world) => {
        await world.useSprig(sampleFeed, quickly);
        const sprig = await setUpSprig(world, '1.1.0');
        await sprig.write('Garden', '# Garden\n\nBeans.\n', ['summer']);
        kept = join(world.folder, 'kept.tar.zst');
        await world.must(['backup', 'sprig', '--output', kept]);
        await world.must(['stop', 'sprig']);
        await rm(sprig.home, { recursive: true });
        await rm(world.moultHome, { recursive: true });
        await world.useSprig(sampleFeed, quickly);
      },
    });
    await title(page, 'Upgrade without fear');
    await hand.type(page.getByRole('textbox', { name: 'Backup file' }), kept);
    await hand.type(page.getByRole('textbox', { name: 'Home folder' }), world.home('again'));
    await hand.press(button(page, 'Show what it would restore'));
    const question = page.getByRole('dialog');
    await question.getByText('is made anew in').waitFor();
    await isForAll(page, hand);
    await hand.press(question.getByRole('button', { name: 'Restore', exact: true }));
    await title(page, 'sprig is restored, release 1.1.0.');
    expect(await statusOf(world)).toMatchObject({ release: '1.1.0', health: 'healthy', home: world.home('again') });
    expect(await readFile(join(world.home('again'), 'notes/Garden.md'), 'utf8')).toContain('Beans.');
    expect(person.complaints).toEqual([]);
  });

  test('a fresh start leads through three pages and asks for the name; one press undoes it', async () => {
    const { world, person, page, sprig } = await sprigStory();
    const before = await sprig.notes();
    await hand.press(link(page, /^sprig$/));
    await hand.press(tab(page, 'Settings'));
    await isForAll(page, hand);
    await hand.press(link(page, 'Start fresh …'));
    await title(page, 'Start sprig fresh');
    await page.getByRole('region', { name: 'Goes' }).getByText('Workspace').first().waitFor();
    await isForAll(page, hand);
    await hand.press(button(page, 'Go on'));
    await text(page, 'A last backup is taken and read back first');
    await isForAll(page, hand);
    await hand.press(button(page, 'Go on'));
    const consent = page.getByRole('textbox', { name: "The install's name" });
    await hand.type(consent, 'spri');
    expect(await button(page, 'Start fresh').isDisabled()).toBe(true);
    await isForAll(page, hand);
    await hand.type(consent, hand === mouse ? 'sprig' : 'g');
    await hand.press(button(page, 'Start fresh'));
    await title(page, 'sprig has started fresh, release 1.0.0.');
    await text(page, 'Fresh start can be undone');
    await isForAll(page, hand);
    expect(await statusOf(world)).toMatchObject({ release: '1.0.0', health: 'healthy' });
    expect((await sprig.ask('/api/notes')).status).toBe(401);

    await hand.press(button(page, 'Undo'));
    await title(page, 'The last operation on sprig is undone.');
    expect(await sprig.notes()).toEqual(before);
    expect(person.complaints).toEqual([]);
  });
});
