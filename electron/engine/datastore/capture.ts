/** What every datastore driver answers. */
import type { Failure, FailureData } from '../../api/failure.ts';
import type { TableComparison } from '../../api/models.ts';
import type { Fill } from '../product/fill.ts';
import type { DatastoreSpec } from '../product/schema.ts';

/** A datastore of an install: where it is and what its descriptor says of it. */
export interface Store {
  spec: DatastoreSpec;
  /** The datastore item's places, absolute. */
  paths: string[];
  fill: Fill;
  /** The same for other releases that are on this machine, whose programs may be needed to read what an older release left. */
  otherFills?: Fill[];
}

/** A file whose content belongs into a backup, or a folder with all that is in it. */
export interface CaptureFile {
  /** What is read, absolute: a copy in scratch, or a live file that holds still until the capture is closed, or one that is `moving`. */
  path: string;
  /** Its name beside the datastore's file: `sprig.db`, `sprig.db-wal`. */
  as: string;
  /** The datastore's file it belongs to, absolute. It goes to the folder of that file. */
  of: string;
  /** Set when it takes the place of a file of the same name in `base`; of a folder, also of everything below it. */
  replaces?: boolean;
  /**
   * It goes on changing while it is read, and what `complete` adds makes it one moment whatever was read of it. It is read once, as it is;
   * later passes keep what was read.
   */
  moving?: boolean;
  /** Of a folder: leaves out what it says yes to; the path is relative to it, with forward slashes. */
  skip?: (relative: string) => boolean;
}

/** A copy of a datastore in two parts: one taken while the product runs, one after it has stopped. */
export interface Capture {
  /** One moment of the datastore, complete in itself; with `complete`, once what that adds is there too. */
  base: CaptureFile[];
  /** To be called as soon as all of `base` was read, before `finish` and before the backup is finished: what makes the base one moment. */
  complete?(): Promise<CaptureFile[]>;
  /**
   * `changes`: what `finish` adds grows only with what was written since the base. `whole`: it may have to copy everything again,
   * so the time the product is down grows with its data; `notes` says why.
   */
  finishing: 'changes' | 'whole';
  /** Why nothing can be taken while the product runs, so that only `finish` gives what belongs into a backup; absent where it can. */
  needsStop?: Failure;
  /** Sentences for a person. `finish` may add to them. */
  notes: string[];
  /** To be called once the product has stopped: what must be added so that base and this are the final state. */
  finish(): Promise<CaptureFile[]>;
  /** Rows by table of what was captured, where only the capture itself can count them; null where they cannot be told exactly. */
  rows?(): Promise<Record<string, number> | null>;
  /** Removes scratch files and lets go of locks. May be called twice, and after a failure. The files of `finish` are no longer to be read. */
  close(): Promise<void>;
}

export interface CaptureOptions {
  /** The datastore item's places, absolute. */
  paths: string[];
  /** What the descriptor says of it; a driver of plain files needs none of it. */
  spec?: DatastoreSpec;
  fill?: Fill;
  /** A folder for copies; it is made when it is missing. It should be on the volume that has room for the data. */
  scratch: string;
  signal?: AbortSignal;
  onProgress?: (progress: { bytes: number; totalBytes: number }) => void;
}

/** How a datastore with a server of its own is. */
export interface StoreLook {
  /** `crashed`: nobody has it open, and it was not put in order when it was left. */
  state: 'absent' | 'stopped' | 'crashed' | 'starting' | 'running' | 'stopping';
  /** One sentence: version, process, what is to be known. */
  detail: string;
  /** What forbids to work with it: programs of another version, a foreign server, the superuser. */
  problems: FailureData[];
  warnings: string[];
}

/** Rows of a table, every value as text; null where there is no such table. */
export type TableRows = Record<string, string | null>[] | null;

/** What was written to a table. `file`: its name in the folder that was asked for, where rows were written out. */
export interface TableChange extends TableComparison {
  file: string | null;
}

