/** What the suites share: worlds that go when a file is done, and one test that runs many cases and tells every problem at once. */
import { afterAll, beforeAll, expect } from 'vitest';
import { makeBench, onBenches, runCase, type Bench, type Trouble, type Verdict } from './cases.ts';
import { benchCount, tellCases } from './modes.ts';
import { nameOf, type Workflow } from './workflows.ts';

/** Benches for a file, made before its tests. */
export function useBenches(name: string): Bench[] {
  const benches: Bench[] = [];
  beforeAll(async () => {
    for (let index = 0; index < benchCount; index += 1) benches.push(await makeBench(`${name}-${index}`));
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
  await onBenches(benches, cases, async (bench, { workflow, trouble }) => {
    const verdict = await runCase(bench, workflow, trouble).catch((error: Error) => ({
      problems: [`${nameOf(workflow)}, ${trouble.name}: the case itself failed: ${error.stack}`],
      end: { kind: 'silent' as const },
      came: 'neither' as const,
    }));
    for (const problem of verdict.problems) console.error(problem);
    verdicts.push({ ...verdict, workflow });
  });
  const old = verdicts.filter((verdict) => verdict.came === 'old').length;
  tellCases(suite, cases.length, `${old} ended as before, ${verdicts.filter((verdict) => verdict.came === 'new').length} finished`);
  expect(verdicts.flatMap((verdict) => verdict.problems)).toEqual([]);
  expect(verdicts).toHaveLength(cases.length);
  return verdicts;
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
