/** The end of an operation: what it means for a person, for the history, for the release and for an exit code. One place decides. */
import type { EngineEvent } from '../../api/events.ts';
import { groupOf, toFailureData, type FailureData } from '../../api/failure.ts';
import type { ActionKind, EndState, HistoryEntry, OperationOutcome, Receipt } from '../../api/models.ts';
import { fail, succeed, type Result } from '../../api/result.ts';
import { type InstallRecord } from '../install/record.ts';
import { type Journal } from '../journal/journal.ts';
import { type Lock } from '../operation/lock.ts';
import { type RunEnd } from '../operation/runner.ts';
import { now } from '../platform/clock.ts';
import type { Descriptor } from '../product/schema.ts';
import type { Kit } from './kit.ts';
import { type Program, type Scene } from './program.ts';

/** What an operation is started from. */
export interface Start {
  action: ActionKind;
  descriptor: Descriptor;
  install: string;
  home: string;
  before: InstallRecord | null;
  data: unknown;
  /** False for what changes nothing of an install and needs no lock: reading a backup. */
  locked: boolean;
  /** Called under the lock before anything happens; throws to refuse. */
  admit?: () => Promise<void>;
}

export interface Begun {
  start: Start;
  scene: Scene;
  program: Program;
  journal: Journal;
  lock: Lock | null;
  startedAt: string;
}

/** Turns the end of a run into history, receipt and answer. */
export async function conclude(
  kit: Kit,
  begun: Begun,
  end: RunEnd,
  seconds: number,
  emit: (event: EngineEvent) => void,
): Promise<Result<OperationOutcome>> {
  const { scene, program, start } = begun;
  const endState = endStateOf(program, end);
  const error = end.kind === 'done' ? null : failureOf(begun, end);
  const receipt = receiptOf(begun, end, endState, seconds, error);
  try {
    if (start.locked) file(kit, begun, end, endState, receipt, error);
  } catch (problem) {
    // What was done is done, whether the history could be written or not.
    const text = `the history could not be written: ${toFailureData(problem).message}`;
    emit({ event: 'note', operation: scene.operation, level: 'warning', text });
  }
  if (error !== null) return fail({ ...error, details: { ...error.details, ...(start.locked && { endState, receipt }) } });
  const outcome: OperationOutcome = {
    operation: scene.operation,
    action: start.action,
    install: start.install,
    from: program.from,
    to: program.to,
    endState,
    receipt,
    ...(scene.found.backup && { backup: { ...scene.found.backup, downtimeSeconds: scene.found.downtimeSeconds } }),
    ...(scene.found.printed !== null && { printed: scene.found.printed }),
    ...(scene.found.verification && { verification: scene.found.verification }),
    ...(scene.found.exported && { exported: scene.found.exported }),
    ...(scene.found.drill && { drill: scene.found.drill }),
    ...(scene.found.rehearsal && { rehearsal: scene.found.rehearsal }),
    ...(scene.found.rescan && { rescan: scene.found.rescan }),
  };
  return succeed(outcome);
}

/** Which state an operation ended in. */
export function endStateOf(program: Program, end: RunEnd): EndState {
  if (end.kind === 'stuck') return 'stopped-and-kept';
  if (end.kind === 'done') return program.endState;
  // What did not run before is not started only to be looked at: that it is healthy is then not known, and not said.
  return failedStateOf(program, end) ?? (end.memory['wasRunning'] === false ? 'old-and-stopped' : 'old-and-healthy');
}

/** The state after going back, where that is not the old one: as the program says, or as it turned out. */
function failedStateOf(program: Program, end: RunEnd): EndState | undefined {
  return end.kind === 'undone' && end.memory['leftStopped'] === true ? 'stopped-and-kept' : program.failedState;
}

