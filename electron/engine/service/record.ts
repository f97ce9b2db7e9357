/**
 * `<home>/.moult/service.json`: what Moult left running. Written durably before the process is started (without a pid) and again
 * after (with it), so that a kill in between leaves no process that nobody knows.
 */
import { Failure } from '../../api/failure.ts';
import { makeFolder, privateFile, readTextOrNull, remove, writeDurably } from '../platform/files.ts';
import { dirname } from 'node:path';

/** The version of the format below. */
const format = 1;

export interface ServiceRecord {
  /** The value of the variable `markVariable` in the environment of the process and of all that it starts. */
  mark: string;
  /** Null between the decision to start and the start. */
  pid: number | null;
  /** What `startOf` said of the pid. */
  start: string | null;
  release: string;
  since: string;
  port: number | null;
  /** SHA-256 of the command line and the folder; not of the environment, which differs from terminal to terminal. */
  command: string;
}

/** The environment variable by which processes of a service are known again, whatever group or session they moved to. */
export const markVariable = 'MOULT_SERVICE';

/** The record; null where there is none, or none that can be read. Throws `newer-format`. */
export async function readRecord(path: string): Promise<ServiceRecord | null> {
  const read = parse(await readTextOrNull(path));
  if (read === null) return null;
  if (typeof read.format === 'number' && read.format > format) {
    throw new Failure('newer-format', `${path} was written by a newer Moult (format ${read.format}; this one knows ${format}).`, {
      remedy: { action: 'upgrade-moult', text: 'Upgrade Moult.' },
      details: { path, format: read.format },
    });
  }
  const { mark, pid, start, release, since, port, command } = read;
  if (
    typeof mark !== 'string' ||
    mark.length < 16 ||
    typeof release !== 'string' ||
    typeof since !== 'string' ||
    typeof command !== 'string'
  )
    return null;
  const known = typeof pid === 'number' && Number.isInteger(pid) && pid > 1 && typeof start === 'string';
  return {
    mark,
    pid: known ? pid : null,
    start: known ? start : null,
    release,
    since,
    port: typeof port === 'number' ? port : null,
    command,
  };
}

export async function writeRecord(path: string, record: ServiceRecord): Promise<void> {
  await makeFolder(dirname(path));
  await writeDurably(path, `${JSON.stringify({ format, ...record })}\n`, privateFile);
}

export async function removeRecord(path: string): Promise<void> {
  await remove(path);
}

function parse(text: string | null): Record<string, unknown> | null {
  try {
    const read: unknown = JSON.parse(text ?? '');
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
