/**
 * Kills at every checkpoint: the engine is ended by SIGKILL before and after each step of an operation, as its own plan lists them.
 * Afterwards nothing else may be done until `moult recover` has finished or undone it, and then the install is old-and-healthy or
 * new-and-healthy, with every note in it. A few checkpoints by default, all of them with MOULT_FULL=1.
 */
import { lstat, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, type ExpectStatic, test } from 'vitest';
import type { Backup, OperationOutcome, Plan, Receipt, Status } from '../../electron/api/models.ts';
import { leftovers } from '../support/leftovers.ts';
import { makeWorld, quickly, sampleFeed, type Run, type World } from '../support/moult.ts';
import { setUpSprig, type SprigInstall } from '../support/sprig-install.ts';
import { freePort } from '../support/sprig.ts';
import { sqliteContent } from '../support/sqlite-content.ts';
import { stateOfPlaces, treeState, type TreeState } from '../support/tree-state.ts';

const isFull = process.env['MOULT_FULL'] === '1';

/** An operation: the command, and what has to be there for it. */
interface Subject {
  /** The command line without the install and `--yes`. */
  typed: (stage: Stage) => string[];
  prepare?: (stage: Stage) => Promise<void>;
  /** The release after the operation; null where there is none any more. */
  leadsTo: string | null;
  /** The checkpoints that are always looked at. */
  always: string[];
}

interface Stage {
  world: World;
  sprig: SprigInstall;
  backup: string;
}

const subjects: Record<string, Subject> = {
  upgrade: {
    typed: () => ['upgrade', 'sprig', '--yes'],
    leadsTo: '2.0.0',
    always: [
      'back-up:after',
      'stop:after',
      'seal:before',
      'switch@1.2.0:after',
      'migrate@2.0.0:before',
      'migrate@2.0.0:after',
      'commit:after',
      'tidy:before',
    ],
  },
  restore: {
    typed: ({ backup }) => ['restore', 'sprig', '--input', backup, '--yes'],
    prepare: async ({ sprig }) => sprig.write('Written after the backup', '# Later\n'),
    leadsTo: '1.0.0',
    always: ['unpack:after', 'swap:after', 'tidy:before'],
  },
  'roll-back': {
    typed: () => ['rollback', 'sprig', '--yes'],
    prepare: async ({ world, sprig }) => {
      await world.must(['upgrade', 'sprig', '--to', '1.1.0', '--yes']);
      await sprig.write('Written after the upgrade', '# Later\n');
    },
    leadsTo: '1.0.0',
    always: ['swap:after', 'switch:after', 'start:after'],
  },
  uninstall: { typed: () => ['uninstall', 'sprig', '--yes'], leadsTo: null, always: ['put-away:after', 'commit:before'] },
  purge: { typed: () => ['uninstall', 'sprig', '--purge', '--yes'], leadsTo: null, always: ['put-away:before', 'record:after'] },
  'fresh-start': {
    typed: () => ['fresh-start', 'sprig', '--yes'],
    leadsTo: '1.0.0',
    always: ['put-away:after', 'configure:after', 'tidy:after'],
  },
};

const stepIds = await stepsOfAll();

