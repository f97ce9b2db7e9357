/** Adopt: take over an install that is already there. Nothing of the product is touched; only Moult's own record is written beside it. */
import { writeRecord, type InstallRecord } from '../install/record.ts';
import { remove } from '../platform/files.ts';
import type { Program, Scene } from './program.ts';
import { commitStep } from './steps/release-steps.ts';

export interface AdoptData {
  record: InstallRecord;
}

export function adoptProgram(scene: Scene, data: AdoptData): Program {
  const { record } = data;
  return {
    steps: [
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
      commitStep(async () => {
        const { name, id, product, createdAt } = record;
        scene.kit.registry.installs.put({ name, id, product, home: scene.home, state: 'active' }, createdAt);
      }),
    ],
    from: record.release,
    to: record.release,
    endState: 'done',
  };
}
