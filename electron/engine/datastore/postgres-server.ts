/**
 * A server beside everything else, on a copy of a data folder: nobody can reach it but Moult, through a socket in a folder that only its
 * user may enter. Runs in the worker, so that it ends with Moult.
 */
import { join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { pause } from '../platform/clock.ts';
import { platform, temporaryFolder } from '../platform/environment.ts';
import { makeFolder, openFile, readTextOrNull, remove, setOwner } from '../platform/files.ts';
import { connectPostgres, type PostgresRow } from '../platform/postgres.ts';
import { randomId } from '../platform/random.ts';
import { startAtSide, type SideProcess } from '../platform/side-process.ts';
import { programEnvironment, programIn } from './postgres-store.ts';

export interface AsideInput {
  /** The data folder. */
  folder: string;
  /** The folder of PostgreSQL's programs. */
  programs: string;
  as: { uid?: number; gid?: number };
  /** Major version of both. */
  major: string;
  /** It is thrown away afterwards: nothing has to be durable. */
  throwaway: boolean;
  /** Files are missing that its log writes to. Only from PostgreSQL 13 on. */
  partly?: boolean;
}

export interface AsideServer {
  /** The folder of its socket; its port is `asidePort`. */
  socket: string;
  /** Waits until it answers, which after a crash or a backup is when all of its log was replayed. Throws when it ends instead. */
  ready(): Promise<void>;
  rows(who: { role: string; database: string }, statement: string): Promise<PostgresRow[]>;
  /** An orderly stop: afterwards the folder is at rest. */
  stop(): Promise<void>;
  /** At once, without order: for copies that nobody needs any more. */
  kill(): Promise<void>;
}

/** Of the socket's name only: it listens on no network. */
export const asidePort = 5432;
/** Milliseconds for an orderly stop, which writes what is in memory. */
const stopPatience = 300_000;

/** Starts it. Throws `unsupported` on Windows, which has no signals to stop it in order with. */
export async function startAside(input: AsideInput): Promise<AsideServer> {
  if (platform() === 'windows') throw new Failure('unsupported', 'PostgreSQL cannot be run beside a product on Windows yet');
  const socket = join(temporaryFolder(), `moult-${randomId(4)}`);
  await makeFolder(socket);
  await writeRules(socket, input.as);
  await remove(join(input.folder, 'postmaster.pid'));
  const command = [
    programIn(input.programs, 'postgres'),
    '-D',
    input.folder,
    ...settings(input, socket).flatMap((setting) => ['-c', setting]),
  ];
  let server: SideProcess;
  try {
    server = await startAtSide(command, { folder: '/', env: programEnvironment(), ...input.as });
  } catch (error) {
    await remove(socket);
    throw error;
  }
  const end = async (signal: 'SIGINT' | 'SIGQUIT', limit: number): Promise<boolean> => {
    if (server.ending() === null) server.signal(signal);
    const ended = await Promise.race([server.ended.then(() => true), pause(limit).then(() => false)]);
    await remove(socket);
    return ended;
  };
  return {
    socket,
    ready: () => untilReady(server, input.folder),
    rows: async (who, statement) => {
      const session = await connectPostgres({ host: socket, port: asidePort, ...who });
      try {
        return await session.rows(statement);
      } finally {
        await session.close();
      }
    },
    stop: async () => {
      if (!(await end('SIGINT', stopPatience))) throw new Error(`it did not stop: ${lastLine(server)}`);
      const { code } = await server.ended;
      if (code !== 0) throw new Error(`it did not stop in order: ${lastLine(server)}`);
    },
    kill: async () => {
      if (!(await end('SIGQUIT', 10_000))) server.signal('SIGKILL');
    },
  };
}

/** Whatever the copy's own settings say about where to listen, whom to let in and where to keep things, it must not say it here. */
function settings({ folder, major, throwaway, partly }: AsideInput, socket: string): string[] {
  return [
    'listen_addresses=',
    `unix_socket_directories=${socket}`,
    'unix_socket_permissions=0700',
    `port=${asidePort}`,
    `data_directory=${folder}`,
    `hba_file=${join(socket, 'hba.conf')}`,
    `ident_file=${join(socket, 'ident.conf')}`,
    `external_pid_file=${join(socket, 'pid')}`,
    'archive_mode=off',
    'ssl=off',
    'logging_collector=off',
    'log_destination=stderr',
    'autovacuum=off',
    // Tablespaces come back inside the folder; replaying a backup would take them for a mistake.
    ...(Number(major) >= 15 ? ['allow_in_place_tablespaces=on'] : []),
    ...(partly === true ? ['ignore_invalid_pages=on'] : []),
    ...(throwaway ? ['fsync=off', 'full_page_writes=off'] : []),
  ];
}

async function writeRules(socket: string, as: { uid?: number; gid?: number }): Promise<void> {
  for (const [name, content] of [
    ['hba.conf', 'local all all trust\n'],
    ['ident.conf', ''],
  ] as const) {
    const file = await openFile(join(socket, name), 'wx');
    await file.writeFile(content);
    await file.close();
    if (as.uid !== undefined) await setOwner(join(socket, name), as.uid, as.gid ?? as.uid);
  }
  if (as.uid !== undefined) await setOwner(socket, as.uid, as.gid ?? as.uid);
}

/** The eighth line of `postmaster.pid` says how far it is. */
async function untilReady(server: SideProcess, folder: string): Promise<void> {
  for (;;) {
    if (server.ending() !== null)
      throw new Failure('io', `PostgreSQL did not start on a copy of the data: ${lastLine(server)}`, {
        details: { printed: server.printed() },
      });
    const status = (await readTextOrNull(join(folder, 'postmaster.pid')))?.split('\n')[7]?.trim();
    if (status === 'ready') return;
    await pause(20);
  }
}

/** What tells most of what a server printed: its last fatal line, else its last one. */
function lastLine(server: SideProcess): string {
  const lines = server
    .printed()
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.findLast((line) => /\b(?:FATAL|PANIC)\b/.test(line)) ?? lines.at(-1) ?? 'it said nothing';
}
