/** Second copies of backups: where each is, and what is known of it. A copy has a verdict of its own. */
import type { BackupCopy } from '../../api/safekeeping.ts';
import type { Database } from '../platform/sqlite.ts';

export interface CopyList {
  put(copy: BackupCopy): void;
  of(backup: string): BackupCopy[];
  in(folder: string): BackupCopy[];
  /** Retention removed the backup: its whole copies go as soon as their places are there, and nobody hears of them any more. */
  retire(backup: string): void;
  /** The copies in a folder whose backups retention removed. */
  retiredIn(folder: string): { backup: string; path: string }[];
  forget(backup: string, folder: string): void;
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
    of: (backup) =>
      database.prepare("SELECT * FROM copies WHERE backup = ? AND state != 'retired' ORDER BY folder").all(backup) as BackupCopy[],
    in: (folder) =>
      database.prepare("SELECT * FROM copies WHERE folder = ? AND state != 'retired' ORDER BY at DESC").all(folder) as BackupCopy[],
    retire: (backup) => {
      database.prepare("DELETE FROM copies WHERE backup = ? AND state = 'failed'").run(backup);
      database.prepare("UPDATE copies SET state = 'retired' WHERE backup = ?").run(backup);
    },
    retiredIn: (folder) =>
      database.prepare("SELECT backup, path FROM copies WHERE folder = ? AND state = 'retired'").all(folder) as {
        backup: string;
        path: string;
      }[],
    forget: (backup, folder) => {
      database.prepare('DELETE FROM copies WHERE backup = ? AND folder = ?').run(backup, folder);
    },
    forgetFolder: (folder) => {
      database.prepare('DELETE FROM copies WHERE folder = ?').run(folder);
    },
  };
}
