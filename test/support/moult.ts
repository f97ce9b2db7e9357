/**
 * Runs the built `moult` in a small world of its own: a temporary folder with a person's home, Moult's own folder, a place for temporary
 * files and one for installs. Whatever runs in a world when it ends is killed, and only that: its environment names the world.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { EngineEvent } from '../../electron/api/events.ts';
import type { FailureData } from '../../electron/api/failure.ts';
import { leftProcesses } from './left-processes.ts';
import { descriptorWithFeed } from './zoo.ts';

const launcher = fileURLToPath(new URL('../../dist/moult.js', import.meta.url));
/** The folder feed that the build makes of the sample. */
export const sampleFeed: string = fileURLToPath(new URL('../../dist/sample/feed', import.meta.url));

export interface Run {
  /** Null when a signal ended it. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  events: EngineEvent[];
  /** The last line's `result`; undefined when it failed. */
  result: unknown;
  error: FailureData | null;
}

export interface RunOptions {
  env?: Record<string, string>;
  /** Without it every run is one with `--json`. */
  plain?: boolean;
  input?: string;
  cwd?: string;
  /** Seconds after which it is killed and its run rejected; 120 where nothing else is said. */
  limit?: number;
}

export interface Begun {
  pid: number;
  child: ChildProcess;
  /** Resolves when an event is told that the test waits for; rejects when the command ends without it. */
  event(wanted: (event: EngineEvent) => boolean): Promise<EngineEvent>;
  ended: Promise<Run>;
}

export interface World {
  folder: string;
  /** The person's own folder: `$HOME`. */
  person: string;
  moultHome: string;
  /** `$TMPDIR` of everything that runs here. */
  temporary: string;
  /** The environment of everything that runs here, and the user when that is another than the one who runs the tests. */
  env: Record<string, string>;
  user: { uid?: number; gid?: number };
  /** A path for an install of this name. Nothing is made there. */
  home(name?: string): string;
  begin(typed: readonly string[], options?: RunOptions): Begun;
  moult(typed: readonly string[], options?: RunOptions): Promise<Run>;
  /** Like `moult`, and throws with everything it said unless the exit code is the expected one. */
  must(typed: readonly string[], code?: number, options?: RunOptions): Promise<Run>;
  /** What runs here, apart from the test itself. */
  processes(): Promise<{ pid: number; command: string }[]>;
  /** Lets `sprig` be the sample with another feed or another text of its descriptor. */
  useSprig(feed: string, change?: (descriptor: string) => string): Promise<void>;
}

/** The name of the variable that marks everything that is started in a world. */
const mark = 'E2E_WORLD';

/** `nobody` on Debian: what cannot run as the superuser, such as PostgreSQL, runs as this one in a world that asks for it. */
const nobody = 65_534;

/** Makes a world. `unprivileged`: when the superuser runs the tests, everything in the world runs as `nobody`, in `group` where one is given. `onEnd` takes what is to be done afterwards: `afterAll` for a file, `onTestFinished` of a test's context for a test. */
export async function makeWorld(
  onEnd: (end: () => Promise<void>) => void,
  options: { unprivileged?: boolean; group?: number } = {},
): Promise<World> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'world-')));
  const person = join(folder, 'person');
  const moultHome = join(folder, 'moult');
  const temporary = join(folder, 'temporary');
  for (const path of [person, temporary, join(folder, 'homes')]) await mkdir(path);
  const user = options.unprivileged === true && process.geteuid?.() === 0 ? { uid: nobody, gid: options.group ?? nobody } : {};
  if (user.uid !== undefined) for (const path of [folder, person, temporary, join(folder, 'homes')]) await chown(path, user.uid, user.gid);
  const env = { ...cleanEnvironment(), HOME: person, TMPDIR: temporary, MOULT_HOME: moultHome, [mark]: folder };
  const commands = new Set<ChildProcess>();
  const world: World = {
    folder,
    person,
    moultHome,
    temporary,
    home: (name = 'sprig') => join(folder, 'homes', name),
    env,
    user,
    begin: (typed, options = {}) => {
      const begun = begin(typed, { ...options, ...user, env: { ...env, ...options.env }, cwd: options.cwd ?? folder });
      commands.add(begun.child.once('close', () => commands.delete(begun.child)));
      return begun;
    },
    moult: async (typed, options) => world.begin(typed, options).ended,
    must: async (typed, code = 0, options = {}) => {
      const run = await world.moult(typed, options);
      if (run.code !== code) throw new Error(`moult ${typed.join(' ')} ended with ${run.code ?? run.signal}, not ${code}:\n${told(run)}`);
      return run;
    },
    processes: async () => leftProcesses(mark, folder),
    useSprig: async (feed, change = (text) => text) => {
      const products = join(folder, 'products');
      await mkdir(products, { recursive: true });
      await writeFile(join(products, 'sprig.yaml'), change(await descriptorWithFeed(feed)));
      await world.must(['products', '--from', products]);
    },
  };
  onEnd(async () => endWorld(world, commands));
  return world;
}

