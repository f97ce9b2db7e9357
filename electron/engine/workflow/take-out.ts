/** Takes items or files out of a backup into a folder of their own, beside every install. Only the frames that hold them are read. */
import { join } from 'node:path';
import { unpackBackup } from '../backup/unpack-backup.ts';
import { bytesDone } from '../operation/progress.ts';
import { abandonAside, announceAside, clearAside, fillAside, forgetAside } from './aside-folder.ts';
import { chosenIn, type Choice } from './choice.ts';
import type { Program, Scene } from './program.ts';

export interface TakeOutData {
  backupPath: string;
  backupRelease: string | null;
  /** The folder; absolute. In it each item has a folder of its own, as in the backup. */
  output: string;
  /** Absent: everything. */
  choice?: Choice;
}

export function takeOutProgram(scene: Scene, data: TakeOutData): Program {
  const { backupPath, output, choice } = data;
  let isFilled = false;
  const isChosen = choice === undefined ? () => true : chosenIn(choice);
  return {
    steps: [
      {
        id: 'take-out',
        title: 'Unpack it beside the install',
        weight: 1,
        run: async (tools) => {
          await announceAside(scene.kit, output, scene.operation);
          const taken = await fillAside(output, scene.operation, tools, async (folder) =>
            unpackBackup(backupPath, {
              signal: tools.signal,
              onProgress: (done) => tools.progress(bytesDone(done)),
              into: (entry) => (isChosen(entry) ? join(folder, entry.item, entry.as) : null),
            }),
          );
          isFilled = true;
          forgetAside(scene.kit, output, scene.operation);
          scene.found.exported = { path: output, ...taken, rows: 0 };
        },
        undo: async () => {
          abandonAside(scene.kit, output, scene.operation);
          await clearAside(output, scene.operation, isFilled);
          forgetAside(scene.kit, output, scene.operation);
        },
      },
    ],
    from: data.backupRelease,
    to: data.backupRelease,
    endState: 'done',
  };
}
