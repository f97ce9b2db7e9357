/**
 * The story of one install of the sample, as a person lives it: set up, written to, backed up, upgraded, tampered with, rolled back,
 * restored, removed, begun anew. One test after the other on the same install, through the built `moult`; what every step promises
 * about the rest of the machine is checked at each of them.
 */
import { cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import type { DriftReport, Finding, HistoryEntry, Plan, Receipt, Status } from '../../electron/api/models.ts';
import { type BuiltRelease, buildRelease, writeFeed } from '../../resources/sample/build.ts';
import { type ReleaseDefinition, releases } from '../../resources/sample/releases.ts';
import { makeWorld, sampleFeed, type Run } from '../support/moult.ts';
import {
  backupShape,
  backupsShape,
  changeShape,
  driftShape,
  errorShape,
  planShape,
  statusShape,
  verificationShape,
} from '../support/result-shapes.ts';
import { askSprig, signIn } from '../support/sprig.ts';
import { firstPassword, setUpSprig, useSprig, type SprigInstall } from '../support/sprig-install.ts';
import { changeSqlite, sqliteContent } from '../support/sqlite-content.ts';
import { stateOfPlaces, treeState, type TreeState } from '../support/tree-state.ts';

const world = await makeWorld(afterAll);
const feed = join(world.folder, 'feed');
let sprig: SprigInstall;
let outside: TreeState;
const backups: Record<'first' | 'second', string> = { first: '', second: '' };

/** What an upgrade must leave alone to the byte. */
const preserved = ['notes', 'config.yaml'];

beforeAll(async () => {
  await cp(sampleFeed, feed, { recursive: true });
  await world.useSprig(feed);
  await writeFile(join(world.person, 'letter.txt'), 'Nobody touches this.\n');
  outside = await surroundings();
});

// Promise 3: nothing outside the owned roots changes.
afterEach(async () => {
  expect(await surroundings()).toEqual(outside);
});

async function surroundings(): Promise<TreeState> {
  return treeState(world.folder, (path) => ['homes/sprig', 'moult', 'feed', 'backups', 'aside'].includes(path));
}

async function status(): Promise<Status> {
  const { result } = await world.must(['status', 'sprig']);
  statusShape.parse(result);
  return result as Status;
}

async function drift(code: number, ...more: string[]): Promise<DriftReport> {
  const { result } = await world.must(['drift', 'sprig', ...more], code);
  driftShape.parse(result);
  return result as DriftReport;
}

/** What matters of findings, for comparing. */
function brief(report: DriftReport): string[] {
  return report.findings.map((finding) => `${finding.kind} ${finding.severity} ${finding.subject.replace(`${sprig.home}/`, '')}`).sort();
}

function shaped<S extends z.ZodType>(run: Run, shape: S): z.infer<S> {
  return shape.parse(run.result);
}

function receiptOf(run: Run): Receipt {
  return (run.result as { receipt: Receipt }).receipt;
}

async function rest(): Promise<{ staging: string[]; journal: string[] }> {
  const names = async (name: string) => readdir(join(sprig.home, '.moult', name)).catch(() => []);
  return { staging: (await names('staging')).filter((name) => name !== 'downloads'), journal: await names('journal') };
}

describe('the story of Sprig', () => {
  test('set up 1.0.0', async () => {
    sprig = await setUpSprig(world, '1.0.0');
    expect(await status()).toMatchObject({
      install: 'sprig',
      product: 'sprig',
      release: '1.0.0',
      channel: 'stable',
      home: sprig.home,
      schema: { version: '2', known: '2' },
      service: { state: 'running', port: sprig.port },
      health: 'healthy',
      update: { latest: '2.0.0', quarantined: [], error: null },
      lastBackup: null,
      interrupted: null,
    });
    expect(await sprig.health()).toMatchObject({ status: 'ok', version: '1.0.0', schema: '2' });
  });

  test('notes are written, through the server and on the disk', async () => {
    await sprig.write('Garden', '# Garden\n\nBeans and peas.\n', ['garden', 'summer']);
    await sprig.write('Trips', '# Trips\n\nBy train.\n', ['travel']);
    await writeFile(join(sprig.home, 'notes', 'By hand.md'), '# By hand\n\nWritten with an editor.\n');
    await writeFile(join(sprig.home, 'notes', 'picture.bin'), Buffer.from([0, 255, 10, 13, 0, 128]));
    // It takes over at its start what changed beside it.
    expect((await world.must(['restart', 'sprig'])).result).toMatchObject({ endState: 'new-and-healthy' });
    expect(Object.keys(await sprig.notes()).sort()).toEqual(['By hand', 'Garden', 'Trips', 'Welcome']);
    expect((await sprig.notes())['Garden']).toEqual({ text: '# Garden\n\nBeans and peas.\n', tags: ['garden', 'summer'] });
  });

  test('a backup is made while it runs, and read back', async () => {
    const output = join(world.folder, 'backups', 'first.tar.zst');
    const made = shaped(await world.must(['backup', 'sprig', '--output', output]), backupShape);
    expect(made).toMatchObject({ path: output, downtimeSeconds: 0, verdict: 'unproven' });
    expect((await stat(output)).mode & 0o777).toBe(0o600);
    backups.first = made.id;
    expect(shaped(await world.must(['verify', output]), verificationShape)).toMatchObject({ verdict: 'unproven', problems: [] });
    expect(shaped(await world.must(['backups', 'sprig']), backupsShape).map(({ id }) => id)).toEqual([made.id]);
    expect((await sprig.health())?.status).toBe('ok');
  });

  test('the plan says what will be done, and touches nothing', async () => {
    const before = await treeState(sprig.home);
    const run = await world.must(['plan', 'sprig']);
    shaped(run, planShape);
    const plan = run.result as Plan;
    expect(plan.path.map(({ release, kind }) => `${release} ${kind}`)).toEqual(['1.2.0 minor', '2.0.0 major']);
    expect(Object.fromEntries(plan.items.map(({ item, fate }) => [item, fate]))).toMatchObject({
      workspace: 'preserve',
      datastore: 'migrate',
      'admin-login': 'preserve',
      'signing-secret': 'preserve',
      config: 'preserve',
      dependencies: 'refresh',
      runtime: 'replace',
      binaries: 'replace',
    });
    expect(plan.items.find(({ item }) => item === 'datastore')).toMatchObject({ before: 'schema 2', after: 'schema 6' });
    expect(plan.configChanges).toMatchObject([{ option: 'title', change: 'renamed' }]);
    expect(plan.checks.filter(({ status: how }) => how === 'fail')).toEqual([]);
    expect(await treeState(sprig.home)).toEqual(before);
  });

  test('upgrade to 2.0.0 through 1.2.0, with the session of before', async () => {
    const [notes, kept] = [await sprig.notes(), await stateOfPlaces(sprig.home, preserved)];
    const run = await world.must(['upgrade', 'sprig', '--yes']);
    expect(shaped(run, changeShape)).toMatchObject({ from: '1.0.0', to: '2.0.0', endState: 'new-and-healthy' });
    const receipt = receiptOf(run);
    const stays = receipt.items.filter(({ fate }) => fate === 'preserve');
    expect(stays.map(({ item }) => item)).toEqual(['workspace', 'admin-login', 'signing-secret', 'config']);
    for (const item of stays)
      expect(item).toMatchObject({ unchanged: true, before: item.after, after: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    expect(receipt.items.find(({ item }) => item === 'datastore')?.unchanged).toBe(false);
    expect(receipt.steps.every(({ outcome }) => outcome === 'done')).toBe(true);
    expect(await stateOfPlaces(sprig.home, preserved)).toEqual(kept);
    expect(await sprig.notes()).toEqual(notes);
    expect((await sprig.ask('/api/me')).status).toBe(200);
    expect(await sprig.health()).toMatchObject({ version: '2.0.0', schema: '6' });
    expect(await status()).toMatchObject({
      release: '2.0.0',
      schema: { version: '6', known: '6' },
      health: 'healthy',
      update: { latest: null },
    });
    expect(await rest()).toEqual({ staging: [], journal: [] });
    backups.second = (await world.must(['backup', 'sprig'])).result
      ? (shaped(await world.must(['backups', 'sprig']), backupsShape)[0]?.id ?? '')
      : '';
  });

  test('there is nothing to do any more', async () => {
    const nothing = { operation: null, action: 'upgrade', install: 'sprig', from: '2.0.0', to: '2.0.0', endState: 'done', receipt: null };
    for (const typed of [['upgrade'], ['upgrade', '--to', '2.0.0']]) {
      const [command = '', ...more] = typed;
      expect((await world.must([command, 'sprig', ...more, '--yes'])).result).toEqual(nothing);
    }
    expect((await world.must(['plan', 'sprig'])).result).toMatchObject({ from: '2.0.0', to: '2.0.0', path: [], items: [], steps: [] });
    expect((await world.must(['upgrade', 'sprig'], 0, { plain: true })).stdout).toContain('sprig is on 2.0.0, the newest release');
  });

  test('drift finds only that 2.0.0 renamed an option', async () => {
    const report = await drift(4);
    expect(brief(report)).toEqual(['config-deprecated warning config.yaml: title']);
    expect(report.findings[0]?.message).toContain('site_title');
    expect(report.unknown).toEqual([]);
    const text = await readFile(join(sprig.home, 'config.yaml'), 'utf8');
    await writeFile(join(sprig.home, 'config.yaml'), text.replace(/^title:/m, 'site_title:'));
    await drift(0);
  });
});

describe('drift after tampering', () => {
  const slot = (...path: string[]): string => join(sprig.home, '.moult', 'slots', '2.0.0', ...path);

  /** Tampers, compares what is found, and sets it right again. */
  async function found(path: string, change: (text: string) => string | null, expected: string[]): Promise<Finding[]> {
    const text = await readFile(path, 'utf8').catch(() => null);
    const changed = change(text ?? '');
    if (changed === null) await rm(path);
    else await writeFile(path, changed);
    const run = await world.moult(['drift', 'sprig']);
    if (text === null) await rm(path);
    else await writeFile(path, text);
    expect(run.code).toBe(4);
    const report = driftShape.parse(run.result) as DriftReport;
    expect(brief(report)).toEqual(expected);
    await drift(0);
    return report.findings;
  }

  test('a shipped file changed', async () => {
    await found(slot('lib', 'pages.mjs'), (text) => `${text}// mine\n`, ['shipped-changed warning lib/pages.mjs']);
  });

  test('a shipped file missing', async () => {
    await found(slot('README.md'), () => null, ['shipped-missing problem README.md']);
  });

  test('a foreign file', async () => {
    await found(slot('lib', 'mine.mjs'), () => 'export {};\n', ['foreign-file warning lib/mine.mjs']);
  });

  test('a migration file altered', async () => {
    const findings = await found(slot('migrations', '0001_init.sql'), (text) => `${text}CREATE TABLE mine (id);\n`, [
      'migration-altered problem migration 1',
      'shipped-changed warning migrations/0001_init.sql',
    ]);
    expect(findings.every(({ alternatives }) => alternatives.length > 0)).toBe(true);
  });

  test('a migration file missing', async () => {
    await found(slot('migrations', '0002_sign_ins.sql'), () => null, [
      'migration-missing problem migration 2',
      'shipped-missing problem migrations/0002_sign_ins.sql',
    ]);
  });

  test('an option that no release knows', async () => {
    await found(join(sprig.home, 'config.yaml'), (text) => `${text}\ncolour: teal\n`, ['config-unknown warning config.yaml: colour']);
  });

  test('a config that cannot be read', async () => {
    const findings = await found(join(sprig.home, 'config.yaml'), (text) => `${text}\nx: "open\n`, [
      'config-unreadable problem config.yaml',
    ]);
    expect(findings[0]?.found).toMatch(/config\.yaml:\d+:\d+ cannot be read/);
  });

  test('another runtime than the pinned one', async () => {
    await found(join(sprig.home, 'runtime', 'VERSION'), () => '1.0\n', ['runtime-mismatch problem runtime']);
  });

  test('a schema pushed ahead: nothing is started, and both versions are named', async () => {
    await world.must(['stop', 'sprig']);
    const database = join(sprig.home, 'data', 'sprig.db');
    changeSqlite(
      database,
      "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (18, '0018_later', 'x', '2027-01-01T00:00:00Z')",
    );
    const before = await treeState(sprig.home);
    const report = await drift(4);
    expect(report.findings[0]).toMatchObject({ kind: 'schema-ahead', severity: 'problem' });
    expect(report.findings[0]?.message).toMatch(/^datastore is at schema version 18 but release 2\.0\.0 only knows up to 6/);
    for (const command of [['start'], ['restart']]) {
      const { error } = await world.must([...command, 'sprig'], 3);
      expect(errorShape.parse(error)).toMatchObject({ code: 'schema-ahead', remedy: { action: 'upgrade-binary' } });
      expect(error?.message).toMatch(/schema version 18 .*2\.0\.0 .*6/);
    }
    expect(await treeState(sprig.home)).toEqual(before);
    changeSqlite(database, 'DELETE FROM schema_migrations WHERE version = 18');
  });

  test('a ledger that is dirty', async () => {
    const database = join(sprig.home, 'data', 'sprig.db');
    const was = (await sqliteContent(database))['schema_migrations'] as { version: number; applied_at: string | null }[];
    expect(was.length).toBe(6);
    changeSqlite(database, "UPDATE schema_migrations SET applied_at = '' WHERE version = 6");
    const report = await drift(4);
    expect(report.findings).toMatchObject([{ kind: 'schema-dirty', severity: 'problem' }]);
    expect((await world.must(['start', 'sprig'], 3)).error).toMatchObject({ code: 'schema-dirty' });
    changeSqlite(database, `UPDATE schema_migrations SET applied_at = '${was.at(-1)?.applied_at}' WHERE version = 6`);
    await drift(0);
    await world.must(['start', 'sprig']);
    expect((await sprig.health())?.status).toBe('ok');
  });
});

describe('a bad release, and back', () => {
  test('it rolls back to the byte, says why, and is not offered again', async () => {
    await writeFeed(feed, [...(await goodReleases()), await badRelease('2.1.0')]);
    expect((await status()).update.latest).toBe('2.1.0');
    const [notes, kept, rows] = [await sprig.notes(), await stateOfPlaces(sprig.home, preserved), await rowsOfNotes()];
    const run = await world.must(['upgrade', 'sprig', '--yes'], 5);
    expect(errorShape.parse(run.error)).toMatchObject({ code: 'rolled-back' });
    expect(run.error?.message).toContain('2.0.0 is back');
    expect(run.error?.details).toMatchObject({ endState: 'old-and-healthy', receipt: { endState: 'old-and-healthy' } });
    expect(await stateOfPlaces(sprig.home, preserved)).toEqual(kept);
    expect(await rowsOfNotes()).toEqual(rows);
    expect(await sprig.notes()).toEqual(notes);
    expect(await sprig.health()).toMatchObject({ status: 'ok', version: '2.0.0', schema: '6' });
    expect(await rest()).toEqual({ staging: [], journal: [] });
    const { update } = await status();
    expect(update.latest).toBeNull();
    expect(update.quarantined).toMatchObject([
      { release: '2.1.0', reason: expect.stringContaining('the new index cannot be read') as string },
    ]);
    const again = await world.must(['upgrade', 'sprig', '--yes'], 3);
    expect(again.error).toMatchObject({ code: 'nothing-to-do', message: expect.stringContaining('2.1.0') as string });
    const [latest] = (await world.must(['history', 'sprig'])).result as HistoryEntry[];
    expect(latest).toMatchObject({ action: 'upgrade', outcome: 'rolled-back', endState: 'old-and-healthy' });
    await writeFeed(feed, [...(await goodReleases()), await badRelease('2.1.0'), await goodRelease('2.1.1')]);
    expect((await status()).update.latest).toBe('2.1.1');
    await writeFeed(feed, await goodReleases());
  });

  test('restore the backup of the new release', async () => {
    await sprig.write('Later', '# Later\n');
    const run = await world.must(['restore', 'sprig', '--input', backups.second, '--yes']);
    expect(shaped(run, changeShape)).toMatchObject({ from: '2.0.0', to: '2.0.0', endState: 'new-and-healthy' });
    expect(Object.keys(await sprig.notes()).sort()).toEqual(['By hand', 'Garden', 'Trips', 'Welcome']);
    expect((await world.must(['backups', 'sprig'])).result).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ id: backups.second, verdict: 'proven' })]) as unknown[],
    );
    const undone = await world.must(['undo', 'sprig', '--yes']);
    expect(shaped(undone, changeShape)).toMatchObject({ endState: 'old-and-healthy' });
    expect(Object.keys(await sprig.notes())).toContain('Later');
  });

  test('restore the backup from before the upgrade: the data passes 1.2.0 again', async () => {
    const plan = (await world.must(['plan', 'sprig', '--action', 'restore', '--input', backups.first])).result as Plan;
    expect(plan.warnings.join('\n')).toMatch(/schema is 2; 2\.0\.0 migrates it to 6/);
    const run = await world.must(['restore', 'sprig', '--input', backups.first, '--yes']);
    expect(shaped(run, changeShape)).toMatchObject({ from: '1.0.0', to: '2.0.0', endState: 'new-and-healthy' });
    const notes = await sprig.notes();
    expect(Object.keys(notes).sort()).toEqual(['By hand', 'Garden', 'Trips', 'Welcome']);
    expect(notes['Garden']).toEqual({ text: '# Garden\n\nBeans and peas.\n', tags: ['garden', 'summer'] });
    expect(await status()).toMatchObject({ release: '2.0.0', schema: { version: '6', known: '6' }, health: 'healthy' });
    expect((await sprig.ask('/api/me')).status).toBe(200);
    expect(await rest()).toEqual({ staging: [], journal: [] });
  });

  test('roll back to 1.0.0, code and data', async () => {
    await sprig.write('Only in 2.0', '# New\n');
    const run = await world.must(['rollback', 'sprig', '--yes']);
    expect(shaped(run, changeShape)).toMatchObject({ from: '2.0.0', to: '1.0.0', endState: 'old-and-healthy' });
    expect(await status()).toMatchObject({
      release: '1.0.0',
      schema: { version: '2', known: '2' },
      health: 'healthy',
      update: { latest: '2.0.0' },
    });
    expect(Object.keys(await sprig.notes()).sort()).toEqual(['By hand', 'Garden', 'Trips', 'Welcome']);
    const newer = await world.must(['restore', 'sprig', '--input', backups.second, '--yes'], 3);
    expect(newer.error).toMatchObject({
      code: 'schema-ahead',
      message: expect.stringMatching(/schema version 6 .*1\.0\.0 only knows up to 2/) as string,
    });
    expect(await rest()).toEqual({ staging: [], journal: [] });
  });
});

