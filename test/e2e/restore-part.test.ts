/** Restoring parts of a backup with the built command, on the sample; and killed while it unpacks. */
import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { BackupMade, Comparison } from '../../electron/api/models.ts';
import { makeWorld } from '../support/moult.ts';
import { setUpSprig } from '../support/sprig-install.ts';

test('a note, a table and a login: compared, exported, restored alone, taken out beside, and all of it on a new machine', async () => {
  const world = await makeWorld(onTestFinished);
  const sprig = await setUpSprig(world, '1.1.0');
  await sprig.write('Garden', '# Garden\n\nBeans.\n', ['summer']);
  await sprig.write('Kitchen', '# Kitchen\n');
  const made = (await world.must(['backup', 'sprig', '--output', join(world.folder, 'kept.tar.zst')])).result as BackupMade;
  await sprig.write('Garden', '# Garden\n\nWeeds.\n');
  await sprig.write('Later', '# Later\n');
  const seen = (await world.must(['compare', 'sprig', '--input', made.path])).result as Comparison;
  expect(seen.files.map(({ change, file }) => `${change} ${file}`).sort()).toEqual(['added notes/Later.md', 'changed notes/Garden.md']);
  const tables = seen.items.find(({ item }) => item === 'datastore')?.tables ?? [];
  expect(tables.find(({ table }) => table === 'notes')).toMatchObject({ was: 3, is: 4, added: 1, changed: 1, removed: 0 });
  expect((await world.must(['compare', 'sprig', '--input', made.path], 0, { plain: true })).stdout).toMatch(
    /notes +3 → 4 +1 row added, 1 row changed/,
  );
  await world.must(['export', 'sprig', '--input', made.path, '--output', join(world.folder, 'since')]);
  expect(await readFile(join(world.folder, 'since/files/notes/Garden.md'), 'utf8')).toContain('Weeds');
  const lines = (await readFile(join(world.folder, 'since/rows/datastore/notes.jsonl'), 'utf8')).trim().split('\n');
  expect(
    lines.map((line) => JSON.parse(line) as { change: string; row: { name: string } }).map(({ change, row }) => `${change} ${row.name}`),
  ).toEqual(['added Later', 'changed Garden']);
  await world.must(['restore', '--input', made.path, '--file', 'notes/Garden.md', '--output', join(world.folder, 'out')]);
  expect(await readFile(join(world.folder, 'out/workspace/notes/Garden.md'), 'utf8')).toContain('Beans');
  await world.must(['restore', 'sprig', '--input', made.path, '--file', 'notes/Garden.md', '--yes']);
  expect(await sprig.notes()).toMatchObject({ Garden: { text: '# Garden\n\nBeans.\n' }, Later: { text: '# Later\n' } });
  const refused = await world.must(['restore', 'sprig', '--input', made.path, '--file', 'data/sprig.db', '--yes'], 3);
  expect(refused.error).toMatchObject({ code: 'unsupported' });
  expect((await world.must(['restore', 'sprig', '--input', made.path, '--item', 'admin-login', '--yes'])).result).toMatchObject({
    endState: 'new-and-healthy',
  });
  expect(await sprig.health()).toMatchObject({ status: 'ok' });
  await world.must(['stop', 'sprig']);
  const other = await makeWorld(onTestFinished);
  const run = await other.must(['restore', '--input', made.path, '--home', other.home('again'), '--yes']);
  expect(run.result).toMatchObject({ install: 'sprig', from: null, to: '1.1.0', endState: 'new-and-healthy' });
  expect(await readFile(join(other.home('again'), 'notes/Garden.md'), 'utf8')).toContain('Beans');
  expect((await other.must(['status', 'sprig'])).result).toMatchObject({ release: '1.1.0', health: 'healthy' });
  await other.must(['stop', 'sprig']);
});

test('killed in the middle of the unpacking, recovered, and gone on with where it stopped', async () => {
  const world = await makeWorld(onTestFinished);
  const sprig = await setUpSprig(world, '1.1.0');
  await mkdir(join(sprig.home, 'notes/pictures'));
  for (let index = 0; index < 120; index += 1) await writeFile(join(sprig.home, `notes/pictures/${index}.bin`), randomBytes(400_000));
  await sprig.write('Note', 'as it was');
  const { path } = (await world.must(['backup', 'sprig'])).result as BackupMade;
  await sprig.write('Note', 'changed');
  const begun = world.begin(['restore', 'sprig', '--input', path, '--yes']);
  await begun.event((event) => event.event === 'progress' && event.progress.step === 'unpack' && (event.progress.bytes ?? 0) > 5_000_000);
  begun.child.kill('SIGKILL');
  await begun.ended.catch(() => undefined);
  await world.must(['recover']);
  expect((await sprig.notes())['Note']?.text).toBe('changed');
  const unpacked = join(sprig.home, '.moult/staging/unpacked');
  const kept = (await readdir(unpacked, { recursive: true, withFileTypes: true })).filter((entry) => entry.name.endsWith('.bin'));
  expect(kept.length).toBeGreaterThan(0);
  const inodes = new Map(
    await Promise.all(kept.map(async (entry) => [entry.name, (await lstat(join(entry.parentPath, entry.name))).ino] as const)),
  );
  await world.must(['restore', 'sprig', '--input', path, '--yes']);
  const same = await Promise.all(
    [...inodes].map(async ([name, inode]) => (await lstat(join(sprig.home, 'notes/pictures', name))).ino === inode),
  );
  expect(same.filter(Boolean).length).toBeGreaterThan(0);
  expect((await sprig.notes())['Note']?.text).toBe('as it was');
  expect(await readdir(join(sprig.home, '.moult'))).not.toContain('staging');
});
