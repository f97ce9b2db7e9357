/** Cases that are killed at random: as many as are asked for, the same ones for the same seed. */
import type { Bench } from './cases.ts';
import { seed } from './modes.ts';
import { randomFrom } from './random.ts';
import { courseOf, type Case } from './suite.ts';
import type { Workflow } from './workflows.ts';

/** The workflows by turns. `within`: the latest moment, in milliseconds after the operation began. */
export async function randomKills(
  bench: Bench | undefined,
  chosen: readonly Workflow[],
  { count, within }: { count: number; within: number },
): Promise<Case[]> {
  if (bench === undefined) throw new Error('no bench');
  const random = randomFrom(seed);
  const cases: Case[] = [];
  for (let number = 0; number < count; number += 1) {
    const turn = Math.floor(number / chosen.length);
    const place = number % chosen.length;
    const workflow = chosen[place] as Workflow;
    const { changes, steps, commitAt } = await courseOf(bench, workflow);
    // By turns at a moment and at one of the changes, so that the quiet stretches do not take all of them.
    const isAtMoment = (turn + place) % 2 === 0;
    // What is behind the commit is a twentieth of all: chance alone would hardly ever hit it. Changes are counted with the product stopped.
    const isLate = !isAtMoment && Math.floor(turn / 2) % 4 === place % 4;
    const from = isLate ? (steps[commitAt]?.changes[1] ?? 0) : 0;
    const at = 1 + from + Math.floor(random() * (changes - from));
    const after = random() * within;
    const more = { running: !isLate && number % 3 === 0, again: number % 5 === 0 };
    const trouble = isAtMoment
      ? { name: `seed ${seed}, case ${number}: killed after ${after.toFixed(3)} ms`, killAfter: after }
      : { name: `seed ${seed}, case ${number}: killed at change ${at}`, orders: { mode: 'kill' as const, at, changesOnly: true } };
    cases.push({ workflow, trouble: { ...trouble, ...more } });
  }
  return cases;
}
