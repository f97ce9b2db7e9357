/** A double of the engine for tests of the faces: answers from a small world that each test changes as it likes. Type-checked against `Api`. */
import type { CancelAnswer, Engine } from '../../electron/api/engine.ts';
import type { EngineEvent } from '../../electron/api/events.ts';
import { type FailureData, toFailureData } from '../../electron/api/failure.ts';
import { type Api, type MethodName, type OperationName, type QueryName, type QueryResults, methods } from '../../electron/api/methods.ts';
import type { OperationOutcome } from '../../electron/api/models.ts';
import type { Result } from '../../electron/api/result.ts';
import { actions, backupMade, outcomeOf, queryAnswers, verification, drill, rehearsal, rescan } from './fake-world.ts';

/** What a faked operation does between its start and its end. */
export interface Script {
  /** Events in between; `started` and `ended` come by themselves. */
  events?: EngineEvent[];
  end?: (cancelled: Promise<void>) => Promise<Result<OperationOutcome>>;
  outcome?: OperationOutcome | null;
  cancel?: CancelAnswer;
}

export interface FakeEngine extends Engine {
  calls: { method: MethodName; input: Record<string, unknown> }[];
  /** Changes the answer of a query; a function may throw a `Failure`. */
  answer<Q extends QueryName>(query: Q, answer: QueryResults[Q] | ((input: Record<string, unknown>) => QueryResults[Q])): void;
  /** Changes what an operation does. */
  play(operation: OperationName, script: Script): void;
  /** Tells an event to everybody who listens. */
  tell(event: EngineEvent): void;
  cancels: number;
  closed: boolean;
}

export const operationId = 'op-1';

export function fakeEngine(): FakeEngine {
  const answers = new Map<QueryName, (input: Record<string, unknown>) => unknown>();
  const scripts = new Map<OperationName, Script>();
  const listeners = new Set<(event: EngineEvent) => void>();
  const running = new Map<string, { script: Script; end: Promise<Result<OperationOutcome>>; cancel: () => void }>();
  const tell = (event: EngineEvent): void => listeners.forEach((listener) => listener(event));
  const engine: FakeEngine = {
    calls: [],
    tell,
    cancels: 0,
    closed: false,
    answer: (query, answer) => void answers.set(query, typeof answer === 'function' ? answer : () => answer),
    play: (operation, script) => void scripts.set(operation, script),
    api: buildApi((method, input) => {
      engine.calls.push({ method, input });
      if (methods[method].kind !== 'operation') return (answers.get(method as QueryName) ?? queryAnswers[method as QueryName])(input);
      return begin(method as OperationName, scripts.get(method as OperationName) ?? {}, input, tell, running);
    }),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    cancel(operation) {
      engine.cancels += 1;
      const found = running.get(operation);
      found?.cancel();
      return found?.script.cancel ?? { possible: true, text: 'Cancelling …' };
    },
    wait: (operation) =>
      running.get(operation)?.end ?? Promise.resolve({ ok: false, error: { code: 'unknown-operation', message: operation } }),
    close: async () => void (engine.closed = true),
  };
  return engine;
}

function buildApi(answer: (method: MethodName, input: Record<string, unknown>) => unknown): Api {
  const entries = (Object.keys(methods) as MethodName[]).map((method) => [
    method,
    async (input: Record<string, unknown>) => answer(method, input),
  ]);
  return Object.fromEntries(entries) as Api;
}

function begin(
  method: OperationName,
  script: Script,
  input: Record<string, unknown>,
  tell: (event: EngineEvent) => void,
  running: Map<string, { script: Script; end: Promise<Result<OperationOutcome>>; cancel: () => void }>,
): { operation: string } {
  const cancelled = Promise.withResolvers<void>();
  const outcome = script.outcome === undefined ? usualOutcome(method) : script.outcome;
  const action = outcome?.action ?? actions[method];
  const at = '2026-03-04T05:06:07.000Z';
  const steps = [
    { id: 'one', title: 'First step', state: 'waiting' as const },
    { id: 'two', title: 'Second step', state: 'waiting' as const },
  ];
  tell({
    event: 'started',
    operation: operationId,
    action,
    install: typeof input['install'] === 'string' ? input['install'] : 'sprig',
    steps,
    at,
  });
  tell({ event: 'note', operation: 'another', level: 'info', text: 'of another operation' });
  const run = async (): Promise<Result<OperationOutcome>> => {
    await Promise.resolve();
    for (const event of script.events ?? usualEvents(at)) tell(event);
    const end: Result<OperationOutcome> = await (script.end?.(cancelled.promise).catch(asFailure) ?? {
      ok: true,
      result: outcome ?? usualOutcome(method),
    });
    tell({ event: 'ended', operation: operationId, outcome: end.ok ? end.result : outcome, error: end.ok ? null : end.error, at });
    return end;
  };
  running.set(operationId, { script, end: run(), cancel: () => cancelled.resolve() });
  return { operation: operationId };
}

function asFailure(error: unknown): { ok: false; error: FailureData } {
  return { ok: false, error: toFailureData(error) };
}

function usualOutcome(method: OperationName): OperationOutcome {
  const outcome = outcomeOf(actions[method]);
  if (method === 'backUp') return { ...outcome, backup: backupMade };
  if (method === 'drill') return { ...outcome, drill };
  if (method === 'rehearse') return { ...outcome, rehearsal };
  if (method === 'rescan') return { ...outcome, rescan };
  return method === 'verify' ? { ...outcome, verification } : outcome;
}

function usualEvents(at: string): EngineEvent[] {
  const operation = operationId;
  return [
    { event: 'step', operation, id: 'one', title: 'First step', state: 'running', at },
    { event: 'progress', operation, progress: { fraction: 0.25, step: 'one', bytes: 1024, totalBytes: 4096, rate: 2048, left: 2 } },
    { event: 'step', operation, id: 'one', title: 'First step', state: 'done', at: '2026-03-04T05:06:09.500Z' },
    { event: 'note', operation, level: 'info', text: 'the second step is short' },
    { event: 'step', operation, id: 'two', title: 'Second step', state: 'running', at },
    { event: 'step', operation, id: 'two', title: 'Second step', state: 'done', at },
  ];
}
