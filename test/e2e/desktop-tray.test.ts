/// <reference lib="dom" />
/** What a person does without opening the window: the tray of the real app, on the real engine and the sample. */
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Backup, Status } from '../../electron/api/models.ts';
import { lacksChromium } from '../support/chromium.ts';
import { type Desktop, startDesktop } from '../support/desktop.ts';
import { makeWorld, quickly, sampleFeed, type World } from '../support/moult.ts';
import { mouse } from '../support/screens/hand.ts';
import { setUpSprig, type SprigInstall } from '../support/sprig-install.ts';

const isMissing = await lacksChromium();

interface Story {
  world: World;
  sprig: SprigInstall;
  /** Lets the feed offer releases up to this one from now on. */
  offer: (newest: string) => Promise<void>;
}

/** A server that takes what is posted to it. Resolves with its address. */
async function listen(take: (body: string) => void): Promise<string> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      take(body);
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
}

/** The sample at 1.0.0, with releases up to the given one on offer. */
async function story(newest: string): Promise<Story> {
  const world = await makeWorld(onTestFinished);
  const feed = join(world.folder, 'feed');
  await cp(sampleFeed, feed, { recursive: true });
  const all = JSON.parse(await readFile(join(feed, 'releases.json'), 'utf8')) as { releases: { version: string }[] };
  const offer = async (last: string): Promise<void> => {
    const releases = all.releases.slice(0, all.releases.findIndex(({ version }) => version === last) + 1);
    await writeFile(join(feed, 'releases.json'), JSON.stringify({ ...all, releases }));
  };
  await offer(newest);
  await world.useSprig(feed, quickly);
  return { world, sprig: await setUpSprig(world, '1.0.0'), offer };
}

async function statusOf(world: World): Promise<Status> {
  return (await world.must(['status', 'sprig'])).result as Status;
}

const labels = (entries: readonly { label: string }[]): string[] => entries.map(({ label }) => label);
const isShown = (state: string) => (view: Awaited<ReturnType<Desktop['look']>>) => view.tray?.image.includes(`tray-${state}`) === true;

