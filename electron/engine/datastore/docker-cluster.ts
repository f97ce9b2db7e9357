/**
 * A PostgreSQL whose data folder is in a Docker volume, run in a container of the product's. It is found by its volume and by nothing else,
 * and spoken with inside its container, so that no other server can be meant: no port of this machine is ever tried.
 */
import { join, posix } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { pause, ticks } from '../platform/clock.ts';
import { docker, dockerExec, hasVolume, parseVolumePlace, usersOfVolume, type VolumeUser } from '../platform/docker.ts';
import { temporaryFolder } from '../platform/environment.ts';
import { openFile, remove } from '../platform/files.ts';
import { randomId } from '../platform/random.ts';
import type { DatastoreSpec } from '../product/schema.ts';
import type { Store } from './capture.ts';

export type DockerPostgresSpec = Extract<DatastoreSpec, { driver: 'docker-postgres' }>;

export interface DockerCluster {
  volume: string;
  /** The container that is to be spoken with; null where no container uses the volume. */
  container: VolumeUser | null;
}

/** A server that answers. */
export interface DockerServer {
  volume: string;
  container: VolumeUser;
  /** What says to programs of PostgreSQL, inside the container, where the server is: socket and port. */
  where: string[];
  role: string;
}

/** What the names of Moult's own short-lived containers begin with. */
export const helperName = 'moult-helper-';
/** Milliseconds for a container to answer after its start; its server may have to recover. */
const startPatience = 120_000;

export function dockerSpec({ spec }: Pick<Store, 'spec'>): DockerPostgresSpec {
  if (spec.driver !== 'docker-postgres') throw new Failure('internal', 'this is no datastore in a Docker volume');
  return spec;
}

export function volumeOfStore({ paths }: Pick<Store, 'paths'>): string {
  const place = parseVolumePlace(paths[0] ?? '');
  if (place === null) throw new Failure('internal', `${paths[0]} is no Docker volume`);
  return place.volume;
}

/** The volume and the container that uses it; null where there is no such volume. Throws where two running containers share it. */
export async function lookAtVolume(volume: string): Promise<DockerCluster | null> {
  if (!(await hasVolume(volume))) return null;
  const users = (await usersOfVolume(volume)).filter(({ name }) => !name.startsWith(helperName));
  const running = users.filter((user) => user.running);
  if (running.length > 1) {
    throw new Failure('check-failed', `the Docker volume ${volume} is used by ${running.map(({ name }) => name).join(' and ')} at once`, {
      remedy: { action: 'stop-service', text: 'Stop the one that does not belong there; two servers on one data folder destroy it.' },
      details: { volume, containers: running.map(({ name }) => name) },
    });
  }
  return { volume, container: running[0] ?? users[0] ?? null };
}

/** Runs `work` with the server, whose container is started for it and stopped after it where it did not run. */
export async function withDockerServer<T>(
  volume: string,
  role: string,
  work: (server: DockerServer) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const cluster = await lookAtVolume(volume);
  const container = cluster?.container ?? null;
  if (container === null) throw noContainer(volume, cluster !== null);
  if (!container.running) await docker(['start', container.id], { limit: 60, ...(signal && { signal }) });
  try {
    const server = { volume, container, role, where: await untilAnswers(container, volume, role, signal) };
    return await work(server);
  } finally {
    if (!container.running) await stopContainer(container);
  }
}

/** In order: PostgreSQL writes what it has in memory. */
export async function stopContainer({ id }: Pick<VolumeUser, 'id'>): Promise<void> {
  await docker(['stop', '--time', '60', id], { limit: 90 });
}

/** What one statement answers, line by line as PostgreSQL's COPY would give it unaligned. */
export async function askServer(server: DockerServer, database: string, statement: string, signal?: AbortSignal): Promise<string[]> {
  const command = [...psql(server, database), '--command', statement];
  const { stdout } = await docker(['exec', server.container.id, ...command], { limit: 300, ...(signal && { signal }) });
  return stdout.split('\n').filter((line) => line !== '');
}

