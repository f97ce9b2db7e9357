/** A process at the side of this one that is needed for a while: it is started, watched and ended, and what it prints is kept for messages. */
import { spawn } from 'node:child_process';
import type { Ending } from './processes.ts';

export interface SideProcess {
  pid: number;
  /** How it ended; null as long as it runs. */
  ending(): Ending | null;
  ended: Promise<Ending>;
  /** The end of what it printed. */
  printed(): string;
  signal(name: NodeJS.Signals): void;
}

/** The most that is kept of what it prints, in characters. */
const kept = 8000;

/** Starts a program in a group of its own, so that a Ctrl-C in the terminal does not reach it. Throws where it cannot be started. */
export async function startAtSide(
  command: readonly string[],
  options: { folder: string; env: Record<string, string>; uid?: number; gid?: number },
): Promise<SideProcess> {
  const [file, ...args] = command;
  if (file === undefined) throw new Error('an empty command');
  const child = spawn(file, args, {
    cwd: options.folder,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
    ...(options.uid !== undefined && { uid: options.uid }),
    ...(options.gid !== undefined && { gid: options.gid }),
  });
  let printed = '';
  let ending: Ending | null = null;
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (printed = (printed + text).slice(-kept)));
  const ended = new Promise<Ending>((resolve) => child.once('exit', (code, signal) => resolve((ending = { code, signal }))));
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  return {
    pid: child.pid as number,
    ending: () => ending,
    ended,
    printed: () => printed,
    signal: (name) => void child.kill(name),
  };
}
