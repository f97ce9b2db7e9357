/** The catalogue of backups: where each file is and what is known of it. The file's own manifest is the truth. */
import type { Backup, Verdict } from '../../api/models.ts';
import type { Database } from '../platform/sqlite.ts';

/** What is kept. Whether the file is there is looked at when it is asked for. */
export type BackupRow = Omit<Backup, 'foreign' | 'missing'>;
/** `foreign` follows from the installs that there are. */
export type KnownBackup = Omit<Backup, 'missing'>;

export interface BackupCatalogue {
  put(backup: BackupRow): void;
  judge(id: string, verdict: Verdict, verifiedAt: string, problem: string | null): void;
  /** A product ran healthily on what it holds. */
  prove(id: string, at: string): void;
  /** It was tried in a drill; `problem` is why that showed it to be bad. */
  drilled(id: string, at: string, problem: string | null): void;
  /** Its file was found somewhere else. */
  move(id: string, path: string): void;
  /** The backups of an install that is called so now. */
  claim(installId: string, install: string): void;
  of(install: string | null): KnownBackup[];
  /** By id, by the beginning of an id that only one has, or by path. */
  find(reference: string): KnownBackup | null;
  forget(id: string): void;
}

const columns = `id, path, install, product, release, schema, at, bytes, files, sha256, reason, verdict, verified_at AS verifiedAt, problem,
  proven_at AS provenAt, drilled_at AS drilledAt, install_id AS installId,
  install_id IS NOT NULL AND install_id NOT IN (SELECT id FROM installs) AS isForeign`;

type Stored = BackupRow & { isForeign: number };

export function backupCatalogue(database: Database): BackupCatalogue {
  return {
    put: (backup) => {
      const { id, path, install, product, release, schema, at, bytes, files, sha256, reason, verdict, verifiedAt, problem } = backup;
      const { provenAt, drilledAt, installId } = backup;
      database
        .prepare(
          `INSERT OR REPLACE INTO backups (id, path, install, product, release, schema, at, bytes, files, sha256, reason, verdict, verified_at, problem,
             proven_at, drilled_at, install_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          ...[id, path, install, product, release, schema, at, bytes, files, sha256, reason, verdict, verifiedAt, problem],
          ...[provenAt, drilledAt, installId],
        );
    },
    judge: (id, verdict, verifiedAt, problem) => {
      database.prepare('UPDATE backups SET verdict = ?, verified_at = ?, problem = ? WHERE id = ?').run(verdict, verifiedAt, problem, id);
    },
    prove: (id, at) => {
      database
        .prepare("UPDATE backups SET verdict = 'proven', verified_at = @at, proven_at = @at, problem = NULL WHERE id = @id")
        .run({ id, at });
    },
    drilled: (id, at, problem) => {
      database.prepare('UPDATE backups SET drilled_at = @at WHERE id = @id').run({ id, at });
      if (problem === null) return;
      database.prepare("UPDATE backups SET verdict = 'bad', problem = @problem WHERE id = @id").run({ id, problem });
    },
    move: (id, path) => {
      database.prepare('UPDATE backups SET path = ? WHERE id = ?').run(path, id);
    },
    claim: (installId, install) => {
      database.prepare('UPDATE backups SET install = ? WHERE install_id = ?').run(install, installId);
    },
    of: (install) =>
      (
        database
          .prepare(`SELECT ${columns} FROM backups WHERE (@install IS NULL OR install = @install) ORDER BY at DESC`)
          .all({ install }) as Stored[]
      ).map(known),
    find: (reference) => {
      const exact = database.prepare(`SELECT ${columns} FROM backups WHERE id = ? OR path = ?`).get(reference, reference);
      if (exact !== undefined) return known(exact as Stored);
      if (!/^[0-9a-f-]{4,36}$/.test(reference)) return null;
      const begun = database.prepare(`SELECT ${columns} FROM backups WHERE id LIKE ? || '%' LIMIT 2`).all(reference) as Stored[];
      return begun.length === 1 && begun[0] !== undefined ? known(begun[0]) : null;
    },
    forget: (id) => {
      database.prepare('DELETE FROM backups WHERE id = ?').run(id);
    },
  };
}

function known({ isForeign, ...row }: Stored): KnownBackup {
  return { ...row, foreign: isForeign === 1 };
}
