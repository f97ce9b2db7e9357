import { createServer } from 'node:http';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { autostartEntry } from '../../electron/shell/autostart-entry.ts';
import { installsWatch } from '../../electron/shell/installs-watch.ts';
import { obstacle } from '../../electron/shell/obstacle.ts';
import { newsOf, overallProgress } from '../../electron/shell/operation-news.ts';
import { quitAnswers, quitQuestion } from '../../electron/shell/quit-question.ts';
import { releaseNews } from '../../electron/shell/release-news.ts';
import { openSettingsFile } from '../../electron/shell/settings-file.ts';
import { tellWebhook } from '../../electron/shell/webhook.ts';
import { placeWindow } from '../../electron/shell/window-place.ts';
import { openHub } from '../../electron/transport/hub.ts';
import { fakeEngine, operationId } from '../support/fake-engine.ts';
import { backupMade, outcomeOf, status } from '../support/fake-world.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { running, view } from './views.ts';

describe('settings', () => {
  it("begin as usual, are kept, and are nobody else's to read", async () => {
    const path = join(await temporaryFolder('settings'), 'deep', 'desktop.json');
    const settings = await openSettingsFile(path);
    expect(settings.current).toMatchObject({ keepInTray: true, startAtLogin: false, checkForUpdates: true, webhook: null });
    await Promise.all([settings.change({ keepInTray: false }), settings.change({ toldOf: { sprig: '2.0.0' } })]);
    expect((await openSettingsFile(path)).current).toMatchObject({ keepInTray: false, toldOf: { sprig: '2.0.0' } });
    if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(path, '..'))).toEqual(['desktop.json']);
  });

  it.each(['', 'nonsense', '{"version":2}', '{"version":1,"place":"left"}', '[]'])(
    'put a file aside that they do not understand: %j',
    async (text) => {
      const folder = await temporaryFolder('settings');
      const path = join(folder, 'desktop.json');
      await writeFile(path, text);
      const settings = await openSettingsFile(path);
      expect(settings.current.keepInTray).toBe(true);
      expect(await readFile(`${path}.not-understood`, 'utf8')).toBe(text);
    },
  );

  it('say so when they cannot be written, and stay changed for now', async () => {
    const path = join(await temporaryFolder('settings'), 'desktop.json');
    const settings = await openSettingsFile(path);
    await mkdir(`${path}.new`);
    await expect(settings.change({ keepInTray: false })).rejects.toThrow();
    expect(settings.current.keepInTray).toBe(false);
    await settings.settled();
  });
});

describe('a window opens', () => {
  const display = { x: 0, y: 0, width: 1920, height: 1040 };
  const beside = { x: 1920, y: 0, width: 1280, height: 1000 };
  const kept = (x: number, y: number, width = 1000, height = 700) => ({ x, y, width, height, maximized: false });

  it('in the middle at first', () => expect(placeWindow(null, [display])).toEqual({ width: 1180, height: 800 }));
  it('where it was', () => expect(placeWindow(kept(2000, 50), [display, beside])).toEqual({ x: 2000, y: 50, width: 1000, height: 700 }));
  it('on the display that is left', () => expect(placeWindow(kept(2000, 50), [display])).toEqual({ width: 1000, height: 700 }));
  it('never above the edge, where nobody can reach it', () =>
    expect(placeWindow(kept(10, -500), [display])).toEqual({ width: 1000, height: 700 }));
  it('not larger than the display, not smaller than its pages', () => {
    expect(placeWindow(kept(0, 0, 5000, 5000), [display])).toMatchObject({ width: 1920, height: 1040 });
    expect(placeWindow(kept(0, 0, 200, 200), [display])).toMatchObject({ width: 900, height: 600 });
    expect(placeWindow(null, [])).toEqual({ width: 1180, height: 800 });
  });
});

describe('quitting', () => {
  it('asks while something runs, and answers stand in the order of the buttons', () => {
    expect(quitQuestion([])).toBeNull();
    expect(quitQuestion([running])?.message).toBe('Moult is upgrading sprig.');
    expect(quitQuestion([running, running])?.message).toBe('2 operations are running.');
    expect(quitQuestion([running])?.buttons).toHaveLength(quitAnswers.length);
  });
});

