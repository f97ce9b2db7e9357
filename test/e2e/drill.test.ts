/** Drills with the built `moult` on the sample: beside a running install, after kills, and on a machine that has nothing but the file. */
import { copyFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Backup, Status } from '../../electron/api/models.ts';
import type { DrillReport } from '../../electron/api/protection.ts';
import { makeWorld, quickly, sampleFeed, type World } from '../support/moult.ts';
import { setUpSprig } from '../support/sprig-install.ts';

const drills = (world: World) => readdir(join(world.moultHome, 'drills')).catch(() => []);

/** What a drill started, by the record that it left. */
async function copyRunning(world: World): Promise<{ pid: number; port: number } | null> {
  for (const around of await drills(world)) {
    for (const name of await readdir(join(world.moultHome, 'drills', around)).catch(() => [])) {
      const path = join(world.moultHome, 'drills', around, name, '.moult/service.json');
      const record = JSON.parse(await readFile(path, 'utf8').catch(() => '{}')) as { pid?: number; port?: number };
      if (typeof record.pid === 'number' && typeof record.port === 'number') return { pid: record.pid, port: record.port };
    }
  }
  return null;
}

/** Whether a process runs; one that ended and that nobody has asked after is only a line in a table. */
async function lives(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !/\) Z /.test(stat);
}

test(
  'a drill proves the newest backup, and a kill in the middle of one holds nothing up and leaves nothing',
  { timeout: 180_000 },
  async () => {
    const world = await makeWorld(onTestFinished);
    await world.useSprig(sampleFeed, quickly);
    const sprig = await setUpSprig(world, '1.1.0');
    await sprig.write('Garden', '# Garden\n', ['summer']);
    const backup = (await world.must(['backup', 'sprig'])).result as Backup;
    const before = await sprig.health();

    const proven = (await world.must(['drill', 'sprig'])).result as DrillReport;
    expect(proven).toMatchObject({
      backup: backup.id,
      release: '1.1.0',
      code: 'slot',
      verdict: 'proven',
      schema: { expected: '3', found: '3' },
    });
    expect(proven.rows?.tables).toBeGreaterThan(3);
    expect(await drills(world)).toEqual([]);

    for (const cleaner of [
      ['drill', 'sprig'],
      ['recover', 'sprig'],
    ]) {
      const killed = world.begin(['drill', 'sprig']);
      let copy: { pid: number; port: number } | null = null;
      await expect.poll(async () => (copy = await copyRunning(world)), { timeout: 60_000, interval: 20 }).not.toBeNull();
      killed.child.kill('SIGKILL');
      await killed.ended.catch(() => undefined);
      const { pid, port } = copy as unknown as { pid: number; port: number };
      onTestFinished(async () => void ((await lives(pid)) && process.kill(pid, 'SIGKILL')));
      expect(await lives(pid)).toBe(true);
      expect(port).not.toBe(sprig.port);
      const status = (await world.must(['status', 'sprig', '--offline'])).result as Status;
      expect(status).toMatchObject({ interrupted: null, busy: null, health: 'healthy' });
      await world.must(['backup', 'sprig']);
      await world.must(cleaner);
      expect(await lives(pid), cleaner.join(' ')).toBe(false);
      expect(await drills(world)).toEqual([]);
    }
    expect(await sprig.health()).toEqual(before);
    expect(await sprig.notes()).toMatchObject({ Garden: { text: '# Garden\n' } });

    const other = await makeWorld(onTestFinished);
    await other.useSprig(sampleFeed, quickly);
    const file = join(other.folder, 'renamed.tar.zst');
    await copyFile(backup.path, file);
    expect((await other.must(['drill', '--backup', file])).result).toMatchObject({ path: file, code: 'feed', verdict: 'proven' });
    expect(await drills(other)).toEqual([]);
  },
);
