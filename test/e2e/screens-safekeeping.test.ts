/// <reference lib="dom" />
/**
 * How backups are kept from others and from loss, on the screens of the built app in a real Chromium: a passphrase for one, a key for all,
 * a second folder, a limit, and what is taken out beside the install.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Backup } from '../../electron/api/models.ts';
import { lacksChromium } from '../support/chromium.ts';
import { keyboard, mouse } from '../support/screens/hand.ts';
import { serveApp } from '../support/screens/served-app.ts';
import { button, isForAll, link, sprigStory, tab, text, title } from '../support/screens/story.ts';

const isMissing = await lacksChromium();

describe.skipIf(isMissing).each([mouse, keyboard])('with the $name', (hand) => {
  test('one backup is locked with a passphrase: anybody may list it, nobody reads it without, and what it holds is taken out', async () => {
    const { world, app, person, page } = await sprigStory();
    const file = join(world.folder, 'locked.tar.zst.age');
    await hand.press(link(page, /^sprig$/));
    await hand.press(tab(page, 'Backups'));
    await hand.press(button(page, 'Back up in another way'));
    await page.getByLabel('Encrypt it').selectOption('passphrase');
    await hand.type(page.getByLabel('Into this file'), file);
    await hand.type(page.getByLabel('Passphrase', { exact: true }), 'blue garden gate');
    await hand.type(page.getByLabel('The same again'), 'blue garden gate');
    await hand.type(page.getByLabel('At most, a second'), '50 MiB');
    await isForAll(page, hand);
    await hand.press(button(page, 'Back up like this'));
    await title(page, 'sprig is backed up.');
    expect((await readFile(file)).subarray(0, 24).toString()).toContain('age-encryption.org/v1');

    // Another Moult knows nothing of what was typed here.
    await app.kill();
    const again = await serveApp(world);
    await page.goto(again.address);
    await hand.press(link(page, /^sprig$/));
    await hand.press(tab(page, 'Backups'));
    await text(page, 'encrypted');
    await hand.press(button(page, /^Restore the backup of/));
    const question = page.getByRole('dialog');
    await question.getByText('This backup is encrypted').waitFor();
    await hand.type(question.getByLabel('Its passphrase'), 'blue garden');
    await hand.press(question.getByRole('button', { name: 'Open it' }));
    await question.getByRole('alert').waitFor();
    await isForAll(page, hand);
    await question.getByLabel('Its passphrase').fill('');
    await hand.type(question.getByLabel('Its passphrase'), 'blue garden gate');
    await hand.press(question.getByRole('button', { name: 'Open it' }));
    await question.getByText('Since the backup').waitFor();
    await hand.press(question.getByRole('button', { name: 'Take it out into a folder instead' }));
    await hand.type(question.getByLabel('New folder'), join(world.folder, 'out'));
    await isForAll(page, hand);
    await hand.press(question.getByRole('button', { name: 'Take it out', exact: true }));
    await title(page, 'It was taken out of the backup.');
    await isForAll(page, hand);
    expect(await readFile(join(world.folder, 'out/workspace/notes/Garden.md'), 'utf8')).toContain('Beans.');
    expect(person.complaints.filter((line) => !/Failed to load resource|net::ERR_/.test(line))).toEqual([]);
  });

  test('a key is made and every backup is encrypted for it and copied to a second folder, no faster than the limit', async () => {
    const { world, person, page } = await sprigStory();
    const key = join(world.person, 'backup-key.txt');
    const stick = join(world.folder, 'stick');
    await mkdir(stick);
    await writeFile(join(stick, 'holiday.txt'), 'mine\n');
    await hand.press(link(page, 'Settings'));
    const speed = page.getByRole('region', { name: 'Speed of backups' });
    await hand.type(speed.getByLabel('At most, a second'), '40 MiB');
    await hand.press(speed.getByRole('button', { name: 'Set the limit' }));
    await speed.getByText(/at most 40 MiB a second/).waitFor();
    await isForAll(page, hand);

    await hand.press(link(page, 'Moult'));
    await hand.press(link(page, /^sprig$/));
    await hand.press(tab(page, 'Settings'));
    const locks = page.getByRole('region', { name: 'Encryption of backups' });
    await hand.type(locks.getByLabel('File for a new key'), key);
    await hand.press(locks.getByRole('button', { name: 'Make a key and encrypt' }));
    await locks.getByText('The only key is on this machine').waitFor();
    await isForAll(page, hand);
    await hand.press(locks.getByRole('button', { name: 'I keep a copy elsewhere' }));
    await locks.getByText('The only key is on this machine').waitFor({ state: 'detached' });
    const copies = page.getByRole('region', { name: 'Second copies' });
    await hand.type(copies.getByLabel('Folder for copies'), stick);
    await hand.press(copies.getByRole('button', { name: 'Add' }));
    await copies.getByText('connected', { exact: true }).waitFor();
    await isForAll(page, hand);

    await hand.press(tab(page, 'Backups'));
    await hand.press(button(page, 'Back up now'));
    await title(page, 'sprig is backed up.');
    await hand.press(link(page, 'Go to sprig'));
    await hand.press(tab(page, 'Settings'));
    await copies.getByText(/^1 copy, read back there/).waitFor();
    await isForAll(page, hand);
    const [backup] = (await world.must(['backups', 'sprig'])).result as Backup[];
    expect(backup).toMatchObject({ verdict: 'unproven', encryption: { takes: 'key', opensHere: true, keyOnlyHere: false } });
    expect((await world.must(['limit'])).result).toEqual({ bytesPerSecond: 40 * 1024 ** 2 });
    expect(await readFile(join(stick, 'holiday.txt'), 'utf8')).toBe('mine\n');
    await hand.press(locks.getByRole('button', { name: 'Encrypt no more' }));
    await locks.getByText(/^Backups are not encrypted/).waitFor();
    expect(person.complaints).toEqual([]);
  });

  test('data beside secrets that were changed since is refused with the reason, and goes back when one keeps them on purpose', async () => {
    const { world, person, page, sprig } = await sprigStory({
      before: async (world) => {
        await world.must(['backup', 'sprig']);
        const config = join(world.home(), 'config.yaml');
        const text = await readFile(config, 'utf8');
        await writeFile(config, text.replace(/^jwt_secret: .*$/m, `jwt_secret: ${'ab'.repeat(32)}`));
      },
    });
    await hand.press(link(page, /^sprig$/));
    await hand.press(tab(page, 'Backups'));
    await hand.press(button(page, /^Restore the backup of/));
    const question = page.getByRole('dialog');
    await hand.tick(question.getByRole('checkbox', { name: /Only what I choose/ }));
    await hand.tick(question.getByRole('checkbox', { name: /^Datastore/ }));
    const restore = question.getByRole('button', { name: 'Restore what I chose' });
    await question
      .getByRole('alert')
      .getByText(/cannot be read with the secrets that sprig has now/)
      .waitFor();
    expect(await restore.getAttribute('aria-disabled')).toBe('true');
    await isForAll(page, hand);
    await hand.tick(question.getByRole('checkbox', { name: /^Keep the secrets that are there now/ }));
    await question.getByText('Only what was chosen is put back').waitFor();
    await isForAll(page, hand);
    await hand.press(restore);
    await title(page, /^sprig is restored/);
    expect(await readFile(join(sprig.home, 'config.yaml'), 'utf8')).toContain('ab'.repeat(32));
    expect((await world.must(['status', 'sprig'])).result).toMatchObject({ release: '1.0.0', health: 'healthy' });
    expect(person.complaints).toEqual([]);
  });
});