describe.skipIf(isMissing)('the tray', () => {
  test('a double-click upgrades 1.0.0 to 1.1.0, and keeps what the person owns', async () => {
    const { world, sprig } = await story('1.1.0');
    await sprig.write('Shopping', 'Bread and milk\n', ['home']);
    const before = await sprig.notes();
    const desktop = await startDesktop(world, onTestFinished, ['--hidden']);
    const offer = await desktop.until('an update on offer', isShown('update'));
    expect(offer.tray?.tooltip).toBe('Moult: Sprig Lite 1.1.0 is out');
    expect(labels(offer.tray?.menu ?? [])).toEqual([
      'Sprig Lite 1.0.0',
      'Upgrade to 1.1.0',
      'Back up now',
      'Restore last backup …',
      'Open',
      'Check for updates',
      'Quit',
    ]);
    expect(offer.windows).toEqual([]);
    expect(offer.notifications.map(({ title }) => title)).toEqual(['Sprig Lite 1.1.0 is out']);

    await desktop.wish({ do: 'click-tray', how: 'double-click' });
    const working = await desktop.until('at work', isShown('working'));
    expect(working.tray?.tooltip).toMatch(/^Moult: upgrading Sprig Lite/);
    await desktop.until('fine again', isShown('fine'));
    const done = await desktop.until('told of the end', (view) =>
      view.notifications.some(({ title }) => title === 'Sprig Lite is now 1.1.0.'),
    );
    expect(done.windows).toEqual([]);
    expect(await statusOf(world)).toMatchObject({ release: '1.1.0', health: 'healthy', update: { latest: null } });
    expect(await sprig.notes()).toEqual(before);
    expect(await desktop.quit()).toBe(0);
    // The product lives on without its keeper.
    expect(await sprig.health()).toMatchObject({ status: 'ok', version: '1.1.0' });
  });

  test('two activations within 400 ms count as a double-click; one opens the window', async () => {
    const { world } = await story('1.1.0');
    const desktop = await startDesktop(world, onTestFinished, ['--hidden']);
    await desktop.until('an update on offer', isShown('update'));
    await desktop.wish({ do: 'click-tray', how: 'click' });
    const opened = await desktop.until('a window', (view) => view.windows.some(({ visible }) => visible));
    expect(opened.tray?.tooltip).toContain('is out');
    await desktop.wish({ do: 'look-away' });
    await desktop.wish({ do: 'click-tray', how: 'click' });
    await desktop.wish({ do: 'click-tray', how: 'click' });
    await desktop.until('upgraded', isShown('fine'));
    expect((await statusOf(world)).release).toBe('1.1.0');
  });

  test('where something is in question, it opens the upgrade page there and starts nothing', async () => {
    const { world, sprig } = await story('1.1.0');
    // A file of the release that was changed by hand is a warning, which only a person may wave through.
    await writeFile(join(sprig.home, '.moult', 'slots', '1.0.0', 'README.md'), 'changed by hand\n');
    const desktop = await startDesktop(world, onTestFinished, ['--hidden']);
    await desktop.until('an update on offer', isShown('update'));
    await desktop.wish({ do: 'click-tray', how: 'double-click' });
    await desktop.until('a window', (view) => view.windows.some(({ visible }) => visible));
    expect(new URL((await desktop.page()).url()).hash).toBe('#/install/sprig/upgrade?to=1.1.0');
    expect((await statusOf(world)).release).toBe('1.0.0');
  });

  test('its menu backs up at once, and then offers to restore', async () => {
    const { world } = await story('1.0.0');
    const desktop = await startDesktop(world, onTestFinished, ['--hidden']);
    const fine = await desktop.until('looked at', (view) => view.tray?.tooltip === 'Moult: Sprig Lite 1.0.0 is fine');
    expect(fine.tray?.menu.find(({ label }) => label === 'Restore last backup …')?.enabled).toBe(false);
    await desktop.wish({ do: 'choose', menu: 'tray', path: ['Back up now'] });
    await desktop.until('backed up', (view) =>
      view.notifications.some(({ title }) => title.startsWith('The backup of Sprig Lite is made')),
    );
    await desktop.until(
      'something to restore',
      (view) => view.tray?.menu.find(({ label }) => label === 'Restore last backup …')?.enabled === true,
    );
    const backups = (await world.must(['backups', 'sprig'])).result as Backup[];
    expect(backups).toHaveLength(1);
    await desktop.wish({ do: 'choose', menu: 'tray', path: ['Restore last backup …'] });
    await desktop.until('a window', (view) => view.windows.some(({ visible }) => visible));
    expect(new URL((await desktop.page()).url()).hash).toBe('#/install/sprig/backups');
  });

  test('tells of a release once, here and to the webhook; the settings that a person makes are kept, and start it at login', async () => {
    const { world, offer } = await story('1.0.0');
    const told: unknown[] = [];
    const hook = await listen((body) => told.push(JSON.parse(body)));
    const desktop = await startDesktop(world, onTestFinished);
    await desktop.until(
      'looked at, with a window',
      (view) => view.tray?.tooltip === 'Moult: Sprig Lite 1.0.0 is fine' && view.windows.some(({ address }) => address.startsWith('http')),
    );
    const page = await desktop.page();
    await page.evaluate(() => void (location.hash = '#/settings'));
    await mouse.press(page.getByRole('checkbox', { name: 'Start when I log in' }));
    await mouse.type(page.getByRole('textbox', { name: 'Webhook' }), hook);
    await mouse.press(page.getByRole('button', { name: 'Save' }));
    await page.waitForFunction(() => document.querySelector('form button[aria-disabled=true], form button:disabled') !== null);
    await page.reload();
    expect(await page.getByRole('textbox', { name: 'Webhook' }).inputValue()).toBe(hook);
    expect(await page.getByRole('checkbox', { name: 'Start when I log in' }).isChecked()).toBe(true);
    const entry = (await readdir(world.folder, { recursive: true })).find((path) => path.endsWith('autostart/moult.desktop'));
    if (process.platform === 'linux') expect(await readFile(join(world.folder, String(entry)), 'utf8')).toMatch(/^Exec=.* --hidden$/m);

    const news = 'Sprig Lite 1.1.0 is out';
    await offer('1.1.0');
    await desktop.wish({ do: 'choose', menu: 'tray', path: ['Check for updates'] });
    await desktop.until('told', (view) => view.notifications.some(({ title }) => title === news));
    await expect.poll(() => told).toMatchObject([{ event: 'release', install: 'sprig', from: '1.0.0', to: '1.1.0' }]);
    await desktop.wish({ do: 'choose', menu: 'tray', path: ['Check for updates'] });
    const twice = await desktop.until(
      'answered',
      (view) => view.notifications.filter(({ title }) => title === 'There are newer releases').length === 2,
    );
    expect(twice.notifications.filter(({ title }) => title === news)).toHaveLength(1);
    expect(await desktop.quit()).toBe(0);

    const next = await startDesktop(world, onTestFinished, ['--hidden']);
    const again = await next.until('an update on offer', isShown('update'));
    expect(again.notifications).toEqual([]);
    expect(told).toHaveLength(1);
  });

  test('it shows what the command line does beside it', async () => {
    const { world } = await story('1.1.0');
    const desktop = await startDesktop(world, onTestFinished, ['--hidden']);
    await desktop.until('an update on offer', isShown('update'));
    await world.must(['upgrade', 'sprig', '--yes']);
    await desktop.until('fine', (view) => view.tray?.tooltip === 'Moult: Sprig Lite 1.1.0 is fine');
  });
});
