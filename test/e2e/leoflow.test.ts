/**
 * Leoflow Lite as its guide promises it and as its releases are: a stand-in with its layout, its texts and a real PostgreSQL, adopted,
 * backed up while it writes, upgraded, refused, rolled back, restored, removed. One test after the other on the same install.
 */
import { lstat, readdir, readFile, readlink, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DriftReport, Plan, Receipt, Status } from '../../electron/api/models.ts';
import { changed, dirtyRefusal, preserved, refusal, type GuideRow } from '../support/leoflow/guide.ts';
import {
  configValue,
  installNatively,
  makeOwnFolder,
  putPrograms,
  runLeoflow,
  startNatively,
  useLeoflow,
  writeOwn,
  type LeoflowClient,
} from '../support/leoflow/install.ts';
import { failingRelease, leoflowReleases, postgresPrograms, programsOf, type LeoflowRelease } from '../support/leoflow/releases.ts';
import { makeLeoflowWorld } from '../support/leoflow/world.ts';
import { lacks } from '../support/prerequisite.ts';
import { changeShape, driftShape, errorShape, planShape, statusShape } from '../support/result-shapes.ts';
import { freePort } from '../support/sprig.ts';
import { tarball } from '../support/tarballs.ts';
import { stateOfPlaces, treeState, type TreeState } from '../support/tree-state.ts';

const [release17, release18, release19] = leoflowReleases as [LeoflowRelease, LeoflowRelease, LeoflowRelease];
const password = 'correct horse';

const isLacking = await lacks(`${postgresPrograms}/pg_dump`);
const world = await makeLeoflowWorld(afterAll, leoflowReleases);
const port = await freePort();
let leoflow: LeoflowClient;
const files: Record<'own' | 'native' | 'newest', string> = { own: '', native: '', newest: '' };

async function status(): Promise<Status> {
  const { result } = await world.must(['status', 'leoflow']);
  statusShape.parse(result);
  return result as Status;
}

async function plan(...more: string[]): Promise<Plan> {
  const { result } = await world.must(['plan', 'leoflow', ...more]);
  planShape.parse(result);
  return result as Plan;
}

async function drift(code: number): Promise<DriftReport> {
  const { result } = await world.must(['drift', 'leoflow'], code);
  driftShape.parse(result);
  return result as DriftReport;
}

/** What a person owns and no upgrade may change: below their own folder. */
async function owned(): Promise<TreeState> {
  return stateOfPlaces(world.person, ['leoflow', '.leoflow/config.yaml']);
}

/** The programs on PATH that are those of a release. */
async function programsAre(release: LeoflowRelease): Promise<boolean> {
  const programs = Object.entries(await programsOf(release));
  const same = await Promise.all(programs.map(async ([name, text]) => (await readFile(join(world.bin, name), 'utf8')) === text));
  return same.every((one) => one);
}

