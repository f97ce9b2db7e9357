/**
 * A datastore in PostgreSQL that a product runs in Docker, with its data in a volume. A person may use Docker without being able to read the
 * volume's files, so everything is done by the server itself, inside its container: a backup is a dump, one moment of the database, made
 * by the `pg_dump` of the very same version. A restore loads it into a database of its own beside the live one, in one transaction; the two
 * then change their names. Refuses to speak with any server but the volume's own.
 */
import { join } from 'node:path';
import { Failure, toFailureData } from '../../api/failure.ts';
import { dockerExec, volumePlace } from '../platform/docker.ts';
import { makeFolder, remove } from '../platform/files.ts';
import type { Capture, CaptureFile, CaptureOptions, DatastoreDriver, Store, StoreLook, TableRows } from './capture.ts';
import {
  askServer,
  dockerSpec,
  lookAtVolume,
  playFile,
  quoteName,
  runStatements,
  stopContainer,
  volumeOfStore,
  withDockerServer,
  type DockerServer,
} from './docker-cluster.ts';
import { filesOfTable, withServerOfCopy } from './docker-stopped.ts';

export const dockerPostgresDriver: DatastoreDriver = {
  capture,
  // A dump that was loaded in one transaction is whole; what it holds is asked of the server.
  check: async () => [],
  files: async (paths) => {
    const found = await Promise.all(paths.map(async (path) => (await lookAtVolume(volumeOfStore({ paths: [path] }))) !== null));
    return paths.filter((_, index) => found[index]);
  },
  look,
  readTable,
  dump: (store, to, signal) => dumpDatabase(store, to, signal),
  stage: stageDump,
  isAtRest: async (store) => (await lookAtVolume(volumeOfStore(store)))?.container?.running !== true,
  rest: async (store) => {
    const container = (await lookAtVolume(volumeOfStore(store)))?.container;
    if (container?.running === true) await stopContainer(container);
  },
  measure: async (store) => {
    const { role, database } = dockerSpec(store);
    const cluster = await lookAtVolume(volumeOfStore(store));
    if (cluster?.container?.running !== true) return 0;
    return withDockerServer(cluster.volume, role, async (server) =>
      Number(
        (
          await askServer(server, 'template1', `SELECT coalesce(pg_database_size(oid), 0) FROM pg_database WHERE datname = '${database}'`)
        )[0] ?? 0,
      ),
    );
  },
};

async function capture({ spec, paths, scratch, signal }: CaptureOptions): Promise<Capture> {
  if (spec === undefined) throw new Failure('internal', 'a capture of PostgreSQL needs its description');
  const of = paths[0] as string;
  const store: Store = { spec, paths, fill: (text) => text };
  const take = async (name: string): Promise<CaptureFile[]> => {
    await makeFolder(scratch);
    const path = join(scratch, name);
    await remove(path);
    await dumpDatabase(store, path, signal);
    return [{ path, as: `${spec.item}.sql`, of }];
  };
  const base = await take('first.sql');
  return {
    base,
    finishing: 'whole',
    notes: [],
    finish: () => take('last.sql'),
    close: async () => {
      for (const name of ['first.sql', 'last.sql']) await remove(join(scratch, name));
    },
  };
}

/** Plain SQL without owners: it may go into another cluster, under another role. */
async function dumpDatabase(store: Store, to: string, signal?: AbortSignal): Promise<void> {
  const { role, database } = dockerSpec(store);
  const volume = volumeOfStore(store);
  await withDockerServer(
    volume,
    role,
    async ({ container, where }) => {
      const command = ['pg_dump', '--format=plain', '--no-owner', '--no-privileges', ...where, '-U', role, '-w', '-d', database];
      await dockerExec(container.id, command, { output: to, ...(signal && { signal }) }).catch(async (error: unknown) => {
        await remove(to);
        throw error;
      });
    },
    signal,
  );
}

