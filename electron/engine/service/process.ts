/**
 * The driver for a foreground program that Moult supervises: it runs on after Moult exits, in a session of its own, with its output
 * in a log. Two ends of Moult's promises are kept here: no process of an old release is left when `stop` returns, and none that is
 * not ours is ever signalled.
 */
import { Failure } from '../../api/failure.ts';
import { now, pause, ticks } from '../platform/clock.ts';
import { followOrNull } from '../platform/files.ts';
import { isPortFree } from '../platform/network.ts';
import { leaveRunning, signalGroup, signalProcess, type Ending, type LeftRunning } from '../platform/processes.ts';
import { randomId } from '../platform/random.ts';
import { hashText } from '../platform/tree.ts';
import { endAll } from './end.ts';
import { prepareLog, tail } from './log.ts';
import { leaderOf, membersOf } from './members.ts';
import { markVariable, readRecord, removeRecord, writeRecord, type ServiceRecord } from './record.ts';
import { withoutSecrets } from './secrets.ts';
import type { LastWords, RunningService, ServiceDriver, ServiceTarget, Stopped } from './target.ts';
import { tellingLine } from './telling-line.ts';

/** Milliseconds for which a new process is watched: a missing file, a syntax error or a refused config end it within them. */
const watched = 300;
/** Lines of the log that go with the news of a crash. */
const lastLines = 20;
/** Seconds for which a port may stay taken after all processes are gone. */
const portLimit = 3;

export const processDriver: ServiceDriver = { start, stop, find, signalAll, lastWords };

/** Starts of this very process, by mark: how they ended and where their part of the log begins. */
const started = new Map<string, { ending: Ending | null; logFrom: number }>();

async function start(target: ServiceTarget, options: { signal?: AbortSignal } = {}): Promise<RunningService> {
  options.signal?.throwIfAborted();
  const command = hashText(JSON.stringify([target.command, target.folder]));
  const running = await findRecord(target);
  if (running !== null) {
    if (running.record.command === command && running.service.release === target.release) return running.service;
    throw alreadyRunning(running.service);
  }
  // What a crashed run left behind would go on writing beside the new one.
  await stop(target);
  await refuseImpossible(target);
  const logFrom = await prepareLog(target.log);
  const record: ServiceRecord = {
    mark: randomId(16),
    pid: null,
    start: null,
    release: target.release,
    since: now(),
    port: target.port,
    command,
  };
  await writeRecord(target.state, record);
  const left = await launch(target, record);
  started.set(record.mark, { ending: null, logFrom });
  const noted = left.ended.then((ending) => void started.set(record.mark, { ending, logFrom }));
  const survives = await Promise.race([noted.then(() => false), pause(watched).then(() => true)]);
  if (!survives || left.start === null) throw await crashed(target);
  return { pid: left.pid, release: record.release, since: record.since };
}

async function stop(target: ServiceTarget, options: { signal?: AbortSignal; onNote?: (text: string) => void } = {}): Promise<Stopped> {
  const from = ticks();
  const record = await readRecord(target.state);
  const members = record === null ? null : await membersOf(record);
  if (record === null || members === null || members.all.length === 0) {
    await removeRecord(target.state);
    if (record !== null) started.delete(record.mark);
    return { wasRunning: false, killed: false, seconds: 0 };
  }
  const killed = await endAll(record, members, target.spec.stop, options);
  await untilPortFree(record.port, options.signal);
  await removeRecord(target.state);
  started.delete(record.mark);
  return { wasRunning: members.leader !== null, killed, seconds: (ticks() - from) / 1000 };
}

async function find(target: ServiceTarget): Promise<RunningService | null> {
  return (await findRecord(target))?.service ?? null;
}

async function signalAll(target: ServiceTarget, signal: NodeJS.Signals): Promise<number> {
  const record = await readRecord(target.state);
  const members = record === null ? [] : (await membersOf(record)).all;
  return members.filter((member) => signalProcess(member.pid, signal)).length;
}

