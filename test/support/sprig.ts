/** Sprig Lite for tests: releases unpacked into folders, a server that is started for one test, and a small client. */
import { spawn } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { extract } from 'tar';
import { onTestFinished } from 'vitest';

/** Unpacks a release of a folder feed, as the descriptor says (one top folder stripped), and returns the folder. */
export async function unpackRelease(feed: string, version: string, out: string): Promise<string> {
  const folder = join(out, version);
  await mkdir(folder, { recursive: true });
  await extract({ file: join(feed, `sprig-${version}.tar.gz`), cwd: folder, strip: 1 });
  return folder;
}

/** A port on 127.0.0.1 that nothing uses at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export interface SprigProcess {
  pid: number;
  /** What it printed so far. */
  output: () => string;
  /** Resolves when it ended, with its exit code, or null when a signal killed it. */
  ended: Promise<number | null>;
  /** Sends SIGTERM and waits for the end. */
  stop: () => Promise<number | null>;
}

/** Runs a command of an unpacked release. What still runs when the test ends is killed. */
export function runSprig(slot: string, args: readonly string[], env: Record<string, string> = {}): SprigProcess {
  const child = spawn(process.execPath, [join(slot, 'bin', 'sprig.mjs'), ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const stop = () => {
    child.kill('SIGTERM');
    return ended;
  };
  return { pid: child.pid ?? 0, output: () => output, ended, stop };
}

/** Makes a home folder with the given release and returns the first password. */
export async function initSprig(slot: string, home: string, port: number): Promise<string> {
  const run = runSprig(slot, ['init', '--home', home, '--port', String(port)]);
  if ((await run.ended) !== 0) throw new Error(run.output());
  const password = /^password: (.+)$/m.exec(await readFile(join(home, 'first-login.txt'), 'utf8'))?.[1];
  if (password === undefined) throw new Error('first-login.txt holds no password');
  return password;
}

/** Starts a server and waits until /readyz says yes. Throws with its output when it ends before. */
export async function startSprig(slot: string, home: string, port: number): Promise<SprigProcess> {
  const server = runSprig(slot, ['serve', '--home', home]);
  let code: number | null | undefined;
  void server.ended.then((value) => (code = value));
  const limit = performance.now() + 15_000;
  while (!(await answers(port))) {
    if (code !== undefined) throw new Error(`sprig ended with ${code}: ${server.output()}`);
    if (performance.now() > limit) throw new Error(`sprig is not ready after 15 s: ${server.output()}`);
    await pause(15);
  }
  return server;
}

/** Asks a server; the token signs in, the body is sent as JSON. */
export async function askSprig(
  port: number,
  path: string,
  { token, method, body }: { token?: string; method?: string; body?: unknown } = {},
): Promise<{ status: number; headers: Headers; value: unknown }> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    ...(method !== undefined && { method }),
    ...(body !== undefined && { body: JSON.stringify(body) }),
    headers: { connection: 'close', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    redirect: 'manual',
  });
  const text = await answer.text();
  const isJson = (answer.headers.get('content-type') ?? '').startsWith('application/json');
  return { status: answer.status, headers: answer.headers, value: isJson ? JSON.parse(text) : text };
}

/** Signs in and returns the token. */
export async function signIn(port: number, password: string): Promise<string> {
  const { status, value } = await askSprig(port, '/login', { method: 'POST', body: { user: 'admin', password } });
  if (status !== 200) throw new Error(`signing in was answered with ${status}`);
  return (value as { token: string }).token;
}

async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/readyz`, { headers: { connection: 'close' } }).then(
    (answer) => answer.ok,
    () => false,
  );
}
