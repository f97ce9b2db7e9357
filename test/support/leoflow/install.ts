/** Leoflow Lite as its own installer leaves it on a machine, and a person's way of using it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { chown, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { World } from '../moult.ts';
import { programsOf, type LeoflowRelease } from './releases.ts';

export const adminEmail = 'admin@leoflow.local';

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** What install.sh does: the three programs into a folder on PATH, then `leoflow setup`. */
export async function installNatively(world: World, release: LeoflowRelease, port: number, password: string, folder: string): Promise<Ran> {
  await putPrograms(world, release, folder);
  return runLeoflow(world, folder, ['setup'], { LEOFLOW_LITE_PORT: String(port), LEOFLOW_ADMIN_PASSWORD: password });
}

/** Puts the programs of a release into a folder, over those that are there. */
export async function putPrograms(world: World, release: LeoflowRelease, folder: string): Promise<void> {
  await makeOwnFolder(world, folder);
  for (const [name, content] of Object.entries(await programsOf(release))) {
    await writeFile(join(folder, name), content, { mode: 0o755 });
    if (world.user.uid !== undefined) await chown(join(folder, name), world.user.uid, world.user.gid ?? world.user.uid);
    // The names of before lead to the new programs.
    if (release.dexaflow === true) await symlink(name, join(folder, name.replace('dexaflow', 'leoflow'))).catch(() => undefined);
  }
}

/** A folder of the person's, and all above it in their own folder. */
export async function makeOwnFolder(world: World, folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined || world.user.uid === undefined) return;
  for (let path = folder; path.startsWith(first); path = join(path, '..'))
    await chown(path, world.user.uid, world.user.gid ?? world.user.uid);
}

/** A file of the person's. */
export async function writeOwn(world: World, path: string, content: string | Buffer, mode: number = 0o644): Promise<void> {
  await makeOwnFolder(world, join(path, '..'));
  await writeFile(path, content, { mode });
  if (world.user.uid !== undefined) await chown(path, world.user.uid, world.user.gid ?? world.user.uid);
}

/** Runs a program of the stand-in to its end. */
export async function runLeoflow(world: World, folder: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const child = begin(world, folder, args, env);
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  return { code, stdout: stdout(), stderr: stderr() };
}

/** `leoflow lite` in a person's terminal, until it is ready. Returns what stops it as Ctrl-C does. */
export async function startNatively(world: World, folder: string, port: number): Promise<() => Promise<number | null>> {
  const child = begin(world, folder, ['lite'], {});
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  for (let tries = 0; !(await isReady(port)); tries += 1) {
    if (child.exitCode !== null || tries > 600) throw new Error(`leoflow lite did not come up (${child.exitCode}): ${stdout()}${stderr()}`);
    await pause(100);
  }
  return async () => {
    child.kill('SIGINT');
    return ended;
  };
}

export interface LeoflowClient {
  token: string;
  signIn: (password: string) => Promise<string>;
  /** The status of a request for one's own name with the session. */
  me: () => Promise<number>;
  write: (key: string, value: string) => Promise<number>;
  variables: () => Promise<Record<string, string>>;
}

export function useLeoflow(port: number, token: string = ''): LeoflowClient {
  const ask = async (path: string, body?: unknown) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { connection: 'close', authorization: `Bearer ${token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, value: (await answer.json()) as unknown };
  };
  return {
    token,
    signIn: async (password) => {
      const { status, value } = await ask('/auth/token', { username: adminEmail, password });
      if (status !== 201) throw new Error(`signing in was answered with ${status}`);
      return (value as { access_token: string }).access_token;
    },
    me: async () => (await ask('/api/v2/me')).status,
    write: async (key, value) => (await ask('/api/v2/variables', { key, value })).status,
    variables: async () => {
      const { value } = await ask('/api/v2/variables');
      return Object.fromEntries(
        (value as { variables: { key: string; value: string }[] }).variables.map((entry) => [entry.key, entry.value]),
      );
    },
  };
}

/** A value of config.yaml. */
export async function configValue(home: string, key: string): Promise<string | null> {
  const found = new RegExp(`^${key}: *"?([^"\\n]*)"?$`, 'm').exec(await readFile(join(home, 'config.yaml'), 'utf8'));
  return found?.[1] ?? null;
}

function begin(world: World, folder: string, args: readonly string[], env: Record<string, string>): ChildProcess {
  return spawn(join(folder, 'leoflow'), args, {
    cwd: world.person,
    env: { ...world.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...world.user,
  });
}

function collect(stream: ChildProcess['stdout']): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return () => text;
}

async function isReady(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/readyz`, { headers: { connection: 'close' } }).then(
    (answer) => answer.ok,
    () => false,
  );
}
