/** Adopt: take over an install that is already there. Nothing of the product is touched; only Moult's own record is written beside it. */
import { writeRecord, type InstallRecord } from '../install/record.ts';
import { remove } from '../platform/files.ts';
import { programsOf } from '../install/programs.ts';
import { keepProgramsStep } from './steps/program-steps.ts';
import { adoptAgainProgram, type AdoptAgainData } from './adopt-again.ts';
import type { Program, Scene } from './program.ts';
import { registeringCommit } from './steps/release-steps.ts';

export interface AdoptData {
  record: InstallRecord;
}

export function adoptProgram(scene: Scene, data: AdoptData | AdoptAgainData): Program {
  if ('again' in data) return adoptAgainProgram(scene, data);
  const { record } = data;
  return {
    steps: [
      ...(programsOf(scene.descriptor) === null ? [] : [keepProgramsStep(scene, record)]),
      {
        id: 'record',
        title: 'Write the record',
        weight: 1,
        run: async () => writeRecord(scene.home, record),
        undo: async () => {
          if (scene.before !== null) return writeRecord(scene.home, scene.before);
          await remove(scene.folder.record);
          await remove(scene.folder.current);
        },
      },
      registeringCommit(scene, record),
    ],
    from: record.release,
    to: record.release,
    endState: 'done',
  };
}
