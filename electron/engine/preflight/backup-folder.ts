import type { Check } from './facts.ts';

/** Backups go to a folder of their own, never inside an install or a workspace. */
export const backupFolderCheck: Check = {
  id: 'backup-folder',
  title: 'The backup has a place',
  look: ({ backupFolder }) => {
    if (backupFolder === null) return null;
    if (backupFolder.problem === null) return { status: 'pass', message: backupFolder.path };
    return {
      status: 'fail',
      code: 'bad-input',
      message: backupFolder.problem,
      remedy: { action: 'choose-folder', text: 'Name another file for the backup.', command: 'moult backup --output FILE' },
    };
  },
};