async function lastWords(target: ServiceTarget): Promise<LastWords> {
  const record = await readRecord(target.state).catch(() => null);
  const known = record === null ? undefined : started.get(record.mark);
  const log = await tail(target.log, lastLines, known?.logFrom).catch(() => '');
  const { code, signal } = known?.ending ?? { code: null, signal: null };
  const ending =
    signal !== null ? `it was ended by ${signal}` : code !== null ? `it ended with exit code ${code}` : 'it is not running any more';
  return {
    ending,
    code,
    signal,
    log: withoutSecrets(log, target.env)
      .split('\n')
      .filter((line) => line !== ''),
  };
}

async function findRecord(target: ServiceTarget): Promise<{ record: ServiceRecord; service: RunningService } | null> {
  const record = await readRecord(target.state);
  const pid = record === null ? null : await leaderOf(record);
  return record === null || pid === null ? null : { record, service: { pid, release: record.release, since: record.since } };
}

/** Starts the process and writes down which it is. When that cannot be written, the process does not stay. */
async function launch(target: ServiceTarget, record: ServiceRecord): Promise<LeftRunning> {
  const env = { ...target.env, [markVariable]: record.mark };
  const left = await leaveRunning(target.command, { folder: target.folder, env, log: target.log }).catch(
    async (error: NodeJS.ErrnoException) => {
      await removeRecord(target.state);
      throw cannotStart(
        target,
        error.code === 'ENOENT' ? 'there is no such program' : error.code === 'EACCES' ? 'it is not executable for you' : error.message,
        error,
      );
    },
  );
  try {
    await writeRecord(target.state, { ...record, pid: left.pid, start: left.start });
    return left;
  } catch (error) {
    signalGroup(left.pid, 'SIGKILL');
    throw error;
  }
}

async function refuseImpossible(target: ServiceTarget): Promise<void> {
  const folder = await followOrNull(target.folder);
  if (!folder?.isDirectory()) throw cannotStart(target, `the folder ${target.folder} is missing`);
  if (target.port === null || (await isPortFree(target.port))) return;
  throw new Failure('port-in-use', `Port ${target.port} is taken by another program, so ${target.release} was not started.`, {
    remedy: { action: 'edit-config', text: `Stop the program that uses port ${target.port}, or choose another port in the configuration.` },
    details: { port: target.port },
  });
}

async function untilPortFree(port: number | null, signal: AbortSignal | undefined): Promise<void> {
  if (port === null) return;
  const end = ticks() + portLimit * 1000;
  while (!(await isPortFree(port))) {
    if (ticks() >= end) {
      throw new Failure('service-failed', `The product was stopped, but something still answers on its port ${port}.`, {
        remedy: { action: 'stop-service', text: `Find out what uses port ${port} and stop it.` },
        details: { port },
      });
    }
    await pause(50, signal);
  }
}

/** The news of a process that ended as soon as it was started; what it left behind is ended too. */
async function crashed(target: ServiceTarget): Promise<Failure> {
  const words = await lastWords(target);
  await stop(target);
  const said = tellingLine(words.log);
  const message = `Release ${target.release} ended as soon as it was started: ${words.ending}${said === undefined ? ', and it printed nothing.' : `. It said: ${said}`}`;
  return new Failure('service-failed', message, {
    remedy: { action: 'open-log', text: `Read its log, ${target.log}.`, command: 'moult logs' },
    details: { code: words.code, signal: words.signal, log: words.log, path: target.log },
  });
}

function cannotStart(target: ServiceTarget, why: string, cause?: unknown): Failure {
  return new Failure(
    'service-failed',
    `Release ${target.release} cannot be started with ${target.command[0] ?? 'an empty command'}: ${why}.`,
    {
      remedy: { action: 'reinstall-release', text: 'Look whether the release and its runtime are complete.' },
      details: { program: target.command[0] ?? null, folder: target.folder },
      cause,
    },
  );
}

function alreadyRunning(service: RunningService): Failure {
  return new Failure(
    'service-failed',
    `It is running already: release ${service.release} with the pid ${service.pid}, since ${service.since}, started in another way.`,
    {
      remedy: { action: 'stop-service', text: 'Stop it first.', command: 'moult stop' },
      details: { ...service },
    },
  );
}