describe('news', () => {
  const ended = (more: object) => ({ event: 'ended', operation: operationId, outcome: null, error: null, at: '', ...more }) as const;

  it('tell how an operation ended', () => {
    expect(newsOf(ended({ outcome: { ...outcomeOf('upgrade'), to: '2.0.0' } }), 'upgrade', 'Sprig Lite')).toMatchObject({
      title: 'Sprig Lite is now 2.0.0.',
      page: `#/operation/${operationId}`,
    });
    expect(newsOf(ended({ error: { code: 'rolled-back', message: 'It was not healthy.' } }), 'upgrade', 'Sprig Lite')).toMatchObject({
      title: 'Sprig Lite is as it was before',
      body: 'It was not healthy.',
    });
    expect(newsOf(ended({ error: { code: 'undo-failed', message: 'x' } }), 'upgrade', 'Sprig Lite')?.title).toBe('Sprig Lite needs you');
    expect(newsOf(ended({ error: { code: 'cancelled', message: 'x' } }), 'upgrade', 'Sprig Lite')).toBeNull();
    expect(newsOf(ended({}), 'start', 'Sprig Lite')).toBeNull();
    const made = (reason: 'asked' | 'scheduled') => ended({ outcome: { ...outcomeOf('back-up'), backup: { ...backupMade, reason } } });
    expect(newsOf(made('asked'), 'back-up', 'Sprig Lite')?.title).toContain('backup of Sprig Lite');
    expect(newsOf(made('scheduled'), 'back-up', 'Sprig Lite')).toBeNull();
  });

  it('tell of a release once', () => {
    const views = [view({ latest: '2.0.0' }), view({ name: 'b' })];
    expect(releaseNews(views, {})).toEqual([
      { event: 'release', install: 'sprig', product: 'sprig', title: 'Sprig Lite', from: '1.0.0', to: '2.0.0', notes: null },
    ]);
    expect(releaseNews(views, { sprig: '2.0.0' })).toEqual([]);
    expect(releaseNews(views, { sprig: '1.5.0' })).toHaveLength(1);
  });

  it('reach a webhook as JSON, and follow no redirect', async () => {
    const bodies: string[] = [];
    const server = createServer((request, response) => {
      if (request.url === '/away') {
        response.writeHead(307, { location: '/hook' }).end();
        return;
      }
      request.setEncoding('utf8').on('data', (text: string) => bodies.push(text));
      request.on('end', () => response.writeHead(request.url === '/hook' ? 204 : 500).end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const [news] = releaseNews([view({ latest: '2.0.0' })], {});
    if (news === undefined) throw new Error('no news');
    expect(await tellWebhook(`${address}/hook`, news)).toBeNull();
    expect(JSON.parse(bodies.join(''))).toEqual(news);
    expect(await tellWebhook(`${address}/broken`, news)).toBe('The webhook answered with 500.');
    bodies.length = 0;
    expect(await tellWebhook(`${address}/away`, news)).toBe('The webhook could not be reached.');
    expect(bodies).toEqual([]);
  });

  it('show on the taskbar how far everything is', () => {
    expect(overallProgress([])).toBeNull();
    expect(overallProgress([{ ...running, progress: null }])).toBe(2);
    expect(overallProgress([running, { ...running, progress: { fraction: 1, step: '' } }])).toBeCloseTo(0.7145);
  });
});

describe('watching', () => {
  it('asks the feeds every 24 hours, and not when a person does not want it', async () => {
    const engine = fakeEngine();
    const clock = { now: () => 0, every: () => () => undefined };
    const repeated = new Map<number, () => void>();
    const watch = installsWatch(openHub(engine, 'x', clock), {
      now: () => 0,
      every: (pause, work) => (repeated.set(pause, work), () => undefined),
    });
    let isWanted = false;
    await watch.start({ onChange: () => undefined, onEnded: () => undefined, wantsFeeds: () => isWanted });
    onTestFinished(() => watch.close());
    const asked = () => engine.calls.filter(({ method, input }) => method === 'status' && input['offline'] !== true).length;
    const day = repeated.get(24 * 60 * 60 * 1000);
    day?.();
    expect(asked()).toBe(0);
    isWanted = true;
    day?.();
    await expect.poll(asked).toBe(1);
  });

  it('remembers what the feeds said when it looks without them', async () => {
    const engine = fakeEngine();
    engine.answer('status', (input) => ({ ...status, update: { ...status.update, latest: input['offline'] === true ? null : '2.0.0' } }));
    const repeated: (() => void)[] = [];
    const hub = openHub(engine, 'x', { now: () => 0, every: (_, work) => (repeated.push(work), () => undefined) });
    const watch = installsWatch(hub, { now: () => 0, every: () => () => undefined });
    await watch.start({ onChange: () => undefined, onEnded: () => undefined, wantsFeeds: () => true });
    onTestFinished(() => watch.close());
    expect(watch.views()[0]?.status?.update.latest).toBeNull();
    await watch.checkForUpdates();
    expect(watch.views()[0]?.status?.update.latest).toBe('2.0.0');
    await hub.call('backUp', {});
    await hub.wait(operationId);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(engine.calls.findLast(({ method }) => method === 'status')?.input).toMatchObject({ offline: true });
    expect(watch.views()[0]?.status?.update.latest).toBe('2.0.0');
    engine.answer('status', { ...status, release: '2.0.0', update: { ...status.update, latest: null } });
    await hub.call('backUp', {});
    await hub.wait(operationId);
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(watch.views()[0]?.status?.update.latest).toBeNull();
  });
});

describe('starting', () => {
  it.each([
    ['linux', {}, false, 'this machine has no display'],
    ['linux', { DISPLAY: ':0' }, false, null],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, false, null],
    ['linux', { DISPLAY: ':0' }, true, 'the superuser has no sandbox in Electron'],
    ['darwin', {}, false, null],
    ['darwin', { SSH_CONNECTION: 'x' }, false, 'this is a remote session without a display'],
    ['win32', {}, false, null],
  ] as const)('on %s with %j (superuser: %s): %s', (platform, environment, isSuperuser, reason) => {
    expect(obstacle({ platform, environment, isSuperuser })).toBe(reason);
  });

  it('at login on Linux quotes what the specification asks for', () => {
    expect(autostartEntry(['/opt/moult/moult', '--hidden'])).toContain('\nExec=/opt/moult/moult --hidden\n');
    expect(autostartEntry(['/opt/my "app" $1/50%.AppImage'])).toContain(String.raw`Exec="/opt/my \\"app\\" \\$1/50%%.AppImage"`);
  });
});
