/**
 * Rehearsal: try an upgrade on a copy before it is done. A backup is unpacked into a home of its own, and the releases of the path are started on
 * it one after another, as the upgrade would: each migrates, has to be healthy as the release that it is, and its ledger is read. Promises what a
 * drill promises: nothing of the live install is touched or reached, and nothing of the copy is left, also after a kill. What is learned stays:
 * how it ended, how long it took, and which migration is a release's newest where nothing else tells.
 */
import type { Step } from '../operation/step.ts';
import { now } from '../platform/clock.ts';
import type { Release } from '../release/feed.ts';
import type { ApartData } from './drill.ts';
import type { Program, Scene } from './program.ts';
import { verifyStep } from './restore.ts';
import { apartStep } from './steps/drill-apart-step.ts';
import { clearStep, copyCodeStep, lookStep, unpackApartStep } from './steps/drill-steps.ts';
import { countStep, hopSteps, measureStep } from './steps/rehearse-steps.ts';
import { commitStep, fetchStep, stageStep } from './steps/release-steps.ts';

export interface RehearsalData extends ApartData {
  /** The release that made the backup. */
  from: string;
  hops: Release[];
  /** Releases that are copied out of the live install's slots; all others are fetched. */
  slots: { slot: string; release: string }[];
  /** The home of the install that it is for; null where there is none on this machine. */
  liveHome: string | null;
  /** The newest release that ever worked on these data, as far as it is known. */
  newestBefore: string | null;
}

export function rehearsalProgram(scene: Scene, data: RehearsalData): Program {
  const to = data.hops.at(-1)?.version ?? data.from;
  const missing = data.hops.filter((hop) => !data.slots.some((slot) => slot.release === hop.version));
  const steps: Step[] = [
    // The first to begin is the last to be undone: whatever came of it, the copy goes.
    clearStep(scene, 'begin', 'Make room for the copy', false),
    verifyStep(scene, data.backupPath, data.backupId),
    ...(data.slots.length === 0 ? [] : [copyCodeStep(scene, data.slots)]),
    ...(missing.length === 0 ? [] : [fetchStep(scene, missing), stageStep(scene, missing)]),
    unpackApartStep(scene, data),
    apartStep(scene, data),
    lookStep(scene, data),
    measureStep(scene, data),
    ...hopSteps(scene, data),
    countStep(scene, data),
    commitStep(async () => fileHealthy(scene, data)),
    clearStep(scene, 'clear', 'Remove the copy', true),
  ];
  // Of the live install nothing is known at its end, and nothing is said.
  return { steps, from: data.from, to, endState: 'done', failedState: 'done' };
}

/** For the plan of the upgrade: how it went. */
function fileHealthy(scene: Scene, data: RehearsalData): void {
  const report = scene.found.rehearsal;
  if (data.liveHome === null || report === null) return;
  const { release, from, backup, seconds, schema } = report;
  const { before, after } = schema;
  scene.kit.registry.rehearsals.put({ home: data.liveHome, release, from, backup, at: now(), before, after, seconds, problem: null });
}
