/** The scheduler with the clock held: what is due is done, once, by one process, and what was missed is said. */
import { copyFile, mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { ScheduleRun } from '../../../electron/api/protection.ts';
import { createEngine } from '../../../electron/engine/index.ts';
import { takeLock } from '../../../electron/engine/operation/lock.ts';
import { systemClock } from '../../../electron/transport/clock.ts';
import { keepSchedules } from '../../../electron/transport/keep-schedules.ts';
import { makeWorkshop, write, type Workshop } from './workshop.ts';

afterEach(() => void vi.useRealTimers());

/** Local time, day of March 2026. Only the calendar stands still; timers run. */
function clockAt(day: number, hour: number, minute = 0): void {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date(2026, 2, day, hour, minute) });
}

const run = async (shop: Workshop) => (await shop.engine.api.runSchedule({})).deeds.map(({ what, outcome }) => `${what} ${outcome}`);
const list = async (shop: Workshop) => shop.engine.api.backups({});

async function scheduled(change: object = {}): Promise<{ shop: Workshop; home: string }> {
  clockAt(1, 12);
  const shop = await makeWorkshop();
  const home = await shop.setUp();
  await shop.engine.api.setSchedule({ schedule: { every: 'day', reserve: 0, ...change } });
  return { shop, home };
}

