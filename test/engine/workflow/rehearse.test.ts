/** Rehearsals: what an upgrade would come to is seen on a copy, what is learned by it stays, and nothing else does. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDatabase } from '../../../electron/engine/platform/sqlite.ts';
import { newestMigration } from '../../../electron/engine/workflow/learned.ts';
import { fewerRows } from '../../../electron/engine/workflow/steps/rehearse-steps.ts';
import { treeState } from '../../support/tree-state.ts';
import { makeWorkshop, rowsOf, type Mode, type Workshop } from './workshop.ts';

const copies = (shop: Workshop) => readdir(join(shop.moultHome, 'drills')).catch(() => []);
const status = async (shop: Workshop) => shop.engine.api.status({ offline: true });
const rehearsalCheck = async (shop: Workshop) =>
  (await shop.engine.api.plan({ action: 'upgrade' })).checks.find(({ check }) => check === 'rehearsal');

/** Its releases no longer tell which migration is their newest. */
const silent = (text: string) => text.replace(", known: { file: '{slot}/release.json', pointer: /schema }", '');

/** Everything of the live install but what says that somebody looked. */
async function liveState(shop: Workshop, home: string) {
  return [await treeState(home), rowsOf(home), (await status(shop)).service];
}

describe('a rehearsal', () => {
  test('runs the releases of the upgrade on a copy, while the install goes on untouched', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await shop.offer({ version: '1.0.0' }, { version: '1.1.0', schema: 2 }, { version: '2.0.0', schema: 5, needs: '>=1.1.0' });
    const { backup } = await shop.does('backUp', {});
    expect(await rehearsalCheck(shop)).toBeUndefined();
    const before = await liveState(shop, home);
    const { rehearsal, endState, from, to } = await shop.does('rehearse', {});
    expect([endState, from, to]).toEqual(['done', '1.0.0', '2.0.0']);
    expect(rehearsal).toMatchObject({
      backup: backup?.id,
      from: '1.0.0',
      release: '2.0.0',
      hops: [
        { release: '1.1.0', schema: { before: '1', after: '2' }, learned: null },
        { release: '2.0.0', schema: { before: '2', after: '5' }, learned: null },
      ],
      schema: { before: '1', after: '5' },
      rows: { tables: 1, fewer: [] },
      notes: [],
    });
    expect(await liveState(shop, home)).toEqual(before);
    expect(await copies(shop)).toEqual([]);
    expect(await rehearsalCheck(shop)).toMatchObject({
      status: 'pass',
      message: expect.stringMatching(/^Rehearsed just now: healthy, schema 1 → 5, [\d.]+ s\.$/) as string,
    });
    const { downtime } = await shop.engine.api.plan({ action: 'upgrade' });
    expect(downtime).toBeCloseTo((rehearsal?.seconds ?? 0) + 1);
    expect((await shop.engine.api.history({ limit: 1 }))[0]).toMatchObject({ action: 'rehearse', outcome: 'done', install: 'pot' });
    // And in earnest it comes out as it was rehearsed.
    await shop.does('upgrade', {});
    expect(rowsOf(home)?.schema).toBe(5);
  });

  test.each<[Mode, RegExp]>([
    ['dies', /it cannot start/],
    ['spoils', /it was spoilt/],
    ['ill', /not healthy/],
    ['lies', /1\.0\.0/],
  ])('of a release that %s is a finding, kept for the plan and no quarantine; the install is as it was to the byte', async (mode, says) => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await shop.does('backUp', {});
    await shop.offer({ version: '1.0.0' }, { version: '1.1.0', schema: 2, mode });
    const before = await liveState(shop, home);
    const failure = await shop.fails('rehearse', {});
    expect(failure).toMatchObject({
      code: 'rehearsal-failed',
      message: expect.stringMatching(says) as string,
      remedy: { command: 'moult rehearse pot --to RELEASE' },
      details: { release: '1.1.0', from: '1.0.0', log: expect.any(Array) as string[] },
    });
    expect(await liveState(shop, home)).toEqual(before);
    expect(await copies(shop)).toEqual([]);
    expect((await shop.engine.api.status({})).update).toMatchObject({ latest: '1.1.0', quarantined: [] });
    expect((await shop.engine.api.backups({}))[0]).toMatchObject({ verdict: 'unproven', problem: null });
    expect((await shop.engine.api.history({ limit: 1 }))[0]).toMatchObject({ action: 'rehearse', outcome: 'failed' });
    expect(await rehearsalCheck(shop)).toMatchObject({ status: 'warn', message: expect.stringMatching(says) as string });
    // Mended by its publisher, it is tried once more, and what failed is forgotten.
    await shop.offer({ version: '1.0.0' }, { version: '1.1.0', schema: 2 });
    await shop.does('rehearse', {});
    expect(await rehearsalCheck(shop)).toMatchObject({ status: 'pass' });
  });

  test('names the stop of the way that fails', async () => {
    const shop = await makeWorkshop();
    await shop.setUp();
    await shop.does('backUp', {});
    await shop.offer(
      { version: '1.0.0' },
      { version: '1.1.0', schema: 2, mode: 'dies' },
      { version: '2.0.0', schema: 3, needs: '>=1.1.0' },
    );
    expect(await shop.fails('rehearse', {})).toMatchObject({ code: 'rehearsal-failed', details: { release: '1.1.0', target: '2.0.0' } });
    expect(await rehearsalCheck(shop)).toMatchObject({ status: 'warn', message: expect.stringContaining('1.1.0: ') as string });
  });

  test('needs a good backup and something to try, and says so', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    expect(await shop.fails('rehearse', {})).toMatchObject({
      code: 'unknown-backup',
      message: 'there is no backup of pot yet',
      remedy: { command: 'moult backup pot' },
    });
    const { backup } = await shop.does('backUp', {});
    expect(await shop.fails('rehearse', { to: '9.9.9' })).toMatchObject({ code: 'unknown-release' });
    expect(await shop.fails('rehearse', { backup: join(shop.folder, 'nothing.tar.zst') })).toMatchObject({ code: 'unknown-backup' });
    await shop.offer({ version: '1.0.0' });
    expect(await shop.fails('rehearse', {})).toMatchObject({ code: 'nothing-to-do', details: { release: '1.0.0' } });
    await shop.offer({ version: '1.0.0' }, { version: '1.1.0', schema: 2 });
    await rm(backup?.path ?? '');
    expect(await shop.fails('rehearse', {})).toMatchObject({ code: 'unknown-backup' });
    expect(await copies(shop)).toEqual([]);
    expect(rowsOf(home)?.schema).toBe(1);
  });

  test('that is cancelled leaves nothing, and says nothing of the release', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await shop.does('backUp', {});
    await shop.offer({ version: '1.0.0' }, { version: '1.1.0', schema: 2, mode: 'hangs' });
    const before = await liveState(shop, home);
    const { operation } = await shop.engine.api.rehearse({});
    await expect
      .poll(() => shop.events.some((event) => event.event === 'step' && event.id === 'rehearse' && event.state === 'running'), {
        timeout: 30_000,
      })
      .toBe(true);
    expect(shop.engine.cancel(operation)).toMatchObject({ possible: true });
    expect(await shop.engine.wait(operation)).toMatchObject({ ok: false, error: { code: 'cancelled' } });
    expect(await liveState(shop, home)).toEqual(before);
    expect(await copies(shop)).toEqual([]);
    expect(await rehearsalCheck(shop)).toBeUndefined();
  });
});

