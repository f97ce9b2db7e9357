/** History: what was done, when, how it ended, and until when it can be undone. */
import type { ActionKind, EndState, HistoryEntry, Receipt } from '../../api/models.ts';
import type { Database } from '../platform/sqlite.ts';

export interface OperationRow extends HistoryEntry {
  home: string;
  receipt: Receipt | null;
}

export interface OperationList {
  begin(entry: {
    operation: string;
    action: ActionKind;
    install: string;
    home: string;
    from: string | null;
    to: string | null;
    startedAt: string;
  }): void;
  end(
    operation: string,
    end: {
      endedAt: string;
      outcome: HistoryEntry['outcome'];
      endState: EndState | null;
      message: string | null;
      undoUntil: string | null;
      receipt: Receipt | null;
    },
  ): void;
  clearUndo(operation: string): void;
  of(install: string | null, limit: number): OperationRow[];
  byId(operation: string): OperationRow | null;
  /** Homes of the newest operations, ended or not. */
  homes(limit: number): string[];
  /** Homes of operations that never ended: where journals may have been left. */
  unfinished(): { operation: string; install: string; home: string }[];
}

interface Stored {
  id: string;
  action: ActionKind;
  install: string;
  home: string;
  from_release: string | null;
  to_release: string | null;
  started_at: string;
  ended_at: string | null;
  outcome: HistoryEntry['outcome'];
  end_state: EndState | null;
  message: string | null;
  undo_until: string | null;
  receipt: string | null;
}

export function operationList(database: Database): OperationList {
  return {
    begin: (entry) => {
      database
        .prepare(
          `INSERT INTO operations (id, action, install, home, from_release, to_release, started_at, outcome)
           VALUES (@operation, @action, @install, @home, @from, @to, @startedAt, 'running')`,
        )
        .run(entry);
    },
    end: (operation, end) => {
      database
        .prepare(
          `UPDATE operations SET ended_at = @endedAt, outcome = @outcome, end_state = @endState, message = @message, undo_until = @undoUntil,
             receipt = @receipt WHERE id = @operation`,
        )
        .run({ ...end, receipt: end.receipt === null ? null : JSON.stringify(end.receipt), operation });
    },
    clearUndo: (operation) => {
      database.prepare('UPDATE operations SET undo_until = NULL WHERE id = ?').run(operation);
    },
    of: (install, limit) =>
      (
        database
          .prepare(
            'SELECT * FROM operations WHERE (@install IS NULL OR install = @install) ORDER BY started_at DESC, rowid DESC LIMIT @limit',
          )
          .all({ install, limit }) as Stored[]
      ).map(shown),
    byId: (operation) => {
      const row = database.prepare('SELECT * FROM operations WHERE id = ?').get(operation) as Stored | undefined;
      return row === undefined ? null : shown(row);
    },
    homes: (limit) =>
      (
        database.prepare('SELECT DISTINCT home FROM (SELECT home FROM operations ORDER BY rowid DESC LIMIT ?)').all(limit) as {
          home: string;
        }[]
      ).map(({ home }) => home),
    unfinished: () =>
      database.prepare(`SELECT id AS operation, install, home FROM operations WHERE outcome IN ('running', 'interrupted')`).all() as {
        operation: string;
        install: string;
        home: string;
      }[],
  };
}

function shown(row: Stored): OperationRow {
  return {
    operation: row.id,
    action: row.action,
    install: row.install,
    home: row.home,
    from: row.from_release,
    to: row.to_release,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    outcome: row.outcome,
    endState: row.end_state,
    message: row.message,
    undoUntil: row.undo_until,
    receipt: row.receipt === null ? null : (JSON.parse(row.receipt) as Receipt),
  };
}
