/**
 * The fault seam: loaded with `node --import`, it stands in front of every file call of this process and of its worker threads, before
 * the engine is loaded. The engine itself knows nothing of it and pays nothing for it.
 *
 * It only minds paths below `FAULTS_ROOT`. It counts calls, lets the N-th fail (once or for good), kills the process at the N-th, and
 * writes down every change with its content for the power cuts. What SQLite and other processes do is not seen as calls; the record
 * takes their files up as they are found.
 */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join, resolve } from 'node:path';
import { isMainThread, getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { blockingCalls, errors, handleCalls, promiseCalls, streamCalls } from './fault-table.ts';
import { recorder, type Recorder } from './recorder.ts';

type Call = (...args: unknown[]) => unknown;
type Kind = 'change' | 'look' | 'sync' | 'close';

const root = process.env['FAULTS_ROOT'] ?? '/nowhere';
const name = 'fault-state';
if (isMainThread) setEnvironmentData(name, new SharedArrayBuffer(64));
/** 0 mode · 1 calls · 2 changes · 3 at which · 4 error · 5 for good · 6 hits · 7 at changes only */
const state = new Int32Array(getEnvironmentData(name) as unknown as SharedArrayBuffer);
const modes = { off: 0, count: 1, fail: 2, kill: 3, record: 4 } as const;

export interface Orders {
  mode: keyof typeof modes;
  /** The first is 1. */
  at?: number;
  error?: (typeof errors)[number];
  forGood?: boolean;
  /** Counts only calls that change something or make it durable. */
  changesOnly?: boolean;
}

export interface Counted {
  calls: number;
  changes: number;
  hits: number;
}

/** From now on. Counting begins anew. */
export function order(orders: Orders): void {
  state.fill(0);
  state[3] = orders.at ?? 0;
  state[4] = errors.indexOf(orders.error ?? 'EIO');
  state[5] = orders.forGood === true ? 1 : 0;
  state[7] = orders.changesOnly === true ? 1 : 0;
  state[0] = modes[orders.mode];
}

export function counted(): Counted {
  return { calls: state[1] ?? 0, changes: state[2] ?? 0, hits: state[6] ?? 0 };
}

const paths = new WeakMap<object, string>();
const descriptors = new Map<number, string>();
const writer: Recorder = recorder(root, process.env['FAULTS_RECORD'] ?? '');
const isRecording = () => state[0] === modes.record;

install();

function isOurs(path: unknown): path is string | Buffer {
  return (typeof path === 'string' || Buffer.isBuffer(path)) && resolve(String(path)).startsWith(root);
}

/** Counts one call; throws or ends the process when it is the one. */
function pass(kind: Kind, syscall: string, path: string): void {
  const mode = Atomics.load(state, 0);
  if (mode === modes.off || mode === modes.record) return;
  const calls = Atomics.add(state, 1, 1) + 1;
  const changes = kind === 'look' ? Atomics.load(state, 2) : Atomics.add(state, 2, 1) + 1;
  if (mode === modes.count) return;
  if (state[7] === 1 && kind === 'look') return;
  const number = state[7] === 1 ? changes : calls;
  const at = state[3] ?? 0;
  if (mode === modes.kill) {
    if (number !== at) return;
    process.kill(process.pid, 'SIGKILL');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_000);
  }
  if (mode === modes.fail && (number === at || (state[5] === 1 && number > at))) {
    Atomics.add(state, 6, 1);
    throw failure(errors[state[4] ?? 0] ?? 'EIO', syscall, path);
  }
}

function failure(code: string, syscall: string, path: string): Error {
  const texts: Record<string, string> = {
    EIO: 'i/o error',
    ENOSPC: 'no space left on device',
    EACCES: 'permission denied',
    EBUSY: 'resource busy or locked',
    EXDEV: 'cross-device link not permitted',
    EMFILE: 'too many open files',
    EPERM: 'operation not permitted',
  };
  return Object.assign(new Error(`${code}: ${texts[code]}, ${syscall} '${path}'`), { code, syscall, path, errno: -5 });
}

function kindOf(call: string, listed: Kind, flags: unknown): Kind {
  if (!call.startsWith('open') || call.startsWith('opendir')) return listed;
  return isReading(flags) ? 'look' : 'change';
}