describe('away and back again', () => {
  test('uninstall keeps datastore, workspace and config, and a set-up picks up', async () => {
    const notes = await sprig.notes();
    await world.must(['stop', 'sprig']);
    const places = ['notes', 'config.yaml', 'data'];
    const kept = await stateOfPlaces(sprig.home, places);
    await world.must(['start', 'sprig']);
    const run = await world.must(['uninstall', 'sprig', '--yes']);
    expect(shaped(run, changeShape)).toMatchObject({ from: '1.0.0', to: null, endState: 'done' });
    expect(await stateOfPlaces(sprig.home, places)).toEqual(kept);
    expect((await readdir(sprig.home)).sort()).toEqual(['.moult', 'config.yaml', 'data', 'notes']);
    expect(await world.processes()).toEqual([]);
    expect((await world.must(['start', 'sprig'], 3)).error).toMatchObject({ code: 'not-an-install', remedy: { action: 'set-up' } });
    await world.must(['set-up', 'sprig', '--home', sprig.home, '--release', '1.0.0']);
    expect(await sprig.notes()).toEqual(notes);
    expect((await sprig.ask('/api/me')).status).toBe(200);
    expect((await signIn(sprig.port, sprig.password)).length).toBeGreaterThan(20);
    expect(await stateOfPlaces(sprig.home, ['notes', 'config.yaml'])).toEqual(
      Object.fromEntries(Object.entries(kept).filter(([path]) => !path.startsWith('data'))),
    );
    expect(await status()).toMatchObject({ install: 'sprig', release: '1.0.0', health: 'healthy' });
  });

  test('fresh start, and undo brings the old notes back', async () => {
    const notes = await sprig.notes();
    const refused = await world.must(['fresh-start', 'sprig'], 3);
    expect(refused.error).toMatchObject({ code: 'not-confirmed' });
    const run = await world.must(['fresh-start', 'sprig', '--yes']);
    expect(shaped(run, changeShape)).toMatchObject({ from: '1.0.0', to: '1.0.0', endState: 'new-and-healthy' });
    const fresh = await firstPassword(sprig.home);
    expect(fresh).not.toBe(sprig.password);
    expect((await sprig.ask('/api/me')).status).toBe(401);
    const begun = useSprig(sprig.home, sprig.port, fresh, await signIn(sprig.port, fresh));
    expect(Object.keys(await begun.notes())).toEqual(['Welcome']);
    await world.must(['undo', 'sprig', '--yes']);
    expect(await sprig.notes()).toEqual(notes);
    expect((await sprig.ask('/api/me')).status).toBe(200);
    expect(await status()).toMatchObject({ release: '1.0.0', health: 'healthy' });
  });

  test('purge, undo, and purge again', async () => {
    const notes = await sprig.notes();
    const run = await world.must(['uninstall', 'sprig', '--purge', '--yes']);
    expect(shaped(run, changeShape)).toMatchObject({ from: '1.0.0', to: null, endState: 'done' });
    expect(await readdir(sprig.home)).toEqual(['.moult']);
    expect(await world.processes()).toEqual([]);
    expect((await world.must(['list'])).result).toEqual([]);
    await world.must(['undo', 'sprig', '--yes']);
    expect(await sprig.notes()).toEqual(notes);
    expect((await world.must(['status'])).result).toMatchObject({ install: 'sprig', health: 'healthy' });
    await world.must(['uninstall', 'sprig', '--purge', '--yes']);
    expect(await readdir(sprig.home)).toEqual(['.moult']);
    expect(await world.processes()).toEqual([]);
    expect(await askSprig(sprig.port, '/healthz').catch(() => null)).toBeNull();
    expect((await world.must(['status', 'sprig'], 2)).error).toMatchObject({ code: 'unknown-install' });
  });

  test('no command left anything behind', async () => {
    expect(await readdir(world.temporary)).toEqual([]);
    expect(await readdir(world.moultHome)).not.toContain('npm-cache');
  });
});