export interface DatastoreDriver {
  /** Begins a capture; null where the datastore is plain files, which a backup reads by itself. */
  capture(options: CaptureOptions): Promise<Capture | null>;
  /** The integrity of a datastore that nobody writes to (restored, staged or copied): problems in words, none when it is whole. */
  check(paths: string[], signal?: AbortSignal): Promise<string[]>;
  /** How many rows each table of a datastore at rest has. Not for a live one with a server. `like`: the one whose programs can read it. */
  rows?(paths: string[], signal?: AbortSignal, like?: Store): Promise<Record<string, number>>;
  /** Every existing file that makes up the datastore: what must be moved, replaced or measured together. */
  files(paths: string[]): Promise<string[]>;
  /** Every file that may come to stand beside the datastore's own and belongs to it, whether it exists or not. */
  companions?(paths: string[]): string[];
  /** Makes a restored copy plain: what is still in a log is put into the main file. Not for a live datastore. `live`: the one it was taken from. */
  prepareRestored?(paths: string[], signal?: AbortSignal, live?: Store): Promise<void>;
  /**
   * Files of a copy that name places on this machine, its own among them: where the copy stands elsewhere they have to be changed. `alone` is
   * what a copy that runs for a try has to be told, so that it does nothing beyond itself.
   */
  settingFiles?(path: string): { path: string; alone: string }[];
  /**
   * What was written since a copy at rest was made, table by table; the live one is read while the product runs. With `to`, a new folder,
   * each row that differs is written there, a file with JSON Lines for each table.
   */
  compareRows?(was: string[], live: Store, options: { to: string | null; signal?: AbortSignal }): Promise<TableChange[]>;
  /** How its server is. Changes nothing. */
  look?(store: Store): Promise<StoreLook>;
  /** Starts its server and waits until it answers; output goes to the end of `log`. One that runs already is fine. */
  start?(store: Store, options: { log: string; signal?: AbortSignal }): Promise<void>;
  /** Stops its server, whoever started it, and answers whether it ran. Afterwards nobody has the files open. */
  stop?(store: Store, options?: { onNote?: (text: string) => void; signal?: AbortSignal }): Promise<boolean>;
  /**
   * Of a server that the product starts and leaves running when it stops: whether it rests now, and what brings it to rest again where it did
   * before. Nobody is asked who has a session open: the product has stopped.
   */
  isAtRest?(store: Store): Promise<boolean>;
  rest?(store: Store): Promise<void>;
  /**
   * Reads a small table, such as a ledger, changing nothing: from its server where that runs, else from a copy of what is needed.
   * Throws `io` where it cannot be read.
   */
  readTable?(store: Store, table: string, columns: readonly string[], signal?: AbortSignal): Promise<TableRows>;
  /** Writes a logical dump (plain SQL) of the datastore, whose server runs, to a new private file. */
  dump?(store: Store, to: string, signal?: AbortSignal): Promise<void>;
  /** Makes a new datastore at `into`, beside the live one and at rest, and plays a plain SQL dump into it in one transaction. */
  loadDump?(store: Store, dump: string, into: string, signal?: AbortSignal): Promise<void>;
  /**
   * Of a datastore that is not in files here, whose captures are dumps: plays one into a place of that name beside the live one, in one
   * transaction, and answers the place. From there it is moved as files are, see `platform/docker.ts` for such places.
   */
  stage?(store: Store, dump: string, name: string, signal?: AbortSignal): Promise<string>;
  /**
   * Where the programs of this release are of another version than the datastore at rest in `folder`: makes the same content for them at
   * `into`, which is beside it and not there. False where they can read it as it is. `folder` is only read.
   */
  carryOver?(store: Store, folder: string, into: string, signal?: AbortSignal): Promise<boolean>;
  /** Bytes of the content of a datastore that is not in files here, as far as that can be told without changing anything. */
  measure?(store: Store): Promise<number>;
}
