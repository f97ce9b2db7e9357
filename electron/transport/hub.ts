/**
 * The hub: one object over the engine that every window, tray and browser hangs on.
 * Promises: a subscriber first gets the whole state and then every message after it, in order, none twice; what another process did
 * (the command line beside the desktop app) is noticed within seconds. Refuses: to let one broken subscriber hold up the others.
 */
import { z } from 'zod';
import type { RunningOperation, Snapshot, StreamMessage } from '../api/client.ts';
import type { CancelAnswer, Engine } from '../api/engine.ts';
import type { EngineEvent } from '../api/events.ts';
import { Failure, toFailureData } from '../api/failure.ts';
import type { MethodInput, MethodName } from '../api/methods.ts';
import type { InstallSummary } from '../api/models.ts';
import { fail, type Result, succeed } from '../api/result.ts';
import { type Answer, call } from './call.ts';
import type { Clock } from './clock.ts';
import { OperationsSeen } from './operations-seen.ts';
import { parseMethod } from './parse.ts';
import { watchRegistry } from './registry-watch.ts';

export type Listener = (message: StreamMessage) => void;

export interface Hub {
  call<M extends MethodName>(method: M, input: MethodInput<M>): Promise<Result<Answer<M>>>;
  /** The same for a name and an input that came over a wire and were not looked at. */
  callUnchecked(method: string, input: unknown): Promise<Result<unknown>>;
  /** @param input what came from outside: `{ operation }` */
  cancel(input: unknown): Result<CancelAnswer>;
  /** Hands the listener a snapshot and then the stream. The answer ends it. Never rejects. */
  subscribe(listener: Listener): Promise<() => void>;
  /** Operations of this engine that have not ended. */
  running(): RunningOperation[];
  /** The end of an operation of this engine. */
  wait: Engine['wait'];
  /** Stops watching. The engine is its owner's to close. */
  close(): void;
}

const cancelInput = z.strictObject({ operation: z.string().min(1).max(100) });

export function openHub(engine: Engine, version: string, clock: Clock): Hub {
  const seen = new OperationsSeen(() => clock.now());
  const listeners = new Set<Listener>();
  let changes = 0;
  let lastInstalls: InstallSummary[] = [];
  const tell = (message: StreamMessage): void => {
    if (message.kind === 'changed') changes += 1;
    for (const listener of listeners) notify(listener, message);
  };
  const watch = watchRegistry(engine, clock, (install) => tell({ kind: 'changed', install }));
  const unsubscribe = engine.subscribe((event: EngineEvent) => {
    seen.take(event);
    tell({ kind: 'event', event });
    if (event.event !== 'ended') return;
    tell({ kind: 'changed', install: seen.all().find((each) => each.operation === event.operation)?.install ?? null });
    watch.refresh();
  });
  const readInstalls = async (): Promise<InstallSummary[]> => {
    const answer = await call(engine, 'installs', {});
    // A face that is told of no installs asks itself and shows why there are none.
    if (answer.ok) lastInstalls = answer.result;
    return lastInstalls;
  };
  return {
    call: (method, input) => call(engine, method, input),
    callUnchecked: (name, input) => callNamed(engine, name, input),
    cancel: (input) => cancelNamed(engine, input),
    subscribe: async (listener) => {
      let ended = false;
      let installs: InstallSummary[];
      let before: number;
      do {
        before = changes;
        installs = await readInstalls();
        // What changed while it was read is read again: the listener does not hear of it otherwise.
      } while (before !== changes);
      const snapshot: Snapshot = { version, installs, operations: seen.all() };
      // From here to the end nothing is awaited, so that no message falls between the snapshot and the stream.
      notify(listener, { kind: 'snapshot', snapshot });
      listeners.add(listener);
      watch.setActive(true);
      return () => {
        if (ended) return;
        ended = true;
        listeners.delete(listener);
        watch.setActive(listeners.size > 0);
      };
    },
    running: () => seen.running(),
    wait: (operation) => engine.wait(operation),
    close: () => {
      unsubscribe();
      watch.setActive(false);
      listeners.clear();
    },
  };
}

async function callNamed(engine: Engine, name: string, input: unknown): Promise<Result<unknown>> {
  try {
    return await call(engine, parseMethod(name), input);
  } catch (error) {
    return fail(toFailureData(error));
  }
}

function cancelNamed(engine: Engine, input: unknown): Result<CancelAnswer> {
  const parsed = cancelInput.safeParse(input);
  if (!parsed.success) return fail(toFailureData(new Failure('bad-input', 'cancel takes the id of an operation: {"operation": "…"}')));
  return succeed(engine.cancel(parsed.data.operation));
}

function notify(listener: Listener, message: StreamMessage): void {
  try {
    listener(message);
  } catch {
    // A window that is just being destroyed throws; its own end is told to it by others.
  }
}
