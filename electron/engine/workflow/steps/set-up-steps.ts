/** Steps that make a new install: its folder and record, and the product's own first configuration. */
import { join } from 'node:path';
import { Failure } from '../../../api/failure.ts';
import { writeRecord, type InstallRecord } from '../../install/record.ts';
import { moultFolderOf } from '../../install/moult-folder.ts';
import { commandNote, type Step, type StepTools } from '../../operation/step.ts';
import { now } from '../../platform/clock.ts';
import { environmentApart, environmentWithout, nodeCommand } from '../../platform/environment.ts';
import { exists, makeFolderDurably, namesIn, remove } from '../../platform/files.ts';
import { run } from '../../platform/processes.ts';
import { seconds } from '../../product/schema.ts';
import { livePathsOf } from '../capture.ts';
import { neverPassedOn, openAt, type OpenedInstall, type OpenOptions } from '../kit.ts';
import { applyMoves, asideOf, pinned, type Move } from '../moves.ts';
import type { Scene } from '../program.ts';
import { expiry, trashFolder, writeTrashIndex } from '../trash.ts';
import { placeFiles, takeFilesBack } from './release-steps.ts';

/**
 * Makes the home folder and writes the record. Undone by taking away what this operation brought: a home that was not there before goes
 * whole, in one that was there only new entries go, to the trash.
 */
export function prepareHomeStep(scene: Scene, next: InstallRecord): Step {
  return {
    id: 'prepare',
    title: 'Prepare the home folder',
    weight: 1,
    touches: true,
    run: async (tools) => {
      const names = (await namesIn(scene.home)).filter((name) => name !== '.moult');
      await tools.remember({ homeBefore: names, freshHome: names.length === 0 && scene.before === null });
      await makeFolderDurably(scene.home);
      await placeFiles(scene, 'prepare', next, scene.before);
      await writeRecord(scene.home, next);
    },
    undo: async (tools) => {
      await takeFilesBack(scene, 'prepare');
      if (scene.before !== null) await writeRecord(scene.home, scene.before);
      else {
        await remove(scene.folder.record);
        await remove(scene.folder.current);
      }
      if (tools.memory['freshHome'] === true) await emptyFreshHome(scene);
    },
  };
}

/** Runs the product's own set-up command where the descriptor names one. Undone by putting away what is new. */
export function configureStep(scene: Scene, next: InstallRecord, id: string = 'configure'): Step {
  return {
    id,
    title: `Set up ${scene.descriptor.title}`,
    weight: 4,
    touches: true,
    run: async (tools) => {
      const opened = await openAt(scene.descriptor, scene.home, next);
      await tools.remember({ itemsBefore: await itemPaths(scene, next) });
      const setup = scene.descriptor.setup;
      if (setup === undefined) return;
      await runSetup(scene, opened, setup, tools);
      if (setup.firstLogin !== undefined && (await exists(join(scene.home, setup.firstLogin)))) {
        tools.note(`Your first login is in ${join(scene.home, setup.firstLogin)}`);
      }
    },
    undo: async (tools) => putNewThingsAway(scene, next, tools),
  };
}

/** Runs the product's own set-up again after a switch, where its installer would. What it writes goes back with everything else. */
export function configureAgainSteps(scene: Scene, next: InstallRecord, id: string, options: OpenOptions = {}): Step[] {
  const setup = scene.descriptor.setup;
  if (setup?.onUpgrade !== true) return [];
  return [
    {
      id,
      title: `Let ${next.release} bring its own files up to date`,
      weight: 3,
      touches: true,
      run: async (tools) => runSetup(scene, await openAt(scene.descriptor, scene.home, next, options), setup, tools),
    },
  ];
}

async function runSetup(
  scene: Scene,
  opened: OpenedInstall,
  setup: NonNullable<Scene['descriptor']['setup']>,
  tools: Pick<StepTools, 'signal' | 'remember'>,
): Promise<void> {
  const filled = Object.fromEntries(Object.entries(setup.env).map(([name, value]) => [name, opened.fill(value)]));
  const around =
    opened.apart === null ? environmentWithout([...scene.descriptor.service.strip, ...neverPassedOn]) : environmentApart(opened.apart);
  const finished = await run(
    setup.command.map((part) => opened.fill(part)),
    {
      folder: scene.home,
      env: { ...around, ...filled, ...nodeCommand().env },
      limit: seconds(setup.limit),
      signal: tools.signal,
      onStarted: commandNote(tools),
    },
  );
  if (finished.code === 0) return;
  const how = finished.timedOut ? `did not end within ${setup.limit}` : `ended with ${finished.code ?? finished.signal}`;
  throw setUpFailed(scene, how, finished.stderr);
}

/** Everything the install's items own now, by path. */
export async function itemPaths(scene: Scene, record: InstallRecord): Promise<string[]> {
  const opened = await openAt(scene.descriptor, scene.home, record);
  const paths: string[] = [];
  for (const item of opened.items) if (item.kind === 'files') paths.push(...(await livePathsOf(opened, item)));
  return paths;
}

async function putNewThingsAway(scene: Scene, next: InstallRecord, tools: StepTools): Promise<void> {
  if (tools.memory['itemsBefore'] === undefined) return;
  const before = new Set(tools.memory['itemsBefore'] as string[]);
  const there = (await itemPaths(scene, next)).filter((path) => !before.has(path));
  let moves: Move[] = (tools.memory['newThings'] as Move[] | undefined) ?? [];
  for (const path of there) {
    if (!moves.some((move) => move.from === path)) {
      moves.push({
        from: path,
        to: await asideOf(path, trashFolder(scene.home, scene.operation), `${scene.operation}-new-${moves.length}`),
        away: true,
      });
    }
  }
  moves = await pinned(moves, scene.home);
  await tools.remember({ newThings: moves });
  if (moves.length === 0) return;
  const index = {
    operation: scene.operation,
    action: scene.action,
    at: now(),
    expires: expiry(),
    wasRunning: false,
    moves,
    clearsAll: false,
  };
  // Without a record: nobody undoes what never came to be, but it expires like everything else.
  await writeTrashIndex(scene.home, { ...index, record: null });
  await applyMoves(moves);
}

async function emptyFreshHome(scene: Scene): Promise<void> {
  for (const name of await namesIn(scene.home)) if (name !== '.moult') await remove(join(scene.home, name));
  const folder = moultFolderOf(scene.home);
  for (const path of [folder.staging, folder.slots, folder.trash, folder.service]) await remove(path);
}

function setUpFailed(scene: Scene, how: string, stderr: string): Failure {
  const last = stderr.trim().split('\n').slice(-3).join(' / ');
  return new Failure('command-failed', `the set-up command of ${scene.descriptor.title} ${how}${last === '' ? '' : `: ${last}`}`, {
    remedy: { action: 'retry', text: 'Mend what it says and set up again. Everything is as it was before.' },
  });
}
