import { execFile } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Backup } from '../../../electron/api/models.ts';
import { openDatabase } from '../../../electron/engine/platform/sqlite.ts';
import { openWholeRegistry, type Registry } from '../../../electron/engine/registry/registry.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const at = '2026-03-04T05:06:07.000Z';
const run = promisify(execFile);

async function opened(folder: string): Promise<Registry> {
  const registry = await openWholeRegistry(folder);
  onTestFinished(() => registry.close());
  return registry;
}

const row = (name: string, more: object = {}) => ({
  name,
  id: `id-${name}`,
  product: 'sprig',
  home: `/srv/${name}`,
  state: 'active' as const,
  ...more,
});

function backup(id: string, more: Partial<Backup> = {}): Backup {
  const facts = {
    install: 'sprig',
    product: 'sprig',
    release: '1.0.0',
    schema: '2',
    at,
    reason: 'asked' as const,
    verdict: 'unproven' as const,
  };
  return {
    id,
    path: `/backups/${id}.tar.zst`,
    bytes: 1,
    files: 1,
    sha256: 'ab',
    verifiedAt: null,
    problem: null,
    provenAt: null,
    drilledAt: null,
    installId: null,
    foreign: false,
    missing: false,
    ...facts,
    ...more,
  };
}

describe('installs', () => {
  test('are found by name and by home, and change in place', async () => {
    const { installs } = await opened(await temporaryFolder('registry'));
    installs.put(row('sprig'), at);
    installs.put(row('sprig', { state: 'uninstalled' }), at);
    expect(installs.all()).toEqual([row('sprig', { state: 'uninstalled' })]);
    expect(installs.byHome('/srv/sprig')?.name).toBe('sprig');
    expect(installs.byName('other')).toBeNull();
    installs.forget('sprig');
    expect(installs.all()).toEqual([]);
  });

  test('a home that is set up again under another name has only that', async () => {
    const { installs } = await opened(await temporaryFolder('registry'));
    installs.put(row('sprig', { state: 'purged' }), at);
    installs.put(row('notes', { id: 'id-sprig', home: '/srv/sprig' }), at);
    expect(installs.all().map((one) => one.name)).toEqual(['notes']);
  });

  test('of two that want one name the second is refused, and the first stays', async () => {
    const { installs } = await opened(await temporaryFolder('registry'));
    installs.put(row('sprig'), at);
    expect(() => installs.put(row('sprig', { id: 'another', home: '/srv/b' }), at)).toThrow(
      expect.objectContaining({ code: 'name-in-use' }) as Error,
    );
    expect(installs.all()).toEqual([row('sprig')]);
  });
});

describe('history', () => {
  test('tells the newest first, what never ended, and until when it can be undone', async () => {
    const { operations } = await opened(await temporaryFolder('registry'));
    const begin = (operation: string, startedAt: string) =>
      operations.begin({ operation, action: 'purge', install: 'sprig', home: '/srv/sprig', from: '1.0.0', to: null, startedAt });
    begin('a', '2026-01-01T00:00:00.000Z');
    begin('b', '2026-01-02T00:00:00.000Z');
    begin('c', '2026-01-03T00:00:00.000Z');
    const end = { endedAt: at, endState: 'done' as const, message: null, undoUntil: at, receipt: null };
    operations.end('a', { ...end, outcome: 'done' });
    operations.end('b', { ...end, outcome: 'interrupted' });
    expect(operations.of('sprig', 10).map((entry) => [entry.operation, entry.outcome])).toEqual([
      ['c', 'running'],
      ['b', 'interrupted'],
      ['a', 'done'],
    ]);
    expect(
      operations
        .unfinished()
        .map((entry) => entry.operation)
        .toSorted(),
    ).toEqual(['b', 'c']);
    operations.clearUndo('a');
    expect(operations.byId('a')).toMatchObject({ undoUntil: null, home: '/srv/sprig' });
    expect(operations.of('other', 10)).toEqual([]);
    expect(operations.of(null, 1)).toHaveLength(1);
  });
});

describe('the catalogue of backups', () => {
  test('finds by id, by the beginning of one that only one has, and by path', async () => {
    const { backups } = await opened(await temporaryFolder('registry'));
    for (const id of ['0a1b2c3d', '0a1b9999', 'ffff0000']) backups.put(backup(id));
    expect(backups.find('0a1b2c3d')?.id).toBe('0a1b2c3d');
    expect(backups.find('0a1b2')?.id).toBe('0a1b2c3d');
    expect(backups.find('0a1b')).toBeNull();
    expect(backups.find('/backups/ffff0000.tar.zst')?.id).toBe('ffff0000');
    for (const bad of ['', '%', '____', "' OR 1=1 --", 'fff']) expect(backups.find(bad)).toBeNull();
  });

  test('keeps the verdict, and forgets', async () => {
    const { backups } = await opened(await temporaryFolder('registry'));
    backups.put(backup('ffff0000'));
    backups.judge('ffff0000', 'bad', at, 'a bit is flipped');
    expect(backups.of('sprig')).toMatchObject([{ verdict: 'bad', verifiedAt: at, problem: 'a bit is flipped' }]);
    expect(backups.of('other')).toEqual([]);
    backups.forget('ffff0000');
    expect(backups.of(null)).toEqual([]);
  });
});

