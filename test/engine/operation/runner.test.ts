/** The transaction itself: order, undoing, committing, cancelling, and kills at every point of it. */
import { spawn } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { EngineEvent } from '../../../electron/api/events.ts';
import { Failure } from '../../../electron/api/failure.ts';
import { beginJournal, findJournals, readJournal, reopenJournal, type JournalEntry } from '../../../electron/engine/journal/journal.ts';
import { recoverSteps, runSteps, type RunEnd } from '../../../electron/engine/operation/runner.ts';
import { commandNote, type Step } from '../../../electron/engine/operation/step.ts';
import { isSame, startOf } from '../../../electron/engine/platform/processes.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const head = { operation: 'op', action: 'upgrade' as const, install: 'sprig', home: '/srv/sprig', data: null };

function step(id: string, log: string[], more: Partial<Step> = {}): Step {
  return { id, title: `Do ${id}`, weight: 1, run: async () => void log.push(id), undo: async () => void log.push(`-${id}`), ...more };
}

const commit = (log: string[]) => step('commit', log, { commits: true });

async function fails(): Promise<void> {
  throw new Failure('health-failed', 'it is not well');
}

async function runWith(
  steps: Step[],
  more: { signal?: AbortSignal; emit?: (event: EngineEvent) => void; onCommit?: () => void } = {},
): Promise<{ end: RunEnd; events: EngineEvent[]; folder: string }> {
  const folder = await temporaryFolder('runner');
  const events: EngineEvent[] = [];
  const journal = await beginJournal(folder, head);
  const emit = more.emit ?? ((event: EngineEvent) => void events.push(event));
  const end = await runSteps({ operation: 'op', steps, journal, signal: new AbortController().signal, ...more, emit });
  return { end, events, folder };
}

async function recoverIn(folder: string, steps: Step[], events: EngineEvent[] = []): Promise<RunEnd> {
  const [state] = await findJournals(folder);
  if (state === undefined) throw new Error('no journal was left');
  return recoverSteps({ operation: 'op', steps, journal: await reopenJournal(state.path), emit: (event) => events.push(event) }, state);
}

describe('a run', () => {
  test('goes in order, and its journal is gone afterwards', async () => {
    const log: string[] = [];
    const { end, folder } = await runWith([step('a', log), step('b', log), commit(log), step('tidy', log)]);
    expect(log).toEqual(['a', 'b', 'commit', 'tidy']);
    expect(end).toMatchObject({ kind: 'done', leftOver: [] });
    expect(end.steps.map((entry) => [entry.id, entry.outcome])).toEqual([
      ['a', 'done'],
      ['b', 'done'],
      ['commit', 'done'],
      ['tidy', 'done'],
    ]);
    expect(await readdir(folder)).toEqual([]);
  });

  test('has every line on the disk before the effect that it announces', async () => {
    const folder = await temporaryFolder('runner');
    const journal = await beginJournal(folder, head);
    const seen: unknown[] = [];
    const look = async () => readJournal(await readFile(journal.path, 'utf8'), journal.path);
    const a: Step = {
      ...step('a', []),
      run: async (tools) => {
        seen.push((await look())?.steps);
        await tools.remember({ from: 1 });
        seen.push((await look())?.memory);
      },
    };
    const b: Step = { ...step('b', []), run: async () => void seen.push((await look())?.steps) };
    const tidy: Step = { ...step('tidy', []), run: async () => void seen.push((await look())?.committed) };
    await runSteps({ operation: 'op', steps: [a, b, commit([]), tidy], journal, signal: new AbortController().signal, emit: () => {} });
    expect(seen).toEqual([
      [{ id: 'a', state: 'run' }],
      { from: 1 },
      [
        { id: 'a', state: 'done' },
        { id: 'b', state: 'run' },
      ],
      true,
    ]);
  });

  test('that fails is undone in reverse, the step that failed first', async () => {
    const log: string[] = [];
    const { end, folder } = await runWith([step('a', log), step('b', log, { touches: true }), step('c', log, { run: fails }), commit(log)]);
    expect(log).toEqual(['a', 'b', '-c', '-b', '-a']);
    expect(end).toMatchObject({ kind: 'undone', touched: true, reason: { code: 'health-failed', message: 'it is not well' } });
    expect(end.steps.map((entry) => entry.outcome)).toEqual(['undone', 'undone', 'failed']);
    expect(await readdir(folder)).toEqual([]);
  });

  test('that fails before anything was touched says so', async () => {
    const { end } = await runWith([step('a', []), step('b', [], { run: fails }), step('c', [], { touches: true })]);
    expect(end).toMatchObject({ kind: 'undone', touched: false });
  });

  test('whose undo fails stops there, and keeps its journal for another try', async () => {
    const log: string[] = [];
    let broken = true;
    const b = step('b', log, {
      undo: async () => {
        if (broken) throw new Failure('io', 'the disk is gone');
        log.push('-b');
      },
    });
    const steps = [step('a', log), b, step('c', log, { run: fails })];
    const { end, folder } = await runWith(steps);
    expect(end).toMatchObject({
      kind: 'stuck',
      reason: { code: 'health-failed' },
      undoFailure: { code: 'io', message: 'the disk is gone' },
    });
    expect(log).toEqual(['a', 'b', '-c']);
    expect(await recoverIn(folder, steps)).toMatchObject({ kind: 'stuck' });
    expect(log).toEqual(['a', 'b', '-c']);
    broken = false;
    expect(await recoverIn(folder, steps)).toMatchObject({ kind: 'undone' });
    expect(log).toEqual(['a', 'b', '-c', '-b', '-a']);
    expect(await readdir(folder)).toEqual([]);
  });

  test('is done although tidying up failed after the commit, which is a warning', async () => {
    const log: string[] = [];
    const { end, events } = await runWith([step('a', log), commit(log), step('tidy', log, { run: fails }), step('more', log)]);
    expect(end).toMatchObject({ kind: 'done', leftOver: [{ code: 'health-failed' }] });
    expect(log).toEqual(['a', 'commit', 'more']);
    expect(events).toContainEqual(expect.objectContaining({ event: 'note', level: 'warning' }));
  });

  test('whose commit fails is undone, with what the commit did', async () => {
    const log: string[] = [];
    const { end } = await runWith([step('a', log), step('commit', log, { commits: true, run: fails }), step('tidy', log)]);
    expect(end).toMatchObject({ kind: 'undone' });
    expect(log).toEqual(['a', '-commit', '-a']);
  });

  test('is not held up by somebody who listens badly', async () => {
    const log: string[] = [];
    const emit = () => {
      throw new Error('EPIPE');
    };
    const { end } = await runWith([step('a', log), commit(log)], { emit });
    expect(end.kind).toBe('done');
    expect((await runWith([step('b', log), step('c', log, { run: fails })], { emit })).end.kind).toBe('undone');
  });
});

