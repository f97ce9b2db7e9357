/** The catalogue of backups: where each file is and what is known of it. The file's own manifest is the truth. */
import type { Backup, Verdict } from '../../api/models.ts';
import type { Database } from '../platform/sqlite.ts';

export interface BackupCatalogue {
  put(backup: Backup): void;
  judge(id: string, verdict: Verdict, verifiedAt: string, problem: string | null): void;
  of(install: string | null): Backup[];
  /** By id, by the beginning of an id that only one has, or by path. */
  find(reference: string): Backup | null;
  forget(id: string): void;
}

const columns =
  'id, path, install, product, release, schema, at, bytes, files, sha256, reason, verdict, verified_at AS verifiedAt, problem';

export function backupCatalogue(database: Database): BackupCatalogue {
  return {
    put: (backup) => {
      database
        .prepare(
          `INSERT OR REPLACE INTO backups (id, path, install, product, release, schema, at, bytes, files, sha256, reason, verdict, verified_at, problem)
           VALUES (@id, @path, @install, @product, @release, @schema, @at, @bytes, @files, @sha256, @reason, @verdict, @verifiedAt, @problem)`,
        )
        .run(backup);
    },
    judge: (id, verdict, verifiedAt, problem) => {
      database.prepare('UPDATE backups SET verdict = ?, verified_at = ?, problem = ? WHERE id = ?').run(verdict, verifiedAt, problem, id);
    },
    of: (install) =>
      database
        .prepare(`SELECT ${columns} FROM backups WHERE (@install IS NULL OR install = @install) ORDER BY at DESC`)
        .all({ install }) as Backup[],
    find: (reference) => {
      const exact = database.prepare(`SELECT ${columns} FROM backups WHERE id = ? OR path = ?`).get(reference, reference);
      if (exact !== undefined) return exact as Backup;
      if (!/^[0-9a-f-]{4,36}$/.test(reference)) return null;
      const begun = database.prepare(`SELECT ${columns} FROM backups WHERE id LIKE ? || '%' LIMIT 2`).all(reference) as Backup[];
      return begun.length === 1 ? (begun[0] ?? null) : null;
    },
    forget: (id) => {
      database.prepare('DELETE FROM backups WHERE id = ?').run(id);
    },
  };
}
