/** Runs one case: a state, a workflow, a trouble; then recovery where it is needed; then everything that must hold. */
import type { LabAnswer, LabCase } from './lab-process.ts';
import { always, compare, killServices, strayProcesses, type Expected, type Model } from './audit.ts';
import { Lab, strays, type CaseEnd } from './lab.ts';
import { makeWorld, type World } from './stub-world.ts';
import { isFull } from './modes.ts';
import { modelFor, nameOf, type Models, type Workflow } from './workflows.ts';

export interface Trouble {
  /** In words, for the report: a person can run this very case again by it. */
  name: string;
  orders?: LabCase['orders'];
  failpoint?: string;
  cancel?: LabCase['cancel'];
  killsAtHang?: boolean;
  umask?: number;
  /** Kills from outside that many milliseconds after the case began. */
  killAfter?: number;
  /** Troubles of the recoveries that follow, one after another. */
  recoveries?: Pick<Trouble, 'orders' | 'failpoint' | 'killAfter'>[];
  /** Without it, as the workflow says. */
  running?: boolean;
  /** Runs the same once more afterwards, without trouble. */
  again?: boolean;
}

export interface Verdict {
  problems: string[];
  /** The first end, before any recovery. */
  end: CaseEnd;
  /** Which of the two ends it came to. */
  came: 'old' | 'new' | 'neither';
}

export interface Bench {
  number: number;
  world: World;
  /** Runs the cases, and is killed in many of them. */
  lab: Lab;
  /** Stands beside it, as the desktop app does beside a command, and recovers what that left. */
  rescuer: Lab;
  /** Recoveries so far. */
  recoveries: number;
  models: Models;
  close(): Promise<void>;
}

/** Of so many recoveries one is the first thing that a new process does, as a command after a crash; the others are the standing process's. */
const newProcessEvery = 4;

/** `number`: every second bench has one core only, and no two the same. */
export async function makeBench(name: string, number = 0, base?: string, make: typeof makeWorld = makeWorld): Promise<Bench> {
  const world = await make(name, base);
  const lab = new Lab(world, number % 2 === 1 ? { core: number } : { keepsHelpers: true });
  const rescuer = new Lab(world, { keepsHelpers: true });
  const models: Models = {};
  // By then it has done what lets it keep what it compiled.
  if (isFull) await modelFor(world.product === 'stub' ? 'restored' : 'upgraded', world, lab, models);
  return {
    number,
    world,
    lab,
    rescuer,
    recoveries: 0,
    models,
    close: async () => {
      await killServices(world);
      await Promise.all([lab.end(), rescuer.end()]);
      world.end();
      if (strays.length > 0) throw new Error(`after the last case nobody handled ${strays.splice(0).join('; ')}`);
    },
  };
}

export async function runCase(bench: Bench, workflow: Workflow, trouble: Trouble): Promise<Verdict> {
  const { world, lab, models } = bench;
  const running = trouble.running ?? workflow.running;
  const model = await modelFor(workflow.state, world, lab, models);
  const after = workflow.after(await modelFor(workflow.end, world, lab, models), running && workflow.running);
  const problems: string[] = [];
  const { recoveries = [], killAfter, orders, failpoint, cancel, killsAtHang, umask } = trouble;
  world.reset(workflow.state);
  try {
    const calls = [
      ...(running && workflow.running ? [{ method: 'start', input: { install: world.product } }] : []),
      { method: workflow.method, input: workflow.input(world) },
    ];
    const wasRunning = running && workflow.running;
    const end = await lab.run(
      {
        calls,
        orders: orders ?? { mode: 'off' },
        ...(failpoint !== undefined && { failpoint }),
        ...(cancel && { cancel }),
        ...(killsAtHang === true && { killsAtHang }),
        ...(umask !== undefined && { umask }),
      },
      { killAfter },
    );
    let told = toldBy(end);
    if (told === 'stuck') problems.push(...(await always(world, model, { stuck: true })));
    if (told === 'killed' || told === 'stuck') {
      for (const again of recoveries) await troubledRecovery(bench, again);
      told = await recover(bench, end, problems);
    } else if (orders?.mode === 'fail') {
      // The disk is well again: what could not be tidied then is tidied now, and what was told stays true.
      await recover(bench, end, problems);
    }
    const isLeftForLater = end.kind === 'answer' && end.answer.events.includes('is left for later');
    // Starting and restarting have no way back but to stop, and say so.
    const isToldStopped = end.kind === 'answer' && end.answer.error?.details?.['endState'] === 'stopped-and-kept';
    const before = beforeOf(model, wasRunning && !isToldStopped);
    const came = await settle(bench, model, { told, before, after, isLeftForLater }, problems);
    if (trouble.again === true && came === 'old') await onceMore(bench, workflow, { model, after }, problems);
    return { problems: problems.map((problem) => `${nameOf(workflow)}, ${trouble.name}: ${problem}${explain(end)}`), end, came };
  } finally {
    await killServices(world);
  }
}

