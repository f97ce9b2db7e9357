import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const script = fileURLToPath(new URL('fake-story.ts', import.meta.url));

async function tell(how: string, during?: (child: ReturnType<typeof spawn>) => Promise<void>) {
  const folder = await temporaryFolder('story');
  const child = spawn(process.execPath, [script, how], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, TMPDIR: folder } });
  const read = { output: '', errors: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (read.output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (read.errors += text));
  const ended = once(child, 'close') as Promise<[number | null]>;
  await during?.(child);
  const [code] = await ended;
  return { ...read, code, folder, left: await readdir(folder) };
}

it('says what failed, stops what it started and leaves nothing behind', async () => {
  const { code, output, errors, left, folder } = await tell('fail');
  expect(output).toContain('1/9  A new install');
  expect(output).toContain('$ moult set-up sprig --release 1.0.0 --home');
  expect(errors).toContain('Sprig is not well');
  expect(errors).toContain(`MOULT_HOME=${folder}/moult-story-`);
  expect(errors).toContain('closed=true last=stop');
  expect(code).toBe(1);
  expect(left).toEqual([]);
});

it('leaves nothing behind after Ctrl-C either', async () => {
  const { code, output, left } = await tell('hang', async (child) => {
    await new Promise<void>((resolve) => child.stdout?.on('data', (text: string) => text.includes('second step is short') && resolve()));
    child.kill('SIGINT');
  });
  expect(output).toContain('Cancelling …');
  expect(code).toBe(130);
  expect(left).toEqual([]);
});
