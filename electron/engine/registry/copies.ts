/** Second copies of backups: where each is, and what is known of it. A copy has a verdict of its own. */
import type { BackupCopy } from '../../api/safekeeping.ts';
import type { Database } from '../platform/sqlite.ts';

export interface CopyList {
  put(copy: BackupCopy): void;
  of(backup: string): BackupCopy[];
  in(folder: string): BackupCopy[];
  forgetFolder(folder: string): void;
}

export function copyList(database: Database): CopyList {
  return {
    put: (copy) => {
      database
        .prepare(
          'INSERT OR REPLACE INTO copies (backup, folder, path, state, at, problem) VALUES (@backup, @folder, @path, @state, @at, @problem)',
        )
        .run(copy);
    },
    of: (backup) => database.prepare('SELECT * FROM copies WHERE backup = ? ORDER BY folder').all(backup) as BackupCopy[],
    in: (folder) => database.prepare('SELECT * FROM copies WHERE folder = ? ORDER BY at DESC').all(folder) as BackupCopy[],
    forgetFolder: (folder) => {
      database.prepare('DELETE FROM copies WHERE folder = ?').run(folder);
    },
  };
}
