/** The list of installs. What an install is, stands in its own `install.json`; here is only where to look. */
import { Failure } from '../../api/failure.ts';
import type { Database } from '../platform/sqlite.ts';

export type InstallState = 'active' | 'uninstalled' | 'purged';

export interface InstallRow {
  name: string;
  id: string;
  product: string;
  home: string;
  state: InstallState;
}

export interface InstallList {
  all(): InstallRow[];
  byName(name: string): InstallRow | null;
  byHome(home: string): InstallRow | null;
  /** Enters or changes a row. `name-in-use` when another install took the name meanwhile. */
  put(row: InstallRow, createdAt: string): void;
  forget(name: string): void;
}

export function installList(database: Database): InstallList {
  const columns = 'name, id, product, home, state';
  return {
    all: () => database.prepare(`SELECT ${columns} FROM installs ORDER BY name`).all() as InstallRow[],
    byName: (name) => (database.prepare(`SELECT ${columns} FROM installs WHERE name = ?`).get(name) as InstallRow | undefined) ?? null,
    byHome: (home) => (database.prepare(`SELECT ${columns} FROM installs WHERE home = ?`).get(home) as InstallRow | undefined) ?? null,
    put: (row, createdAt) => {
      const put = database.transaction(() => {
        const named = database.prepare(`SELECT ${columns} FROM installs WHERE name = ?`).get(row.name) as InstallRow | undefined;
        if (named !== undefined && named.id !== row.id && named.home !== row.home) throw nameInUse(named);
        // A home has one name: who sets up in a purged one under a new name leaves the old name behind.
        database.prepare('DELETE FROM installs WHERE home = ? AND name <> ?').run(row.home, row.name);
        database
          .prepare(
            `INSERT INTO installs (name, id, product, home, state, created_at) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (name) DO UPDATE SET id = excluded.id, product = excluded.product, home = excluded.home, state = excluded.state`,
          )
          .run(row.name, row.id, row.product, row.home, row.state, createdAt);
      });
      put.immediate();
    },
    forget: (name) => {
      database.prepare('DELETE FROM installs WHERE name = ?').run(name);
    },
  };
}

function nameInUse(row: InstallRow): Failure {
  return new Failure('name-in-use', `there is an install called "${row.name}" already, in ${row.home}`, {
    remedy: { action: 'retry', text: 'Choose another name.' },
  });
}
