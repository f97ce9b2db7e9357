/**
 * Every file call of an operation fails in turn, once or from then on, with each error a disk can give. The operation ends in one of its
 * two states and says which; what it could not tidy is tidied by the recovery that the disk, well again, allows.
 */
import { expect, test } from 'vitest';
import { errors } from './support/fault-table.ts';
import { isFull, some } from './support/modes.ts';
import { courseOf, runCases, useBenches, type Case } from './support/suite.ts';
import { nameOf, workflows } from './support/workflows.ts';

const benches = useBenches('calls');
const chosen = isFull ? workflows : workflows.filter((workflow) => ['upgrade', 'uninstall'].includes(nameOf(workflow)));

test('the N-th call fails', { timeout: 20 * 3600_000 }, async () => {
  const cases: Case[] = [];
  for (const workflow of chosen) {
    const [bench] = benches;
    if (bench === undefined) throw new Error('no bench');
    const { calls } = await courseOf(bench, workflow);
    // Whatever an operation does, it looks at the home and takes note of it: nothing counted means that the seam was passed by.
    expect(calls, nameOf(workflow)).toBeGreaterThan(10);
    const all = Array.from({ length: calls }, (_, index): Case => {
      const error = errors[index % errors.length] ?? 'EIO';
      // Once and for good take turns in a rhythm of their own, so that every error comes in both ways.
      const forGood = Math.floor(index / errors.length) % 2 === 1;
      return {
        workflow,
        trouble: {
          name: `${error} at call ${index + 1}${forGood ? ' and ever after' : ''}`,
          orders: { mode: 'fail', at: index + 1, error, forGood },
          running: false,
        },
      };
    });
    const isMain = ['upgrade', 'restore', 'back-up', 'uninstall'].includes(nameOf(workflow));
    cases.push(...some(all, 5, 16, isMain ? Infinity : 60, Infinity));
  }
  const verdicts = await runCases('failing calls', benches, cases);
  for (const workflow of chosen) {
    const own = verdicts.filter((verdict) => verdict.workflow === workflow);
    const hits = own.filter((verdict) => verdict.end.kind === 'answer' && verdict.end.answer.counted.hits > 0).length;
    expect(hits, `${nameOf(workflow)}: cases in which a call failed, of ${own.length}`).toBeGreaterThan(own.length / 2);
  }
});
