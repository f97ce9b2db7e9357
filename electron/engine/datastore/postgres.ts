/**
 * A datastore in PostgreSQL: a data folder that belongs to this install alone, run by the product or by Moult.
 * Promises: no other server than the folder's own is ever spoken with; a backup takes nothing away from the one that runs, and leaves
 * nothing in it; what is read of a stopped one is read of a copy. Refuses: data of another major version, the superuser, and copies
 * whose pages do not match their checksums.
 */
import { join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { exists } from '../platform/files.ts';
import { WorkerError } from '../platform/worker-process.ts';
import type { DatastoreDriver, Store, TableChange, TableRows } from './capture.ts';
import { askCrashed, askStopped, recoverCopy, withPostgresWorker, withServerAside } from './postgres-aside.ts';
import { capturePostgres } from './postgres-capture.ts';
import { carryOver } from './postgres-carry.ts';
import { lookAtCluster, runAs, stateOf, type Cluster } from './postgres-cluster.ts';
import { countTables } from './postgres-count.ts';
import { dumpPostgres, loadPostgresDump } from './postgres-dump.ts';
import { lookAtPostgres, startPostgres, stopPostgres } from './postgres-run.ts';
import { connectToOwn, explainPostgres } from './postgres-session.ts';
import { comparePostgresRows, type AskRows } from './postgres-rows.ts';
import { postgresStore, programsFor, type PostgresStore } from './postgres-store.ts';

export const postgresDriver: DatastoreDriver = {
  capture: capturePostgres,
  check,
  files: async (paths) => {
    const found = await Promise.all(paths.map(exists));
    return paths.filter((_, index) => found[index]);
  },
  prepareRestored: async (paths, signal, live) => {
    for (const path of paths) await recoverCopy(path, live === undefined ? null : postgresStore(live), signal);
  },
  settingFiles: (path) => [
    { path: join(path, 'postgresql.conf'), alone: '' },
    // Read last. A copy must not put its log among that of the live one.
    { path: join(path, 'postgresql.auto.conf'), alone: "archive_mode = 'off'\n" },
  ],
  rows,
  compareRows,
  look: lookAtPostgres,
  start: startPostgres,
  stop: stopPostgres,
  readTable,
  dump: dumpPostgres,
  loadDump: loadPostgresDump,
  carryOver,
};

/** Of clusters at rest. Those without checksums can only be told to be of one piece. */
async function check(paths: string[], signal?: AbortSignal): Promise<string[]> {
  const problems: string[] = [];
  for (const path of paths) {
    const cluster = await lookAtCluster(path);
    if (cluster === null) problems.push(`${path} is no data folder of PostgreSQL: PG_VERSION is missing`);
    else if (cluster.control === null) problems.push(`${join(path, 'global/pg_control')} is missing or damaged`);
    else if (stateOf(cluster) !== 'stopped') problems.push(`PostgreSQL in ${path} is not at rest but ${stateOf(cluster)}`);
    else if (cluster.control.checksums === true) {
      const pages = await withPostgresWorker((worker) => worker.ask<string[]>('pages', { folder: cluster.folder }), signal);
      problems.push(...pages.map((problem) => `${path}/${problem}`));
    }
  }
  return problems;
}

/** A server runs on the copy itself for as long as it takes, and is stopped in order. */
async function rows(paths: string[], signal?: AbortSignal, like?: Store): Promise<Record<string, number>> {
  const cluster = await lookAtCluster(paths[0] ?? '');
  if (cluster === null || like === undefined) throw new Failure('internal', `${paths[0]} cannot be counted without its description`);
  const store = postgresStore(like);
  const as = await runAs(cluster);
  const programs = await programsFor(store, cluster.major, as);
  const { role, database } = store.spec;
  const aside = { folder: cluster.folder, programs: programs.folder, as, major: cluster.major, throwaway: false };
  return withServerAside(aside, (server) => countTables((statement) => server.rows({ role, database }, statement), signal), signal);
}

/** The live server is asked while it runs, else a copy of what is needed of it; the other one is started on the copy from before. */
async function compareRows(was: string[], described: Store, options: { to: string | null; signal?: AbortSignal }): Promise<TableChange[]> {
  const store = postgresStore(described);
  const [copy] = was;
  const [before, cluster] = [copy === undefined ? null : await lookAtCluster(copy), await lookAtCluster(store.folder)];
  if (before === null || cluster === null) throw new Failure('io', `there is no PostgreSQL in ${store.folder} to compare with`);
  const { role, database } = store.spec;
  const as = await runAs(before);
  const programs = await programsFor(store, before.major, as);
  const { to, signal } = options;
  const aside = { folder: before.folder, programs: programs.folder, as, major: before.major, throwaway: true };
  return withServerAside(
    aside,
    async (server) => {
      const then: AskRows = (statement) => server.rows({ role, database }, statement);
      const state = stateOf(cluster);
      if (state === 'stopped')
        return askStopped(
          store,
          cluster,
          (live) => comparePostgresRows(then, (statement) => live.rows({ role, database }, statement), to, signal),
          signal,
        );
      if (state !== 'running') throw notNow(store.folder, state);
      const session = await connectToOwn(cluster, store.spec);
      try {
        // One moment of it, however long the walk takes.
        await session.rows('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
        return await comparePostgresRows(then, (statement) => session.rows(statement), to, signal);
      } finally {
        await session.close();
      }
    },
    signal,
  );
}

/** All rows as text; a name without a schema is looked for along the search path, as the product does. */
async function readTable(described: Store, table: string, columns: readonly string[], signal?: AbortSignal): Promise<TableRows> {
  const store = postgresStore(described);
  const cluster = await lookAtCluster(store.folder);
  if (cluster === null) return null;
  const { role, database } = store.spec;
  const statement = `SELECT ${columns.map((column) => `${quote(column)}::text AS ${quote(column)}`).join(', ')} FROM ${quote(table)}`;
  const state = stateOf(cluster);
  if (state === 'starting' || state === 'stopping') throw notNow(store.folder, state);
  try {
    if (state === 'crashed') return await readCrashed(store, cluster, { table, statement }, signal);
    if (state === 'stopped') return await askStopped(store, cluster, (server) => server.rows({ role, database }, statement), signal);
    const session = await connectToOwn(cluster, store.spec, { statementLimit: 20 });
    try {
      return await session.rows(statement);
    } finally {
      await session.close();
    }
  } catch (error) {
    signal?.throwIfAborted();
    const code = (error as { code?: string | null }).code;
    // "undefined table"; and a database that the product has not made yet.
    if (code === '42P01' || isMissingDatabase(error)) return null;
    throw unreadable(error, store.folder, explainPostgres(asNodeError(error), cluster, store.spec));
  }
}

/** What was written before it was left is in its log: a copy recovers, and the live folder is only read. */
async function readCrashed(
  store: PostgresStore,
  cluster: Cluster,
  { table, statement }: { table: string; statement: string },
  signal?: AbortSignal,
): Promise<TableRows> {
  const { role, database } = store.spec;
  const name = quote(table).replaceAll("'", "''");
  const files = `WITH asked AS (SELECT to_regclass('${name}') AS oid)
    SELECT pg_relation_filepath(c.oid) AS file FROM asked JOIN pg_class c ON c.oid = asked.oid
      OR c.oid = (SELECT reltoastrelid FROM pg_class WHERE oid = asked.oid)`;
  const found = await askCrashed(
    store,
    cluster,
    async (server, isLeftOut) => {
      const places = await server.rows({ role, database }, files);
      if (places.some(({ file }) => isLeftOut(file ?? ''))) return null;
      return server.rows({ role, database }, statement);
    },
    signal,
  ).catch((error: unknown) => {
    signal?.throwIfAborted();
    // What the copy's server answers is an answer; that it could not recover is not.
    if (error instanceof WorkerError && /^(?=.*\d)[0-9A-Z]{5}$/.test(error.code ?? '')) throw error;
    throw notNow(store.folder, 'crashed', error);
  });
  if (found === null || found.answer === null) throw notNow(store.folder, 'crashed');
  return found.answer;
}

function isMissingDatabase(error: unknown): boolean {
  return error instanceof Failure ? error.details?.['code'] === '3D000' : error instanceof WorkerError && error.code === '3D000';
}

function asNodeError(error: unknown): unknown {
  return error instanceof WorkerError ? Object.assign(new Error(error.message), { code: error.code }) : error;
}

function unreadable(error: unknown, folder: string, explained: unknown): unknown {
  if (explained instanceof Failure) return explained;
  return new Failure('io', `PostgreSQL in ${folder} cannot be read: ${(error as Error).message}`, {
    cause: error,
    remedy: { action: 'start-service', text: 'Start the product and look again, or restore the newest good backup.' },
  });
}

function notNow(folder: string, state: 'crashed' | 'starting' | 'stopping', cause?: unknown): Failure {
  if (state === 'crashed') {
    return new Failure(
      'io',
      `PostgreSQL in ${folder} was not stopped in order and needs recovery, which it does by itself at its next start`,
      {
        remedy: { action: 'start-service', text: 'Start the product once, and look again.' },
        details: { reason: 'needs-recovery' },
        cause,
      },
    );
  }
  return new Failure('io', `PostgreSQL in ${folder} is just ${state}`, {
    remedy: { action: 'wait', text: 'Wait a moment, then look again.' },
  });
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