type Told = 'new' | 'old' | 'stuck' | 'killed' | 'either';

function toldBy(end: CaseEnd): Told {
  if (end.kind !== 'answer') return 'killed';
  if (end.answer.ok) return 'new';
  return end.answer.error?.code === 'undo-failed' || end.answer.error?.code === 'interrupted' ? 'stuck' : 'old';
}

async function troubledRecovery({ lab }: Bench, trouble: NonNullable<Trouble['recoveries']>[number]): Promise<void> {
  await lab.run(
    {
      calls: [{ method: 'recover', input: {} }],
      orders: trouble.orders ?? { mode: 'off' },
      ...(trouble.failpoint !== undefined && { failpoint: trouble.failpoint }),
    },
    { killAfter: trouble.killAfter },
  );
}

/**
 * Another process recovers than the one that was killed: a new one, or one that stands beside it. One that lives does it itself: what it could not
 * tidy bears its name, and nobody else touches that as long as it lives.
 */
async function recover(bench: Bench, { kind }: CaseEnd, problems: string[]): Promise<Told> {
  const { lab, rescuer } = bench;
  bench.recoveries += 1;
  const isNew = bench.recoveries % newProcessEvery === 1 || kind === 'answer';
  // The next case needs a process again: it starts while this one is put in order.
  const ready = lab.warm();
  const end = await (isNew ? lab : rescuer).run({ calls: [{ method: 'recover', input: {} }] });
  await ready;
  if (end.kind !== 'answer') {
    problems.push(`recovery ended as ${end.kind}`);
    return 'either';
  }
  const { ok, error } = end.answer;
  if (!ok && error?.code !== 'nothing-to-do') problems.push(`recovery said ${error?.code}: ${error?.message}`);
  return 'either';
}

interface Ends {
  told: Told;
  before: Expected;
  after: Expected;
  /** It was told that tidying up is left for later. */
  isLeftForLater: boolean;
}

async function settle({ world, lab, rescuer }: Bench, model: Model, ends: Ends, problems: string[]): Promise<Verdict['came']> {
  problems.push(...(await always(world, model, { isLeftForLater: ends.isLeftForLater })));
  const strangers = await untilNone(() => strayProcesses(world, [lab.pid, rescuer.pid]));
  problems.push(...strangers.map((each) => `left behind: the process ${each.command}`));
  problems.push(...strays.splice(0).map((stray) => `nobody handled ${stray}`));
  const asBefore = await compare(world, ends.before);
  const asAfter = await compare(world, ends.after);
  if (ends.told === 'new') problems.push(...asAfter.map((line) => `told new, but ${line}`));
  else if (ends.told === 'old') problems.push(...asBefore.map((line) => `told old, but ${line}`));
  else if (asBefore.length > 0 && asAfter.length > 0)
    problems.push(`IN BETWEEN: not old (${asBefore.join('; ')}), not new (${asAfter.join('; ')})`);
  return asAfter.length === 0 && ends.told !== 'old' ? 'new' : asBefore.length === 0 ? 'old' : 'neither';
}

/** What came back must be good for the same again. */
async function onceMore(
  { world, lab }: Bench,
  workflow: Workflow,
  { model, after }: { model: Model; after: Expected },
  problems: string[],
): Promise<void> {
  const input = (workflow.inputAgain ?? workflow.input)(world);
  const end = await lab.run({ calls: [{ method: workflow.method, input }] });
  if (end.kind !== 'answer' || !end.answer.ok) problems.push(`once more: ${end.kind === 'answer' ? end.answer.error?.message : end.kind}`);
  else problems.push(...[...(await always(world, model)), ...(await compare(world, after))].map((line) => `once more: ${line}`));
}

function beforeOf(model: Model, running: boolean): Expected {
  return { model, same: 'all', record: model.record, schema: model.schema, rows: model.rows, running };
}

async function untilNone<T>(look: () => T[]): Promise<T[]> {
  for (let left = 60; ; left -= 1) {
    const found = look();
    if (found.length === 0 || left === 0) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function explain(end: CaseEnd): string {
  if (end.kind !== 'answer') return '';
  const { error } = end.answer;
  return error === null ? '' : ` [${error.code}: ${error.message}]`;
}

/** Hands cases to several benches at once; answers when all are done. */
export async function onBenches<Case>(
  benches: readonly Bench[],
  cases: readonly Case[],
  run: (bench: Bench, each: Case) => Promise<void>,
): Promise<void> {
  const waiting = [...cases];
  await Promise.all(
    benches.map(async (bench) => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await run(bench, next);
    }),
  );
}

export type { LabAnswer };
