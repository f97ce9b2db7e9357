/**
 * Uninstall keeps what the descriptor says is kept (datastore, workspace, configuration), so that a later set-up picks up where it left
 * off; purge takes the data too. Both only move things into the trash, where they wait for a week and `undo` finds them.
 */
import { writeRecord } from '../install/record.ts';
import type { Step } from '../operation/step.ts';
import type { Program, Scene } from './program.ts';
import { putAwayStep } from './steps/data-steps.ts';
import { registeringCommit } from './steps/release-steps.ts';
import { stopStep } from './steps/service-steps.ts';
import { mustHave } from './upgrade.ts';

export interface UninstallData {
  purge: boolean;
}

export function uninstallProgram(scene: Scene, data: UninstallData): Program {
  const before = mustHave(scene.before);
  const state = data.purge ? ('purged' as const) : ('uninstalled' as const);
  const after = { ...before, state, slot: null, release: null, previous: null };
  const steps: Step[] = [
    stopStep(scene, before),
    putAwayStep(scene, before, {
      title: data.purge ? 'Move everything to the trash' : 'Move the program to the trash, keep the data',
      removes: (item) => item.item.fate[data.purge ? 'purge' : 'uninstall'] === 'remove',
      slots: true,
      clearsAll: data.purge,
    }),
    {
      id: 'record',
      title: 'Write down what was kept',
      weight: 1,
      touches: true,
      run: async () => writeRecord(scene.home, after),
      undo: async () => writeRecord(scene.home, before),
    },
    registeringCommit(scene, after),
  ];
  return { steps, from: before.release, to: null, endState: 'done' };
}
