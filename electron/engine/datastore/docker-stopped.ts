/**
 * Reads what a PostgreSQL keeps whose container does not run, and leaves container and volume as they are: a server is started on a copy of the
 * catalogs and small tables, in a container of Moult's own, of the same image, without network, with the volume read-only. It is gone afterwards.
 */
import { posix } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { pause, ticks } from '../platform/clock.ts';
import { docker, type VolumeUser } from '../platform/docker.ts';
import { randomId } from '../platform/random.ts';
import { askServer, dataFolder, helperName, type DockerServer } from './docker-cluster.ts';

/** Milliseconds for the copy and the start; a cluster that was killed recovers on the copy. */
const patience = 120_000;
/** Files of tables up to 64 MB are copied, in blocks of 512 bytes as `find` counts. */
const mostBlocks = 131_072;

/** Runs `work` with a server on a copy. `isLeftOut` tells whether a table, by the name of its file, was too large to be copied whole. */
export async function withServerOfCopy<T>(
  volume: string,
  container: VolumeUser,
  role: string,
  work: (server: DockerServer, isLeftOut: (file: string) => Promise<boolean>) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const name = `${helperName}${randomId(4)}`;
  const from = posix.join('/from', posix.relative(container.mountedAt, dataFolder(container)));
  const beside = ['--network', 'none', '--volume', `${volume}:/from:ro`, '--entrypoint', 'sh', container.image, '-c'];
  const { stdout } = await docker(['run', '--rm', '--name', `${name}-look`, '--user', '0', ...beside, `ls -dn '${from}'`], { limit: 60 });
  const [, , uid = '', gid = ''] = stdout.trim().split(/\s+/);
  if (!/^[1-9]\d*$/.test(uid)) throw new Failure('io', `the data of the Docker volume ${volume} belong to the user ${uid || 'nobody'}`);
  try {
    await docker(['run', '--detach', '--name', name, '--user', `${uid}:${gid}`, ...beside, copyAndRun(from)], { limit: 60 });
    await untilReady(name, volume, signal);
    const server = { volume, container: { ...container, id: name, name }, role, where: ['-h', '/tmp', '-p', '5432'] };
    return await work(server, async (file) => {
      const found = await docker(['exec', name, 'find', `${from}/${file}`, '-size', `+${mostBlocks}`]).catch(() => null);
      return found !== null && found.stdout.trim() !== '';
    });
  } finally {
    await docker(['rm', '--force', '--volumes', name], { limit: 60 }).catch(() => null);
  }
}

/** The files of a table and of what is kept beside it, as PostgreSQL calls them. */
export async function filesOfTable(server: DockerServer, database: string, table: string): Promise<string[]> {
  const name = `"${table.replaceAll('"', '""')}"`.replaceAll("'", "''");
  return askServer(
    server,
    database,
    `WITH asked AS (SELECT to_regclass('${name}') AS oid) SELECT pg_relation_filepath(c.oid) FROM asked JOIN pg_class c ON c.oid = asked.oid
      OR c.oid = (SELECT reltoastrelid FROM pg_class WHERE oid = asked.oid)`,
  );
}

/** Whatever the copy's own settings say about where to listen, whom to let in and where to keep things, it must not say it here. */
function copyAndRun(from: string): string {
  const wanted = `! -name 'postmaster.*' ! -name 'pg_internal.init*' '(' ! -size +${mostBlocks} -o ! -path './base/*' ')'`;
  const settings = [
    'listen_addresses=',
    'unix_socket_directories=/tmp',
    'port=5432',
    'data_directory=/tmp/copy',
    'hba_file=/tmp/hba',
    'ident_file=/tmp/ident',
    'external_pid_file=/tmp/pid',
    'archive_mode=off',
    'ssl=off',
    'logging_collector=off',
    'log_destination=stderr',
    'autovacuum=off',
    'fsync=off',
    'full_page_writes=off',
  ];
  return [
    'set -e; umask 077',
    `cd '${from}'; mkdir /tmp/copy`,
    // A program for each folder, not for each of a thousand files.
    `find . -type d | while read -r each; do mkdir -p "/tmp/copy/$each"; find "$each" -maxdepth 1 -type f ${wanted} -exec sh -c 'cp -p "$@" "/tmp/copy/$0/"' "$each" {} +; done`,
    `printf 'local all all trust\\n' >/tmp/hba; : >/tmp/ident`,
    // From 13 on a log is replayed also where files are not there that it writes to.
    'partly=; if [ "$(cat PG_VERSION)" -ge 13 ]; then partly="-c ignore_invalid_pages=on"; fi',
    `exec postgres -D /tmp/copy ${settings.map((setting) => `-c ${setting}`).join(' ')} $partly`,
  ].join('; ');
}

async function untilReady(name: string, volume: string, signal: AbortSignal | undefined): Promise<void> {
  for (const from = ticks(); ticks() - from < patience; await pause(100, signal)) {
    const told = await docker(['exec', name, 'cat', '/tmp/copy/postmaster.pid'], { ...(signal && { signal }) }).catch(() => null);
    signal?.throwIfAborted();
    if (told?.stdout.split('\n')[7]?.trim() === 'ready') return;
    const { stdout } = await docker(['inspect', '--format', '{{.State.Running}}', name]);
    if (stdout.trim() !== 'true') break;
  }
  const said = await docker(['logs', '--tail', '5', name]).catch(() => null);
  throw new Failure('io', `no PostgreSQL started on a copy of the Docker volume ${volume}: ${said?.stderr.trim() ?? 'it said nothing'}`);
}
