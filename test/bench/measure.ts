/** Runs a command and tells how long it took and how much memory it and what it started took at most. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';

export interface Measured {
  /** From start to end. */
  seconds: number;
  /** Seconds of parts of it, where the command tells them. */
  phases: Record<string, number>;
  /** The largest sum of resident memory of the processes that was seen; what the process itself says where it does. */
  peakBytes: number;
}

/** How often memory is looked at, in milliseconds. */
const every = 40;

export async function measure(command: readonly string[], options: { env?: NodeJS.ProcessEnv; cwd?: string } = {}): Promise<Measured> {
  const [file = '', ...args] = command;
  const from = performance.now();
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  let peakBytes = 0;
  const timer = setInterval(() => {
    void residentOf(child.pid ?? 0).then((bytes) => (peakBytes = Math.max(peakBytes, bytes)));
  }, every);
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(timer);
  const seconds = (performance.now() - from) / 1000;
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${complaints}`);
  const told = printed.startsWith('{') ? (JSON.parse(printed) as { seconds: Record<string, number>; peakBytes: number }) : null;
  return { seconds, phases: told?.seconds ?? {}, peakBytes: told?.peakBytes ?? peakBytes };
}

/** Resident bytes of a process and all below it; 0 where the system does not tell (Linux does). */
async function residentOf(pid: number): Promise<number> {
  const own = await readFile(`/proc/${pid}/statm`, 'utf8').then(
    (text) => Number(text.split(' ')[1]) * 4096,
    () => 0,
  );
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const children = await Promise.all(threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, 'utf8').catch(() => '')));
  const below = await Promise.all(children.flatMap((text) => text.split(' ').filter(Boolean)).map((child) => residentOf(Number(child))));
  return below.reduce((sum, bytes) => sum + bytes, own);
}
