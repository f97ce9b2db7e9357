/** A double of the one client, type-checked against it: answers from the same small world as the fake engine, and says what a test says. */
import type { Client, Connection, MethodResult, RunningOperation, Snapshot, StreamMessage } from '../../electron/api/client.ts';
import type { FailureData } from '../../electron/api/failure.ts';
import type { MethodInput, MethodName, QueryName, QueryResults } from '../../electron/api/methods.ts';
import { fail, type Result, succeed } from '../../electron/api/result.ts';
import { install, queryAnswers } from '../support/fake-world.ts';

type Answer<M extends MethodName> = (input: MethodInput<M>) => Result<MethodResult<M>> | Promise<Result<MethodResult<M>>>;

export interface FakeClient extends Client {
  calls: { method: MethodName; input: unknown }[];
  cancels: string[];
  snapshot: Snapshot;
  answer<Q extends QueryName>(method: Q, value: QueryResults[Q]): void;
  reply<M extends MethodName>(method: M, answer: Answer<M>): void;
  refuse(method: MethodName, error: FailureData): void;
  say(message: StreamMessage): void;
  connect(connection: Connection): void;
}

export const operationId = 'op-9';

export function fakeClient(): FakeClient {
  const replies = new Map<MethodName, (input: never) => unknown>();
  const listeners = new Set<(message: StreamMessage) => void>();
  const connections = new Set<(connection: Connection) => void>();
  const client: FakeClient = {
    calls: [],
    cancels: [],
    snapshot: { version: '0.1.0', installs: [install], operations: [] },
    answer: (method, value) => void replies.set(method, () => succeed(value)),
    reply: (method, answer) => void replies.set(method, answer),
    refuse: (method, error) => void replies.set(method, () => fail(error)),
    say: (message) => listeners.forEach((listener) => listener(message)),
    connect: (connection) => connections.forEach((listener) => listener(connection)),
    async call(method, input) {
      client.calls.push({ method, input });
      const reply = replies.get(method);
      const answer = reply === undefined ? usual(client, method, input) : await reply(input as never);
      return answer as Result<never>;
    },
    cancel: async (operation) => {
      client.cancels.push(operation);
      return succeed({ possible: true, text: 'It stops at the next safe point.' });
    },
    subscribe(listener, onConnection) {
      listeners.add(listener);
      if (onConnection !== undefined) connections.add(onConnection);
      onConnection?.('connected');
      listener({ kind: 'snapshot', snapshot: client.snapshot });
      return () => {
        listeners.delete(listener);
        if (onConnection !== undefined) connections.delete(onConnection);
      };
    },
  };
  return client;
}

function usual(client: FakeClient, method: MethodName, input: unknown): Result<unknown> {
  if (method === 'installs') return succeed(client.snapshot.installs);
  if (Object.hasOwn(queryAnswers, method)) return succeed(queryAnswers[method as QueryName](input as Record<string, unknown>));
  return succeed({ operation: operationId });
}

/** An operation in the middle of its second step. */
export function runningOperation(change: Partial<RunningOperation> = {}): RunningOperation {
  return {
    operation: operationId,
    action: 'upgrade',
    install: 'sprig',
    startedAt: '2026-03-06T05:06:07.000Z',
    steps: [
      { id: 'download', title: 'Download the releases', state: 'done' },
      { id: 'hot', title: 'Back up while the product runs', state: 'running' },
      { id: 'switch', title: 'Switch to 2.0.0', state: 'waiting' },
    ],
    progress: {
      fraction: 0.42,
      step: 'hot',
      detail: 'notes/first.md',
      bytes: 4_200_000,
      totalBytes: 10_000_000,
      rate: 2_000_000,
      left: 2.9,
    },
    notes: [{ level: 'info', text: 'staged 1.2.0' }],
    cancelling: false,
    ended: null,
    ...change,
  };
}
