/** Runs a command whose input or output is a file: it gets the open file, so that it needs no right to the path. */
import { spawn } from 'node:child_process';
import { openFile } from './files.ts';
import type { Ending } from './processes.ts';

/** The most that is kept of what it prints as errors, in characters. */
const kept = 100_000;

/**
 * Runs a command to its end. `output` is made anew, private; one that is there is refused with EEXIST. Throws where it cannot be started;
 * an abort kills it and throws the signal's reason.
 */
export async function runWithFiles(
  command: readonly string[],
  options: {
    folder: string;
    env: Record<string, string>;
    input?: string;
    output?: string;
    uid?: number;
    gid?: number;
    signal?: AbortSignal;
  },
): Promise<Ending & { stderr: string }> {
  const [file, ...args] = command;
  if (file === undefined) throw new Error('an empty command');
  options.signal?.throwIfAborted();
  const input = options.input === undefined ? null : await openFile(options.input, 'r');
  const output = options.output === undefined ? null : await openFile(options.output, 'wx');
  try {
    const child = spawn(file, args, {
      cwd: options.folder,
      env: options.env,
      stdio: [input?.fd ?? 'ignore', output?.fd ?? 'ignore', 'pipe'],
      windowsHide: true,
      ...(options.uid !== undefined && { uid: options.uid }),
      ...(options.gid !== undefined && { gid: options.gid }),
    });
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-kept)));
    const kill = () => void child.kill('SIGKILL');
    options.signal?.addEventListener('abort', kill, { once: true });
    const ending = await new Promise<Ending>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
    options.signal?.removeEventListener('abort', kill);
    options.signal?.throwIfAborted();
    if (ending.code === 0) await output?.sync();
    return { ...ending, stderr };
  } finally {
    await input?.close();
    await output?.close();
  }
}
