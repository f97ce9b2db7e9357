/**
 * Runs a command of the product's own, such as one that makes a new password. What it prints is handed to whoever asked and kept nowhere. A config file
 * that it writes anew is kept aside before, and what it dropped there is put back, because a key may be the only copy there is.
 */
import { join } from 'node:path';
import semver from 'semver';
import { Failure } from '../../api/failure.ts';
import type { ProductAction } from '../../api/models.ts';
import { mergeYaml } from '../install/merge-config.ts';
import { commandNote, type Step, type StepTools } from '../operation/step.ts';
import { now } from '../platform/clock.ts';
import { environmentWithout, nodeCommand } from '../platform/environment.ts';
import { copyFile, exists, makeFolderDurably, readTextOrNull, remove, setMode, statOrNull, writeDurably } from '../platform/files.ts';
import { run } from '../platform/processes.ts';
import { seconds } from '../product/schema.ts';
import { serviceDriver } from '../service/driver.ts';
import { mustBeActive } from './finish-plan.ts';
import { neverPassedOn, openAt, serviceTarget, type OpenedInstall } from './kit.ts';
import type { Program, Scene } from './program.ts';
import { commitStep } from './steps/release-steps.ts';
import { expiry, trashFolder, writeTrashIndex } from './trash.ts';
import { mustHave } from './upgrade.ts';

type ActionSpec = OpenedInstall['descriptor']['actions'][number];

export interface RunActionData {
  action: string;
}

/** What the active release can do. */
export function actionsOf({ descriptor, record }: OpenedInstall): ProductAction[] {
  return descriptor.actions.filter((action) => hasIt(action, record.release)).map(({ id, title, what }) => ({ action: id, title, what }));
}

/** Throws `bad-input` for what the release does not have, `service-failed` where the product would have to run. */
export async function prepareAction(opened: OpenedInstall, action: string): Promise<RunActionData> {
  mustBeActive(opened);
  const names = actionsOf(opened).map((one) => one.action);
  const spec = opened.descriptor.actions.find((one) => one.id === action);
  if (spec === undefined || !names.includes(action)) {
    const list = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
    throw new Failure('bad-input', `${opened.descriptor.title} ${opened.record.release ?? ''} has no action "${action}"; ${list}`, {
      remedy: { action: 'show-help', text: 'See what it can do.', command: `moult run ${opened.record.name}` },
    });
  }
  const running = await serviceDriver(opened.descriptor.service.driver).find(serviceTarget(opened));
  if (!spec.running || running !== null) return { action };
  throw new Failure('check-failed', `${opened.descriptor.title} has to run for that, and it is stopped`, {
    remedy: { action: 'start-service', text: 'Start it, then try again.', command: `moult start ${opened.record.name}` },
  });
}

export function runActionProgram(scene: Scene, data: RunActionData): Program {
  const before = mustHave(scene.before);
  const spec = scene.descriptor.actions.find((action) => action.id === data.action);
  if (spec === undefined) throw new Error(`no action ${data.action}`);
  const config = scene.descriptor.config.find((file) => file.id === spec.config);
  const file = config === undefined ? null : join(scene.home, config.path);
  const steps: Step[] = [
    ...(file === null ? [] : [keepConfigStep(scene, file)]),
    {
      id: 'run',
      title: spec.title,
      weight: 10,
      touches: true,
      run: async (tools) => {
        const printed = await runCommand(scene, await openAt(scene.descriptor, scene.home, before), spec, tools);
        if (file !== null) await putBackWhatWasDropped(scene, file);
        scene.found.printed = printed;
      },
      undo: async () => {
        if (file !== null && (await exists(keptConfig(scene)))) await writeOver(keptConfig(scene), file);
      },
    },
    commitStep(),
    {
      id: 'forget',
      title: 'Forget what was kept for the way back',
      weight: 1,
      run: async () => remove(trashFolder(scene.home, scene.operation)),
    },
  ];
  return { steps, from: before.release, to: before.release, endState: 'done' };
}

function keepConfigStep(scene: Scene, file: string): Step {
  return {
    id: 'keep',
    title: 'Keep the configuration aside',
    weight: 1,
    run: async () => {
      if (!(await exists(file))) return;
      await makeFolderDurably(trashFolder(scene.home, scene.operation));
      const { operation, action } = scene;
      // Without a record: nobody undoes it, but it expires like everything else should the way to the end be cut off.
      await writeTrashIndex(scene.home, {
        operation,
        action,
        at: now(),
        expires: expiry(),
        record: null,
        wasRunning: false,
        moves: [],
        clearsAll: false,
      });
      await remove(keptConfig(scene));
      await copyFile(file, keptConfig(scene));
    },
    undo: async () => remove(trashFolder(scene.home, scene.operation)),
  };
}

async function runCommand(
  scene: Scene,
  opened: OpenedInstall,
  spec: ActionSpec,
  tools: Pick<StepTools, 'signal' | 'remember'>,
): Promise<string> {
  const filled = Object.fromEntries(Object.entries(spec.env).map(([name, value]) => [name, opened.fill(value)]));
  const command = spec.command.map((part) => opened.fill(part));
  const env = { ...environmentWithout([...scene.descriptor.service.strip, ...neverPassedOn]), ...filled, ...nodeCommand().env };
  const finished = await run(command, {
    folder: scene.home,
    env,
    limit: seconds(spec.limit),
    signal: tools.signal,
    onStarted: commandNote(tools),
  });
  if (finished.code === 0) return finished.stdout.trim();
  const how = finished.timedOut ? `did not end within ${spec.limit}` : `ended with ${finished.code ?? finished.signal}`;
  const said = finished.stderr.trim().split('\n').slice(-3).join(' / ');
  throw new Failure('command-failed', `"${spec.title}" of ${scene.descriptor.title} ${how}${said === '' ? '' : `: ${said}`}`, {
    remedy: { action: 'retry', text: 'Mend what it says and try again.' },
  });
}

async function putBackWhatWasDropped(scene: Scene, file: string): Promise<void> {
  const [old, written] = [await readTextOrNull(keptConfig(scene)), await readTextOrNull(file)];
  if (old === null || written === null || old === written) return;
  const merged = mergeYaml(old, written, file);
  if (merged !== written) await writeDurably(file, merged, ((await statOrNull(file))?.mode ?? 0o600) & 0o777);
}

async function writeOver(from: string, to: string): Promise<void> {
  const text = await readTextOrNull(from);
  if (text === null) return;
  const mode = ((await statOrNull(from))?.mode ?? 0o600) & 0o777;
  await writeDurably(to, text, mode);
  await setMode(to, mode);
}

function keptConfig(scene: Scene): string {
  return join(trashFolder(scene.home, scene.operation), 'config-before');
}

function hasIt({ releases }: ActionSpec, release: string | null): boolean {
  return releases === undefined || (release !== null && semver.satisfies(release, releases, { includePrerelease: true }));
}