/** Runs SQL from a file in one transaction. */
export async function playFile(server: DockerServer, database: string, file: string, signal?: AbortSignal): Promise<void> {
  await dockerExec(server.container.id, [...psql(server, database), '--single-transaction', '--output=/dev/null'], {
    input: file,
    ...(signal && { signal }),
  });
}

/** Runs statements, each by itself: some may not stand in a transaction. */
export async function runStatements(server: DockerServer, database: string, statements: readonly string[]): Promise<void> {
  const file = join(temporaryFolder(), `moult-${randomId(4)}.sql`);
  const handle = await openFile(file, 'wx');
  await handle.writeFile(`${statements.join(';\n')};\n`);
  await handle.close();
  try {
    await dockerExec(server.container.id, psql(server, database), { input: file });
  } finally {
    await remove(file);
  }
}

export function quoteName(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function psql({ where, role }: DockerServer, database: string): string[] {
  return [
    'psql',
    '--no-psqlrc',
    '--quiet',
    '--no-align',
    '--tuples-only',
    '--set=ON_ERROR_STOP=1',
    ...where,
    '-U',
    role,
    '-w',
    '-d',
    database,
  ];
}

/**
 * The server says in its own `postmaster.pid` where it listens (lines 4 and 5); an image may have put its port anywhere. Its first answer is
 * where its data are: a container may have several servers, and only the one on the volume is meant.
 */
async function untilAnswers(container: VolumeUser, volume: string, role: string, signal?: AbortSignal): Promise<string[]> {
  const from = ticks();
  let last: unknown;
  do {
    try {
      const { stdout } = await docker(['exec', container.id, 'cat', posix.join(dataFolder(container), 'postmaster.pid')], {
        ...(signal && { signal }),
      });
      const [, , , port = '', socket = '', , , status = ''] = stdout.split('\n').map((line) => line.trim());
      const where = ['-h', socket === '' ? '127.0.0.1' : socket, '-p', port === '' ? '5432' : port];
      if (status === 'ready') {
        const [folder = ''] = await askServer(
          { volume, container, role, where },
          'template1',
          "SELECT current_setting('data_directory')",
          signal,
        );
        if (folder !== dataFolder(container)) throw foreign(container, volume, folder);
        return where;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof Failure && error.code !== 'command-failed') throw error;
      last = error;
    }
    await pause(200, signal);
  } while (ticks() - from < startPatience && !(container.running && ticks() - from > 20_000));
  const why = last === undefined ? '' : `: ${(last as Error).message}`;
  throw new Failure('service-failed', `PostgreSQL in the container ${container.name} does not answer${why}`, {
    remedy: { action: 'open-log', text: 'Read what it printed.', command: `docker logs ${container.name}` },
  });
}

/** The data folder inside the container: where the image puts it, which must be on the volume. */
export function dataFolder({ env, mountedAt }: VolumeUser): string {
  const named = env['PGDATA'] ?? mountedAt;
  return named === mountedAt || named.startsWith(`${mountedAt}/`) ? named : mountedAt;
}

function foreign({ name }: VolumeUser, volume: string, folder: string): Failure {
  return new Failure(
    'check-failed',
    `the PostgreSQL that answers in the container ${name} keeps its data in ${folder}, which is not on the volume ${volume}`,
    {
      remedy: { action: 'stop-service', text: 'Look which container uses the volume. Moult did not touch the other one.' },
      details: { reason: 'foreign', volume, found: folder },
    },
  );
}

function noContainer(volume: string, isThere: boolean): Failure {
  return new Failure(
    'unsupported',
    isThere ? `no container uses the Docker volume ${volume}, so its PostgreSQL cannot be asked` : `there is no Docker volume ${volume}`,
    {
      remedy: { action: 'start-service', text: 'Start the product once: it makes the container of its database again.' },
      details: { volume },
    },
  );
}