describe('a cancel', () => {
  test('before anything began undoes nothing', async () => {
    const log: string[] = [];
    const { end } = await runWith([step('a', log)], { signal: AbortSignal.abort() });
    expect(end).toMatchObject({ kind: 'undone', reason: { code: 'cancelled' }, touched: false });
    expect(log).toEqual([]);
  });

  test('inside a step reaches it, and undoes everything with a signal that is not aborted', async () => {
    const controller = new AbortController();
    const log: string[] = [];
    const b: Step = {
      ...step('b', log),
      run: async ({ signal }) => {
        controller.abort(new Failure('cancelled', 'cancelled'));
        signal.throwIfAborted();
      },
      undo: async ({ signal }) => void log.push(`-b ${signal.aborted}`),
    };
    const { end } = await runWith([step('a', log), b, step('c', log)], { signal: controller.signal });
    expect(end).toMatchObject({ kind: 'undone', reason: { code: 'cancelled' } });
    expect(log).toEqual(['a', '-b false', '-a']);
  });

  test('between two steps is heard', async () => {
    const controller = new AbortController();
    const log: string[] = [];
    const { end } = await runWith([step('a', log, { run: async () => controller.abort() }), step('b', log)], { signal: controller.signal });
    expect(end).toMatchObject({ kind: 'undone', reason: { code: 'cancelled' } });
    expect(log).toEqual(['-a']);
  });

  test('does not hide a failure that came at the same time', async () => {
    const controller = new AbortController();
    const run = async () => {
      controller.abort();
      throw new Failure('no-space', 'full');
    };
    expect((await runWith([step('a', [], { run })], { signal: controller.signal })).end).toMatchObject({ reason: { code: 'no-space' } });
  });

  test('after the commit has no effect', async () => {
    const controller = new AbortController();
    const log: string[] = [];
    const tidy: Step = { ...step('tidy', log), run: async ({ signal }) => void log.push(`tidy ${signal.aborted}`) };
    const { end } = await runWith([commit(log), tidy], { signal: controller.signal, onCommit: () => controller.abort() });
    expect(end.kind).toBe('done');
    expect(log).toEqual(['commit', 'tidy false']);
  });
});