describe('a schedule', () => {
  test('backs up in its window, drills, and says how well the data is protected', { timeout: 400_000 }, async () => {
    const { shop } = await scheduled();
    expect(await shop.engine.api.schedule({})).toMatchObject({ missed: null, next: new Date(2026, 2, 2, 2).toISOString() });
    expect(await run(shop)).toEqual([]);
    clockAt(2, 2, 5);
    expect(await run(shop)).toEqual(['backup done', 'drill done']);
    expect(await run(shop)).toEqual([]);
    expect(await list(shop)).toMatchObject([{ reason: 'scheduled', verdict: 'proven' }]);
    const { protection } = await shop.engine.api.status({ offline: true });
    expect(protection).toMatchObject({ scheduled: true, missed: null, warning: null, provenAt: expect.any(String) as string });
    clockAt(3, 2, 5);
    expect(await run(shop)).toEqual(['backup done', 'read-back done']);
    // A week after the drill it is time for the next, of the newest one.
    clockAt(9, 3);
    expect(await run(shop)).toEqual(['backup done', 'drill done', 'read-back done']);
    clockAt(20, 1);
    expect((await shop.engine.api.status({ offline: true })).protection.warning).toBe('A scheduled backup was missed');
    await shop.engine.api.setSchedule({ schedule: null });
    expect((await shop.engine.api.status({ offline: true })).protection.warning).toBe('The last proof of a backup is older than a week');
    expect(await run(shop)).toEqual([]);
  });

  test('catches up after a sleep, once, and tells what was missed until then', async () => {
    const { shop } = await scheduled({ drill: 'never', readBack: 0 });
    clockAt(5, 14);
    expect(await shop.engine.api.schedule({})).toMatchObject({ missed: new Date(2026, 2, 5, 2).toISOString() });
    expect((await shop.engine.api.status({ offline: true })).protection.warning).toBe('A scheduled backup was missed');
    expect(await run(shop)).toEqual(['backup done']);
    expect(await shop.engine.api.schedule({})).toMatchObject({ missed: null, next: new Date(2026, 2, 6, 2).toISOString() });
    expect(await run(shop)).toEqual([]);
  });

  test('of changes backs up only when something was changed', async () => {
    const { shop, home } = await scheduled({ every: 'change', drill: 'never', readBack: 0 });
    await shop.does('stop', {});
    clockAt(2, 3);
    expect(await run(shop)).toEqual(['backup done']);
    // What the real clock wrote is younger than the one that is held.
    const back = async (path: string): Promise<void> => {
      for (const entry of await readdir(path, { withFileTypes: true })) {
        const inner = join(path, entry.name);
        if (entry.isDirectory() && entry.name !== '.moult') await back(inner);
        await utimes(inner, new Date(2026, 2, 1), new Date(2026, 2, 1));
      }
    };
    await back(home);
    clockAt(3, 3);
    expect(await run(shop)).toEqual([]);
    expect(await shop.engine.api.schedule({})).toMatchObject({ missed: null, next: new Date(2026, 2, 4, 2).toISOString() });
    await write(home, { 'notes/new.md': 'new' });
    await utimes(join(home, 'notes/new.md'), new Date(2026, 2, 3, 12), new Date(2026, 2, 3, 12));
    clockAt(4, 3);
    expect(await run(shop)).toEqual(['backup done']);
  });

  test('that fails says so, waits for an hour and tries again; one without room is refused with its reserve', async () => {
    const { shop } = await scheduled({ drill: 'never', readBack: 0, reserve: 2 ** 52 });
    clockAt(2, 3);
    const failed = (await shop.engine.api.runSchedule({})).deeds;
    expect(failed).toMatchObject([{ what: 'backup', outcome: 'failed', text: expect.stringMatching(/free/) as string }]);
    await shop.engine.api.setSchedule({ schedule: { reserve: 0 } });
    clockAt(3, 3, 30);
    expect((await shop.engine.api.schedule({})).last?.problem).toMatch(/free/);
    expect(await run(shop)).toEqual(['backup done']);
    expect((await shop.engine.api.schedule({})).last?.problem).toBeNull();
    await shop.engine.api.setSchedule({ schedule: { reserve: 2 ** 52 } });
    clockAt(4, 3);
    expect(await run(shop)).toEqual(['backup failed']);
    clockAt(4, 3, 30);
    expect(await run(shop)).toEqual([]);
    clockAt(4, 4, 1);
    expect(await run(shop)).toEqual(['backup failed']);
    clockAt(4, 6);
    expect((await shop.engine.api.status({ offline: true })).protection.warning).toMatch(/^A scheduled backup was missed: .*free/);
  });

  test('is looked after by one process only, and a face asks again and again', async () => {
    const { shop } = await scheduled({ drill: 'never', readBack: 0 });
    clockAt(2, 3);
    const lock = await takeLock(join(shop.moultHome, 'scheduler'), 'schedule');
    expect(await shop.engine.api.runSchedule({})).toMatchObject({ actedBy: process.pid, deeds: [] });
    await lock.release();
    const runs: Promise<ScheduleRun>[] = [];
    const ticks: (() => void)[] = [];
    const stop = keepSchedules(
      {
        api: {
          ...shop.engine.api,
          runSchedule: (input) => runs[runs.push(shop.engine.api.runSchedule(input)) - 1] as Promise<ScheduleRun>,
        },
      },
      { ...systemClock, every: (_, work) => (ticks.push(work), () => void ticks.splice(0)) },
    );
    ticks[0]?.();
    expect(runs).toHaveLength(1);
    expect((await runs[0])?.deeds).toMatchObject([{ what: 'backup', outcome: 'done' }]);
    await Promise.resolve();
    ticks[0]?.();
    expect(runs).toHaveLength(2);
    expect((await runs[1])?.deeds).toEqual([]);
    stop();
    expect(ticks).toEqual([]);
  });

  test('prunes after each backup, and never what a roll back needs', { timeout: 400_000 }, async () => {
    const { shop } = await scheduled({ drill: 'never', readBack: 0, keep: { last: 1, daily: 2, weekly: 0, monthly: 0 } });
    await shop.does('upgrade', {});
    const [before] = await list(shop);
    const asked = await shop.does('backUp', {});
    for (const day of [2, 3, 4, 5]) {
      clockAt(day, 3);
      await shop.engine.api.runSchedule({});
    }
    const left = await list(shop);
    expect(left.filter(({ reason }) => reason === 'scheduled')).toHaveLength(2);
    expect(left.map(({ id }) => id)).toEqual(expect.arrayContaining([before?.id, asked.backup?.id]));
    expect(new Set(await readdir(dirname(before?.path ?? '')))).toEqual(new Set(left.map(({ path }) => path.split('/').at(-1))));
    const dry = await shop.engine.api.prune({ dry: true });
    expect(dry).toMatchObject({ removed: [], dry: true });
    expect(dry.kept.find(({ id }) => id === before?.id)?.because).toContain('a roll back needs it');
    await shop.does('rollBack', {});
  });
});

