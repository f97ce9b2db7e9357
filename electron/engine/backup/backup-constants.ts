/** The numbers and names of the format, apart from its schema so that worker threads need not load that. See `docs/backup-format.md`. */

/** The version of the format that this code writes, and the newest that it reads. */
export const backupFormat = 1;

/** A frame holds at most this many bytes of tar. */
export const frameBytes = 4 * 1024 * 1024;

export const memberNames = { marker: 'moult-backup', items: 'items/', files: 'files.jsonl', manifest: 'manifest.json' } as const;

/** What compressing can add to a frame, with plenty to spare. */
export const largestFrame = frameBytes + 64 * 1024;
