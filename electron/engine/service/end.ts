/** Ending all processes of a service: asked first, killed when the grace is over, and only then believed when none is left. */
import { Failure } from '../../api/failure.ts';
import { pause, ticks } from '../platform/clock.ts';
import type { ProcessEntry } from '../platform/process-table.ts';
import { isSame, ownPid, signalProcess, untilGone } from '../platform/processes.ts';
import { seconds, type ServiceSpec } from '../product/schema.ts';
import { membersOf, type Members } from './members.ts';
import type { ServiceRecord } from './record.ts';

/** Seconds within which a killed process must be gone; one that hangs in the kernel, on a dead disk say, is not. */
const killLimit = 10;

interface Options {
  signal?: AbortSignal;
  onNote?: (text: string) => void;
}

/**
 * Ends the members of a service. The stop signal goes to the process that was started, as that knows how to end its own; what outlives
 * it gets the same signal; what outlives the grace is killed. Returns whether anything was killed.
 * Throws `service-failed` where something cannot be ended; an abort leaves it as it is then.
 */
export async function endAll(record: ServiceRecord, members: Members, spec: ServiceSpec['stop'], options: Options): Promise<boolean> {
  if (members.all.some((member) => member.pid === ownPid())) throw insideProduct();
  const grace = seconds(spec.grace);
  const end = ticks() + grace * 1000;
  const left = () => Math.max(0, (end - ticks()) / 1000);
  if (members.leader !== null) {
    send(members.leader, spec.signal);
    await untilGone(members.leader.pid, members.leader.start, left(), options.signal);
  }
  const orphans = await survivors(record, members.all);
  if (orphans.length > 0 && left() > 0) {
    for (const orphan of orphans) send(orphan, spec.signal);
    for (const orphan of orphans) await untilGone(orphan.pid, orphan.start, left(), options.signal);
  }
  return killRest(record, await survivors(record, members.all), grace, options);
}

async function killRest(record: ServiceRecord, first: ProcessEntry[], grace: number, options: Options): Promise<boolean> {
  let rest = first;
  if (rest.length === 0) return false;
  options.onNote?.(
    `${rest.length === 1 ? 'A process' : `${rest.length} processes`} did not end within ${grace} s and ${rest.length === 1 ? 'was' : 'were'} killed.`,
  );
  const end = ticks() + killLimit * 1000;
  while (rest.length > 0) {
    if (ticks() >= end) throw cannotEnd(rest);
    for (const member of rest) send(member, 'SIGKILL');
    await pause(25, options.signal);
    rest = await survivors(record, rest);
  }
  return true;
}

/** What of the service runs now: known ones that still do, and those that were started meanwhile. */
async function survivors(record: ServiceRecord, known: readonly ProcessEntry[]): Promise<ProcessEntry[]> {
  const found = new Map((await membersOf(record)).all.map((member) => [member.pid, member]));
  for (const member of known) if (await isSame(member.pid, member.start)) found.set(member.pid, member);
  found.delete(ownPid());
  return [...found.values()];
}

function send(member: ProcessEntry, signal: NodeJS.Signals): void {
  try {
    signalProcess(member.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    throw new Failure('service-failed', `The process ${member.pid} belongs to another user and cannot be stopped from here.`, {
      remedy: { action: 'stop-service', text: `Stop the process ${member.pid} as the user who started it.` },
      details: { pid: member.pid },
      cause: error,
    });
  }
}

function cannotEnd(rest: readonly ProcessEntry[]): Failure {
  const pids = rest.map((member) => member.pid);
  return new Failure(
    'service-failed',
    `The processes ${pids.join(', ')} of the product were killed but are still there after ${killLimit} s.`,
    {
      remedy: { action: 'stop-service', text: 'Look whether a disk or a network drive hangs, then try again.' },
      details: { pids },
    },
  );
}

function insideProduct(): Failure {
  return new Failure(
    'service-failed',
    'Moult itself was started by this product, so stopping the product would end Moult halfway. Nothing was stopped.',
    {
      remedy: { action: 'retry', text: 'Run Moult from a terminal of your own, outside the product.' },
    },
  );
}