const base = (version: string): ReleaseDefinition => {
  const found = releases.find((release) => release.version === version);
  if (found === undefined) throw new Error(`the sample has no release ${version}`);
  return found;
};

async function goodReleases(): Promise<BuiltRelease[]> {
  return Promise.all(releases.map((definition) => buildRelease(definition)));
}

async function goodRelease(version: string): Promise<BuiltRelease> {
  return buildRelease({ ...base('2.0.0'), version, published: '2026-05-01T09:00:00.000Z', breaking: [] });
}

/** Throws the history and the tags away in a migration of its own, and fails after it. */
async function badRelease(version: string): Promise<BuiltRelease> {
  const code = await readFile(new URL('../support/zoo/migrates-then-fails.mjs', import.meta.url));
  return buildRelease({ ...base('2.0.0'), version, published: '2026-04-01T09:00:00.000Z', breaking: [] }, (files) => {
    files.set('lib/serve.mjs', code);
    files.set('migrations/0007_forget.sql', Buffer.from('DELETE FROM revisions;\nALTER TABLE notes RENAME COLUMN title TO heading;\n'));
  });
}

/** The rows that are the person's: what the server notes for itself at a start is left out. */
async function rowsOfNotes(): Promise<Record<string, unknown[]>> {
  return sqliteContent(join(sprig.home, 'data', 'sprig.db'));
}