describe('the newest migration of a release that tells nothing', () => {
  test('is unknown, and known after a rehearsal: status, plan, drift and the wall before a start use it', async () => {
    const shop = await makeWorkshop();
    const home = await shop.setUp();
    await shop.describe(silent);
    expect((await status(shop)).schema).toEqual({ version: '1', known: null });
    expect((await shop.engine.api.drift({})).unknown).toContainEqual({
      detector: 'schema-ahead',
      reason: expect.stringContaining('does not tell which schema versions it knows') as string,
    });
    await shop.does('backUp', {});
    const { rehearsal } = await shop.does('rehearse', {});
    expect(rehearsal?.hops).toMatchObject([{ release: '1.1.0', schema: { before: '1', after: '2' }, learned: '2' }]);
    // Of the release that is there nothing is known by that; a rehearsal of it tells.
    expect((await status(shop)).schema).toEqual({ version: '1', known: null });
    expect((await shop.does('rehearse', { to: '1.0.0' })).rehearsal?.hops).toMatchObject([{ release: '1.0.0', learned: '1' }]);
    expect((await status(shop)).schema).toEqual({ version: '1', known: '1' });
    expect((await shop.engine.api.drift({})).unknown.map(({ detector }) => detector)).not.toContain('schema-ahead');

    await shop.does('stop', {});
    const database = openDatabase(join(home, 'data/pot.db'), { readonly: false });
    database.pragma('user_version = 2');
    database.close();
    expect((await shop.engine.api.drift({})).findings).toContainEqual(
      expect.objectContaining({
        kind: 'schema-ahead',
        message: expect.stringMatching(/^datastore is at schema version 2 but .*1\.0\.0 only knows up to 1/) as string,
      }),
    );
    expect(await shop.fails('start', {})).toMatchObject({ code: 'schema-ahead' });
    // It outlives the process.
    await shop.reopen();
    expect((await status(shop)).schema).toEqual({ version: '2', known: '1' });
  });

  test('is learned from a set-up and from an upgrade too', async () => {
    const shop = await makeWorkshop();
    await shop.describe(silent);
    await shop.setUp();
    expect((await status(shop)).schema).toEqual({ version: '1', known: '1' });
    await shop.does('upgrade', {});
    expect((await status(shop)).schema).toEqual({ version: '2', known: '2' });
  });

  test('is believed last: what a descriptor tells comes first', async () => {
    const shop = await makeWorkshop();
    await shop.describe(silent);
    await shop.setUp();
    await shop.describe((text) =>
      silent(text).replace('driver: pragma, datastore: data', "driver: pragma, datastore: data, known: [{ releases: { '1.0.0': '7' } }]"),
    );
    expect((await status(shop)).schema).toEqual({ version: '1', known: '7' });
  });

  test('is not learned from data that a newer release has worked on', async () => {
    const shop = await makeWorkshop();
    await shop.describe(silent);
    await shop.offer({ version: '1.0.0' }, { version: '1.0.1' }, { version: '1.1.0' });
    await shop.setUp();
    await shop.does('upgrade', { to: '1.1.0' });
    const { backup } = await shop.does('backUp', {});
    await shop.does('rollBack', {});
    // The path begins at the release that made the backup: an older one is refused outright.
    expect(await shop.fails('rehearse', { to: '1.0.1', backup: backup?.id ?? '' })).toMatchObject({ code: 'downgrade' });
    await shop.does('backUp', {});
    // 1.0.1 changes nothing, and 1.1.0 was here: that 1.0.1 knows what is there is likely, and not certain.
    const { rehearsal } = await shop.does('rehearse', { to: '1.0.1' });
    expect(rehearsal?.hops).toMatchObject([{ release: '1.0.1', schema: { before: '1', after: '1' }, learned: null }]);
  });

  test('follows from a healthy start by one rule', () => {
    const seen = { release: '2.0.0', before: '15', after: '18', newestBefore: '1.0.0' };
    expect(newestMigration(seen)).toBe('18');
    expect(newestMigration({ ...seen, before: null })).toBe('18');
    expect(newestMigration({ ...seen, newestBefore: null })).toBe('18');
    expect(newestMigration({ ...seen, after: null })).toBeNull();
    expect(newestMigration({ ...seen, after: '14' })).toBeNull();
    expect(newestMigration({ ...seen, before: '9', after: '10' })).toBe('10');
    // Nothing was applied: it knows what is there only when nobody newer can have written it.
    const still = { ...seen, after: '15' };
    expect(newestMigration(still)).toBe('15');
    expect(newestMigration({ ...still, newestBefore: '2.0.0' })).toBe('15');
    expect(newestMigration({ ...still, newestBefore: '2.0.1' })).toBeNull();
    expect(newestMigration({ ...still, newestBefore: null })).toBeNull();
    expect(newestMigration({ ...still, newestBefore: 'nightly' })).toBeNull();
  });
});

test('tables with fewer rows are told, also those that are gone', () => {
  expect(fewerRows({ data: { notes: 2, tags: 3, kept: 1 } }, { data: { notes: 1, kept: 4, new: 9 } })).toEqual({
    tables: 3,
    fewer: [
      { table: 'notes', before: 2, after: 1 },
      { table: 'tags', before: 3, after: null },
    ],
  });
  expect(fewerRows({ data: { notes: 2 } }, {})).toEqual({ tables: 1, fewer: [{ table: 'notes', before: 2, after: null }] });
});