for (const [name, subject] of Object.entries(subjects)) {
  const every = (stepIds[name] ?? []).flatMap((id) => [`${id}:before`, `${id}:after`]);
  const points = isFull ? every : subject.always.filter((point) => every.includes(point));
  describe.concurrent(`a kill during ${name}`, () => {
    test('every checkpoint of the short list is one of the plan', ({ expect }) => {
      expect(subject.always.filter((point) => !every.includes(point))).toEqual([]);
    });

    test.for(points)('%s', async (point, { onTestFinished, expect }) => {
      const stage = await makeStage(onTestFinished, subject);
      const { world, sprig } = stage;
      const before = await personsBytes(sprig);
      const old = (await sprig.health())?.version;
      await killedAt(world, point, subject.typed(stage));
      const { interrupted } = (await world.must(['status', 'sprig'])).result as Status;
      expect(interrupted).toMatchObject({ kind: name, step: point.slice(0, point.lastIndexOf(':')) });
      await refusesOthers(stage, expect);
      const { endState, to } = (await world.must(['recover', 'sprig'])).result as OperationOutcome;
      expect(endState).toBe(
        interrupted?.recovery === 'undo' ? 'old-and-healthy' : name === 'roll-back' ? 'old-and-healthy' : 'new-and-healthy',
      );
      const release = interrupted?.recovery === 'undo' ? old : subject.leadsTo;
      expect(to).toBe(release);
      expect(await sprig.health()).toMatchObject({ status: 'ok', version: release });
      expect((await world.must(['status', 'sprig'])).result).toMatchObject({ release, health: 'healthy', interrupted: null, busy: null });
      // A finished restore or fresh start has other notes; what was undone, or upgraded, has all of them, to the byte.
      if (interrupted?.recovery === 'undo') expect(await personsBytes(sprig)).toEqual(before);
      else if (name === 'upgrade') expect(preserved((await personsBytes(sprig)).files)).toEqual(preserved(before.files));
      expect(await leftovers(world, sprig.home)).toEqual([]);
      await world.must(['stop', 'sprig']);
      expect(await world.processes()).toEqual([]);
      expect((await world.must(['recover', 'sprig'])).result).toMatchObject({ operation: null, endState: 'done' });
    });
  });
}

describe.concurrent('a kill during set-up', () => {
  const every = (stepIds['set-up'] ?? []).flatMap((id) => [`${id}:before`, `${id}:after`]);
  const always = ['stage:after', 'configure:after', 'start:after', 'tidy:before'];

  test.for(isFull ? every : always)('%s', async (point, { onTestFinished, expect }) => {
    const world = await makeWorld(onTestFinished);
    await world.useSprig(sampleFeed, quickly);
    const [home, port] = [world.home(), await freePort()];
    const typed = ['set-up', 'sprig', '--release', '1.0.0', '--home', home, '--port', String(port)];
    await killedAt(world, point, typed);
    expect((await world.must(typed, 6)).error).toMatchObject({ code: 'interrupted', remedy: { action: 'recover' } });
    const { endState } = (await world.must(['recover'])).result as OperationOutcome;
    expect(await leftovers(world, home)).toEqual([]);
    if (point.startsWith('tidy')) {
      expect(endState).toBe('new-and-healthy');
      expect((await world.must(['status', 'sprig'])).result).toMatchObject({ release: '1.0.0', health: 'healthy', interrupted: null });
    } else {
      expect(await lstat(home).catch(() => null)).toBeNull();
      expect(await world.processes()).toEqual([]);
      expect((await world.must(['list'])).result).toEqual([]);
      await world.must(typed);
    }
    await world.must(['stop', 'sprig']);
  });
});

describe.concurrent('a kill during a recovery', () => {
  const undone = isFull ? (stepIds['upgrade'] ?? []).slice(0, -2) : ['migrate@2.0.0', 'guard'];

  test.for(undone.flatMap((id) => [`${id}:before-undo`, `${id}:after-undo`]))('%s', async (point, { onTestFinished, expect }) => {
    const stage = await makeStage(onTestFinished, subjects['upgrade'] as Subject);
    const { world, sprig } = stage;
    const before = await personsBytes(sprig);
    await killedAt(world, 'migrate@2.0.0:after', ['upgrade', 'sprig', '--yes']);
    const isBegun =
      (stepIds['upgrade'] ?? []).indexOf(point.slice(0, point.lastIndexOf(':'))) <= (stepIds['upgrade'] ?? []).indexOf('migrate@2.0.0');
    if (isBegun) await killedAt(world, point, ['recover', 'sprig']);
    expect((await world.must(['backup', 'sprig'], 6)).error).toMatchObject({ code: 'interrupted' });
    expect((await world.must(['recover', 'sprig'])).result).toMatchObject({ endState: 'old-and-healthy', to: '1.0.0' });
    expect(await personsBytes(sprig)).toEqual(before);
    expect(await sprig.health()).toMatchObject({ status: 'ok', version: '1.0.0' });
    expect(await leftovers(world, sprig.home)).toEqual([]);
    await world.must(['stop', 'sprig']);
    expect(await world.processes()).toEqual([]);
  });
});

