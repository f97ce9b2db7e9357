/**
 * The schema of the stand-in, migration by migration, named as golang-migrate wants it. Up to 14 as the releases until
 * `prealpha.17` have it, 15 as `prealpha.18`, 16 to 18 as `prealpha.19`.
 */
const tables: [name: string, sql: string][] = [
  ['init', 'CREATE TABLE users (id bigserial PRIMARY KEY, email text UNIQUE NOT NULL, password_hash text NOT NULL);'],
  ['dags', 'CREATE TABLE dags (dag_id text PRIMARY KEY, fileloc text NOT NULL, is_paused boolean NOT NULL DEFAULT false);'],
  [
    'dag_runs',
    'CREATE TABLE dag_runs (id bigserial PRIMARY KEY, dag_id text NOT NULL REFERENCES dags, run_id text NOT NULL, state text NOT NULL);',
  ],
  [
    'task_instances',
    'CREATE TABLE task_instances (dag_run bigint NOT NULL REFERENCES dag_runs, task_id text NOT NULL, state text, CONSTRAINT task_instances_pkey PRIMARY KEY (dag_run, task_id));',
  ],
  [
    'xcom',
    'CREATE TABLE xcom (dag_run bigint NOT NULL, task_id text NOT NULL, key text NOT NULL, value jsonb, PRIMARY KEY (dag_run, task_id, key));',
  ],
  ['variables', 'CREATE TABLE variables (key text PRIMARY KEY, val text NOT NULL, at timestamptz NOT NULL DEFAULT now());'],
  ['connections', 'CREATE TABLE connections (conn_id text PRIMARY KEY, conn_type text NOT NULL, password text);'],
  ['pools', "CREATE TABLE pools (name text PRIMARY KEY, slots int NOT NULL); INSERT INTO pools VALUES ('default_pool', 128);"],
  ['audit', 'CREATE TABLE audit (id bigserial PRIMARY KEY, event text NOT NULL, at timestamptz NOT NULL DEFAULT now());'],
  ['dag_code', 'CREATE TABLE dag_code (dag_id text PRIMARY KEY REFERENCES dags, source text NOT NULL);'],
  ['run_index', 'CREATE INDEX dag_runs_by_dag ON dag_runs (dag_id, id);'],
  ['task_times', 'ALTER TABLE task_instances ADD COLUMN started timestamptz, ADD COLUMN ended timestamptz;'],
  ['variable_description', 'ALTER TABLE variables ADD COLUMN description text;'],
  ['run_type', "ALTER TABLE dag_runs ADD COLUMN run_type text NOT NULL DEFAULT 'manual';"],
  ['deadlines', 'CREATE TABLE deadlines (id bigserial PRIMARY KEY, dag_id text NOT NULL REFERENCES dags, at timestamptz NOT NULL);'],
  [
    'task_reschedules',
    'CREATE TABLE task_reschedules (id bigserial PRIMARY KEY, dag_run bigint NOT NULL, task_id text NOT NULL, at timestamptz NOT NULL, FOREIGN KEY (dag_run, task_id) REFERENCES task_instances);',
  ],
  ['variable_size', 'ALTER TABLE variables ADD COLUMN size int; UPDATE variables SET size = length(val);'],
  ['asset_events', 'CREATE TABLE asset_events (id bigserial PRIMARY KEY, asset text NOT NULL, at timestamptz NOT NULL DEFAULT now());'],
  ['teams', 'CREATE TABLE teams (name text PRIMARY KEY);'],
];

/** The embedded files of a release whose newest migration is `top`, by name. */
export function migrationsUpTo(top: number): Record<string, string> {
  return Object.fromEntries(tables.slice(0, top).map(([name, sql], index) => [fileName(index + 1, name), sql]));
}

/** A migration that does half of its work and fails, as migration `version`. */
export function failingMigration(version: number): Record<string, string> {
  return { [fileName(version, 'broken')]: 'DROP TABLE variables CASCADE; SELECT 1 / 0;' };
}

function fileName(version: number, name: string): string {
  return `${String(version).padStart(6, '0')}_${name}.up.sql`;
}