describe.skipIf(isLacking)('Leoflow Lite', () => {
  test('a person installed prealpha.18 and worked with it', async () => {
    expect(await installNatively(world, release18, port, password, world.bin)).toMatchObject({ code: 0 });
    await writeOwn(world, join(world.workspace, 'dag.py'), 'from leoflow import DAG\n');
    await writeOwn(world, join(world.workspace, 'leoflow.yaml'), 'name: mine\n');
    await writeOwn(world, join(world.workspace, 'scripts', 'run.sh'), '#!/bin/sh\n', 0o755);
    await writeOwn(world, join(world.workspace, '.git', 'HEAD'), 'ref: refs/heads/main\n');
    await symlink('dag.py', join(world.workspace, 'latest.py'));
    await writeOwn(world, join(world.leoflowHome, 'dev', 'venv', '.leoflow-deps'), 'pandas\n');
    const stop = await startNatively(world, world.bin, port);
    leoflow = useLeoflow(port, await useLeoflow(port).signIn(password));
    expect(await leoflow.write('first', "it's mine")).toBe(201);
    expect(await stop()).toBe(0);
  });

  test('it is found and adopted, and its programs are kept', async () => {
    const before = await owned();
    const run = await world.must(['adopt', 'leoflow', '--channel', 'prealpha', '--yes']);
    expect(changeShape.parse(run.result)).toMatchObject({ from: release18.version, endState: 'done' });
    expect(await owned()).toEqual(before);
    expect(await programsAre(release18)).toBe(true);
    expect(await readdir(join(world.leoflowHome, '.moult', 'slots', release18.version))).toEqual([
      'leoflow',
      'leoflow-agent',
      'leoflow-server',
    ]);
    await world.must(['start', 'leoflow']);
    expect(await status()).toMatchObject({
      release: release18.version,
      schema: { version: '15', known: '15' },
      health: 'healthy',
      service: { state: 'running', port },
      update: { latest: release19.version, error: null },
    });
    expect(await leoflow.me()).toBe(200);
    expect((await drift(0)).findings).toEqual([]);
  });

  test("the plan of the upgrade says what both tables of Leoflow's guide say", async () => {
    const { path, items, from, to, checks } = await plan();
    expect([from, to, path.map((hop) => hop.release)]).toEqual([release18.version, release19.version, [release19.version]]);
    expect(checks.filter((check) => check.status === 'fail')).toEqual([]);
    const rowOf = (row: GuideRow) => {
      const item = items.find((entry) => entry.item === row.item);
      const shown = item?.paths.map((place) => place.replace(`${world.person}/`, '')) ?? [];
      return {
        what: row.what,
        fate: item?.fate,
        shown: shown.length > 0 && shown.every((place) => row.shown.test(place)),
        note: row.note.test(`${item?.what} ${item?.note}`),
      };
    };
    const promised = (row: GuideRow) => ({ what: row.what, fate: row.fate, shown: true, note: true });
    expect(preserved.map(rowOf)).toEqual(preserved.map(promised));
    expect(changed.map(rowOf)).toEqual(changed.map(promised));
    // What the guide does not name is not touched, or is brought up to date by the product's own set-up.
    const named = new Set([...preserved, ...changed].map((row) => row.item));
    const rest = Object.fromEntries(items.filter((item) => !named.has(item.item)).map((item) => [item.item, item.fate]));
    expect(rest).toMatchObject({ config: 'preserve', 'setup-notes': 'refresh', parser: 'replace', 'task-logs': 'preserve' });
    expect(items.find((item) => item.item === 'datastore')).toMatchObject({ before: 'schema 15' });
  });

  test('backups are made while it writes: of Moult, and of Leoflow itself', async () => {
    let isOver = false;
    let written = 0;
    const writing = (async () => {
      for (let index = 0; !isOver; index += 1) if ((await leoflow.write(`load-${index}`, 'x'.repeat(4000))) === 201) written = index + 1;
    })();
    for (const end = Date.now() + 10_000; written < 20 && Date.now() < end;) await pause(20);
    const before = written;
    files.own = join(world.person, 'own.tar.zst');
    await world.must(['backup', 'leoflow', '--output', files.own]);
    files.native = join(world.person, 'native.tar.gz');
    expect(await runLeoflow(world, world.bin, ['lite', 'backup', '--output', files.native])).toMatchObject({ code: 0 });
    isOver = true;
    await writing;
    expect(written).toBeGreaterThan(before);
    expect((await world.must(['verify', files.own])).result).toMatchObject({ verdict: 'unproven', problems: [] });
    expect((await stat(files.own)).mode & 0o777).toBe(0o600);
    expect(await status()).toMatchObject({ health: 'healthy' });
  });

  test('the upgrade migrates, keeps every row and the session of the browser, and replaces the programs on PATH', async () => {
    const [before, variables] = [await owned(), await leoflow.variables()];
    const run = await world.must(['upgrade', 'leoflow', '--yes']);
    expect(changeShape.parse(run.result)).toMatchObject({ from: release18.version, to: release19.version, endState: 'new-and-healthy' });
    expect(await owned()).toEqual(before);
    expect(await leoflow.variables()).toEqual(variables);
    expect(await leoflow.me()).toBe(200);
    expect(await useLeoflow(port).signIn(password)).toMatch(/\./);
    expect(await programsAre(release19)).toBe(true);
    expect(await status()).toMatchObject({
      release: release19.version,
      schema: { version: '18', known: '18' },
      health: 'healthy',
      update: { latest: null },
    });
    expect(await readFile(join(world.leoflowHome, 'pysrc', 'parser.py'), 'utf8')).toContain(release19.version);
    const { receipt } = run.result as { receipt: Receipt };
    const unchanged = receipt.items.filter((item) => item.fate === 'preserve').map((item) => [item.item, item.unchanged]);
    expect(unchanged).toEqual(
      expect.arrayContaining([
        ['workspace', true],
        ['admin-login', true],
        ['signing-secret', true],
        ['config', true],
      ]),
    );
    expect((await drift(0)).findings).toEqual([]);
    files.newest = join(world.person, 'newest.tar.gz');
    expect(await runLeoflow(world, world.bin, ['lite', 'backup', '--output', files.newest])).toMatchObject({ code: 0 });
  });

  test('an older program on newer data is refused, by Leoflow in the words of its guide and by Moult before anything runs', async () => {
    await world.must(['stop', 'leoflow']);
    await putPrograms(world, release18, world.bin);
    const refused = await runLeoflow(world, world.bin, ['lite', '--port', String(port)]);
    expect(refused.code).toBe(1);
    const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim();
    expect(oneLine(refused.stderr)).toBe(oneLine(`Error: ${refusal}`));
    const report = await drift(4);
    expect(
      report.findings
        .filter((finding) => finding.kind === 'programs-stale')
        .map((finding) => finding.subject)
        .sort(),
    ).toEqual(['leoflow', 'leoflow-agent', 'leoflow-server'].map((name) => join(world.bin, name)));
    expect((await world.must(['upgrade', 'leoflow', '--to', release18.version, '--yes'], 3)).error).toMatchObject({ code: 'downgrade' });
    await putPrograms(world, release19, world.bin);
    await world.must(['start', 'leoflow']);
    expect((await drift(0)).findings).toEqual([]);
  });

  test('a migration that was cut off is refused by both, and a backup brings everything back', async () => {
    const [before, variables] = [await owned(), await leoflow.variables()];
    const backup = join(world.person, 'before-the-cut.tar.zst');
    await world.must(['backup', 'leoflow', '--output', backup]);
    await world.must(['stop', 'leoflow']);
    const aside = join(world.person, 'aside');
    await putPrograms(world, failingRelease, aside);
    const broken = await runLeoflow(world, aside, ['lite', '--port', String(port)]);
    expect(broken).toMatchObject({ code: 1, stderr: expect.stringContaining('division by zero') as string });
    const refused = await runLeoflow(world, world.bin, ['lite', '--port', String(port)]);
    expect(refused).toMatchObject({ code: 1, stderr: `Error: ${dirtyRefusal}\n` });
    expect((await drift(4)).findings.map((finding) => finding.kind)).toContain('schema-dirty');
    expect((await world.must(['start', 'leoflow'], 3)).error).toMatchObject({ code: 'schema-dirty' });
    await world.must(['restore', 'leoflow', '--input', backup, '--yes']);
    await world.must(['start', 'leoflow']);
    expect(await leoflow.variables()).toEqual(variables);
    expect(await owned()).toEqual(before);
    expect((await drift(0)).findings).toEqual([]);
  });

  test('a second copy on PATH that no upgrade would replace is refused, and a server of another version is found', async () => {
    const other = join(world.person, 'tools');
    await putPrograms(world, release18, other);
    const env = { PATH: `${other}:${world.env['PATH']}` };
    await world.server.offer([...leoflowReleases, { ...release19, version: '0.0.1-prealpha.21' }]);
    const run = await world.must(['upgrade', 'leoflow', '--yes'], 3, { env });
    expect(errorShape.parse(run.error)).toMatchObject({
      code: 'check-failed',
      message: expect.stringContaining(join(other, 'leoflow-server')) as string,
    });
    await putPrograms(world, { ...release18 }, join(world.person, 'aside'));
    const server = (await programsOf(release18))['leoflow-server'] ?? '';
    await writeOwn(world, join(world.bin, 'leoflow-server'), server, 0o755);
    expect((await drift(4)).findings).toMatchObject([
      { kind: 'programs-stale', subject: join(world.bin, 'leoflow-server'), severity: 'problem' },
    ]);
    await putPrograms(world, release19, world.bin);
    await world.server.offer(leoflowReleases);
  });

  test('a migration that fails half way rolls back code and data', async () => {
    await world.server.offer([...leoflowReleases, failingRelease]);
    const [before, variables] = [await owned(), await leoflow.variables()];
    const run = await world.must(['upgrade', 'leoflow', '--yes'], 5);
    errorShape.parse(run.error);
    expect(run.error).toMatchObject({ code: 'rolled-back', details: { endState: 'old-and-healthy' } });
    expect(run.error?.message).toContain('division by zero');
    expect(await owned()).toEqual(before);
    expect(await leoflow.variables()).toEqual(variables);
    expect(await programsAre(release19)).toBe(true);
    expect(await status()).toMatchObject({ release: release19.version, schema: { version: '18', known: '18' }, health: 'healthy' });
    expect(await readFile(join(world.leoflowHome, 'pysrc', 'parser.py'), 'utf8')).toContain(release19.version);
    await world.server.offer(leoflowReleases);
  });

  test('roll back to prealpha.18, which nobody offers any more', async () => {
    await world.server.offer([release19]);
    await leoflow.write('only in 19', 'x');
    const run = await world.must(['rollback', 'leoflow', '--yes']);
    expect(changeShape.parse(run.result)).toMatchObject({ from: release19.version, to: release18.version, endState: 'old-and-healthy' });
    expect(await status()).toMatchObject({ release: release18.version, schema: { version: '15', known: '15' }, health: 'healthy' });
    expect(Object.keys(await leoflow.variables())).not.toContain('only in 19');
    expect(await leoflow.me()).toBe(200);
    expect(await programsAre(release18)).toBe(true);
    await world.server.offer(leoflowReleases);
  });

  test("Leoflow's own backup of a newer schema is refused with both versions named; its true version is in the dump", async () => {
    const run = await world.must(['restore', 'leoflow', '--input', files.newest, '--yes'], 3);
    expect(run.error).toMatchObject({
      code: 'schema-ahead',
      message: expect.stringMatching(/schema version 18 .*prealpha\.18 only knows up to 15/) as string,
    });
    expect(await status()).toMatchObject({ health: 'healthy' });
  });

  test('uninstall keeps datastore, workspace and the configuration with its keys; a set-up picks up', async () => {
    const [before, variables] = [await owned(), await leoflow.variables()];
    const run = await world.must(['uninstall', 'leoflow', '--yes']);
    expect(changeShape.parse(run.result)).toMatchObject({ from: release18.version, to: null, endState: 'done' });
    expect(await owned()).toEqual(before);
    expect((await readdir(world.leoflowHome)).sort()).toEqual(['.moult', 'config.yaml', 'pgdata', 'postgres', 'setup.json']);
    expect(await readdir(world.bin)).toEqual([]);
    expect(await world.processes()).toEqual([]);
    await world.must(['set-up', 'leoflow', '--release', release18.version, '--channel', 'prealpha']);
    expect(await leoflow.variables()).toEqual(variables);
    expect(await leoflow.me()).toBe(200);
    expect(await owned()).toEqual(before);
    expect(await programsAre(release18)).toBe(true);
  });

  test("a workspace that a setting puts at the person's own folder is never removed", async () => {
    const config = join(world.leoflowHome, 'config.yaml');
    const text = await readFile(config, 'utf8');
    for (const trap of [world.person, '/', '~/', join(world.person, '..')]) {
      await writeOwn(world, config, text.replace(/^workspace: .*$/m, `workspace: ${trap}`), 0o600);
      const run = await world.must(['uninstall', 'leoflow', '--purge', '--including', 'workspace', '--yes'], 3);
      expect(run.error).toMatchObject({ code: 'outside-roots' });
    }
    await writeOwn(world, config, text, 0o600);
    expect(await status()).toMatchObject({ health: 'healthy' });
  });

  test('purge removes everything that Leoflow brought and nothing else, and can be undone', async () => {
    await writeOwn(world, join(world.bin, 'mine'), 'not of Leoflow\n', 0o755);
    const variables = await leoflow.variables();
    const refused = await world.must(['uninstall', 'leoflow', '--purge', '--yes'], 3);
    expect(refused.error).toMatchObject({ code: 'not-confirmed', message: expect.stringContaining(world.workspace) as string });
    await world.must(['uninstall', 'leoflow', '--purge', '--including', 'workspace', '--yes']);
    expect(await readdir(world.leoflowHome)).toEqual(['.moult']);
    expect(await readdir(world.bin)).toEqual(['mine']);
    expect(await lstat(world.workspace).catch(() => null)).toBeNull();
    expect(await world.processes()).toEqual([]);
    await world.must(['undo', 'leoflow', '--yes']);
    expect(await leoflow.variables()).toEqual(variables);
    expect(await readlink(join(world.workspace, 'latest.py'))).toBe('dag.py');
    await world.must(['uninstall', 'leoflow', '--purge', '--including', 'workspace', '--yes']);
    expect(await readdir(world.leoflowHome)).toEqual(['.moult']);
    expect(await world.processes()).toEqual([]);
  });
});

