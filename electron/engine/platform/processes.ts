/**
 * Other processes: running one to its end, leaving one behind, telling whether one that was left is still the same.
 * A pid alone proves nothing, because pids are reused: a process is known by its pid and the moment it started.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { openFile, privateFile } from './files.ts';
import { pause } from './clock.ts';

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Finished extends Ending {
  stdout: string;
  stderr: string;
  timedOut: boolean;
}

export interface RunOptions {
  folder?: string;
  /** Its whole environment; without it, this process's own. */
  env?: Record<string, string>;
  /** Seconds after which it is killed with everything it started. */
  limit?: number;
  signal?: AbortSignal;
  onOutput?: (text: string) => void;
  /** Told as soon as it runs, so that whoever comes after a kill can find it. When that fails the command is killed, and the error thrown. */
  onStarted?: (started: Started) => Promise<void>;
  uid?: number;
  gid?: number;
}

/** A process as it is known: a pid may be given to another. */
export interface Started {
  pid: number;
  /** What `startOf` says of it. */
  start: string;
}

/** A process that was left running. */
export interface LeftRunning {
  pid: number;
  /** What `startOf` says of it; null when it ended at once. */
  start: string | null;
  /** How it ends, as long as this process lives to see it. */
  ended: Promise<Ending>;
}

/** The most that is kept of what a command prints, in characters; the end is kept. */
const keptOutput = 200_000;
/** Milliseconds for which output is awaited after a command ended: something it left behind may hold the pipe for ever. */
const outputAfterEnd = 1000;
/** Seconds in which a process that was killed is gone, unless the system holds it. */
const secondsToDie = 10;

/**
 * Runs a command to its end. Never throws for an exit code; throws where it cannot be started.
 * An abort kills it with everything it started, and then throws the signal's reason.
 */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<Finished> {
  options.signal?.throwIfAborted();
  const [file, ...args] = command;
  if (file === undefined) throw new Error('an empty command');
  const child = spawn(file, args, {
    cwd: options.folder,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
    ...(options.uid !== undefined && { uid: options.uid }),
    ...(options.gid !== undefined && { gid: options.gid }),
  });
  const output = collect(child, options.onOutput);
  let timedOut = false;
  const end = () => child.pid !== undefined && signalGroup(child.pid, 'SIGKILL');
  const timer = options.limit === undefined ? undefined : setTimeout(() => ((timedOut = true), end()), options.limit * 1000);
  options.signal?.addEventListener('abort', end, { once: true });
  const ended = closed(child);
  try {
    await tellStarted(child, options.onStarted).catch(async (error: unknown) => {
      end();
      await ended;
      throw error;
    });
    const ending = await ended;
    options.signal?.throwIfAborted();
    return { ...ending, ...output, timedOut };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', end);
  }
}

/** Starts a process that outlives this one, in a group and session of its own, with its output added to a file that only its owner can read. */
export async function leaveRunning(
  command: readonly string[],
  options: { folder: string; env: Record<string, string>; log: string; uid?: number; gid?: number },
): Promise<LeftRunning> {
  const [file, ...args] = command;
  if (file === undefined) throw new Error('an empty command');
  const log = await openFile(options.log, 'a', privateFile);
  try {
    const child = spawn(file, args, {
      cwd: options.folder,
      env: options.env,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      windowsHide: true,
      ...(options.uid !== undefined && { uid: options.uid }),
      ...(options.gid !== undefined && { gid: options.gid }),
    });
    const ended = new Promise<Ending>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    if (child.pid === undefined) throw new Error(`${file} has no pid`);
    return { pid: child.pid, start: await startOf(child.pid), ended };
  } finally {
    await log.close();
  }
}

/** The moment a process started, as text that only equals itself; null where there is no such process (a zombie counts as none). */
export async function startOf(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
    return stat === null ? null : ((await readStat(stat))?.start ?? null);
  }
  const command =
    process.platform === 'win32'
      ? ['powershell', '-NoProfile', '-Command', `[math]::Floor((Get-Process -Id ${pid}).StartTime.Ticks / 10000)`]
      : ['ps', '-o', 'lstart=', '-p', String(pid)];
  return (await answerOf(command))?.trim().replaceAll(/\s+/g, ' ') || null;
}

/** What `/proc/<pid>/stat` of Linux says, see proc(5); null for a zombie. The moment counts clock ticks since this very boot. */
export async function readStat(stat: string): Promise<{ parent: number; group: number; session: number; start: string } | null> {
  // The second field is the command's name in parentheses and may itself hold blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields;
  if (state === undefined || state === 'Z' || state === 'X') return null;
  boot ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
  // Field 22 of the file is the start time: the 20th after the name.
  return { parent: Number(parent), group: Number(group), session: Number(session), start: `${await boot}:${fields[19]}` };
}

let boot: Promise<string> | undefined;

/** What a command of the system prints; null when it fails. */
export function answerOf(command: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const options = { maxBuffer: 64 * 1024 * 1024, windowsHide: true, env: { ...process.env, LC_ALL: 'C' } };
    execFile(command[0] as string, command.slice(1), options, (error, stdout) => resolve(error ? null : stdout));
  });
}

/** Whether the process that started at that moment under that pid still runs. */
export async function isSame(pid: number, start: string): Promise<boolean> {
  return (await startOf(pid)) === start;
}

/** Sends a signal to one process. False where there is none. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  return deliver(pid, signal);
}

/** Sends a signal to a process and everything in its group. False where there is none. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  return deliver(process.platform === 'win32' ? pid : -pid, signal);
}

/** Waits until a process is gone. False when it is still there after that many seconds. */
export async function untilGone(pid: number, start: string, limit: number, signal?: AbortSignal): Promise<boolean> {
  const end = performance.now() + limit * 1000;
  while (await isSame(pid, start)) {
    if (performance.now() >= end) return false;
    await pause(25, signal);
  }
  return true;
}

export function ownPid(): number {
  return process.pid;
}

async function tellStarted(child: ChildProcess, onStarted: RunOptions['onStarted']): Promise<void> {
  if (onStarted === undefined || child.pid === undefined) return;
  const start = await startOf(child.pid);
  if (start !== null) await onStarted({ pid: child.pid, start });
}

/** Kills a process and everything in its group, where it still is the one that was started, and waits until it is gone. False where it stays. */
export async function endStarted({ pid, start }: Started): Promise<boolean> {
  if (!(await isSame(pid, start))) return true;
  signalGroup(pid, 'SIGKILL');
  return untilGone(pid, start, secondsToDie);
}

function collect(child: ChildProcess, onOutput: ((text: string) => void) | undefined): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (text: string) => {
      output[stream] = (output[stream] + text).slice(-keptOutput);
      onOutput?.(text);
    });
  }
  return output;
}

/** Waits until a command has ended and all that it printed was read. */
function closed(child: ChildProcess): Promise<Ending> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    child.once('error', (error) => {
      if (child.pid === undefined) reject(error);
    });
    child.once('exit', () => {
      timer = setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, outputAfterEnd);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal });
    });
  });
}

function deliver(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