async function look(store: Store): Promise<StoreLook> {
  const volume = volumeOfStore(store);
  try {
    const cluster = await lookAtVolume(volume);
    if (cluster === null) return { state: 'absent', detail: `there is no Docker volume ${volume} yet`, problems: [], warnings: [] };
    const { container } = cluster;
    const where = `PostgreSQL in the Docker volume ${volume}`;
    if (container === null)
      return {
        state: 'stopped',
        detail: `${where} has no container`,
        problems: [toFailureData(await withDockerServer(volume, '', async () => null).catch((error: unknown) => error))],
        warnings: [],
      };
    if (!container.running)
      return { state: 'stopped', detail: `${where} is stopped: the container ${container.name} does not run`, problems: [], warnings: [] };
    await withDockerServer(volume, dockerSpec(store).role, async () => null);
    return { state: 'running', detail: `${where} is running in the container ${container.name}`, problems: [], warnings: [] };
  } catch (error) {
    return { state: 'stopped', detail: `the Docker volume ${volume} cannot be looked at`, problems: [toFailureData(error)], warnings: [] };
  }
}

async function readTable(store: Store, table: string, columns: readonly string[], signal?: AbortSignal): Promise<TableRows> {
  const { role, database } = dockerSpec(store);
  const cluster = await lookAtVolume(volumeOfStore(store));
  if (cluster === null) return null;
  const wanted = columns.map((column) => `${quoteName(column)}::text AS ${quoteName(column)}`).join(', ');
  const read = async (server: DockerServer): Promise<TableRows> => {
    const [there] = await askServer(server, 'template1', `SELECT 1 FROM pg_database WHERE datname = '${database}'`, signal);
    if (there !== '1') return null;
    const [known] = await askServer(server, database, `SELECT to_regclass('${quoteName(table)}') IS NOT NULL`, signal);
    if (known !== 't') return null;
    const rows = await askServer(
      server,
      database,
      `SELECT row_to_json(found)::text FROM (SELECT ${wanted} FROM ${quoteName(table)}) AS found`,
      signal,
    );
    return rows.map((row) => JSON.parse(row) as Record<string, string | null>);
  };
  const { container } = cluster;
  if (container?.running !== false) return withDockerServer(cluster.volume, role, read, signal);
  const whole = async (server: DockerServer, isLeftOut: (file: string) => Promise<boolean>): Promise<TableRows> => {
    for (const file of await filesOfTable(server, database, table).catch(() => []))
      if (await isLeftOut(file)) throw new Error(`${table} is too large for a look`);
    return read(server);
  };
  return withServerOfCopy(cluster.volume, container, role, whole, signal).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw new Failure(
      'io',
      `the container ${container.name} of the Docker volume ${cluster.volume} does not run, and no copy could be read: ${(error as Error).message}`,
      {
        cause: error,
        remedy: { action: 'start-service', text: 'Start it or the product, and look again.', command: `docker start ${container.name}` },
      },
    );
  });
}

/** Loads a dump into a database of that name beside the live one, whole or not at all. */
async function stageDump(store: Store, dump: string, name: string, signal?: AbortSignal): Promise<string> {
  const { role } = dockerSpec(store);
  const volume = volumeOfStore(store);
  await withDockerServer(
    volume,
    role,
    async (server) => {
      await runStatements(server, 'template1', [
        `DROP DATABASE IF EXISTS ${quoteName(name)}`,
        `CREATE DATABASE ${quoteName(name)} TEMPLATE template0`,
      ]);
      await playFile(server, name, dump, signal).catch(async (error: unknown) => {
        await runStatements(server, 'template1', [`DROP DATABASE IF EXISTS ${quoteName(name)}`]).catch(() => {});
        signal?.throwIfAborted();
        const { message } = toFailureData(error);
        throw new Failure(
          'bad-backup',
          `the dump cannot be played into PostgreSQL in the Docker volume ${volume}: ${message}. The live data were not touched.`,
          { cause: error },
        );
      });
    },
    signal,
  );
  return volumePlace(volume, { name, role });
}
