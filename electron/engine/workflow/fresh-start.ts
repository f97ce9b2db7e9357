/** Fresh start: a last backup, everything to the trash, and set up again. If the new start fails, the old state comes back whole. */
import type { Step } from '../operation/step.ts';
import type { Release } from '../release/feed.ts';
import type { Program, Scene } from './program.ts';
import { twoPassBackUpSteps } from './steps/backup-steps.ts';
import { putAwayStep } from './steps/data-steps.ts';
import { commitStep, fetchStep, recordAt, stageStep, switchStep } from './steps/release-steps.ts';
import { startStep, stopStep } from './steps/service-steps.ts';
import { configureStep } from './steps/set-up-steps.ts';
import { mustHave, tidyStep } from './upgrade.ts';

export interface FreshStartData {
  /** Null: the release that is there. */
  release: Release | null;
  backupTo: string;
}

export function freshStartProgram(scene: Scene, data: FreshStartData): Program {
  const before = mustHave(scene.before);
  const version = data.release?.version ?? before.release ?? '';
  const next =
    data.release === null
      ? { ...before, state: 'active' as const, previous: null }
      : { ...recordAt(scene, before, version), previous: null };
  const [hot, seal] = twoPassBackUpSteps(scene, before, { to: data.backupTo, reason: 'before-purge' });
  const steps: Step[] = [
    ...(data.release === null ? [] : [fetchStep(scene, [data.release]), stageStep(scene, [data.release])]),
    { ...hot, title: 'Take a last backup' },
    stopStep(scene, before),
    seal,
    putAwayStep(scene, before, {
      title: 'Move everything to the trash',
      removes: (item) => item.item.fate.purge === 'remove',
      slots: false,
      clearsAll: true,
    }),
    switchStep(scene, 'record', `Put ${version} in place`, before, () => next),
    configureStep(scene, next),
    startStep(scene, 'start', `Start ${version} and check its health`, async () => next),
    commitStep(),
    tidyStep(scene),
  ];
  return { steps, from: before.release, to: version, endState: 'new-and-healthy' };
}
