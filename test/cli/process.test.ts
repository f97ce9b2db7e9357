import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('fake-cli.ts', import.meta.url));

function start(...typed: string[]) {
  const child = spawn(process.execPath, [script, ...typed], { stdio: ['ignore', 'pipe', 'pipe'] });
  const read = { output: '', errors: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (read.output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (read.errors += text));
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  return { child, read, ended };
}

it.each([['list'], ['list', '--json']])('does not mind a reader that goes away: moult %s %s', async (...typed) => {
  const { child, read, ended } = start(...typed);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [code, signal] = await ended;
  expect([code, signal]).toEqual([0, null]);
  expect(read.errors).toBe('');
});

it('finishes an operation whose output nobody reads any more', async () => {
  const { child, read, ended } = start('restart');
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [code] = await ended;
  expect(code).toBe(0);
  expect(read.errors).toBe('the engine came to its end\n');
});

it('writes a long answer whole before it exits', async () => {
  const { read, ended } = start('list', '--json');
  await ended;
  const answer = JSON.parse(read.output) as { result: unknown[] };
  expect(answer.result.length).toBe(20_000);
});

it.each(['SIGINT', 'SIGTERM'] as const)('%s cancels, and the exit code says so', async (signal) => {
  const { child, read, ended } = start('backup');
  await once(child.stdout, 'data');
  child.kill(signal);
  expect(await ended).toEqual([130, null]);
  expect(read.output).toContain('Cancelling …');
  expect(read.errors).toContain('the backup was cancelled');
});