function isReading(flags: unknown): boolean {
  if (flags === undefined || flags === 'r') return true;
  return typeof flags === 'number' && (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR | fs.constants.O_CREAT)) === 0;
}

function pathOf(call: string, args: unknown[]): unknown {
  // A link's first argument is only text, and two paths where only the second is ours do not occur.
  return call.startsWith('symlink') ? args[1] : args[0];
}

function install(): void {
  const promises = fs.promises as unknown as Record<string, Call>;
  for (const [kind, names] of Object.entries(promiseCalls))
    for (const call of names) promises[call] = waiting(call, kind as Kind, promises[call] as Call);
  const blocking = fs as unknown as Record<string, Call>;
  for (const [kind, names] of Object.entries(blockingCalls))
    for (const call of names) blocking[call] = blockingCall(call, kind as Kind, blocking[call] as Call);
  for (const call of streamCalls) blocking[call] = streaming(call, blocking[call] as Call);
  watchVolumeSync();
  syncBuiltinESMExports();
}

let handlesAreDone = false;
/** A handle's class cannot be reached but through a handle. */
function wrapHandle(handle: object): void {
  if (handlesAreDone) return;
  handlesAreDone = true;
  const prototype = Object.getPrototypeOf(handle) as Record<string, Call>;
  for (const [kind, names] of Object.entries(handleCalls)) {
    for (const call of names) {
      const original = prototype[call] as Call;
      prototype[call] = async function (this: { fd: number }, ...args: unknown[]) {
        const path = paths.get(this);
        if (path === undefined) return original.apply(this, args);
        if (kind === 'close') {
          const answer = await original.apply(this, args);
          pass('close', call, path);
          return answer;
        }
        pass(kind as Kind, call, path);
        if (!isRecording()) return original.apply(this, args);
        const fd = this.fd;
        const answer = await original.apply(this, args);
        if (kind === 'sync') writer.sync(fd, path);
        else if (kind === 'change') writer.content(fd, path);
        return answer;
      };
    }
  }
}

function waiting(call: string, listed: Kind, original: Call): Call {
  return async (...args) => {
    const path = pathOf(call, args);
    if (!isOurs(path)) return original(...args);
    const kind = kindOf(call, listed, args[1]);
    pass(kind, call, String(path));
    const done = kind === 'change' && isRecording() ? writer.change(call, args) : undefined;
    const answer = await original(...args);
    if (call === 'open') {
      wrapHandle(answer as object);
      paths.set(answer as object, String(path));
    }
    done?.();
    return answer;
  };
}

function blockingCall(call: string, listed: Kind, original: Call): Call {
  return (...args) => {
    const first = pathOf(call, args);
    const path = typeof first === 'number' ? descriptors.get(first) : isOurs(first) ? String(first) : undefined;
    if (path === undefined) return original(...args);
    const kind = kindOf(call, listed, args[1]);
    if (kind === 'close') {
      const answer = original(...args);
      descriptors.delete(first as number);
      pass(kind, call, path);
      return answer;
    }
    pass(kind, call, path);
    const name = call.replace(/Sync$/, '');
    const done = kind === 'change' && isRecording() && typeof first !== 'number' ? writer.change(name, args) : undefined;
    const answer = original(...args);
    if (name === 'open') descriptors.set(answer as number, path);
    done?.();
    if (isRecording() && typeof first === 'number') {
      if (kind === 'sync') writer.sync(first, path);
      else if (kind === 'change') writer.content(first, path);
    }
    return answer;
  };
}

function streaming(call: string, original: Call): Call {
  return (...args) => {
    const stream = original(...args) as fs.ReadStream;
    if (!isOurs(args[0])) return stream;
    try {
      pass('look', call, String(args[0]));
    } catch (error) {
      stream.destroy(error as Error);
    }
    return stream;
  };
}

/** `sync -f` makes a whole volume durable from another process. */
function watchVolumeSync(): void {
  const original = childProcess.spawn as unknown as Call;
  (childProcess as unknown as Record<string, Call>)['spawn'] = (...args) => {
    const child = original(...args) as childProcess.ChildProcess;
    const words = args[1] as readonly string[] | undefined;
    if (args[0] === 'sync' && words?.[0] === '-f' && isRecording()) child.once('exit', () => writer.syncAll());
    return child;
  };
}

export const recordPlace = (folder: string): string => join(folder, 'record.jsonl');
