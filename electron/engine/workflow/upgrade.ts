/**
 * Upgrade: one transaction over the whole path. The releases of all hops are fetched and unpacked beside the live one, a backup is taken
 * while the product runs and sealed after it was stopped; then hop by hop: switch, migrate by starting, health check bound to the build.
 * Any failure goes back to where the path began, code and data, because that is the state the person knows.
 */
import type { InstallRecord } from '../install/record.ts';
import type { Step, StepTools } from '../operation/step.ts';
import { remove } from '../platform/files.ts';
import { now } from '../platform/clock.ts';
import type { Release } from '../release/feed.ts';
import { listSlots, removeSlot } from '../slot/stage.ts';
import { readRecord } from '../install/record.ts';
import type { Program, Scene } from './program.ts';
import { twoPassBackUpSteps } from './steps/backup-steps.ts';
import { giveBackDataReserve } from './reserve.ts';
import { carrySteps } from './steps/carry-step.ts';
import { guardStep, reserveStep } from './steps/data-steps.ts';
import { noteKeysStep, proveStep } from './steps/prove-step.ts';
import { commitStep, fetchStep, recordAt, stageStep, switchStep } from './steps/release-steps.ts';
import { configureAgainSteps } from './steps/set-up-steps.ts';
import { sameStoreSteps } from './steps/same-store-step.ts';
import { haltStep, settleStep, startStep, stopStep } from './steps/service-steps.ts';
import { emptyExpiredTrash } from './trash.ts';

export interface UpgradeData {
  hops: Release[];
  backupTo: string;
}

/** The steps of an upgrade over the given hops. */
export function upgradeProgram(scene: Scene, data: UpgradeData): Program {
  const before = mustHave(scene.before);
  const last = data.hops.at(-1);
  if (last === undefined) throw new Error('an upgrade without a hop');
  const [hot, seal] = twoPassBackUpSteps(scene, before, { to: data.backupTo, reason: 'before-upgrade' });
  const again = last.version === before.release;
  const stage = stageStep(scene, data.hops);
  const steps: Step[] = [
    fetchStep(scene, data.hops),
    ...(again ? [] : [stage]),
    hot,
    reserveStep(scene, before),
    stopStep(scene, before),
    seal,
    // The live slot itself is put in place again: nothing may run from it meanwhile.
    ...(again ? [{ ...stage, touches: true }] : []),
    noteKeysStep(scene, before),
    guardStep(scene, before, (tools) => tools.memory['switched'] === true),
  ];
  let from = before;
  for (const hop of data.hops) {
    const previous = from;
    const next = recordAt(scene, previous, hop.version);
    const final = hop === last;
    const named = data.hops.length === 1 ? '' : `@${hop.version}`;
    steps.push(
      remembering(
        switchStep(scene, `switch${named}`, `Switch to ${hop.version}`, previous, (tools) =>
          final && !again ? withPrevious(next, before, scene, tools) : next,
        ),
      ),
    );
    steps.push(...configureAgainSteps(scene, next, `configure${named}`));
    steps.push(...carrySteps(scene, previous, next, `carry${named}`));
    steps.push(
      startStep(scene, `migrate${named}`, `Start ${hop.version}, migrate the data and check its health`, async () => next, {
        passing: !final,
      }),
    );
    if (!final) steps.push(haltStep(scene, `halt${named}`, `Stop ${hop.version}`, async () => next));
    from = next;
  }
  steps.push(...sameStoreSteps(scene, from));
  steps.push(proveStep(scene, before, async () => from));
  steps.push(settleStep(scene, async () => from));
  steps.push(commitStep());
  steps.push(tidyStep(scene));
  return { steps, from: before.release, to: last.version, endState: 'new-and-healthy' };
}

/** Removes what is not needed any more: downloads, staging, slots beyond the ones that are kept, expired trash. */
export function tidyStep(scene: Scene): Step {
  return {
    id: 'tidy',
    title: 'Tidy up',
    weight: 1,
    run: async (tools) => {
      await giveBackDataReserve(tools);
      await remove(scene.folder.staging);
      await emptyExpiredTrash(scene.home);
      await pruneSlots(scene);
    },
  };
}

/** The active slot, the one to roll back to and the newest others stay, `keepReleases` old ones in all. */
async function pruneSlots(scene: Scene): Promise<void> {
  const record = await readRecord(scene.home);
  if (record === null || record.release === null) return;
  const others = (await listSlots(scene.folder.slots)).filter(
    (version) => version !== record.release && version !== record.previous?.release,
  );
  const keep = Math.max(0, scene.descriptor.keepReleases - (record.previous === null ? 0 : 1));
  for (const version of others.toReversed().slice(keep)) await removeSlot(scene.folder.slots, version);
}

function remembering(step: Step): Step {
  return {
    ...step,
    run: async (tools) => {
      await tools.remember({ switched: true });
      await step.run(tools);
    },
  };
}

function withPrevious(next: InstallRecord, before: InstallRecord, scene: Scene, tools: StepTools): InstallRecord {
  const backup = tools.memory['backup'];
  if (typeof backup !== 'string' || before.release === null || before.slot === null) return next;
  return { ...next, previous: { release: before.release, slot: before.slot, backup, operation: scene.operation, at: now() } };
}

/** The record that must be there for this workflow. */
export function mustHave(record: InstallRecord | null): InstallRecord {
  if (record === null) throw new Error('this workflow needs an install');
  return record;
}