function failureOf(begun: Begun, end: Exclude<RunEnd, { kind: 'done' }>): FailureData {
  const { start, program } = begun;
  const title = start.descriptor.title;
  if (end.kind === 'stuck') {
    return {
      code: 'undo-failed',
      message: `${start.action} failed (${end.reason.message}), and it could not be undone: ${end.undoFailure.message}. ${title} is left stopped; every file is kept.`,
      remedy: { action: 'recover', text: 'Remove the cause, then recover the install.', command: `moult recover ${start.install}` },
      cause: { code: end.undoFailure.code, message: end.undoFailure.message },
    };
  }
  if (end.reason.code === 'cancelled' || !end.touched) return end.reason;
  if (failedStateOf(program, end) !== undefined) {
    return { ...end.reason, message: `${sentence(end.reason.message)} ${title} is stopped; its data is as it was.` };
  }
  const back =
    program.from === null
      ? 'Everything is as it was before.'
      : `${title} ${start.before?.release ?? program.from} is back with its data as it was before.`;
  return {
    code: 'rolled-back',
    message: `${sentence(end.reason.message)} ${back}`,
    ...(end.reason.remedy && { remedy: end.reason.remedy }),
    details: { ...end.reason.details },
    cause: { code: end.reason.code, message: end.reason.message },
  };
}

function receiptOf(begun: Begun, end: RunEnd, endState: EndState, seconds: number, reason: FailureData | null): Receipt {
  const { scene, program, start } = begun;
  return {
    operation: scene.operation,
    action: start.action,
    install: start.install,
    from: program.from,
    to: program.to,
    endState,
    startedAt: begun.startedAt,
    endedAt: now(),
    seconds,
    downtimeSeconds: scene.found.downtimeSeconds,
    backup: scene.found.backup?.id ?? null,
    items: scene.found.items,
    steps: end.steps,
    reason,
  };
}

/** What ends with a release that was seen to be healthy: then it is offered again. */
const healthy = new Set<ActionKind>(['set-up', 'upgrade', 'fresh-start']);

/** Reasons that are the release's own fault: it is not offered here again. */
const blamesRelease = new Set<string>(['health-failed', 'service-failed', 'timeout', 'command-failed', 'bad-archive']);

function file(kit: Kit, begun: Begun, end: RunEnd, endState: EndState, receipt: Receipt, error: FailureData | null): void {
  const { scene, program, start } = begun;
  kit.registry.operations.end(scene.operation, {
    endedAt: receipt.endedAt,
    outcome:
      failedStateOf(program, end) !== undefined && end.kind === 'undone' && error?.code !== 'cancelled' ? 'failed' : outcomeOf(end, error),
    endState,
    message: error?.message ?? null,
    undoUntil: end.kind === 'done' ? scene.found.undoUntil : null,
    receipt,
  });
  if (end.kind === 'done' && start.action === 'upgrade') kit.registry.addDowntime(start.home, 'upgrade', scene.found.downtimeSeconds);
  const started = end.steps.find((step) => step.id === 'start' && step.outcome === 'done');
  if (started) kit.registry.addDowntime(start.home, 'start', started.seconds);
  if (end.kind === 'done' && program.to !== null && healthy.has(start.action)) kit.registry.acquit(start.home, program.to);
  if (end.kind === 'done' || start.action !== 'upgrade' || !blamesRelease.has(end.reason.code)) return;
  const release = culpritOf(end, program);
  if (release !== null) kit.registry.quarantine(start.home, release, end.reason.message);
}

/** The release of the path that the failure is about. A download that came damaged or not at all says nothing of any release. */
function culpritOf({ steps, reason }: Exclude<RunEnd, { kind: 'done' }>, program: Program): string | null {
  const failed = steps.find((step) => step.outcome === 'failed')?.id ?? '';
  if (failed === 'fetch') return null;
  if (failed.includes('@')) return failed.slice(failed.indexOf('@') + 1);
  const named = failed === 'stage' ? reason.details?.['release'] : undefined;
  return typeof named === 'string' ? named : program.to;
}

/** With a full stop at its end. */
export function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function outcomeOf(end: RunEnd, error: FailureData | null): HistoryEntry['outcome'] {
  if (end.kind === 'done') return 'done';
  if (end.kind === 'stuck') return 'interrupted';
  if (error?.code === 'cancelled') return 'cancelled';
  if (end.touched) return 'rolled-back';
  return error !== null && groupOf(error.code) === 'refused' ? 'refused' : 'failed';
}
