/**
 * One data folder of PostgreSQL, as its files tell: which cluster it is, whether a server has it open, and whether it was left in order.
 * Only looks; needs neither PostgreSQL nor a connection.
 */
import { join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { pause } from '../platform/clock.ts';
import { followOrNull, openFile, readTextOrNull, realPathOrNull } from '../platform/files.ts';
import { folderOfProcess, ownerOfProcess, ownUser, userName } from '../platform/identity.ts';
import type { PostgresAddress } from '../platform/postgres.ts';
import { startOf } from '../platform/processes.ts';
import type { PostgresSpec } from './postgres-store.ts';
import { controlBytes, parseControl, type ControlFile } from './postgres-control.ts';

export interface ClusterServer {
  pid: number;
  /** What `startOf` says of the process. */
  start: string;
  port: number;
  /** The folder of its socket, or the address it listens on; null before it listens anywhere. */
  host: string | null;
  status: 'starting' | 'ready' | 'stopping';
}

export interface Cluster {
  /** With every link resolved. */
  folder: string;
  /** The major version, as `PG_VERSION` has it. */
  major: string;
  /** Null where the control file is damaged or missing. */
  control: ControlFile | null;
  /** The process that has it open; null when nobody has. */
  server: ClusterServer | null;
  owner: { uid: number; gid: number };
}

/** As much of a cluster as it takes to ask its server. */
export type AskedCluster = Pick<Cluster, 'folder' | 'server'> & { control: Pick<ControlFile, 'systemIdentifier'> | null };

/** What the folder is; null where it is none of PostgreSQL. */
export async function lookAtCluster(folder: string): Promise<Cluster | null> {
  const major = (await readTextOrNull(join(folder, 'PG_VERSION')))?.trim();
  const stats = await followOrNull(folder);
  if (major === undefined || major === '' || stats === null) return null;
  const real = (await realPathOrNull(folder)) ?? folder;
  return {
    folder: real,
    major,
    control: await readControl(real),
    server: await findServer(real, stats.uid),
    owner: { uid: stats.uid, gid: stats.gid },
  };
}

/** How the cluster is, in one word. */
export function stateOf({ server, control }: Cluster): 'stopped' | 'crashed' | 'starting' | 'running' | 'stopping' {
  if (server !== null) return server.status === 'ready' ? 'running' : server.status;
  return control?.state === 'clean' ? 'stopped' : 'crashed';
}

/** The control file; when it is read while it is written, again. Null where it stays unreadable. */
export async function readControl(folder: string): Promise<ControlFile | null> {
  for (let left = 5; left > 0; left -= 1) {
    const content = await firstBytes(join(folder, 'global', 'pg_control'));
    const control = content === null ? null : parseControl(content);
    if (control !== null || content === null) return control;
    await pause(20);
  }
  return null;
}

/** Where its server is asked. Throws where it listens nowhere. */
export function addressOf(cluster: AskedCluster, spec: Pick<PostgresSpec, 'role' | 'database'>): PostgresAddress {
  const { server } = cluster;
  if (server === null || server.host === null) {
    throw new Failure('io', `the PostgreSQL of ${cluster.folder} cannot be asked: it listens nowhere yet`, {
      remedy: { action: 'wait', text: 'Wait until it has started, then try again.' },
    });
  }
  return { host: server.host, port: server.port, role: spec.role, database: spec.database };
}

/**
 * As whom PostgreSQL's programs are run on this folder: as its owner. Throws `unsupported` where that cannot be, with the way out:
 * PostgreSQL refuses the superuser, and a folder of one user is closed to all others.
 */
export async function runAs(cluster: Pick<Cluster, 'folder' | 'owner'>): Promise<{ uid?: number; gid?: number }> {
  const own = ownUser();
  const { uid, gid } = cluster.owner;
  if (own === null || (own === uid && own !== 0)) return {};
  if (own === 0 && uid !== 0) return { uid, gid };
  const owner = await userName(uid);
  throw new Failure(
    'unsupported',
    uid === 0
      ? `${cluster.folder} belongs to root, and PostgreSQL refuses to run as root`
      : `${cluster.folder} belongs to ${owner}, and only ${owner} can run PostgreSQL on it`,
    {
      remedy: {
        action: 'choose-folder',
        text: uid === 0 ? 'Give the data folder to the user who runs the product, and run Moult as that user.' : `Run Moult as ${owner}.`,
        ...(uid !== 0 && { command: `sudo -u ${owner} moult` }),
      },
      details: { folder: cluster.folder, owner },
    },
  );
}

/**
 * `postmaster.pid` names the process (its lines are told in PostgreSQL's `src/include/utils/pidfile.h`), and stays behind when that
 * was killed. A process that stands in another folder, or that somebody else runs, only has the number by chance.
 */
async function findServer(folder: string, owner: number): Promise<ClusterServer | null> {
  const text = await readTextOrNull(join(folder, 'postmaster.pid'));
  if (text === null) return null;
  const [first = '', , , port = '', socket = '', address = '', , status = ''] = text.split('\n').map((line) => line.trim());
  const pid = Math.abs(Number(first));
  if (!Number.isInteger(pid) || pid === 0) return null;
  const start = await startOf(pid);
  if (start === null) return null;
  const stands = await folderOfProcess(pid);
  if (stands !== null && stands !== folder) return null;
  const runner = await ownerOfProcess(pid);
  if (stands === null && runner !== null && runner !== owner) return null;
  return {
    pid,
    start,
    port: Number(port) || 5432,
    host: socket !== '' ? socket : hostOf(address),
    status: /^(?:ready|standby)/.test(status) ? 'ready' : status.startsWith('stopping') ? 'stopping' : 'starting',
  };
}

function hostOf(address: string): string | null {
  if (address === '') return null;
  return address === '*' || address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address;
}

async function firstBytes(path: string): Promise<Uint8Array | null> {
  const handle = await openFile(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (handle === null) return null;
  try {
    const content = new Uint8Array(controlBytes);
    await handle.read(content, 0, controlBytes, 0);
    return content;
  } finally {
    await handle.close();
  }
}