describe.skipIf(isLacking)('Leoflow Lite on a fresh machine', () => {
  // The same person on a new disk: what was left of the old one is gone, and Moult knows nothing.
  beforeAll(async () => {
    const backups = await Promise.all(Object.values(files).map(async (path) => [path, await readFile(path)] as const));
    await rm(world.moultHome, { recursive: true });
    for (const name of await readdir(world.person)) await rm(join(world.person, name), { recursive: true });
    for (const [path, bytes] of backups) await writeOwn(world, path, bytes, 0o600);
    await makeOwnFolder(world, world.bin);
    await world.must(['products', '--from', join(world.folder, 'products')]);
  });

  test('is set up in a release that is expired and old, and upgraded over two schemas at once', async () => {
    await world.must(['set-up', 'leoflow', '--release', release17.version, '--channel', 'prealpha', '--port', String(port)]);
    expect(await status()).toMatchObject({ release: release17.version, schema: { version: '14', known: '14' }, health: 'healthy' });
    await world.must(['upgrade', 'leoflow', '--yes']);
    expect(await status()).toMatchObject({ release: release19.version, schema: { version: '18', known: '18' }, health: 'healthy' });
    expect((await readdir(world.bin)).sort()).toEqual(['leoflow', 'leoflow-agent', 'leoflow-server']);
    expect(await leoflow.me()).toBe(401);
  });

  test.each(['own', 'native'] as const)(
    'takes over the %s backup of the old machine, with its rows, files, login and sessions',
    async (which) => {
      const run = await world.must(['restore', 'leoflow', '--input', files[which], '--yes']);
      expect(changeShape.parse(run.result)).toMatchObject({ from: release18.version, to: release19.version, endState: 'new-and-healthy' });
      expect(await leoflow.me()).toBe(200);
      expect(await useLeoflow(port).signIn(password)).toMatch(/\./);
      const variables = await leoflow.variables();
      expect(variables['first']).toBe("it's mine");
      expect(Object.keys(variables).length).toBeGreaterThan(20);
      expect(await readFile(join(world.workspace, 'dag.py'), 'utf8')).toBe('from leoflow import DAG\n');
      expect(await readlink(join(world.workspace, 'latest.py')).catch(() => null)).toBe(which === 'own' ? 'dag.py' : null);
      expect(await configValue(world.leoflowHome, 'jwt_secret')).toMatch(/^[0-9a-f]{64}$/);
      expect(await status()).toMatchObject({ release: release19.version, schema: { version: '18', known: '18' }, health: 'healthy' });
      expect((await drift(0)).findings).toEqual([]);
    },
  );

  test('an archive that was cut off, and one that climbs out, are refused before anything is touched', async () => {
    const before = await owned();
    const bytes = await readFile(files.native);
    await writeOwn(world, join(world.person, 'cut.tar.gz'), bytes.subarray(0, bytes.length - 100));
    expect((await world.must(['restore', 'leoflow', '--input', join(world.person, 'cut.tar.gz'), '--yes'], 3)).error).toMatchObject({
      code: 'bad-backup',
    });
    const members = [
      { path: 'MANIFEST.json', content: '{"manifest_version":1,"leoflow_version":"0.0.1-prealpha.18"}' },
      { path: 'datastore.sql', content: 'SELECT 1;\n' },
      { path: 'workspace/../../escaped', content: 'x' },
    ];
    await writeOwn(world, join(world.person, 'climbing.tar.gz'), gzipSync(tarball(...members)));
    const run = await world.must(['restore', 'leoflow', '--input', join(world.person, 'climbing.tar.gz'), '--yes'], 3);
    expect(run.error).toMatchObject({ code: 'bad-archive' });
    expect(await owned()).toEqual(before);
    expect(await status()).toMatchObject({ health: 'healthy' });
  });
});

test('the tree of a world is compared in full', async () => {
  // Guards the comparisons above: a place that is missing would make two states equal.
  const state = await treeState(new URL('../support/leoflow', import.meta.url).pathname);
  expect(Object.keys(state)).toContain('leoflow.mjs');
});
