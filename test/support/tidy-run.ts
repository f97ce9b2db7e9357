import { chmod, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leftProcesses } from './left-processes.ts';

/**
 * Gives a whole test run one temporary folder of its own and a `MOULT_HOME` in it, so that no test can touch the person's own, and
 * tells what tests left behind: files with a warning, processes as a failure, because one that holds a pipe would keep the run from
 * ending. Runs once before all test processes start; they and what they start inherit the environment.
 */
export async function setup(): Promise<() => Promise<void>> {
  const run = await realpath(await mkdtemp(join(tmpdir(), 'moult-run-')));
  // Tests that give up the superuser's rights must still be able to pass through.
  await chmod(run, 0o711);
  const before = { TMPDIR: process.env['TMPDIR'], MOULT_HOME: process.env['MOULT_HOME'] };
  process.env['TMPDIR'] = run;
  process.env['MOULT_HOME'] = join(run, 'moult-home');
  return async () => {
    await endLeftProcesses(run);
    const left = (await readdir(run)).filter((name) => name !== 'moult-home' && name !== 'node-compile-cache');
    if (left.length > 0) console.warn(`tests left ${left.length} entries in their temporary folder: ${left.slice(0, 10).join(', ')}`);
    await rm(run, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

async function endLeftProcesses(run: string): Promise<void> {
  for (const { pid, command } of leftProcesses('TMPDIR', run)) {
    console.error(`tests left a process running: ${pid} ${command}`);
    process.exitCode = 1;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself in this moment.
    }
  }
}