describe('second copies', () => {
  const keep = { last: 1, daily: 0, weekly: 0, monthly: 0 };
  const markName = '.moult-destination.json';
  const copiesIn = async (folder: string) => (await readdir(folder)).filter((name) => name.endsWith('.tar.zst')).sort();
  const namesOf = (backups: { path: string }[]) => backups.map(({ path }) => basename(path)).sort();

  test('go with the backups that retention removes; on a disk that is away, once it is back', { timeout: 400_000 }, async () => {
    const { shop } = await scheduled({ drill: 'never', readBack: 0, keep });
    const folder = join(shop.folder, 'usb');
    await mkdir(folder);
    await shop.engine.api.addDestination({ folder });
    for (const day of [2, 3]) {
      clockAt(day, 3);
      await run(shop);
    }
    expect(await copiesIn(folder)).toEqual(namesOf(await list(shop)));
    expect(await copiesIn(folder)).toHaveLength(1);
    const mark = await readFile(join(folder, markName));
    await rm(join(folder, markName));
    const [kept] = await copiesIn(folder);
    for (const day of [4, 5]) {
      clockAt(day, 3);
      await run(shop);
    }
    expect(await copiesIn(folder)).toEqual([kept]);
    expect(await shop.engine.api.prune({ dry: true })).toMatchObject({ removed: [], copies: { removed: 0, waiting: 1 } });
    expect(await shop.engine.api.prune({})).toMatchObject({ removed: [], copies: { removed: 0, waiting: 1 } });
    await writeFile(join(folder, markName), mark);
    expect(await shop.engine.api.prune({ dry: true })).toMatchObject({ copies: { removed: 1, waiting: 0 } });
    await shop.does('copy', {});
    expect(await copiesIn(folder)).toEqual(namesOf(await list(shop)));
    expect(await shop.engine.api.prune({})).toMatchObject({ copies: { removed: 0, waiting: 0 } });
  });

  test('stay where another file stands in the place of one, and where the backup was damaged', async () => {
    const { shop } = await scheduled({ drill: 'never', readBack: 0, keep: { ...keep, last: 9 } });
    const folder = join(shop.folder, 'usb');
    await mkdir(folder);
    await shop.engine.api.addDestination({ folder });
    for (const day of [2, 3, 4, 5]) {
      clockAt(day, 3);
      await run(shop);
    }
    const [, third, second, first] = await list(shop);
    const copyOf = (backup: { path: string } | undefined) => join(folder, basename(backup?.path ?? ''));
    // The second's copy is another's file now; the first is damaged where it is, and its copy is not.
    await copyFile(third?.path ?? '', copyOf(second));
    const bytes = await readFile(first?.path ?? '');
    bytes[200] = (bytes[200] ?? 0) ^ 255;
    await writeFile(first?.path ?? '', bytes);
    await shop.fails('verify', { input: first?.path ?? '' });
    expect((await list(shop)).find(({ id }) => id === first?.id)).toMatchObject({ verdict: 'bad' });
    await shop.engine.api.setSchedule({ schedule: { keep } });
    const copies = await copiesIn(folder);
    expect(copies).toHaveLength(4);
    expect(await shop.engine.api.prune({ dry: true })).toMatchObject({ copies: { removed: 2, waiting: 0 } });
    expect((await shop.engine.api.prune({})).copies).toEqual({ removed: 1, waiting: 0 });
    expect(await copiesIn(folder)).toEqual(copies.filter((name) => name !== basename(third?.path ?? '')));
  });
});

describe('reading back', () => {
  test('reads the oldest first, within its budget, and finds what was changed, moved and lost', { timeout: 400_000 }, async () => {
    const { shop } = await scheduled({ drill: 'never', readBack: 1 });
    for (const day of [2, 3, 4]) {
      clockAt(day, 3);
      await shop.engine.api.runSchedule({});
    }
    const [third, second, first] = await list(shop);
    // One a day, since each is more than the budget; what was read too much is paid back over the next days.
    const bytes = await readFile(first?.path ?? '');
    bytes[200] = (bytes[200] ?? 0) ^ 255;
    await writeFile(first?.path ?? '', bytes);
    await shop.engine.api.setSchedule({ schedule: { readBack: 1024 ** 3 } });
    await rename(second?.path ?? '', join(dirname(second?.path ?? ''), 'renamed.tar.zst'));
    await rm(third?.path ?? '');
    clockAt(4, 12);
    await shop.engine.api.runSchedule({});
    vi.useRealTimers();
    vi.useFakeTimers({ toFake: ['Date'], now: new Date(2027, 0, 1, 3) });
    const deed = (await shop.engine.api.runSchedule({})).deeds.find(({ what }) => what === 'read-back');
    expect(deed).toMatchObject({ outcome: 'failed' });
    expect(deed?.text).toContain(`${third?.path} is gone`);
    expect(deed?.text).toContain(`${first?.path} is damaged`);
    const now = await list(shop);
    expect(now.find(({ id }) => id === first?.id)).toMatchObject({ verdict: 'bad', missing: false });
    expect(now.find(({ id }) => id === second?.id)).toMatchObject({
      verdict: 'unproven',
      missing: false,
      path: expect.stringMatching(/renamed/) as string,
    });
    expect(now.find(({ id }) => id === third?.id)).toMatchObject({ missing: true });
  });
});

