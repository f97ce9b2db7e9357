/** What the suites share: worlds that go when a file is done, and one test that runs many cases and tells every problem at once. */
import { afterAll, beforeAll, expect } from 'vitest';
import { makeBench, onBenches, runCase, type Bench, type Trouble, type Verdict } from './cases.ts';
import { benchCount, tellCases } from './modes.ts';
import { nameOf, type Workflow } from './workflows.ts';

/** Benches for a file, made before its tests; with worlds of the stub, where nothing else is said. */
export function useBenches(name: string, make?: Parameters<typeof makeBench>[3]): Bench[] {
  const benches: Bench[] = [];
  beforeAll(async () => {
    for (let index = 0; index < benchCount; index += 1) benches.push(await makeBench(`${name}-${index}`, index, undefined, make));
  }, 300_000);
  afterAll(async () => {
    for (const bench of benches) await bench.close();
  }, 60_000);
  return benches;
}

export interface Case {
  workflow: Workflow;
  trouble: Trouble;
}

export type CaseVerdict = Verdict & Pick<Case, 'workflow'>;

/** Runs all cases and expects no problem in any. Answers how each ended. */
export async function runCases(suite: string, benches: readonly Bench[], cases: readonly Case[]): Promise<CaseVerdict[]> {
  const verdicts: CaseVerdict[] = [];
  const steady = new Steady(cases.length);
  await onBenches(benches, cases, async (bench, { workflow, trouble }) => {
    const verdict = await steady.run(() =>
      runCase(bench, workflow, trouble).catch((error: Error) => ({
        problems: [`${nameOf(workflow)}, ${trouble.name}: the case itself failed: ${error.stack}`],
        end: { kind: 'silent' as const },
        came: 'neither' as const,
      })),
    );
    verdicts.push({ ...verdict, workflow });
  });
  const old = verdicts.filter((verdict) => verdict.came === 'old').length;
  const finished = verdicts.filter((verdict) => verdict.came === 'new').length;
  tellCases(suite, cases.length, `${old} ended as before, ${finished} finished${steady.told}`);
  expect(verdicts.flatMap((verdict) => verdict.problems)).toEqual([]);
  expect(steady.isGood).toBe(true);
  expect(verdicts).toHaveLength(cases.length);
  return verdicts;
}

/** No slow moment of a machine explains these. */
const grave = /LOST|IN BETWEEN|OUTSIDE/;
/** Times that a case with a problem is run again where the suite decides about a change, as the other suites do with a test. */
const moreTimes = process.env['CI'] === 'true' ? 2 : 0;

/**
 * Real processes on a shared machine: in CI a case with a problem is run twice more. A problem that comes again is one; one that does not is
 * said as `UNSTEADY`, with its name, and more than one such case in two hundred is a failure too. What was lost, or was touched outside, is one at once.
 */
export class Steady {
  readonly #cases: number;
  #unsteady = 0;

  constructor(cases: number) {
    this.#cases = cases;
  }

  async run<Result extends { problems: string[] }>(run: () => Promise<Result>): Promise<Result> {
    const first = await run();
    for (const problem of first.problems) console.error(problem);
    if (first.problems.length === 0 || moreTimes === 0 || first.problems.some((problem) => grave.test(problem))) return first;
    for (let time = 0; time < moreTimes; time += 1) {
      const again = await run();
      for (const problem of again.problems) console.error(`once more: ${problem}`);
      if (again.problems.length > 0) return again;
    }
    this.#unsteady += 1;
    console.error(`UNSTEADY: ${first.problems.join(' / ')}`);
    return { ...first, problems: [] };
  }

  get isGood(): boolean {
    return this.#unsteady <= Math.ceil(this.#cases / 200);
  }

  get told(): string {
    return this.#unsteady === 0 ? '' : `, ${this.#unsteady} unsteady`;
  }
}

/** Steps of a workflow with the calls that were counted when each began and ended, from a run without trouble. */
export interface Course {
  workflow: Workflow;
  calls: number;
  changes: number;
  /** Which step commits; behind the last where none does. */
  commitAt: number;
  steps: { id: string; calls: [number, number]; changes: [number, number] }[];
}

const courses = new Map<string, Promise<Course>>();

/** Runs a workflow without trouble once and tells its course. */
export async function courseOf(bench: Bench, workflow: Workflow): Promise<Course> {
  const name = nameOf(workflow);
  const known = courses.get(name);
  if (known !== undefined) return known;
  const course = takeCourse(bench, workflow);
  courses.set(name, course);
  return course;
}

async function takeCourse(bench: Bench, workflow: Workflow): Promise<Course> {
  const { problems, end, came } = await runCase(bench, workflow, { name: 'no trouble', orders: { mode: 'count' }, running: false });
  expect(problems).toEqual([]);
  if (end.kind !== 'answer') throw new Error(`${nameOf(workflow)} ended as ${end.kind}`);
  expect(came).toBe('new');
  const { counted, steps, titles } = end.answer;
  expect(titles.length).toBeGreaterThan(0);
  return {
    workflow,
    calls: counted.calls,
    changes: counted.changes,
    commitAt: titles.includes('commit') ? titles.indexOf('commit') : titles.length,
    steps: titles.map((id) => {
      const from = steps.find((step) => step.id === id && step.state === 'running')?.at ?? counted;
      const to = steps.find((step) => step.id === id && step.state === 'done')?.at ?? from;
      return { id, calls: [from.calls, to.calls], changes: [from.changes, to.changes] };
    }),
  };
}
