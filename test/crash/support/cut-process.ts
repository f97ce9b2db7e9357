/**
 * The process in which the disks after power cuts are recovered, one after another: the engine is in this very process, because a cut leaves
 * nothing running that another process would have to be spared, and thousands of disks cannot each have a process of their own.
 */
import { createHash } from 'node:crypto';
import { createEngine } from '../../../electron/engine/index.ts';
import { holdSpares } from '../../../electron/engine/platform/spares.ts';
import { toFailureData, type FailureData } from '../../../electron/api/failure.ts';
import { always, compare, type Expected, type Model, type Place } from './audit.ts';
import { readCourse, writeDisk, type Disk, type Keeping } from './disk-after-cut.ts';
import { randomFrom } from './random.ts';
import type { Change } from './recorder.ts';

export interface CutTask {
  world: Place;
  begin: Disk;
  contents: Map<number, Buffer>;
  changes: Change[];
  before: Model;
  after: Expected;
  /** The operation once more, after which nothing of what was cut off lies about. */
  again?: { method: string; input: object };
  /** Disks that differ from each other. */
  disks: number;
  seed: number;
}

export interface CutAnswer {
  tried: number;
  changes: number;
  /** No further disk was found in many draws: these are all there are, as far as can be seen. */
  isExhausted: boolean;
  problems: string[];
}

/** Draws in a row that bring nothing new before it is said that there is nothing new. */
const patience = 4000;

async function tryCuts(task: CutTask): Promise<CutAnswer> {
  const course = readCourse(task.begin, task.contents, task.changes);
  const random = randomFrom(task.seed);
  const seen = new Set<string>();
  const problems: string[] = [];
  let sinceNew = 0;
  for (let draw = 0; seen.size < task.disks && sinceNew < patience && problems.length < 20; draw += 1) {
    const at = Math.floor((((draw % task.disks) + random()) * (course.length + 1)) / task.disks);
    const keeping: Keeping = draw % 2 === 0 ? 'ordered' : 'loose';
    const cut = course.cut(at, keeping, random);
    const name = createHash('sha1').update(cut.text).digest('base64');
    sinceNew += 1;
    if (seen.has(name)) continue;
    seen.add(name);
    sinceNew = 0;
    writeDisk(task.world.live, cut.disk, cut.contents);
    const found = await judge(task);
    problems.push(
      ...found.map((problem) => `cut ${draw} of seed ${task.seed} (after ${at} of ${course.length} changes, ${keeping}): ${problem}`),
    );
  }
  return { tried: seen.size, changes: course.length, isExhausted: seen.size < task.disks && sinceNew >= patience, problems };
}

async function judge({ world, before, after, again }: CutTask): Promise<string[]> {
  const problems: string[] = [];
  const error = await call(world.moultHome, { method: 'recover', input: {} });
  if (error !== null && error.code !== 'nothing-to-do') problems.push(`recovery said ${error.code}: ${error.message}`);
  // What was being tidied away may be there again; the next operation tidies it.
  problems.push(...(await always(world, before, { isLeftForLater: true })));
  if (again !== undefined) {
    const failed = await call(world.moultHome, again);
    if (failed !== null) problems.push(`once more: ${failed.code}: ${failed.message}`);
    problems.push(...(await always(world, before)).map((problem) => `once more: ${problem}`));
  }
  const asBefore = await compare(world, asItWas(before));
  if (asBefore.length === 0) return problems;
  // Nothing that ran before the cut runs after it; nothing ran here.
  const asAfter = await compare(world, { ...after, running: null });
  if (asAfter.length > 0) problems.push(`IN BETWEEN: not old (${asBefore.join('; ')}), not new (${asAfter.join('; ')})`);
  return problems;
}

function asItWas(model: Model): Expected {
  return { model, same: 'all', record: model.record, schema: model.schema, rows: model.rows, running: null };
}

async function call(moultHome: string, { method, input }: { method: string; input: object }): Promise<FailureData | null> {
  const engine = await createEngine({ moultHome });
  try {
    const begin = (engine.api as unknown as Record<string, (input: object) => Promise<{ operation: string }>>)[method];
    if (begin === undefined) throw new Error(`no call ${method}`);
    const { operation } = await begin(input);
    const result = await engine.wait(operation);
    return result.ok ? null : result.error;
  } catch (error) {
    return toFailureData(error);
  } finally {
    await engine.close();
  }
}

holdSpares();
process.on('message', (task: CutTask) => {
  void tryCuts(task).then(
    (answer) => process.send?.({ answer }),
    (error: Error) => process.send?.({ crash: error.stack ?? error.message }),
  );
});
process.on('disconnect', () => process.exit());
process.send?.({ ready: true });
