/** Drives `sqlite-writer.ts`, and makes databases in the states in which a product may leave them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';

const writer = fileURLToPath(new URL('sqlite-writer.ts', import.meta.url));

export interface Writer {
  /** Rows that it said are committed. */
  committed(): number;
  /** Waits until that many more are committed. */
  more(rows: number): Promise<void>;
  /** Ends it and waits until it is gone: SIGTERM lets it close its database. Returns the committed rows. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<number>;
}

export async function startWriter(path: string, mode: 'wal' | 'delete', pause?: number): Promise<Writer> {
  const child = spawn(process.execPath, [writer, path, mode, ...(pause === undefined ? [] : [String(pause)])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let last = 0;
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    last = Number(lines.at(-1) ?? last);
  });
  const told: Writer = {
    committed: () => last,
    more: (rows) => until(() => last, last + rows, child),
    stop: async (signal = 'SIGTERM') => {
      const closed = once(child, 'close');
      child.kill(signal);
      await closed;
      return last;
    },
  };
  await told.more(1);
  return told;
}

async function until(value: () => number, least: number, child: ChildProcess): Promise<void> {
  while (value() < least) {
    if (child.exitCode !== null) throw new Error(`the writer ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Runs statements in a process that is killed afterwards, in the midst of everything. */
export async function runAndDie(path: string, code: string): Promise<void> {
  const script = `import Database from 'better-sqlite3'; const database = new Database(${JSON.stringify(path)}); ${code}; process.kill(process.pid, 'SIGKILL');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'ignore', 'inherit'],
    cwd: join(writer, '..'),
  });
  await once(child, 'close');
}

/** Opens a database, hands it over and closes it. */
export function withDatabase<T>(path: string, use: (database: Database.Database) => T): T {
  const database = new Database(path);
  try {
    return use(database);
  } finally {
    database.close();
  }
}

/** Names, content and times of all files of a folder: equal only if nobody wrote there. */
export async function stateOf(folder: string, leaveOut: (name: string) => boolean = () => false): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => !leaveOut(name)).sort();
  const states = await Promise.all(
    names.map(async (name) => {
      const { mtimeMs, ino } = await stat(join(folder, name));
      return [name, `${ino} ${mtimeMs} ${(await readFile(join(folder, name))).toString('latin1')}`] as const;
    }),
  );
  return Object.fromEntries(states);
}
