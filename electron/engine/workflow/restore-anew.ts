/**
 * Restores onto a machine that has nothing but the backup: the release that made it is fetched, its home folder is made, the data is put
 * in place, and it is started. Until that is healthy nothing is registered, and a failure takes all of it away again; the backup stays.
 */
import type { InstallRecord } from '../install/record.ts';
import type { Step } from '../operation/step.ts';
import { now } from '../platform/clock.ts';
import type { Release } from '../release/feed.ts';
import type { Program, Scene } from './program.ts';
import { verifyStep } from './restore.ts';
import { swapStep, unpackStep } from './steps/data-steps.ts';
import { proveStep } from './steps/prove-step.ts';
import { fetchStep, recordAt, registeringCommit, stageStep } from './steps/release-steps.ts';
import { startStep } from './steps/service-steps.ts';
import { configureStep, prepareHomeStep } from './steps/set-up-steps.ts';
import { tidyStep } from './upgrade.ts';

export interface RestoreAnewData {
  backupPath: string;
  backupId: string;
  release: Release;
  record: InstallRecord;
}

export function restoreAnewProgram(scene: Scene, data: RestoreAnewData): Program {
  const next = recordAt(scene, data.record, data.release.version);
  const steps: Step[] = [
    verifyStep(scene, data.backupPath, data.backupId),
    fetchStep(scene, [data.release]),
    stageStep(scene, [data.release]),
    unpackStep(scene, next, () => data.backupPath),
    prepareHomeStep(scene, next),
    swapStep(scene, next),
    configureStep(scene, next),
    startStep(scene, 'start', `Start ${data.release.version} and check its health`, async () => next),
    proveStep(scene, next, async () => next, data.backupPath),
    registeringCommit(scene, next, async () => {
      if (scene.kit.registry.backups.find(data.backupId) !== null) scene.kit.registry.backups.prove(data.backupId, now());
    }),
    tidyStep(scene),
  ];
  return { steps, from: null, to: data.release.version, endState: 'new-and-healthy' };
}
