/** What every datastore driver answers. */

/** A file whose content belongs into a backup. */
export interface CaptureFile {
  /** The file that is read, absolute: a copy in scratch, or a live file that holds still until the capture is closed. */
  path: string;
  /** Its name beside the datastore's file: `sprig.db`, `sprig.db-wal`. */
  as: string;
  /** The datastore's file it belongs to, absolute. It goes to the folder of that file. */
  of: string;
  /** Set when it takes the place of a file of the same name in `base`. */
  replaces?: boolean;
}

/** A copy of a datastore in two parts: one taken while the product runs, one after it has stopped. */
export interface Capture {
  /** One moment of the datastore, complete in itself. */
  base: CaptureFile[];
  /**
   * `changes`: what `finish` adds grows only with what was written since the base. `whole`: it may have to copy everything again,
   * so the time the product is down grows with its data; `notes` says why.
   */
  finishing: 'changes' | 'whole';
  /** Sentences for a person. `finish` may add to them. */
  notes: string[];
  /** To be called once the product has stopped: what must be added so that base and this are the final state. */
  finish(): Promise<CaptureFile[]>;
  /** Removes scratch files and lets go of locks. May be called twice, and after a failure. The files of `finish` are no longer to be read. */
  close(): Promise<void>;
}

export interface CaptureOptions {
  /** The datastore item's places, absolute. */
  paths: string[];
  /** A folder for copies; it is made when it is missing. It should be on the volume that has room for the data. */
  scratch: string;
  signal?: AbortSignal;
  onProgress?: (progress: { bytes: number; totalBytes: number }) => void;
}

export interface DatastoreDriver {
  /** Begins a capture; null where the datastore is plain files, which a backup reads by itself. */
  capture(options: CaptureOptions): Promise<Capture | null>;
  /** The integrity of a datastore that nobody writes to (restored, staged or copied): problems in words, none when it is whole. */
  check(paths: string[], signal?: AbortSignal): Promise<string[]>;
  /** Every existing file that makes up the datastore: what must be moved, replaced or measured together. */
  files(paths: string[]): Promise<string[]>;
  /** Every file that may come to stand beside the datastore's own and belongs to it, whether it exists or not. */
  companions?(paths: string[]): string[];
  /** Makes a restored copy plain: what is still in a log is put into the main file. Not for a live datastore. */
  prepareRestored?(paths: string[], signal?: AbortSignal): Promise<void>;
}