/** The steps of every operation, from receipts and plans. */
async function stepsOfAll(): Promise<Record<string, string[]>> {
  const world = await makeWorld(afterAll);
  await world.useSprig(sampleFeed, quickly);
  const home = world.home();
  const ids = (steps: readonly { id: string }[]): string[] => steps.map(({ id }) => id);
  const typed = ['set-up', 'sprig', '--release', '1.0.0', '--home', home, '--port', String(await freePort())];
  const setUp = (await world.must(typed)).result as { receipt: Receipt };
  const { id } = (await world.must(['backup', 'sprig'])).result as Backup;
  const plan = async (...more: string[]): Promise<string[]> => ids(((await world.must(['plan', 'sprig', ...more])).result as Plan).steps);
  const found: Record<string, string[]> = {
    'set-up': ids(setUp.receipt.steps),
    upgrade: await plan(),
    restore: await plan('--action', 'restore', '--input', id),
    uninstall: await plan('--action', 'uninstall'),
    purge: await plan('--action', 'purge'),
    'fresh-start': await plan('--action', 'fresh-start'),
  };
  await world.must(['upgrade', 'sprig', '--to', '1.1.0', '--yes']);
  found['roll-back'] = await plan('--action', 'roll-back');
  await world.must(['stop', 'sprig']);
  return found;
}

async function makeStage(onEnd: Parameters<typeof makeWorld>[0], subject: Subject): Promise<Stage> {
  const world = await makeWorld(onEnd);
  await world.useSprig(sampleFeed, quickly);
  const sprig = await setUpSprig(world, '1.0.0');
  await sprig.write('Garden', '# Garden\n\nBeans.\n', ['garden', 'summer']);
  await writeFile(join(sprig.home, 'stranger.txt'), 'belongs to nobody\n');
  const { id } = (await world.must(['backup', 'sprig'])).result as Backup;
  const stage = { world, sprig, backup: id };
  await subject.prepare?.(stage);
  // At each start Sprig takes over what is younger than its index, and that may be the file it wrote itself.
  await world.must(['restart', 'sprig']);
  return stage;
}

async function killedAt(world: World, point: string, typed: readonly string[]): Promise<Run> {
  const run = await world.moult(typed, { env: { MOULT_TEST_FAILPOINT: `${point}:kill` } });
  if (run.signal !== 'SIGKILL')
    throw new Error(`${point} was not reached by moult ${typed.join(' ')}: ${run.code} ${run.stdout.slice(-500)}`);
  return run;
}

/** Whatever could meet the half-done work says first that it is there. */
async function refusesOthers({ world, sprig, backup }: Stage, expect: ExpectStatic): Promise<void> {
  const commands = [['backup'], ['start'], ['uninstall', '--yes']];
  if (isFull) commands.push(['stop'], ['restart'], ['fresh-start', '--yes'], ['restore', '--input', backup, '--yes'], ['undo']);
  const tree = await treeState(sprig.home);
  for (const [command = '', ...more] of commands) {
    const { error } = await world.must([command, 'sprig', ...more], 6);
    expect(error, command).toMatchObject({ code: 'interrupted', remedy: { action: 'recover', command: 'moult recover sprig' } });
  }
  expect((await world.must(['set-up', 'sprig', '--home', sprig.home], 6)).error).toMatchObject({ code: 'interrupted' });
  const after = await treeState(sprig.home);
  // What runs goes on writing its log and its datastore.
  const changed = [...new Set([...Object.keys(tree), ...Object.keys(after)])].filter((path) => tree[path] !== after[path]);
  expect(changed.filter((path) => !/^(?:logs|data)\//.test(path))).toEqual([]);
}

/** What an upgrade leaves alone: not what a release brings into the home folder. */
function preserved(files: TreeState): TreeState {
  return Object.fromEntries(Object.entries(files).filter(([path]) => /^(?:notes|config\.yaml|stranger\.txt)/.test(path)));
}

async function personsBytes(sprig: SprigInstall): Promise<{ files: TreeState; rows: Record<string, unknown[]> }> {
  const database = join(sprig.home, 'data', 'sprig.db');
  const names = (await readdir(sprig.home)).filter((name) => !['.moult', 'data', 'logs'].includes(name));
  return { files: await stateOfPlaces(sprig.home, names), rows: await sqliteContent(database) };
}
