/** Rehearsals with the built `moult` on the sample: healthy ones, a bad release, a Ctrl-C, a kill, and a file of another machine. */
import { copyFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Backup, Plan, Status } from '../../electron/api/models.ts';
import type { RehearsalReport } from '../../electron/api/protection.ts';
import { makeWorld, quickly, sampleFeed, type World } from '../support/moult.ts';
import { setUpSprig } from '../support/sprig-install.ts';
import { suiteFolder } from '../support/temporary-folder.ts';
import { treeState } from '../support/tree-state.ts';
import { badVersion, buildZoo } from '../support/zoo.ts';

const zooFolder = await suiteFolder('rehearsed-zoo');
const copies = (world: World) => readdir(join(world.moultHome, 'drills')).catch(() => []);
const rehearsed = (plan: Plan) => plan.checks.find(({ check }) => check === 'rehearsal');

/** The sample as a product that tells of no release which migration is its newest. */
const silent = (descriptor: string) => quickly(descriptor).replace(/^ {2}migrations:\n(?: {4}.*\n)+/m, '');

/** What a rehearsal started, by the record that it left. */
async function copyRunning(world: World): Promise<number | null> {
  for (const around of await copies(world)) {
    for (const name of await readdir(join(world.moultHome, 'drills', around)).catch(() => [])) {
      const path = join(world.moultHome, 'drills', around, name, '.moult/service.json');
      const record = JSON.parse(await readFile(path, 'utf8').catch(() => '{}')) as { pid?: number };
      if (typeof record.pid === 'number') return record.pid;
    }
  }
  return null;
}

async function lives(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) Z /.test(stat);
}

test(
  'an upgrade is tried on a copy over every stop, what is learned stays, and neither Ctrl-C nor a kill leaves anything',
  { timeout: 240_000 },
  async () => {
    const world = await makeWorld(onTestFinished);
    await world.useSprig(sampleFeed, silent);
    const sprig = await setUpSprig(world, '1.0.0');
    await sprig.write('Garden', '# Garden\n', ['summer']);
    expect((await world.must(['rehearse', 'sprig'], 2)).error).toMatchObject({
      code: 'unknown-backup',
      remedy: { command: 'moult backup sprig' },
    });
    const backup = (await world.must(['backup', 'sprig'])).result as Backup;
    const files = async () => {
      const { 'data/sprig.db-shm': _shared, ...state } = (await treeState(sprig.home)) as unknown as Record<string, unknown>;
      return state;
    };
    const [before, health] = [await files(), await sprig.health()];

    const report = (await world.must(['rehearse', 'sprig', '--to', '2.0.0'])).result as RehearsalReport;
    expect(report).toMatchObject({ backup: backup.id, from: '1.0.0', release: '2.0.0', schema: { before: '2' } });
    expect(report.hops.length).toBeGreaterThan(1);
    // Only a stop that changes the schema shows what is its newest; the others follow, because nothing newer was ever here.
    expect(report.hops.map(({ learned, schema }) => learned === schema.after)).not.toContain(false);
    expect(report.rows?.tables).toBe(3);
    expect(await files()).toEqual(before);
    expect(await sprig.health()).toEqual(health);
    expect(await copies(world)).toEqual([]);
    const plan = (await world.must(['plan', 'sprig', '--to', '2.0.0'])).result as Plan;
    expect(rehearsed(plan)).toMatchObject({
      status: 'pass',
      message: expect.stringMatching(/^Rehearsed .*: healthy, schema 2 → /) as string,
    });
    const words = await world.must(['rehearse', 'sprig', '--to', '2.0.0'], 0, { plain: true });
    expect(words.stdout).toContain('The upgrade was rehearsed: 2.0.0 of sprig ran healthily on a copy.');
    expect(words.stdout).toMatch(/The copy is removed; the install was not touched\./);

    const cancelled = world.begin(['rehearse', 'sprig', '--to', '2.0.0']);
    await expect.poll(() => copyRunning(world), { timeout: 60_000, interval: 20 }).not.toBeNull();
    cancelled.child.kill('SIGINT');
    expect(await cancelled.ended).toMatchObject({ code: 130, error: { code: 'cancelled' } });
    expect(await copies(world)).toEqual([]);

    for (const cleaner of [
      ['rehearse', 'sprig', '--to', '2.0.0'],
      ['recover', 'sprig'],
    ]) {
      const killed = world.begin(['rehearse', 'sprig', '--to', '2.0.0']);
      let pid: number | null = null;
      await expect.poll(async () => (pid = await copyRunning(world)), { timeout: 60_000, interval: 20 }).not.toBeNull();
      killed.child.kill('SIGKILL');
      await killed.ended.catch(() => undefined);
      const copy = pid as unknown as number;
      expect(await lives(copy)).toBe(true);
      const status = (await world.must(['status', 'sprig', '--offline'])).result as Status;
      expect(status).toMatchObject({ interrupted: null, busy: null, health: 'healthy' });
      await world.must(cleaner);
      expect(await lives(copy), cleaner.join(' ')).toBe(false);
      expect(await copies(world)).toEqual([]);
    }
    expect(await sprig.health()).toEqual(health);

    const other = await makeWorld(onTestFinished);
    await other.useSprig(sampleFeed, quickly);
    const file = join(other.folder, 'renamed.tar.zst');
    await copyFile(backup.path, file);
    const elsewhere = await other.must(['rehearse', '--backup', file, '--to', '1.1.0']);
    expect(elsewhere.result).toMatchObject({ path: file, from: '1.0.0', release: '1.1.0', schema: { before: '2' } });
    expect(await copies(other)).toEqual([]);
  },
);

test('a bad release fails on the copy and nowhere else', { timeout: 180_000 }, async () => {
  const zoo = await buildZoo(zooFolder);
  for (const [name, says] of [
    ['migrates-then-fails', /the new index cannot be read/],
    ['leaves-ledger-dirty', /colours/],
  ] as const) {
    const world = await makeWorld(onTestFinished);
    await world.useSprig(zoo[name].feed, quickly);
    const sprig = await setUpSprig(world, '1.1.0');
    await sprig.write('Garden', '# Garden\n', ['summer']);
    await world.must(['backup', 'sprig']);
    const [notes, health] = [await sprig.notes(), await sprig.health()];
    const run = await world.must(['rehearse', 'sprig', '--to', badVersion], 1);
    expect(run.error, name).toMatchObject({ code: 'rehearsal-failed', details: { release: badVersion, from: '1.1.0' } });
    expect(run.error?.message).toMatch(says);
    const words = await world.must(['rehearse', 'sprig', '--to', badVersion], 1, { plain: true });
    expect(`${words.stdout}${words.stderr}`).toMatch(/The install was not touched\./);
    expect([await sprig.notes(), await sprig.health()]).toEqual([notes, health]);
    expect(await copies(world)).toEqual([]);
    const status = (await world.must(['status', 'sprig'])).result as Status;
    expect(status).toMatchObject({ release: '1.1.0', health: 'healthy', interrupted: null, update: { quarantined: [] } });
    const plan = (await world.must(['plan', 'sprig', '--to', badVersion])).result as Plan;
    expect(rehearsed(plan)).toMatchObject({ status: 'warn' });
  }
});
