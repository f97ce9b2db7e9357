/**
 * The journal: the record on disk that lets a killed operation be finished or undone.
 * One file an operation, one JSON object a line, each line synced before the effect it announces. A torn last line is what a kill
 * in the middle of an append leaves behind; it announced nothing that happened, and is ignored. The file goes when the operation ends.
 */
import { dirname, join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import type { ActionKind, EndState } from '../../api/models.ts';
import { now } from '../platform/clock.ts';
import { makeFolderDurably, namesIn, openFile, readTextOrNull, remove, syncFolder, type FileHandle } from '../platform/files.ts';

export const journalFormat = 1;

/** What stands in the first line: enough to build the same steps again in another process. */
export interface JournalHead {
  operation: string;
  action: ActionKind;
  install: string;
  home: string;
  /** The program's own data: what was planned, as JSON. */
  data: unknown;
}

export type JournalEntry =
  | ({ type: 'begin'; format: number; at: string } & JournalHead)
  | { type: 'step'; id: string; state: 'run' | 'done' | 'undo' | 'undone'; at: string }
  | { type: 'remember'; data: Record<string, unknown>; at: string }
  | { type: 'commit'; at: string }
  | { type: 'end'; endState: EndState; at: string };

/** A journal as it was found. */
export interface JournalState extends JournalHead {
  path: string;
  startedAt: string;
  /** Steps that were begun, in order, with the last state of each. */
  steps: { id: string; state: 'run' | 'done' | 'undo' | 'undone' }[];
  memory: Record<string, unknown>;
  committed: boolean;
  ended: boolean;
}

export interface Journal {
  readonly path: string;
  /** Writes one line and returns when it is on the disk. */
  append(entry: JournalEntry): Promise<void>;
  /** Removes the file: the operation is over. */
  close(): Promise<void>;
  /** Lets go of the file and leaves it for recovery. */
  leave(): Promise<void>;
}

/** Begins a journal. The folder is made when it is missing. To be called under the install's lock, when nothing is interrupted. */
export async function beginJournal(folder: string, head: JournalHead): Promise<Journal> {
  await makeFolderDurably(folder);
  await removeStillborn(folder);
  const path = join(folder, `${head.operation}.jsonl`);
  const journal = journalOn(path, await openFile(path, 'ax'));
  try {
    await journal.append({ type: 'begin', format: journalFormat, at: now(), ...head });
    await syncFolder(folder);
    return journal;
  } catch (error) {
    // Nothing was begun: it must not stand in the way of the next operation.
    await journal.close().catch(() => undefined);
    throw error;
  }
}

/** Opens one that was left behind, to go on writing. A torn last line is cut off by beginning a new line. */
export async function reopenJournal(path: string): Promise<Journal> {
  const handle = await openFile(path, 'a');
  try {
    await handle.write('\n');
    return journalOn(path, handle);
  } catch (error) {
    await handle.close().catch(() => undefined);
    throw error;
  }
}

/** Journals that were cut off before their first line was whole: nothing had happened, and with the lock held they are nobody's. */
export async function removeStillborn(folder: string): Promise<void> {
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    if (name.endsWith('.jsonl') && readJournal((await readTextOrNull(path)) ?? '', path) === null) await remove(path);
  }
}

/**
 * The journals that a kill left behind in a folder, oldest first. Only looks: one without a whole first line belongs to an operation that
 * is just beginning, or to one that was cut off before anything happened. `interrupted` for one that is damaged: it is kept, and says so.
 */
export async function findJournals(folder: string): Promise<JournalState[]> {
  const found: JournalState[] = [];
  for (const name of await namesIn(folder)) {
    if (!name.endsWith('.jsonl')) continue;
    const state = readJournal((await readTextOrNull(join(folder, name))) ?? '', join(folder, name));
    if (state !== null) found.push(state);
  }
  return found.sort((left, right) => (left.startedAt < right.startedAt ? -1 : 1));
}

/**
 * Reads a journal's text; null when not even its first line is whole. Throws `newer-format` for one of a newer Moult, `interrupted` when
 * its first line is damaged although others follow.
 */
export function readJournal(text: string, path: string): JournalState | null {
  let state: JournalState | null = null;
  const entries = text.split('\n').flatMap((line) => parseLine(line) ?? []);
  if (entries[0] !== undefined && entries[0].type !== 'begin') throw damaged(path);
  for (const entry of entries) {
    if (entry.type === 'begin') state ??= stateFrom(entry, path);
    else if (state !== null) apply(state, entry);
  }
  return state;
}

function damaged(path: string): Failure {
  return new Failure(
    'interrupted',
    `the journal ${path} is damaged: its first line cannot be read, so the operation cannot be finished or undone by itself`,
    {
      remedy: { action: 'restore-backup', text: 'Stop the product, restore a backup, then remove the journal by hand.' },
    },
  );
}

function stateFrom(entry: Extract<JournalEntry, { type: 'begin' }>, path: string): JournalState {
  if (entry.format > journalFormat) {
    throw new Failure('newer-format', `${path} was written by a newer Moult (format ${entry.format}, this one knows ${journalFormat})`, {
      remedy: { action: 'upgrade-moult', text: 'Upgrade Moult, then recover the install with it.' },
    });
  }
  const { operation, action, install, home, data } = entry;
  return { path, operation, action, install, home, data, startedAt: entry.at, steps: [], memory: {}, committed: false, ended: false };
}

function apply(state: JournalState, entry: JournalEntry): void {
  if (entry.type === 'commit') state.committed = true;
  if (entry.type === 'end') state.ended = true;
  if (entry.type === 'remember') Object.assign(state.memory, entry.data);
  if (entry.type !== 'step') return;
  // Undoing begins only where the commit did not count: its line was written, but could not be synced.
  if (entry.state === 'undo') state.committed = false;
  const known = state.steps.find((step) => step.id === entry.id);
  if (known) known.state = entry.state;
  else state.steps.push({ id: entry.id, state: entry.state });
}

function parseLine(line: string): JournalEntry | null {
  if (line.trim() === '') return null;
  try {
    const value: unknown = JSON.parse(line);
    return isEntry(value) ? value : null;
  } catch {
    return null;
  }
}

/** A line can be whole JSON and yet be no entry: the tail of one that was torn, or what a bad disk made of it. */
function isEntry(value: unknown): value is JournalEntry {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  const entry = value as { type: unknown; id?: unknown; state?: unknown; data?: unknown; operation?: unknown; format?: unknown };
  if (entry.type === 'begin') return typeof entry.operation === 'string' && typeof entry.format === 'number';
  if (entry.type === 'step') return typeof entry.id === 'string' && typeof entry.state === 'string';
  if (entry.type === 'remember') return typeof entry.data === 'object' && entry.data !== null;
  return entry.type === 'commit' || entry.type === 'end';
}

function journalOn(path: string, handle: FileHandle): Journal {
  let open = true;
  /** A failed append may have left a part of its line: the next one must not be glued to it. */
  let torn = false;
  const leave = async () => {
    if (!open) return;
    open = false;
    await handle.close();
  };
  return {
    path,
    append: async (entry) => {
      const start = torn ? '\n' : '';
      torn = true;
      await handle.appendFile(`${start}${JSON.stringify(entry)}\n`);
      await handle.datasync();
      torn = false;
    },
    close: async () => {
      await leave();
      await remove(path);
      await syncFolder(dirname(path)).catch(() => undefined);
    },
    leave,
  };
}