test('quarantine, settings and downtimes belong to their home', async () => {
  const registry = await opened(await temporaryFolder('registry'));
  registry.quarantine('/a', '1.3.0', 'it died');
  registry.quarantine('/a', '1.3.0', 'it died again');
  expect(registry.quarantined('/a')).toEqual([{ release: '1.3.0', reason: 'it died again' }]);
  expect(registry.quarantined('/b')).toEqual([]);
  registry.acquit('/a', '1.3.0');
  expect(registry.quarantined('/a')).toEqual([]);
  expect(registry.setting('folder', 'none')).toBe('none');
  registry.set('folder', ['a', 1, null]);
  expect(registry.setting('folder', 'none')).toEqual(['a', 1, null]);
  for (let seconds = 0; seconds < 8; seconds += 1) registry.addDowntime('/a', 'upgrade', seconds);
  expect(registry.downtimes('/a', 'upgrade')).toHaveLength(5);
  expect(registry.downtimes('/a', 'start')).toEqual([]);
});

describe('moult.db', () => {
  test('is for its owner alone, whatever the umask', async () => {
    const folder = join(await temporaryFolder('registry'), 'moult');
    const before = process.umask(0);
    try {
      const registry = await opened(folder);
      registry.set('a', 1);
    } finally {
      process.umask(before);
    }
    const mode = async (name: string) => (await stat(join(folder, name))).mode & 0o777;
    expect([await mode('.'), await mode('moult.db'), await mode('moult.db-wal')]).toEqual([0o700, 0o600, 0o600]);
  });

  test('of a newer Moult is refused and left as it was', async () => {
    const folder = await temporaryFolder('registry');
    const path = join(folder, 'moult.db');
    const newer = openDatabase(path);
    newer.exec('CREATE TABLE future (x)');
    newer.pragma('user_version = 99');
    newer.close();
    const bytes = await readFile(path);
    const failure = await openWholeRegistry(folder).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'newer-format',
      remedy: { action: 'upgrade-moult' },
      message: expect.stringContaining('99') as string,
    });
    expect((await readFile(path)).equals(bytes)).toBe(true);
  });

  test.each([
    ['no database', 'this is not a database, it is a long enough text to be sure of it. '.repeat(20)],
    ['cut off', null],
  ])('that is %s is told with what to do, and left as it was', async (_, text) => {
    const folder = await temporaryFolder('registry');
    const path = join(folder, 'moult.db');
    if (text !== null) await writeFile(path, text);
    else {
      const registry = await openWholeRegistry(folder);
      registry.set('a', 'b'.repeat(50_000));
      registry.close();
      await writeFile(path, (await readFile(path)).subarray(0, 6000));
    }
    const bytes = await readFile(path);
    const failure = await openWholeRegistry(folder).then(
      (registry) => registry.close(),
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'io', remedy: expect.anything() as object, message: expect.stringContaining(path) as string });
    expect((await readFile(path)).equals(bytes)).toBe(true);
  });

  test('is written by several processes at once, from its very first moment', async () => {
    const folder = join(await temporaryFolder('registry'), 'fresh');
    const script = fileURLToPath(new URL('registry-writer.ts', import.meta.url));
    const writers = ['a', 'b', 'c', 'd'].map(async (name) => run(process.execPath, [script, folder, name, '25']));
    await Promise.all(writers);
    const registry = await opened(folder);
    expect(registry.installs.all().map((one) => one.name)).toEqual(['a', 'b', 'c', 'd']);
    expect(registry.operations.of(null, 1000)).toHaveLength(100);
    expect(registry.operations.unfinished()).toEqual([]);
  });

  test('in a folder that cannot be made is told as such', async () => {
    const folder = await temporaryFolder('registry');
    await writeFile(join(folder, 'file'), '');
    await expect(openWholeRegistry(join(folder, 'file', 'moult'))).rejects.toMatchObject({ code: 'bad-home' });
    await mkdir(join(folder, 'taken', 'moult.db'), { recursive: true });
    await expect(openWholeRegistry(join(folder, 'taken'))).rejects.toMatchObject({ code: 'io' });
  });
});

test('rehearsals are kept by home and release, and what was learned of a release by its product and ledger', async () => {
  const { rehearsals, learned } = await opened(await temporaryFolder('registry'));
  const failed = {
    home: '/a',
    release: '2.0.0',
    from: '1.0.0',
    backup: 'b-1',
    at,
    before: '2',
    after: null,
    seconds: null,
    problem: 'it died',
  };
  const healthy = { ...failed, after: '6', seconds: 3.5, problem: null };
  rehearsals.put(failed);
  expect(rehearsals.of('/a', '2.0.0')).toEqual(failed);
  rehearsals.put(healthy);
  expect(rehearsals.of('/a', '2.0.0')).toEqual(healthy);
  expect([rehearsals.of('/b', '2.0.0'), rehearsals.of('/a', '1.0.0')]).toEqual([null, null]);
  learned.learn('sprig', 'pragma data', { release: '2.0.0', version: '6' }, at);
  learned.learn('sprig', 'pragma data', { release: '2.0.0', version: '7' }, at);
  expect(learned.of('sprig', 'pragma data')).toEqual([{ release: '2.0.0', version: '7' }]);
  expect([learned.of('sprig', 'knex data'), learned.of('pot', 'pragma data')]).toEqual([[], []]);
});
