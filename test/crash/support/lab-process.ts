/**
 * The process in which the engine is put to the test: it takes one case after another from its parent, under the orders of the fault seam.
 * A case that kills it is the parent's to notice.
 */
import { flushCompileCache } from 'node:module';
import { createEngine } from '../../../electron/engine/index.ts';
import { holdSpares } from '../../../electron/engine/platform/spares.ts';
import type { Engine } from '../../../electron/api/engine.ts';
import { Failure, toFailureData, type FailureData } from '../../../electron/api/failure.ts';
import type { OperationOutcome } from '../../../electron/api/models.ts';
import { fillUp } from './fill-up.ts';
import { counted, order, type Counted, type Orders } from './faults.ts';

export interface LabCase {
  moultHome: string;
  calls: { method: string; input: object }[];
  /** Calls before the last, which the orders are not for. */
  orders: Orders;
  /** Asks for a cancel at this step: when it begins, or some milliseconds later. */
  cancel?: { step: string; after: number };
  /** Kills this process as soon as it hangs at the failpoint: what a person does with one that hangs, only later. */
  killsAtHang?: boolean;
  /** Fills the disk of a folder when this step begins, until so many bytes are left. */
  fill?: { step: string; folder: string; left: number };
  /** `step:moment:effect`, as `MOULT_TEST_FAILPOINT`. */
  failpoint?: string;
  umask?: number;
}

export interface LabStep {
  id: string;
  state: string;
  /** Calls and changes counted until then. */
  at: Counted;
}

export interface LabAnswer {
  ok: boolean;
  outcome: OperationOutcome | null;
  error: FailureData | null;
  answer: unknown;
  steps: LabStep[];
  titles: string[];
  cancelPossible: boolean | null;
  counted: Counted;
  events: string;
}

async function perform(task: LabCase): Promise<LabAnswer> {
  order({ mode: 'off' });
  delete process.env['MOULT_TEST_FAILPOINT'];
  isKilledAtHang = task.killsAtHang === true;
  if (task.umask !== undefined) process.umask(task.umask);
  const answer: LabAnswer = {
    ok: false,
    outcome: null,
    error: null,
    answer: null,
    steps: [],
    titles: [],
    cancelPossible: null,
    counted: counted(),
    events: '',
  };
  const last = task.calls.length - 1;
  let engine: Engine | null = null;
  try {
    for (const call of task.calls.slice(0, last)) await once(task.moultHome, call);
    if (task.failpoint !== undefined) process.env['MOULT_TEST_FAILPOINT'] = task.failpoint;
    process.send?.({ begins: true });
    order(task.orders);
    engine = await createEngine({ moultHome: task.moultHome });
    watch(engine, task, answer);
    await begin(engine, task.calls[last] ?? { method: 'installs', input: {} }, answer);
  } catch (error) {
    answer.error = toFailureData(error);
  }
  answer.counted = counted();
  order({ mode: 'off' });
  delete process.env['MOULT_TEST_FAILPOINT'];
  await engine?.close().catch(() => undefined);
  if (task.orders.mode === 'fail') await collectGarbage();
  return answer;
}

/** What `checkpoint` waits for where it is to hang, in milliseconds. */
const hang = 24 * 3600 * 1000;
/** In which a process that hangs comes to rest: what it was still writing is written. */
const untilAtRest = 25;
let isKilledAtHang = false;
const plainTimeout = globalThis.setTimeout;
globalThis.setTimeout = ((run: () => void, milliseconds?: number) => {
  if (milliseconds === hang && isKilledAtHang) plainTimeout(() => process.kill(process.pid, 'SIGKILL'), untilAtRest);
  return plainTimeout(run, milliseconds);
}) as typeof setTimeout;

/**
 * Files that nobody closed are told of when they are collected. Those of a case that has just ended are young; what grew old before is collected
 * with all, which takes ten times as long, once in so many cases, and before the last lab ends.
 */
const casesBetweenCollections = 10;
let untilAll = casesBetweenCollections;
async function collectGarbage(isLast = false): Promise<void> {
  untilAll -= 1;
  const isAll = isLast || untilAll === 0;
  if (isAll) untilAll = casesBetweenCollections;
  const collect = (globalThis as { gc?: (options?: { type: 'minor' | 'major' }) => void }).gc;
  for (let times = 0; times < (isAll ? 2 : 1); times += 1) {
    collect?.({ type: isAll ? 'major' : 'minor' });
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function watch(engine: Engine, task: LabCase, answer: LabAnswer): void {
  engine.subscribe((event) => {
    if (event.event !== 'progress') answer.events += `${JSON.stringify(event)}\n`;
    if (event.event === 'started') answer.titles = event.steps.map((step) => step.id);
    if (event.event !== 'step') return;
    answer.steps.push({ id: event.id, state: event.state, at: counted() });
    if (event.state !== 'running') return;
    if (task.fill?.step === event.id) fillUp(task.fill.folder, task.fill.left);
    if (task.cancel?.step !== event.id) return;
    const cancel = () => void (answer.cancelPossible = engine.cancel(event.operation).possible);
    if (task.cancel.after === 0) cancel();
    else setTimeout(cancel, task.cancel.after);
  });
}

async function begin(engine: Engine, { method, input }: LabCase['calls'][number], answer: LabAnswer): Promise<void> {
  const call = (engine.api as unknown as Record<string, (input: object) => Promise<unknown>>)[method];
  if (call === undefined) throw new Failure('bad-input', `no call ${method}`);
  const begun = await call(input);
  answer.answer = begun;
  if (typeof begun !== 'object' || begun === null || !('operation' in begun) || Array.isArray(begun)) {
    answer.ok = true;
    return;
  }
  const result = await engine.wait(String(begun.operation));
  if (result.ok) Object.assign(answer, { ok: true, outcome: result.result });
  else answer.error = result.error;
}

async function once(moultHome: string, { method, input }: LabCase['calls'][number]): Promise<void> {
  const engine = await createEngine({ moultHome });
  try {
    const answer = { ok: false, error: null } as unknown as LabAnswer;
    await begin(engine, { method, input }, answer);
    if (!answer.ok) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
  } finally {
    await engine.close();
  }
}

/** The operations after which what was compiled is kept for other labs: enough for most of the engine to have been used. */
const untilFlushed = 5;
let performed = 0;

if (process.env['LAB_KEEPS_HELPERS'] !== undefined) holdSpares();
process.on('message', (message: { number: number; task: LabCase } | { isLast: true }) => {
  if ('isLast' in message) {
    void collectGarbage(true).then(() => process.send?.({ isOver: true }));
    return;
  }
  void perform(message.task).then(
    (answer) => {
      performed += 1;
      // One that is killed writes no cache of what it compiled; those that follow start and run quicker with it.
      if (performed === untilFlushed) flushCompileCache();
      process.send?.({ number: message.number, answer });
    },
    (error: Error) => process.send?.({ number: message.number, crash: error.stack ?? error.message }),
  );
});
process.on('disconnect', () => process.exit());
process.on('unhandledRejection', (error) => process.send?.({ stray: String((error as Error)?.stack ?? error) }));
process.on('warning', (warning: Error & { code?: string }) => {
  if (warning.message.startsWith('Closing file descriptor')) process.send?.({ stray: `a file that nobody closed: ${warning.message}` });
});
process.send?.({ ready: true });