/** A shorter look at the health than the sample's own 4 s, for tests that are about something else. */
export function quickly(descriptor: string): string {
  return descriptor.replace(/^ {2}settle: .*$/m, '  settle: 600ms');
}

/** What a command said, for the message of a test that did not expect it. */
export function told(run: Run): string {
  return [
    ...run.events.filter((event) => event.event !== 'progress').map((event) => JSON.stringify(event)),
    run.stdout.split('\n').slice(-3).join('\n'),
    run.stderr,
  ].join('\n');
}

async function endWorld(world: World, commands: ReadonlySet<ChildProcess>): Promise<void> {
  for (const command of commands) command.kill('SIGKILL');
  for (const { pid } of await world.processes()) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself in this moment.
    }
  }
  await chmod(world.folder, 0o700);
  await rm(world.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

/** Without what the test run itself was started with. */
function cleanEnvironment(): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !/^(?:npm_|VITEST|MOULT_|NODE_OPTIONS$|XDG_|FORCE_COLOR$)/.test(name)) kept[name] = value;
  }
  return kept;
}

/** What a command said so far, and who waits for more. */
interface Heard {
  stdout: string;
  stderr: string;
  events: EngineEvent[];
  listeners: Set<(event: EngineEvent) => void>;
}

function begin(
  typed: readonly string[],
  options: RunOptions & { env: Record<string, string>; cwd: string; uid?: number; gid?: number },
): Begun {
  const json = options.plain !== true;
  const child = spawn(process.execPath, [launcher, ...typed, ...(json ? ['--json'] : [])], {
    env: options.env,
    cwd: options.cwd,
    ...(options.uid !== undefined && { uid: options.uid, gid: options.gid ?? options.uid }),
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(options.input);
  const heard = listenTo(child, json);
  const ended = endOf(child, heard, json, options.limit ?? 120, `moult ${typed.join(' ')}`);
  const event: Begun['event'] = (wanted) =>
    new Promise((resolve, reject) => {
      const hear = (one: EngineEvent): void => {
        if (wanted(one)) resolve(one);
      };
      heard.events.forEach(hear);
      heard.listeners.add(hear);
      ended.then((run) => reject(new Error(`it ended before the event:\n${told(run)}`)), reject);
    });
  return { pid: child.pid ?? 0, child, ended, event };
}

/** Takes in what a command says; with `--json` every line is understood as it comes. */
function listenTo(child: ChildProcess, json: boolean): Heard {
  const heard: Heard = { stdout: '', stderr: '', events: [], listeners: new Set() };
  let read = 0;
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (heard.stderr += chunk));
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    heard.stdout += chunk;
    if (!json) return;
    for (let end = heard.stdout.indexOf('\n', read); end !== -1; end = heard.stdout.indexOf('\n', read)) {
      const value = parsed(heard.stdout.slice(read, end));
      read = end + 1;
      if (!('event' in value)) continue;
      heard.events.push(value as EngineEvent);
      heard.listeners.forEach((listener) => listener(value as EngineEvent));
    }
  });
  return heard;
}

function endOf(child: ChildProcess, heard: Heard, json: boolean, limit: number, command: string): Promise<Run> {
  return new Promise<Run>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      // A service that holds its output would keep it from being closed.
      reject(new Error(`${command} did not end within ${limit} s; it said ${(heard.stdout + heard.stderr).slice(-2000)}`));
    }, limit * 1000);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      const { stdout, stderr, events } = heard;
      try {
        const last = json ? lastLine(stdout, signal !== null) : null;
        const result = last?.ok === true ? last.result : undefined;
        resolve({ code, signal, stdout, stderr, events, result, error: last?.ok === false ? last.error : null });
      } catch (error) {
        reject(error);
      }
    });
  });
}

type Last = { ok: true; result: unknown } | { ok: false; error: FailureData };

/** The result line. Every other line has to be an event, and nothing comes after it: this is the promise of `--json`. */
function lastLine(stdout: string, wasKilled: boolean): Last | null {
  const lines = stdout.split('\n');
  if (wasKilled) return null;
  if (lines.pop() !== '') throw new Error(`the last line is not ended: ${stdout.slice(-300)}`);
  const values = lines.map(parsed);
  const last = values.pop();
  if (last === undefined || !('ok' in last)) throw new Error(`there is no result line: ${stdout.slice(-300)}`);
  const stray = values.find((value) => typeof value['event'] !== 'string');
  if (stray !== undefined) throw new Error(`a line before the last is no event: ${JSON.stringify(stray)}`);
  return last as unknown as Last;
}

function parsed(line: string): Record<string, unknown> {
  try {
    const value = JSON.parse(line) as unknown;
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new Error(`not a line of JSON: ${line.slice(0, 300)}`);
}
