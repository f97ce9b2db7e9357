/**
 * Set up: fetch and unpack a release, make the home folder and the product's first configuration, start it and see that it is healthy.
 * A home that still holds the data of an earlier install is picked up where it was left.
 */
import type { InstallRecord } from '../install/record.ts';
import type { Step } from '../operation/step.ts';
import type { Release } from '../release/feed.ts';
import type { Program, Scene } from './program.ts';
import { backUpStep } from './steps/backup-steps.ts';
import { guardStep, reserveStep } from './steps/data-steps.ts';
import { registeringCommit, fetchStep, recordAt, stageStep } from './steps/release-steps.ts';
import { startStep } from './steps/service-steps.ts';
import { configureStep, prepareHomeStep } from './steps/set-up-steps.ts';
import { tidyStep } from './upgrade.ts';

export interface SetUpData {
  release: Release;
  record: InstallRecord;
  start: boolean;
  /** Where the data that is there already is backed up, so that a release that fails on it leaves it as it was; null where there is none. */
  backupTo: string | null;
}

export function setUpProgram(scene: Scene, data: SetUpData): Program {
  const next = recordAt(scene, data.record, data.release.version);
  const steps: Step[] = [
    fetchStep(scene, [data.release]),
    stageStep(scene, [data.release]),
    prepareHomeStep(scene, next),
    ...(data.backupTo === null ? [] : keepDataSteps(scene, data.record, data.backupTo)),
    configureStep(scene, next),
    ...(data.start ? [startStep(scene, 'start', `Start ${data.release.version} and check its health`, async () => next)] : []),
    registeringCommit(scene, next),
    tidyStep(scene),
  ];
  return { steps, from: null, to: data.release.version, endState: data.start ? 'new-and-healthy' : 'done' };
}

function keepDataSteps(scene: Scene, bare: InstallRecord, to: string): Step[] {
  const backUp = backUpStep(scene, bare, { to, reason: 'before-upgrade' });
  const guard = guardStep(scene, bare, (tools) => tools.memory['itemsBefore'] !== undefined);
  return [{ ...backUp, title: 'Back up the data that is there' }, reserveStep(scene, bare), guard];
}