describe('the catalogue', () => {
  test('is made again from the files when the database is lost, and the install takes its own up again', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await shop.does('backUp', {});
    await shop.does('upgrade', {});
    const before = await list(shop);
    await shop.engine.close();
    for (const name of await readdir(shop.moultHome)) if (name.startsWith('moult.db')) await rm(join(shop.moultHome, name));
    await shop.reopen();
    const found = await list(shop);
    expect(found.map(({ id, path, bytes, files }) => ({ id, path, bytes, files }))).toEqual(
      before.map(({ id, path, bytes, files }) => ({ id, path, bytes, files })),
    );
    expect(found.every(({ foreign, verdict }) => foreign && verdict === 'unproven')).toBe(true);
    await shop.engine.api.addProducts({ from: join(shop.folder, 'products') });
    await shop.does('adopt', { product: 'pot', home });
    expect((await list(shop)).map(({ foreign, install }) => ({ foreign, install }))).toEqual(
      before.map(() => ({ foreign: false, install: 'pot' })),
    );
    await shop.does('rollBack', {});
  });

  test('knows a moved and a copied file again, tells what is no backup, and adopts those of another machine', async () => {
    const shop = await makeWorkshop();
    await shop.setUp();
    const mine = (await shop.does('backUp', {})).backup;
    const folder = join(shop.folder, 'disk');
    await mkdir(join(folder, 'deep'), { recursive: true });
    await rename(mine?.path ?? '', join(folder, 'deep/mine.tar.zst'));
    await copyFile(join(folder, 'deep/mine.tar.zst'), join(folder, 'z-copy.tar.zst'));
    await writeFile(join(folder, 'other.tar.gz'), 'nothing of ours');
    await writeFile(join(folder, '.half.tar.zst'), 'a partial one');
    const { rescan } = await shop.does('rescan', { folder });
    expect(rescan).toMatchObject({
      files: 3,
      added: [],
      moved: [{ id: mine?.id, to: join(folder, 'deep/mine.tar.zst') }],
      copies: [{ id: mine?.id, path: join(folder, 'z-copy.tar.zst') }],
      foreign: [],
      unreadable: [{ path: join(folder, 'other.tar.gz') }],
    });

    const elsewhere = await createEngine({ moultHome: join(shop.folder, 'another-moult') });
    await elsewhere.api.addProducts({ from: join(shop.folder, 'products') });
    const begun = async (operation: Promise<{ operation: string }>) => elsewhere.wait((await operation).operation);
    await begun(elsewhere.api.setUp({ product: 'pot', home: shop.home('theirs'), release: '1.0.0', name: 'theirs' }));
    const found = await begun(elsewhere.api.rescan({ folder }));
    expect(found).toMatchObject({
      ok: true,
      result: { rescan: { added: [{ id: mine?.id }], foreign: [{ id: mine?.id, install: 'pot' }] } },
    });
    const adopted = await begun(elsewhere.api.rescan({ folder, install: 'theirs' }));
    expect(adopted).toMatchObject({ ok: true, result: { rescan: { adopted: [{ id: mine?.id, install: 'theirs', foreign: false }] } } });
    await begun(elsewhere.api.stop({ install: 'theirs' }));
    await elsewhere.close();
    expect(await shop.fails('rescan', { folder: join(shop.folder, 'nowhere') })).toMatchObject({ code: 'bad-input' });
  });
});
