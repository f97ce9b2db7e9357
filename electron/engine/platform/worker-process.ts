/**
 * Processes of Moult's own at its side, for work that must not share a process with the rest: they are asked by name and answer with data.
 * The entry is a file named `…-worker.ts`; the build puts it beside the file that starts it. A worker ends with the process that started it.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Failure, failureFrom, toFailureData, type FailureData } from '../../api/failure.ts';
import { environmentWithout, nodeCommand } from './environment.ts';
import type { Helper, Spares } from './spares.ts';

/** A failure inside a worker, with the code that the error had there (`SQLITE_NOTADB`, `ENOSPC` …). */
export class WorkerError extends Error {
  readonly code: string | null;

  constructor(message: string, code: string | null) {
    super(message);
    this.name = 'WorkerError';
    this.code = code;
  }
}

export interface WorkerProcess extends Helper {
  /** Asks for one thing. `onReport` gets what the worker tells on the way. Rejects with the worker's `Failure`, or with `WorkerError`, also when it dies. */
  ask<Answer>(what: string, input: object, onReport?: (report: unknown) => void): Promise<Answer>;
  /** Lets the worker put things in order and waits until it is gone; after `grace` milliseconds it is killed. May be called twice. */
  end(grace?: number): Promise<void>;
}

type Question = { id: number; what: string; input: object };
type Reply =
  | { id: number; report: unknown }
  | { id: number; answer: unknown }
  | { id: number; error: { message: string; code: string | null } }
  | { id: number; failure: FailureData };

interface Waiting {
  resolve: (answer: unknown) => void;
  reject: (error: Error) => void;
  onReport: ((report: unknown) => void) | undefined;
}

/** The most that is kept of what a dying worker prints, in characters. */
const keptOutput = 4000;

/** Starts `<name>-worker` beside the file whose `import.meta.url` is given. */
export function startWorkerProcess(name: string, beside: string): WorkerProcess {
  const entry = new URL(`./${name}-worker${beside.endsWith('.ts') ? '.ts' : '.js'}`, beside);
  const node = nodeCommand();
  const child = fork(fileURLToPath(entry), [], {
    execPath: node.path,
    execArgv: [],
    env: { ...environmentWithout(['NODE_OPTIONS', 'NODE_CHANNEL_*']), ...node.env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    windowsHide: true,
  } as Parameters<typeof fork>[2] & { windowsHide: boolean });
  return converse(child, name);
}

/**
 * One piece of work with a worker that nobody else uses, which loses nothing when it is cut off. An abort ends the worker, and what it runs: at once, or after `grace`
 * milliseconds in which it may put things in order. After good work it joins the `spares`, if there are any.
 */
export async function withWorkerProcess<Result>(
  worker: WorkerProcess,
  work: (worker: WorkerProcess) => Promise<Result>,
  { signal, grace = 0, spares }: { signal?: AbortSignal | undefined; grace?: number; spares?: Spares<WorkerProcess> },
): Promise<Result> {
  const stop = () => void worker.end(grace);
  signal?.addEventListener('abort', stop, { once: true });
  let isGood = false;
  try {
    const result = await work(worker);
    isGood = true;
    return result;
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
    if (isGood && spares) await spares.keep(worker);
    else await worker.end(grace === 0 ? undefined : grace);
  }
}

/** Answers the process that started this one, one question at a time or many. `onEnd` runs before it ends, for whatever reason it does. */
export function serveWorkerProcess(
  answers: Record<string, (input: never, report: (report: unknown) => void) => Promise<unknown>>,
  onEnd: () => Promise<void> | void,
): void {
  const reply = (message: Reply) => void (process.connected && process.send?.(message, undefined, {}, () => {}));
  process.on('message', (question: Question) => {
    const { id, what, input } = question;
    const answer = Object.hasOwn(answers, what) ? answers[what] : undefined;
    const work = answer ? answer(input as never, (report) => reply({ id, report })) : Promise.reject(new Error(`a worker cannot ${what}`));
    work.then(
      (value) => reply({ id, answer: value ?? null }),
      (error: Error & { code?: unknown }) =>
        reply(
          error instanceof Failure
            ? { id, failure: toFailureData(error) }
            : { id, error: { message: error.message, code: typeof error.code === 'string' ? error.code : null } },
        ),
    );
  });
  // A terminal sends Ctrl-C to everything in it; the process that started this one decides what happens then.
  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
  process.once('disconnect', () => void Promise.resolve(onEnd()).finally(() => process.exit()));
}

function converse(child: ChildProcess, name: string): WorkerProcess {
  const waiting = new Map<number, Waiting>();
  let printed = '';
  let last = 0;
  let gone: Error | null = null;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // An idle worker is no reason for this process to stay.
  const rest = () => {
    child.unref();
    child.channel?.unref();
    (child.stderr as { unref?: () => void } | null)?.unref?.();
  };
  const fail = (error: Error) => {
    gone ??= error;
    for (const { reject } of waiting.values()) reject(gone);
    waiting.clear();
  };
  child.stderr?.on('data', (chunk: Buffer) => (printed = (printed + chunk.toString('utf8')).slice(-keptOutput)));
  child.on('message', (reply: Reply) => {
    const one = waiting.get(reply.id);
    if ('report' in reply) return one?.onReport?.(reply.report);
    waiting.delete(reply.id);
    if ('failure' in reply) one?.reject(failureFrom(reply.failure));
    else if ('error' in reply) one?.reject(new WorkerError(reply.error.message, reply.error.code));
    else one?.resolve(reply.answer);
    if (waiting.size === 0) rest();
  });
  child.once('error', (error: NodeJS.ErrnoException) => fail(new WorkerError(`${name}: ${error.message}`, error.code ?? null)));
  child.once('exit', (code, signal) =>
    fail(new WorkerError(`the ${name} worker ended (${signal ?? `exit code ${code}`}) ${printed.trim()}`.trim(), null)),
  );
  rest();
  return {
    ask: <Answer>(what: string, input: object, onReport?: (report: unknown) => void) =>
      new Promise<Answer>((resolve, reject) => {
        if (gone) return reject(gone);
        last += 1;
        waiting.set(last, { resolve: resolve as (answer: unknown) => void, reject, onReport });
        child.ref();
        child.channel?.ref();
        child.send({ id: last, what, input } satisfies Question, (error) => error && fail(new WorkerError(error.message, null)));
      }),
    isAlive: () => gone === null && child.connected,
    end: async (grace = 5000) => {
      if (gone) return;
      child.ref();
      if (child.connected) child.disconnect();
      const timer = setTimeout(() => child.kill('SIGKILL'), grace);
      await exited;
      clearTimeout(timer);
    },
  };
}
