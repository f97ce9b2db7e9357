/**
 * Worker threads that answer jobs. A pool hands each job to the thread with the least to do and resolves with its reply;
 * a thread that dies fails every job that it held. Buffers are handed over, not copied.
 */
import { availableParallelism } from 'node:os';
import { Worker, parentPort, workerData } from 'node:worker_threads';
import type { Helper } from './spares.ts';
import { letEnd } from './thread-end.ts';

/** What a handler in a worker thread answers. `transfer` lists the buffers in the reply that are handed over. */
export interface Answer<Reply> {
  reply: Reply;
  transfer?: ArrayBuffer[];
}

export type Handlers<Jobs extends JobTable> = { [Name in keyof Jobs]: (input: Jobs[Name]['input']) => Answer<Jobs[Name]['reply']> };
export type JobTable = { [name: string]: { input: unknown; reply: unknown } };

interface Waiting {
  resolve: (reply: never) => void;
  reject: (error: Error) => void;
}
interface Thread {
  worker: Worker;
  waiting: Map<number, Waiting>;
  /** When its script was loaded, or it ended. */
  loaded: Promise<void>;
  isAlive: boolean;
  /** 1 as soon as it is to end: what it was handed before that is not begun any more. */
  isEnding: Int32Array;
}
interface Reply {
  number: number;
  reply?: unknown;
  error?: { message: string; code?: string; stack?: string };
}
type Message = Reply | { loaded: true };

export interface WorkerPool<Jobs extends JobTable> extends Helper {
  readonly size: number;
  run<Name extends keyof Jobs & string>(name: Name, input: Jobs[Name]['input'], transfer?: ArrayBuffer[]): Promise<Jobs[Name]['reply']>;
  /** Starts so many threads now, or all, for one who knows that there will be something to do. */
  start(threads?: number): void;
  /** When the scripts of all its threads were loaded. Whoever ends the thread that holds the pool waits for it first, see `end` below. */
  loaded(): Promise<void>;
  /** Ends the threads; jobs that still run are rejected. */
  end(): Promise<void>;
}

/** Threads that make sense for work that only computes: one a core, four at most because each costs memory. */
export function usefulThreads(): number {
  return Math.max(1, Math.min(4, availableParallelism()));
}

/** A pool of up to `size` threads on a script that calls `serveJobs`. A thread is started when all others have something to do. */
export function startWorkers<Jobs extends JobTable>(script: URL, size: number): WorkerPool<Jobs> {
  const threads: Thread[] = [];
  const start = (): Thread => {
    const started = startThread(script);
    threads.push(started);
    return started;
  };
  const freest = (): Thread => {
    const least = threads.reduce<Thread | null>((one, next) => (one === null || next.waiting.size < one.waiting.size ? next : one), null);
    if (least !== null && (least.waiting.size === 0 || threads.length === size)) return least;
    return start();
  };
  let last = 0;
  let isClosed = false;
  return {
    size,
    run(name, input, transfer = []) {
      if (isClosed) return Promise.reject(new Error('the worker threads have ended'));
      last += 1;
      const number = last;
      const thread = freest();
      return new Promise((resolve, reject) => {
        if (thread.waiting.size === 0) thread.worker.ref();
        thread.waiting.set(number, { resolve, reject });
        thread.worker.postMessage({ number, name, input }, transfer);
      });
    },
    start(wanted = size) {
      while (threads.length < Math.min(wanted, size)) start();
    },
    loaded: async () => void (await Promise.all(threads.map((thread) => thread.loaded))),
    isAlive: () => !isClosed && threads.every((thread) => thread.isAlive),
    async end() {
      isClosed = true;
      await Promise.all(threads.map(end));
    },
  };
}

/** Answers jobs by name, in a worker thread. */
export function serveJobs<Jobs extends JobTable>(handlers: Handlers<Jobs>): void {
  const port = parentPort;
  if (!port) throw new Error('serveJobs outside a worker thread');
  const { ending } = workerData as { ending: SharedArrayBuffer };
  const isEnding = new Int32Array(ending);
  port.postMessage({ loaded: true } satisfies Message);
  port.on('message', (message: { number: number; name: string; input: unknown }) => {
    if (Atomics.load(isEnding, 0) === 1) return port.close();
    try {
      const handle = handlers[message.name];
      if (!handle) throw new Error(`no job is called ${message.name}`);
      const { reply, transfer } = handle(message.input);
      port.postMessage({ number: message.number, reply }, transfer ?? []);
    } catch (error) {
      const { message: text, code, stack } = error as NodeJS.ErrnoException;
      port.postMessage({ number: message.number, error: { message: text, ...(code && { code }), ...(stack && { stack }) } });
    }
  });
}

/** Not before it was loaded: until then it hears nothing. */
async function end({ worker, loaded, isEnding }: Thread): Promise<void> {
  worker.ref();
  await loaded;
  await letEnd(worker, () => {
    Atomics.store(isEnding, 0, 1);
    // Whatever it is: it makes the thread look.
    worker.postMessage(null);
  });
}

function startThread(script: URL): Thread {
  // Small heaps: what is large is outside of them, in buffers.
  const ending = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const worker = new Worker(script, { resourceLimits: { maxYoungGenerationSizeMb: 3 }, workerData: { ending } });
  const { promise: loaded, resolve: tellLoaded } = Promise.withResolvers<void>();
  const thread: Thread = { worker, waiting: new Map(), loaded, isAlive: true, isEnding: new Int32Array(ending) };
  worker.unref();
  worker.on('message', (message: Message) => {
    if ('loaded' in message) return tellLoaded();
    const job = thread.waiting.get(message.number);
    thread.waiting.delete(message.number);
    if (thread.waiting.size === 0) worker.unref();
    if (message.error) job?.reject(Object.assign(new Error(message.error.message), message.error));
    else job?.resolve(message.reply as never);
  });
  const fail = (error: Error) => {
    thread.isAlive = false;
    for (const job of thread.waiting.values()) job.reject(error);
    thread.waiting.clear();
    tellLoaded();
  };
  worker.on('error', fail);
  worker.on('exit', (code) => fail(new Error(`a worker thread ended early (${code})`)));
  return thread;
}
