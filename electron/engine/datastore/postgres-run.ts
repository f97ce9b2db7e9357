/** Starting, stopping and looking at the server of a live data folder. */
import { Failure, toFailureData } from '../../api/failure.ts';
import type { FailureData } from '../../api/failure.ts';
import { pause, ticks } from '../platform/clock.ts';
import { platform } from '../platform/environment.ts';
import { readTextOrNull } from '../platform/files.ts';
import { leaveRunning, signalProcess, untilGone, type LeftRunning } from '../platform/processes.ts';
import type { Store, StoreLook } from './capture.ts';
import { lookAtCluster, runAs, stateOf, type Cluster } from './postgres-cluster.ts';
import { connectToOwn } from './postgres-session.ts';
import { postgresStore, programEnvironment, programIn, programsFor, type PostgresStore } from './postgres-store.ts';

/** Seconds for a fast stop, which ends sessions and writes what is in memory, and for an immediate one, which writes nothing. */
const fastLimit = 60;
const immediateLimit = 15;
/** Milliseconds for a start, which may have to recover; it begins again as long as the server says that it is starting. */
const startPatience = 120_000;

/** How it is, without changing anything; where it runs, its own word that it is this folder's server. */
export async function lookAtPostgres(described: Store): Promise<StoreLook> {
  const store = postgresStore(described);
  const cluster = await lookAtCluster(store.folder);
  if (cluster === null) return { state: 'absent', detail: `there is no PostgreSQL in ${store.folder} yet`, problems: [], warnings: [] };
  const problems: FailureData[] = [];
  const warnings: string[] = [];
  const state = stateOf(cluster);
  try {
    await programsFor(store, cluster.major, await runAs(cluster));
  } catch (error) {
    // What runs has its programs somewhere; they are missing only for what a restore would need.
    if (state === 'running') warnings.push(toFailureData(error).message);
    else problems.push(toFailureData(error));
  }
  if (cluster.control === null) problems.push(toFailureData(new Failure('bad-backup', `the control file of ${cluster.folder} is damaged`)));
  if (state === 'crashed') warnings.push(`PostgreSQL in ${cluster.folder} was not stopped in order; it recovers at its next start`);
  if (state === 'running') {
    await connectToOwn(cluster, store.spec).then(
      (session) => session.close(),
      (error: unknown) => void problems.push(toFailureData(error)),
    );
  }
  return { state, detail: detailOf(cluster, state), problems, warnings };
}

function detailOf({ major, server, folder }: Cluster, state: StoreLook['state']): string {
  const process = server === null ? '' : `, process ${server.pid}`;
  return `PostgreSQL ${major} in ${folder} is ${state}${process}`;
}

/** Starts the server, which outlives this process, and waits until it is ready. */
export async function startPostgres(described: Store, options: { log: string; signal?: AbortSignal }): Promise<void> {
  const store = postgresStore(described);
  const cluster = await lookAtCluster(store.folder);
  if (cluster === null) throw new Failure('service-failed', `there is no PostgreSQL in ${store.folder} to be started`);
  if (stateOf(cluster) === 'running') return;
  if (cluster.server === null) {
    const as = await runAs(cluster);
    const programs = await programsFor(store, cluster.major, as);
    const command = [programIn(programs.folder, 'postgres'), '-D', cluster.folder, ...settingsOf(store)];
    const left = await leaveRunning(command, { folder: '/', env: programEnvironment(), log: options.log, ...as });
    await untilReady(store, left, options);
    return;
  }
  await untilReady(store, null, options);
}

function settingsOf({ socket, spec }: PostgresStore): string[] {
  return ['-c', `port=${spec.port}`, ...(socket === null ? [] : ['-c', `unix_socket_directories=${socket}`, '-c', 'listen_addresses='])];
}

async function untilReady(store: PostgresStore, left: LeftRunning | null, options: { log: string; signal?: AbortSignal }): Promise<void> {
  let isOver = false;
  void left?.ended.then(() => (isOver = true));
  for (const from = ticks(); ; await pause(50, options.signal)) {
    const cluster = await lookAtCluster(store.folder);
    if (cluster !== null && stateOf(cluster) === 'running') return;
    const isStarting = cluster?.server?.status === 'starting';
    if (isOver || (!isStarting && ticks() - from > startPatience)) {
      const said = (await readTextOrNull(options.log))
        ?.trimEnd()
        .split('\n')
        .findLast((line) => /\b(?:FATAL|PANIC|ERROR)\b/.test(line));
      throw new Failure('service-failed', `PostgreSQL in ${store.folder} did not start${said === undefined ? '' : `: ${said.trim()}`}`, {
        remedy: { action: 'open-log', text: `Read ${options.log}.` },
        details: { log: options.log },
      });
    }
  }
}

/** Stops the folder's own server: fast, which keeps everything in order, and when that takes too long at once, which means a recovery later. */
export async function stopPostgres(
  described: Store,
  options: { onNote?: (text: string) => void; signal?: AbortSignal; fastSeconds?: number } = {},
): Promise<boolean> {
  const limit = options.fastSeconds ?? fastLimit;
  const store = postgresStore(described);
  const server = (await lookAtCluster(store.folder))?.server ?? null;
  if (server === null) return false;
  const { pid, start } = server;
  deliver(pid, 'SIGINT', store.folder);
  if (await untilGone(pid, start, limit, options.signal)) return true;
  options.onNote?.(`PostgreSQL in ${store.folder} did not stop within ${limit} s and was stopped at once; it recovers at its next start`);
  deliver(pid, 'SIGQUIT', store.folder);
  if (await untilGone(pid, start, immediateLimit, options.signal)) return true;
  throw new Failure('service-failed', `PostgreSQL in ${store.folder} (process ${pid}) cannot be stopped`, {
    remedy: { action: 'stop-service', text: `Look what process ${pid} is waiting for, and end it.` },
    details: { pid },
  });
}

/** Signals of the server, which Windows has none of: SIGINT is a fast stop, SIGQUIT an immediate one (https://www.postgresql.org/docs/current/server-shutdown.html). */
function deliver(pid: number, signal: NodeJS.Signals, folder: string): void {
  if (platform() === 'windows')
    throw new Failure('unsupported', `PostgreSQL in ${folder} cannot be stopped in order by Moult on Windows yet`);
  try {
    signalProcess(pid, signal);
  } catch (error) {
    throw new Failure(
      'service-failed',
      `PostgreSQL in ${folder} (process ${pid}) belongs to somebody else and cannot be stopped: ${(error as Error).message}`,
      {
        cause: error,
        remedy: { action: 'stop-service', text: 'Stop it as the user who runs it, then try again.' },
      },
    );
  }
}
