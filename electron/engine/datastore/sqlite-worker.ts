/**
 * The process that holds a SQLite datastore for a capture, and that reads one through for a check.
 *
 * It is a process of its own because POSIX drops all locks that a process has on a file when it closes *any* handle of that file:
 * one look at the datastore elsewhere in Moult (a hash, a size, a backup of the folder) would silently end the snapshot.
 * It also keeps the copying and checking, which SQLite does in one go, out of the way of everything else.
 */
import { serveWorkerProcess } from '../platform/worker-process.ts';
import { checkDatabase, countRows, foldLog } from './sqlite-check.ts';
import { holdDatabase, type HeldDatabase } from './sqlite-hold.ts';
import { compareRows, type RowsInput } from './sqlite-rows.ts';

let held: HeldDatabase | null = null;

serveWorkerProcess(
  {
    hold: async (input: { path: string; copy: string }, report) => {
      held = await holdDatabase(input.path);
      return held.base(input.copy, report);
    },
    finish: async (input: { copy: string }, report) => {
      if (held === null) throw new Error('nothing is held');
      return held.finish(input.copy, report);
    },
    release: async () => {
      await held?.close();
      held = null;
    },
    count: async (input: { path: string }) => countRows(input.path),
    check: async (input: { path: string }) => checkDatabase(input.path),
    rows: async (input: RowsInput) => compareRows(input),
    fold: async (input: { path: string }) => foldLog(input.path),
  },
  () => held?.close(),
);