describe('progress', () => {
  test('is weighted, never goes back, and its last value arrives', async () => {
    const noisy = (id: string, weight: number): Step => ({
      ...step(id, []),
      weight,
      run: async ({ progress }) => {
        for (const fraction of [0.5, 0.1, 2, -1, 0.9]) progress({ fraction, detail: `${fraction}` });
      },
    });
    const { events } = await runWith([noisy('a', 1), noisy('b', 3), { ...commit([]), weight: 0 }]);
    const fractions = events.flatMap((event) => (event.event === 'progress' ? [event.progress.fraction] : []));
    expect(fractions).toEqual(fractions.toSorted((left, right) => left - right));
    expect(fractions.at(-1)).toBe(1);
    expect(fractions).toContain(0.25);
    expect(fractions.every((fraction) => fraction >= 0 && fraction <= 1)).toBe(true);
  });

  test('is told at most ten times a second', async () => {
    const busy: Step = {
      ...step('a', []),
      run: async ({ progress }) => {
        for (let done = 0; done < 10_000; done += 1) progress({ fraction: done / 10_000, bytes: done, totalBytes: 10_000 });
      },
    };
    const from = performance.now();
    const { events } = await runWith([busy]);
    const most = 3 + (performance.now() - from) / 100;
    expect(events.filter((event) => event.event === 'progress').length).toBeLessThanOrEqual(most);
  });

  test('of a recovery that finishes reaches its end too', async () => {
    const folder = await temporaryFolder('runner');
    const steps = [{ ...step('a', []), weight: 90 }, commit([]), step('tidy', [])];
    const journal = await beginJournal(folder, head);
    for (const id of ['a', 'commit']) await journal.append({ type: 'step', id, state: 'done', at: '' });
    await journal.append({ type: 'commit', at: '' });
    await journal.leave();
    const events: EngineEvent[] = [];
    expect(await recoverIn(folder, steps, events)).toMatchObject({ kind: 'done' });
    const fractions = events.flatMap((event) => (event.event === 'progress' ? [event.progress.fraction] : []));
    expect(fractions.at(-1)).toBe(1);
  });
});

test('a command that outlived its operation is ended before anything is undone', async () => {
  const folder = await temporaryFolder('runner');
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', detached: true });
  const pid = child.pid as number;
  onTestFinished(() => void child.kill('SIGKILL'));
  const start = (await startOf(pid)) as string;
  const journal = await beginJournal(folder, head);
  await journal.append({ type: 'step', id: 'a', state: 'run', at: '' });
  const remember = async (facts: Record<string, unknown>) => journal.append({ type: 'remember', data: facts, at: '' });
  await commandNote({ remember })({ pid, start });
  await journal.leave();
  let isThere: boolean | undefined;
  const undo = async () => void (isThere = await isSame(pid, start));
  expect(await recoverIn(folder, [step('a', [], { undo })])).toMatchObject({ kind: 'undone' });
  expect(isThere).toBe(false);
});

describe('a full disk', () => {
  test('that takes no more lines does not keep a run from being undone', async () => {
    const log: string[] = [];
    const disk = fakeDisk({ failAfter: 3 });
    const end = await runSteps({ ...disk.options, steps: [step('a', log), step('b', log), commit(log)] });
    expect(end).toMatchObject({ kind: 'undone', reason: { code: 'no-space' } });
    expect(log).toEqual(['a', '-b', '-a']);
  });

  test('at the very commit does not undo while the journal may say that it counts', async () => {
    const log: string[] = [];
    const disk = fakeDisk({ failAfter: 5 });
    const end = await runSteps({ ...disk.options, steps: [step('a', log), commit(log)] });
    expect(disk.text().at(-1)).toMatchObject({ type: 'commit' });
    expect(end).toMatchObject({ kind: 'stuck' });
    expect(log).toEqual(['a', 'commit']);
  });
});

/** A journal in memory whose appends fail with a full disk after some; the line that fails may be there all the same. */
function fakeDisk({ failAfter }: { failAfter: number }) {
  const lines: JournalEntry[] = [{ type: 'begin', format: 1, at: '', ...head }];
  const journal = {
    path: '',
    append: async (entry: JournalEntry) => {
      if (lines.length <= failAfter) lines.push(entry);
      if (lines.length > failAfter) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    },
    close: async () => {},
    leave: async () => {},
  };
  return { text: () => lines, options: { operation: 'op', journal, signal: new AbortController().signal, emit: () => {} } };
}

