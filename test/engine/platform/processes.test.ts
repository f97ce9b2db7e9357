import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { carriesVariable, processTable } from '../../../electron/engine/platform/process-table.ts';
import {
  endStarted,
  isSame,
  ownPid,
  readStat,
  run,
  signalGroup,
  signalProcess,
  startOf,
  untilGone,
  type Started,
} from '../../../electron/engine/platform/processes.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const node = process.execPath;

test('a command runs to its end with its output and exit code', async () => {
  const finished = await run([node, '-e', 'console.log("out"); console.error("err"); process.exit(3)']);
  expect(finished).toEqual({ code: 3, signal: null, stdout: 'out\n', stderr: 'err\n', timedOut: false });
});

test('characters of several bytes survive the pieces in which they arrive', async () => {
  const write =
    'const b = Buffer.from("€"); process.stdout.write(b.subarray(0, 1)); setTimeout(() => process.stdout.write(b.subarray(1)), 100)';
  expect((await run([node, '-e', write])).stdout).toBe('€');
});

test('a program that is not there is an error with a code', async () => {
  await expect(run([join(await temporaryFolder('run'), 'nothing')])).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a command that takes too long is killed with its children', async () => {
  const file = join(await temporaryFolder('run'), 'pid');
  const finished = await run(parentOf(file), { limit: 1 });
  expect(finished).toMatchObject({ timedOut: true, signal: 'SIGKILL' });
  await vi.waitFor(async () => expect(await startOf(Number(await readFile(file, 'utf8')))).toBeNull());
});

test('an abort kills a command with its children and throws the reason', async () => {
  const file = join(await temporaryFolder('run'), 'pid');
  const reason = new Error('cancelled by a person');
  const controller = new AbortController();
  const running = run(parentOf(file), { signal: controller.signal });
  await vi.waitFor(async () => expect(Number(await readFile(file, 'utf8'))).toBeGreaterThan(0), { timeout: 5000 });
  controller.abort(reason);
  await expect(running).rejects.toBe(reason);
  await vi.waitFor(async () => expect(await startOf(Number(await readFile(file, 'utf8')))).toBeNull());
  await expect(run([node, '-e', ''], { signal: controller.signal })).rejects.toBe(reason);
});

test('a command is told of as soon as it runs, and killed with its children when that cannot be noted', async () => {
  const file = join(await temporaryFolder('run'), 'pid');
  const noted: Started[] = [];
  await run([node, '-e', ''], { onStarted: async (started) => void noted.push(started) });
  expect(noted).toEqual([{ pid: expect.any(Number) as number, start: expect.any(String) as string }]);
  const failing = run(parentOf(file), {
    onStarted: async () => {
      await vi.waitFor(async () => expect(Number(await readFile(file, 'utf8'))).toBeGreaterThan(0), { timeout: 5000 });
      throw new Error('the disk is full');
    },
  });
  await expect(failing).rejects.toThrow('the disk is full');
  await vi.waitFor(async () => expect(await startOf(Number(await readFile(file, 'utf8')))).toBeNull());
});

test('what was started is ended with its group, and never another with its pid', async () => {
  const file = join(await temporaryFolder('run'), 'pid');
  const [command, ...args] = parentOf(file);
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  onTestFinished(() => void signalGroup(child.pid as number, 'SIGKILL'));
  await vi.waitFor(async () => expect(Number(await readFile(file, 'utf8'))).toBeGreaterThan(0), { timeout: 5000 });
  const start = (await startOf(child.pid as number)) as string;
  expect(await endStarted({ pid: child.pid as number, start: `${start}0` })).toBe(true);
  expect(await isSame(child.pid as number, start)).toBe(true);
  expect(await endStarted({ pid: child.pid as number, start })).toBe(true);
  expect(await startOf(child.pid as number)).toBeNull();
  await vi.waitFor(async () => expect(await startOf(Number(await readFile(file, 'utf8')))).toBeNull());
});

test('a child that keeps the output open does not keep the command from ending', async () => {
  const file = join(await temporaryFolder('run'), 'pid');
  const leaving = `${parentOf(file)[2]}; setTimeout(() => process.exit(0), 50)`;
  const from = performance.now();
  const finished = await run([node, '-e', leaving]);
  onTestFinished(async () => void signalProcess(Number(await readFile(file, 'utf8')), 'SIGKILL'));
  expect(finished.code).toBe(0);
  expect(performance.now() - from).toBeLessThan(5000);
});

test('a process is the same only at the same moment of start', async () => {
  const start = await startOf(ownPid());
  expect(start).not.toBeNull();
  expect(await isSame(ownPid(), start as string)).toBe(true);
  expect(await isSame(ownPid(), `${start}0`)).toBe(false);
  const child = spawn(node, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const pid = child.pid as number;
  const childStart = (await startOf(pid)) as string;
  expect(childStart).not.toBe(start);
  expect(await untilGone(pid, childStart, 0.1)).toBe(false);
  child.kill('SIGKILL');
  expect(await untilGone(pid, childStart, 5)).toBe(true);
  await vi.waitFor(() => expect(signalProcess(pid, 'SIGTERM')).toBe(false));
  expect(signalGroup(pid, 'SIGTERM')).toBe(false);
});

test.runIf(process.platform === 'linux')('a zombie counts as gone, and a name with blanks and parentheses is read past', async () => {
  expect(await readStat('12 (a) b (c) S 1 12 13 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2')).toMatchObject({
    parent: 1,
    group: 12,
    session: 13,
    start: expect.stringMatching(/:987654$/),
  });
  expect(await readStat('12 (zombie) Z 1 12 13 0 -1')).toBeNull();
});

test('the table of processes has this one with its parent, and says what startOf says', async () => {
  const entry = (await processTable()).find((each) => each.pid === process.pid);
  expect(entry).toMatchObject({ parent: process.ppid, start: await startOf(process.pid) });
});

test.runIf(process.platform === 'linux')('a variable of a process is recognized whole, not in part', async () => {
  const child = spawn(node, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', env: { MARK: 'abcdef', LAST: 'x' } });
  onTestFinished(() => void child.kill('SIGKILL'));
  const pid = child.pid as number;
  await vi.waitFor(async () => expect(await carriesVariable(pid, 'MARK', 'abcdef')).toBe(true));
  expect(await carriesVariable(pid, 'LAST', 'x')).toBe(true);
  for (const [name, value] of [
    ['MARK', 'abcde'],
    ['ARK', 'abcdef'],
    ['MARK', 'abcdefg'],
  ] as const)
    expect(await carriesVariable(pid, name, value)).toBe(false);
});

/** A command that has a child which holds its output, writes that child's pid into a file, and stays. */
function parentOf(file: string): [string, string, string] {
  const child = `const { spawn } = require("node:child_process");
    const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: ["ignore", "inherit", "inherit"] });
    require("node:fs").writeFileSync(${JSON.stringify(file)}, String(child.pid)); setInterval(() => {}, 1000)`;
  return [node, '-e', child];
}
