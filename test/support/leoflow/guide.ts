/**
 * The two tables of Leoflow's upgrade guide, cell by cell, and what each row is in a plan. `where` are the places that the guide names;
 * `really` are the places where the releases have it, where they differ.
 */
export interface GuideRow {
  what: string;
  where?: string;
  /** The item of the plan that answers to the row. */
  item: string;
  fate: 'preserve' | 'migrate' | 'refresh' | 'replace';
  /** A part of the path as the plan shows it, below the person's folder. */
  shown: RegExp;
  /** What the row's note says, in the item's words. */
  note: RegExp;
}

/** "Lite — what is preserved across upgrades". */
export const preserved: GuideRow[] = [
  {
    what: 'Workspace',
    where: 'The path under workspace: in ~/.leoflow/config.yaml (default ~/leoflow)',
    item: 'workspace',
    fate: 'preserve',
    shown: /^leoflow$/,
    note: /dag\.py, leoflow\.yaml, and any other project files.*does not touch/,
  },
  {
    what: 'Datastore',
    where: '~/.leoflow/managed-postgres/data/ or the leoflow-data-* Docker volume',
    item: 'datastore',
    fate: 'migrate',
    shown: /^\.leoflow\/pgdata$/,
    note: /DAG history, runs, task instances, XCom, variables and connections.*applies any pending SQL migrations at its first start/,
  },
  {
    what: 'Admin login',
    where: '~/.leoflow/config.yaml (admin_email, admin_password_hash)',
    item: 'admin-login',
    fate: 'preserve',
    shown: /^\.leoflow\/config\.yaml: admin_(?:email|password_hash)$/,
    note: /password is not made anew.*leoflow lite reset-password.*forgot/,
  },
  {
    what: 'JWT signing secret',
    where: '~/.leoflow/config.yaml (jwt_secret)',
    item: 'signing-secret',
    fate: 'preserve',
    shown: /^\.leoflow\/config\.yaml: jwt_secret$/,
    note: /browser sessions.*from before an upgrade go on working/,
  },
  {
    what: 'Parser + runtime venv',
    where: '~/.leoflow/venv/ (the marker at ~/.leoflow/venv/.leoflow-deps)',
    item: 'venv',
    fate: 'refresh',
    shown: /^\.leoflow\/dev\/venv$/,
    note: /Reinstalled as needed.*\.leoflow-deps.*dependencies change/,
  },
];

/** "What changes". */
export const changed: GuideRow[] = [
  {
    what: 'The leoflow / leoflow-server / leoflow-agent binaries on PATH',
    item: 'binaries',
    fate: 'replace',
    shown: /^(?:\.local\/bin\/leoflow(?:-server|-agent)?|\.leoflow\/\.moult\/slots\/.+)$/,
    note: /leoflow, leoflow-server and leoflow-agent on PATH/,
  },
  {
    what: '~/.leoflow/python/ (managed CPython)',
    item: 'python',
    fate: 'replace',
    shown: /^\.leoflow\/python$/,
    note: /Pinned per release; replaced if the new release pins a different version/,
  },
  {
    what: 'The SQL schema',
    item: 'datastore',
    fate: 'migrate',
    shown: /^\.leoflow\/pgdata$/,
    note: /applies any pending SQL migrations at its first start/,
  },
];

/** What the releases say of a migration that was cut off; the guide does not quote it. */
export const dirtyRefusal =
  'database schema is marked dirty at version 19 (a prior migration was interrupted); run `leoflow uninstall --purge` to reset, or fix manually with `migrate force` if you know what you are doing';

/** "the older binary refuses to start with": the guide's text, its line breaks and all. */
export const refusal = `database is at schema version 18 but this binary only knows up to 15;
an older \`leoflow\` is being run against a newer database.
Upgrade the binary, or run \`leoflow uninstall --purge\` to start over
(this WIPES your data)`;