describe('kills', () => {
  /** What a step does: parts that are made one after the other; one of them may fail; undoing may be killed as well. */
  const anyStep = fc.record({ parts: fc.integer({ min: 0, max: 3 }), remembers: fc.boolean(), fails: fc.boolean() });
  const anyRun = fc.record({
    steps: fc.array(anyStep, { minLength: 1, maxLength: 5 }),
    commitAt: fc.integer({ min: 0, max: 5 }),
    kills: fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 4 }),
    cut: fc.integer({ min: 0, max: 30 }),
  });

  test('at any point, also of the recovery, leave all or nothing', async () => {
    await fc.assert(
      fc.asyncProperty(anyRun, async ({ steps, commitAt, kills, cut }) => {
        const world = new World(cut);
        const at = Math.min(commitAt, steps.length);
        const list = [
          ...steps.slice(0, at).map((one, index) => world.step(`s${index}`, one)),
          world.commit(),
          ...steps.slice(at).map((one, index) => world.step(`t${index}`, { ...one, fails: false })),
        ];
        await world.until(kills[0], async () =>
          runSteps({ operation: 'op', steps: list, journal: world.journal(), signal: new AbortController().signal, emit: () => {} }),
        );
        for (const kill of [...kills.slice(1), undefined]) {
          const state = world.text === null ? null : readJournal(world.text, '/j');
          if (state === null) break;
          world.text += '\n';
          await world.until(kill, async () =>
            recoverSteps({ operation: 'op', steps: list, journal: world.journal(), emit: () => {} }, state),
          );
        }
        const before = steps.slice(0, at);
        const whole = before.flatMap((one, index) => Array.from({ length: one.parts }, (_, part) => `s${index}.${part}`));
        const there = [...world.effects].filter((effect) => effect.startsWith('s'));
        const mustFail = before.some((one) => one.fails);
        if (there.length > 0) expect(there.toSorted()).toEqual(whole.toSorted());
        if (mustFail) expect(there).toEqual([]);
        if (world.effects.has('commit')) {
          const after = steps.slice(at).flatMap((one, index) => Array.from({ length: one.parts }, (_, part) => `t${index}.${part}`));
          expect([...world.effects].filter((effect) => effect.startsWith('t')).toSorted()).toEqual(after.toSorted());
          expect(there.toSorted()).toEqual(whole.toSorted());
        } else expect([...world.effects]).toEqual([]);
      }),
      { numRuns: 600 },
    );
  });
});

/** A disk that stops at a chosen moment: whatever was going on then never goes on. */
class World {
  effects = new Set<string>();
  text: string | null = `${JSON.stringify({ type: 'begin', format: 1, at: '2026', ...head })}\n`;
  readonly #cut: number;
  #left = Infinity;
  #life = 0;
  #killed: () => void = () => {};

  constructor(cut: number) {
    this.#cut = cut;
  }

  async until(moments: number | undefined, act: () => Promise<unknown>): Promise<void> {
    this.#left = moments ?? Infinity;
    this.#life += 1;
    const killed = new Promise<void>((resolve) => (this.#killed = resolve));
    await Promise.race([act(), killed]);
  }

  /** True once; afterwards this life is over and its promises never settle. */
  async #moment(life: number, lastGasp: () => void = () => {}): Promise<void> {
    if (life !== this.#life) return new Promise(() => {});
    this.#left -= 1;
    if (this.#left >= 0) return undefined;
    lastGasp();
    this.#life += 1;
    this.#killed();
    return new Promise(() => {});
  }

  journal() {
    const life = this.#life;
    return {
      path: '/j',
      append: async (entry: JournalEntry) => {
        const line = `${JSON.stringify(entry)}\n`;
        await this.#moment(life, () => (this.text += line.slice(0, this.#cut)));
        this.text += line;
      },
      close: async () => {
        await this.#moment(life);
        this.text = null;
      },
      leave: async () => {},
    };
  }

  step(id: string, { parts, remembers, fails: isBad }: { parts: number; remembers: boolean; fails: boolean }): Step {
    return {
      id,
      title: id,
      weight: 1,
      run: async (tools) => {
        const life = this.#life;
        if (remembers) await tools.remember({ [id]: parts });
        for (let part = 0; part < parts; part += 1) {
          await this.#moment(life);
          this.effects.add(`${id}.${part}`);
        }
        if (isBad) throw new Failure('io', 'bad');
      },
      undo: async (tools) => {
        const life = this.#life;
        if (remembers && tools.memory[id] === undefined) return;
        for (let part = 0; part < parts; part += 1) {
          await this.#moment(life);
          this.effects.delete(`${id}.${part}`);
        }
      },
    };
  }

  commit(): Step {
    return {
      id: 'commit',
      title: 'commit',
      weight: 1,
      commits: true,
      run: async () => {
        await this.#moment(this.#life);
        this.effects.add('commit');
      },
      undo: async () => void this.effects.delete('commit'),
    };
  }
}
