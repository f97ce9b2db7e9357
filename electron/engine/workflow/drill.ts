/**
 * Drill: unpack a backup into a home of its own, start the release that made it on another port, and see whether it is healthy and holds
 * what the manifest says. Promises: nothing of the live install is touched, read for its data, or reached by the copy; nothing of the drill
 * is left, also after a kill. What it saw is the backup's verdict.
 */
import type { InstallRecord } from '../install/record.ts';
import type { Release } from '../release/feed.ts';
import type { Step } from '../operation/step.ts';
import { now } from '../platform/clock.ts';
import type { Program, Scene } from './program.ts';
import { verifyStep } from './restore.ts';
import { apartStep } from './steps/drill-apart-step.ts';
import { clearStep, compareStep, copyCodeStep, lookStep, tryStep, unpackApartStep } from './steps/drill-steps.ts';
import { commitStep, fetchStep, stageStep } from './steps/release-steps.ts';

/** What a copy of an install is made from. */
export interface ApartData {
  backupPath: string;
  backupId: string;
  /** The copy as an install. It is never written to a home. */
  record: InstallRecord;
  /** Folders of the live install that are copied, by their name in the home. */
  lends: { path: string; name: string; bytes: number }[];
}

export interface DrillData extends ApartData {
  code: { from: 'slot'; slot: string; bytes: number } | { from: 'feed'; release: Release };
}

export function drillProgram(scene: Scene, data: DrillData): Program {
  const release = data.record.release ?? '';
  const code: Step[] =
    data.code.from === 'slot'
      ? [copyCodeStep(scene, [{ slot: data.code.slot, release }])]
      : [fetchStep(scene, [data.code.release]), stageStep(scene, [data.code.release])];
  const steps: Step[] = [
    // The first to begin is the last to be undone: whatever came of it, the copy goes.
    clearStep(scene, 'begin', 'Make room for the copy', false),
    verifyStep(scene, data.backupPath, data.backupId),
    ...code,
    unpackApartStep(scene, data),
    compareStep(scene, data),
    apartStep(scene, data),
    lookStep(scene, data),
    tryStep(scene, data),
    commitStep(async () => {
      if (scene.found.drill !== null) scene.found.drill.verdict = 'proven';
      scene.kit.registry.backups.prove(data.backupId, now());
      scene.kit.registry.backups.drilled(data.backupId, now(), null);
    }),
    clearStep(scene, 'clear', 'Remove the copy', true),
  ];
  return { steps, from: release, to: release, endState: 'done' };
}
