/**
 * Restores onto a machine that has nothing but the file: the release that made it is fetched, its home folder is made, the data is put
 * in place, and it is started. Until that is healthy nothing is registered, and a failure takes all of it away again; the file stays.
 *
 * What no backup holds and the data cannot be read without, the programs of a database that the product fetches by itself, the product lays down:
 * it is set up and started once with nothing, and stopped. Its empty beginnings then make room for what the file holds, in the same transaction.
 */
import type { InstallRecord } from '../install/record.ts';
import type { Step } from '../operation/step.ts';
import { now } from '../platform/clock.ts';
import type { Release } from '../release/feed.ts';
import type { OwnBackup } from './own-backup.ts';
import type { Program, Scene } from './program.ts';
import { verifyStep } from './restore.ts';
import { swapStep, unpackStep } from './steps/data-steps.ts';
import { importStep } from './steps/import-step.ts';
import { layDownSteps } from './steps/lay-down-steps.ts';
import { proveStep } from './steps/prove-step.ts';
import { fetchStep, recordAt, registeringCommit, stageStep } from './steps/release-steps.ts';
import { startStep } from './steps/service-steps.ts';
import { configureAgainSteps, configureStep, prepareHomeStep } from './steps/set-up-steps.ts';
import { expiry } from './trash.ts';
import { tidyStep } from './upgrade.ts';

export interface RestoreAnewData {
  backupPath: string;
  /** Null where it is yet to be made, of one that the product made. */
  backupId: string | null;
  release: Release;
  record: InstallRecord;
  /** Set for a backup that the product made: it is made into one of Moult's at `backupPath` first. */
  own?: OwnBackup;
  /** What the product has to lay down first, in words. */
  layDown?: string[];
}

export function restoreAnewProgram(scene: Scene, data: RestoreAnewData): Program {
  const { backupPath, backupId, release, own } = data;
  const next = recordAt(scene, data.record, release.version);
  const verify = verifyStep(scene, backupPath, backupId);
  const unpack = unpackStep(scene, next, () => backupPath);
  const layDown = data.layDown ?? [];
  const laysDown = layDown.length > 0;
  // Unpacked before anything else where that needs nothing of the product, so that a restore that was cut off can go on there.
  const isFirst = !laysDown && own === undefined;
  const place: Step[] = [
    ...(own === undefined ? [verify] : []),
    fetchStep(scene, [release]),
    stageStep(scene, [release]),
    ...(isFirst ? [unpack] : []),
    prepareHomeStep(scene, next),
    ...(laysDown ? [configureStep(scene, next), ...layDownSteps(scene, next, layDown)] : []),
    ...(own === undefined ? [] : [importStep(scene, next, own, backupPath, true), verify]),
    ...(isFirst ? [] : [unpack]),
    swapStep(scene, next),
    ...(laysDown ? configureAgainSteps(scene, next, 'configure-again') : [configureStep(scene, next)]),
  ];
  const steps: Step[] = [
    ...place,
    startStep(scene, 'start', `Start ${release.version} and check its health`, async () => next),
    proveStep(scene, next, async () => next, backupPath),
    registeringCommit(scene, next, async () => {
      scene.found.undoUntil = expiry();
      const made = scene.kit.registry.backups.find(backupId ?? backupPath);
      if (made !== null) scene.kit.registry.backups.prove(made.id, now());
    }),
    tidyStep(scene),
  ];
  return { steps, from: null, to: release.version, endState: 'new-and-healthy' };
}
