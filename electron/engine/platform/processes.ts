/**
 * Other processes: running one to its end, leaving one behind, telling whether one that was left is still the same.
 * A pid alone proves nothing, because pids are reused: a process is known by its pid and the moment it started.
 */
import { execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { openFile } from './files.ts';
import { pause } from './clock.ts';

export interface Finished {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  timedOut: boolean;
}

export interface RunOptions {
  folder?: string;
  env?: Record<string, string>;
  /** Seconds after which it is killed with everything it started. */
  limit?: number;
  signal?: AbortSignal;
  onOutput?: (text: string) => void;
  uid?: number;
  gid?: number;
}

/** The most that is kept of what a command prints, in characters; the end is kept. */
const keptOutput = 200_000;

/** Runs a command to its end. Never throws for an exit code; throws where it cannot be started. */
export function run(command: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const [file, ...args] = command;
  if (file === undefined) throw new Error('an empty command');
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.folder,
      env: options.env ?? (process.env as Record<string, string>),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      windowsHide: true,
      ...(options.uid !== undefined && { uid: options.uid }),
      ...(options.gid !== undefined && { gid: options.gid }),
    });
    const output = { stdout: '', stderr: '' };
    let timedOut = false;
    const take = (stream: 'stdout' | 'stderr') => (chunk: Buffer) => {
      const text = chunk.toString('utf8');
      output[stream] = (output[stream] + text).slice(-keptOutput);
      options.onOutput?.(text);
    };
    child.stdout.on('data', take('stdout'));
    child.stderr.on('data', take('stderr'));
    const end = () => child.pid !== undefined && signalGroup(child.pid, 'SIGKILL');
    const timer = options.limit === undefined ? undefined : setTimeout(() => ((timedOut = true), end()), options.limit * 1000);
    options.signal?.addEventListener('abort', end, { once: true });
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', end);
      resolve({ code, signal, ...output, timedOut });
    });
  });
}

/** Starts a process that outlives this one, with its output in a file. Returns its pid. */
export async function leaveRunning(command: readonly string[], options: { folder: string; env: Record<string, string>; log: string }): Promise<number> {
  const [file, ...args] = command;
  if (file === undefined) throw new Error('an empty command');
  const log = await openFile(options.log, 'a');
  try {
    const child = spawn(file, args, {
      cwd: options.folder,
      env: options.env,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      windowsHide: true,
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    if (child.pid === undefined) throw new Error(`${file} has no pid`);
    return child.pid;
  } finally {
    await log.close();
  }
}

/** The moment a process started, as text that only equals itself; null where there is no such process (a zombie counts as none). */
export async function startOf(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
    if (stat === null) return null;
    // Fields after the parenthesized command name, see proc(5): 3 is the state, 22 the start time in clock ticks since boot.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim();
    return `${boot}:${fields[19]}`;
  }
  const command =
    process.platform === 'win32'
      ? ['powershell', '-NoProfile', '-Command', `(Get-Process -Id ${pid}).StartTime.Ticks`]
      : ['ps', '-o', 'lstart=', '-p', String(pid)];
  return new Promise((resolve) => {
    execFile(command[0] as string, command.slice(1), (error, stdout) => resolve(error || stdout.trim() === '' ? null : stdout.trim()));
  });
}

/** Whether the process that started at that moment under that pid still runs. */
export async function isSame(pid: number, start: string): Promise<boolean> {
  return (await startOf(pid)) === start;
}

/** Sends a signal to one process. False where there is none. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Sends a signal to a process and everything in its group. False where there is none. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  if (process.platform === 'win32') return signalProcess(pid, signal);
  try {
    return process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Waits until a process is gone. False when it is still there after that many seconds. */
export async function untilGone(pid: number, start: string, limit: number): Promise<boolean> {
  const end = performance.now() + limit * 1000;
  while (await isSame(pid, start)) {
    if (performance.now() >= end) return false;
    await pause(25);
  }
  return true;
}

export function ownPid(): number {
  return process.pid;
}
