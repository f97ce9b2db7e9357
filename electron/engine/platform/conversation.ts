/**
 * A worker thread that is talked with: both sides ask and answer by name. For work that keeps many small things in memory for long:
 * in a thread of its own it holds up nobody, and its heap can be kept small.
 */
import { type MessagePort, parentPort, Worker } from 'node:worker_threads';
import type { Helper } from './spares.ts';
import { letEnd } from './thread-end.ts';
import { Failure, toFailureData, type FailureData } from '../../api/failure.ts';

export interface Conversation {
  /** Asks the other side. Rejects with its `Failure` or error, and when it dies. */
  ask<Answer>(name: string, input: unknown): Promise<Answer>;
  /** Says something that needs no answer. */
  tell(name: string, input: unknown): void;
}

export interface TalkingWorker extends Conversation, Helper {
  /** Begins a new conversation with the same thread, which answers as if it had just been started. Nothing may be asked at that time. */
  anew(answers: Answers): void;
  /** Lets the thread end, once it has answered what it was asked. */
  end(): Promise<void>;
}

/** What one side answers, by name. A name that is told instead of asked is answered into the void. */
export type Answers = { [name: string]: (input: never) => unknown };

type Message =
  | { kind: 'anew' }
  | { kind: 'end' }
  | { kind: 'ask'; number: number; name: string; input: unknown }
  | { kind: 'tell'; name: string; input: unknown }
  | { kind: 'answer'; number: number; answer: unknown }
  | { kind: 'failure'; number: number; failure: FailureData }
  | { kind: 'error'; number: number; error: { message: string; code?: string; stack?: string } };

interface Waiting {
  resolve: (answer: never) => void;
  reject: (error: unknown) => void;
}

/** Starts a script that calls `serveConversation`. An idle thread is no reason for this process to stay. `youngHeap` is in MiB. */
export function startConversation(script: URL, answers: Answers, youngHeap: number): TalkingWorker {
  const worker = new Worker(script, { resourceLimits: { maxYoungGenerationSizeMb: youngHeap } });
  worker.unref();
  let present = answers;
  const talk = converse(
    worker,
    (name) => present[name],
    (isWaiting) => (isWaiting ? worker.ref() : worker.unref()),
  );
  let isAlive = true;
  worker.on('error', talk.fail);
  worker.on('exit', (code) => {
    isAlive = false;
    talk.fail(new Error(`a worker thread ended early (${code})`));
  });
  return {
    ...talk,
    isAlive: () => isAlive,
    anew: (next) => {
      present = next;
      worker.postMessage({ kind: 'anew' } satisfies Message);
    },
    end: async () => {
      isAlive = false;
      await letEnd(worker, () => worker.postMessage({ kind: 'end' } satisfies Message));
    },
  };
}

/** The other side of `startConversation`. `onEnd`: lets go of what would keep the thread from ending. */
export function serveConversation(answersFor: (other: Conversation) => Answers, onEnd: () => Promise<void> = async () => {}): void {
  const port = parentPort;
  if (!port) throw new Error('serveConversation outside a worker thread');
  let answers: Answers = {};
  const begin = () => void (answers = answersFor(other));
  const other = converse(
    port,
    (name) => answers[name],
    () => {},
    { begin, end: () => void onEnd().finally(() => port.close()) },
  );
  begin();
}

function converse(
  port: MessagePort | Worker,
  answerTo: (name: string) => Answers[string] | undefined,
  onWaiting: (isWaiting: boolean) => void,
  on: { begin: () => void; end: () => void } = { begin: () => {}, end: () => {} },
): Conversation & { fail: (error: Error) => void } {
  const waiting = new Map<number, Waiting>();
  let last = 0;
  let gone: Error | null = null;
  const settle = (number: number): Waiting | undefined => {
    const one = waiting.get(number);
    waiting.delete(number);
    if (waiting.size === 0) onWaiting(false);
    return one;
  };
  port.on('message', (message: Message) => {
    if (message.kind === 'anew') on.begin();
    else if (message.kind === 'end') on.end();
    else if (message.kind === 'tell') void answerTo(message.name)?.(message.input as never);
    else if (message.kind === 'ask') void reply(port, message, answerTo(message.name));
    else if (message.kind === 'answer') settle(message.number)?.resolve(message.answer as never);
    else settle(message.number)?.reject(revive(message));
  });
  return {
    ask: (name, input) =>
      new Promise((resolve, reject) => {
        if (gone) return reject(gone);
        last += 1;
        if (waiting.size === 0) onWaiting(true);
        waiting.set(last, { resolve, reject });
        port.postMessage({ kind: 'ask', number: last, name, input } satisfies Message);
      }),
    tell: (name, input) => port.postMessage({ kind: 'tell', name, input } satisfies Message),
    fail: (error) => {
      gone ??= error;
      for (const one of waiting.values()) one.reject(gone);
      waiting.clear();
    },
  };
}

async function reply(
  port: MessagePort | Worker,
  { number, name, input }: Message & { kind: 'ask' },
  answer: Answers[string] | undefined,
): Promise<void> {
  try {
    if (!answer) throw new Error(`nobody answers ${name}`);
    port.postMessage({ kind: 'answer', number, answer: await answer(input as never) } satisfies Message);
  } catch (error) {
    if (error instanceof Failure) {
      port.postMessage({ kind: 'failure', number, failure: toFailureData(error) } satisfies Message);
      return;
    }
    const { message, code, stack } = error as NodeJS.ErrnoException;
    port.postMessage({
      kind: 'error',
      number,
      error: { message, ...(typeof code === 'string' && { code }), ...(stack && { stack }) },
    } satisfies Message);
  }
}

function revive(message: Message & { kind: 'failure' | 'error' }): Error {
  if (message.kind === 'error') return Object.assign(new Error(message.error.message), message.error);
  const { code, message: text, remedy, details, cause } = message.failure;
  return new Failure(code, text, {
    ...(remedy && { remedy }),
    ...(details && { details }),
    ...(cause && { cause: Object.assign(new Error(cause.message), cause) }),
  });
}
