/**
 * The Docker Engine, through its own command line, as the person who runs Moult may use it: volumes, and the containers that use them.
 * What is kept in a volume has a place of its own kind beside paths of files: `docker-volume:NAME`, or `docker-volume:NAME/ROLE@DATABASE`.
 * Rights are Docker's business: nothing is read behind its back, so that it works for a person who is no superuser.
 */
import { Failure } from '../../api/failure.ts';
import { answerWithin } from './short-answer.ts';
import { run, type Finished } from './processes.ts';
import { runWithFiles } from './run-with-files.ts';
import { environmentWithout } from './environment.ts';

/** Seconds for an answer: a daemon that hangs must not hang Moult. */
const answerLimit = 20;
/** Seconds to list: this is asked of everybody, also of those who have no Docker. */
const listLimit = 5;

export interface VolumePlace {
  volume: string;
  /** A database of the server that runs on it, and the role that may change it; null: the whole volume. */
  database: { name: string; role: string } | null;
}

/** A container that mounts a volume. */
export interface VolumeUser {
  id: string;
  name: string;
  /** The identifier of its image, which is on this machine. */
  image: string;
  running: boolean;
  /** Where the volume is inside. */
  mountedAt: string;
  env: Record<string, string>;
}

const scheme = 'docker-volume:';

export function volumePlace(volume: string, database?: { name: string; role: string }): string {
  return database === undefined ? `${scheme}${volume}` : `${scheme}${volume}/${database.role}@${database.name}`;
}

/** Null for what is a path of files. */
export function parseVolumePlace(place: string): VolumePlace | null {
  const match = /^docker-volume:([A-Za-z0-9][\w.-]*)(?:\/([A-Za-z_][\w$-]*)@([A-Za-z_][\w$-]*))?$/.exec(place);
  if (match === null) return null;
  const [, volume = '', role, name] = match;
  return { volume, database: role === undefined || name === undefined ? null : { name, role } };
}

/** Names of all volumes; null where there is no Docker or it does not answer. */
export async function listVolumes(): Promise<string[] | null> {
  const listed = await answerWithin(['docker', 'volume', 'ls', '--format', '{{.Name}}'], listLimit);
  return listed === null ? null : listed.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
}

/** Whether there is a Docker command on this machine at all. */
export async function hasDocker(): Promise<boolean> {
  return (await answerWithin(['docker', '--version'], listLimit)) !== null;
}

/** Labels of a volume; null where there is none of that name. */
export async function labelsOfVolume(volume: string): Promise<Record<string, string> | null> {
  if (!(await hasVolume(volume))) return null;
  const { stdout } = await docker(['volume', 'inspect', '--format', '{{json .Labels}}', volume]);
  return (JSON.parse(stdout) as Record<string, string> | null) ?? {};
}

/** The containers that use a volume, whether they run or not. */
export async function usersOfVolume(volume: string): Promise<VolumeUser[]> {
  const { stdout } = await docker(['ps', '--all', '--quiet', '--no-trunc', '--filter', `volume=${volume}`]);
  const ids = stdout.split('\n').filter((line) => line !== '');
  if (ids.length === 0) return [];
  const inspected = JSON.parse((await docker(['inspect', '--type', 'container', ...ids])).stdout) as Inspected[];
  return inspected.flatMap((one) => {
    const mount = one.Mounts.find((entry) => entry.Type === 'volume' && entry.Name === volume);
    if (mount === undefined) return [];
    const env = Object.fromEntries(
      (one.Config.Env ?? []).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    return [
      { id: one.Id, name: one.Name.replace(/^\//, ''), image: one.Image, running: one.State.Running, mountedAt: mount.Destination, env },
    ];
  });
}

interface Inspected {
  Id: string;
  Name: string;
  Image: string;
  State: { Running: boolean };
  Config: { Env: string[] | null };
  Mounts: { Type: string; Name?: string; Destination: string }[];
}

/** Runs a command of Docker. Throws `unsupported` where Docker does not answer, `command-failed` with its own words otherwise. */
export async function docker(args: readonly string[], options: { limit?: number; signal?: AbortSignal } = {}): Promise<Finished> {
  const command = ['docker', ...args];
  const limit = options.limit ?? answerLimit;
  const finished = await run(command, { limit, env: dockerEnvironment(), ...(options.signal && { signal: options.signal }) }).catch(
    (error: unknown) => {
      options.signal?.throwIfAborted();
      throw noDocker((error as Error).message, error);
    },
  );
  if (finished.timedOut) throw noDocker(`it did not answer within ${limit} s`);
  if (finished.code !== 0) throw failed(args, finished.stderr);
  return finished;
}

/** Runs a program inside a container, with a file as its input or its output. */
export async function dockerExec(
  container: string,
  command: readonly string[],
  files: { input?: string; output?: string; signal?: AbortSignal } = {},
): Promise<void> {
  const args = ['exec', ...(files.input === undefined ? [] : ['--interactive']), container, ...command];
  const { code, stderr } = await runWithFiles(['docker', ...args], { folder: '/', env: dockerEnvironment(), ...files }).catch(
    (error: unknown) => {
      files.signal?.throwIfAborted();
      throw (error as NodeJS.ErrnoException).syscall?.startsWith('spawn') === true ? noDocker((error as Error).message, error) : error;
    },
  );
  if (code !== 0) throw failed(args, stderr);
}

export async function hasVolume(volume: string): Promise<boolean> {
  const { stdout } = await docker(['volume', 'ls', '--format', '{{.Name}}', '--filter', `name=${volume}`]);
  return stdout.split('\n').some((line) => line.trim() === volume);
}

function dockerEnvironment(): Record<string, string> {
  return { ...environmentWithout(['MOULT_*']), LC_ALL: 'C' };
}

function noDocker(why: string, cause?: unknown): Failure {
  return new Failure('unsupported', `Docker cannot be asked: ${why}`, {
    ...(cause !== undefined && { cause }),
    remedy: { action: 'start-service', text: 'Start Docker, and see that you may use it: "docker ps" must work.', command: 'docker ps' },
  });
}

function failed(args: readonly string[], stderr: string): Failure {
  const said = stderr.trim();
  if (/cannot connect to the docker daemon|permission denied.*docker|is the docker daemon running/i.test(said))
    return noDocker(said.split('\n')[0] ?? said);
  return new Failure('command-failed', `docker ${args[0]} failed: ${said.split('\n').slice(-3).join(' / ')}`, {
    details: { stderr: said.slice(-4000) },
  });
}
