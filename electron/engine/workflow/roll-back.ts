/**
 * Roll back: return to the release and the data from before the last upgrade. What is there now is backed up first, and what was live
 * waits in the trash, so that rolling back can be undone too.
 */
import type { Step } from '../operation/step.ts';
import type { Program, Scene } from './program.ts';
import { twoPassBackUpSteps } from './steps/backup-steps.ts';
import { swapStep, unpackStep } from './steps/data-steps.ts';
import { commitStep, switchStep } from './steps/release-steps.ts';
import { settleStep, startStep, stopStep } from './steps/service-steps.ts';
import { expiry } from './trash.ts';
import { mustHave, tidyStep } from './upgrade.ts';

export interface RollBackData {
  /** The backup that was taken before the upgrade. */
  backupPath: string;
  safetyTo: string;
}

export function rollBackProgram(scene: Scene, data: RollBackData): Program {
  const before = mustHave(scene.before);
  const previous = before.previous;
  if (previous === null) throw new Error('nothing to roll back to');
  const back = { ...before, release: previous.release, slot: previous.slot, previous: null };
  const [hot, seal] = twoPassBackUpSteps(scene, before, { to: data.safetyTo, reason: 'before-restore' });
  const steps: Step[] = [
    unpackStep(scene, back, () => data.backupPath),
    hot,
    stopStep(scene, before),
    seal,
    swapStep(scene, before),
    switchStep(scene, 'switch', `Switch to ${previous.release}`, before, () => back),
    startStep(scene, 'start', `Start ${previous.release} and check its health`, async () => back),
    settleStep(scene, async () => back),
    commitStep(async () => {
      scene.found.undoUntil = expiry();
    }),
    tidyStep(scene),
  ];
  return { steps, from: before.release, to: previous.release, endState: 'old-and-healthy' };
}
