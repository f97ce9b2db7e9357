/**
 * What a backup file says about itself. The whole format, byte by byte, is told in `docs/backup-format.md`.
 *
 * In short: a plain tar, cut into frames of at most 4 MiB that are compressed one by one, with the members
 * `moult-backup` (tells a backup from any other tar), `items/<item>/…` (what the install owns), `files.jsonl` (one line for each member
 * of `items/`, in the tar's order) and `manifest.json` (what the backup is of). After the tar stand a trailer with a SHA-256 over the
 * whole file and, last, the index of the frames.
 */
import { z } from 'zod';
import type { Fate } from '../../api/models.ts';
import { backupFormat } from './backup-constants.ts';

export type EntryKind = 'file' | 'folder' | 'link';

/**
 * One member of `items/`: a line of `files.jsonl`. Bytes of names that are not UTF-8 stand as lone surrogates U+DC80 to U+DCFF
 * (Python's `surrogateescape`, PEP 383).
 */
export interface BackupEntry {
  /** Its name in the tar: `items/<item>` or `items/<item>/<as>`; no trailing slash. */
  path: string;
  item: string;
  /** The part of the name below `items/<item>/`; empty for the root of an item. */
  as: string;
  kind: EntryKind;
  /** Content bytes; 0 for folders and links. */
  bytes: number;
  /** Permission bits. */
  mode: number;
  /** Milliseconds since 1970, with fractions. */
  mtime: number;
  uid: number;
  gid: number;
  /** Of a file. */
  sha256?: string;
  /** Of a link: the text it holds. */
  target?: string;
  /** Where its first header begins in the uncompressed tar. */
  offset: number;
  /** A later member of the same name counts, or it had vanished when the backup was finished: it is not restored. */
  superseded?: true;
  /** The file grew while it was read: the backup holds what was there when it was opened. */
  changedWhileRead?: true;
  /**
   * Of the file that was read, when it stood still: by these the next backup on this machine knows it again. They mean nothing anywhere else,
   * and nothing is restored of them.
   */
  ctime?: number;
  inode?: number;
  /** Of a member with which a frame begins: the hash by which the next backup knows the frame, or the frames of a large file; see `packed-units.ts`. */
  packed?: string;
}

/** A member by its name, and what it is. */
export type MemberName = Pick<BackupEntry, 'path' | 'item' | 'as' | 'kind'>;

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const text = z.string().max(4096);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const fates = ['preserve', 'replace', 'migrate', 'refresh', 'remove', 'keep'] as const satisfies readonly Fate[];

/** `manifest.json`, the last member. Unknown keys are let through, so that a later Moult can add some without a new format. */
export const manifestSchema = z.object({
  format: z.literal(backupFormat),
  id: z.uuid(),
  /** ISO time at which the backup was begun. */
  created: z.iso.datetime(),
  moult: text,
  platform: z.enum(['linux', 'macos', 'windows']),
  product: text.min(1),
  install: text.min(1),
  release: text.nullable(),
  schema: z.object({ version: text.nullable(), ledger: text.nullable(), known: text.nullable() }),
  reason: z.enum(['asked', 'before-upgrade', 'before-restore', 'before-purge']),
  items: z
    .array(
      z.object({
        item: text.min(1),
        title: text,
        fate: z.enum(fates),
        /** `dump`: plain SQL, to be played into a datastore. */
        kind: z.enum(['files', 'keys', 'dump']),
        places: z.array(z.object({ as: text, path: text, relativeToHome: text.nullable() })),
      }),
    )
    .max(10_000),
  /** The port that it was set up on, where no config file in the backup says it. */
  port: z.number().int().min(1).max(65_535).nullable().optional(),
  /** The identity of the install, which is the same however it is called; absent in the first backups. */
  installId: text.optional(),
  /** A schedule made it. */
  scheduled: z.boolean().optional(),
  /** Rows by table of each datastore, by item, where its driver can count them. */
  rows: z.record(text, z.record(z.string().max(500), count)).optional(),
  /** A keyed fingerprint of the secrets; never the secrets. */
  secretsFingerprint: text.nullable(),
  /** Which machine's key it was made with: a hash of that key. Fingerprints of different keys cannot be compared. */
  secretsKey: text.optional(),
  /** The same fingerprint of each item that is a secret option of its own. */
  secretsByItem: z.record(text, text).optional(),
  /** Sockets, pipes and devices: what cannot be kept in a file. */
  leftOut: z.array(z.object({ path: z.string(), item: text, reason: z.enum(['socket', 'pipe', 'device']) })),
  counts: z.object({ files: count, folders: count, links: count, superseded: count }),
  /** Sum of the sizes of the files that would be restored. */
  contentBytes: count,
  /** Where `files.jsonl` begins in the tar, how long it is, how many lines it has, and its SHA-256. */
  list: z.object({ offset: count, bytes: count, lines: count, sha256: hash }),
});

export type BackupManifest = z.output<typeof manifestSchema>;

/** What the caller knows of the install and the writer cannot. */
export type BackupHeader = Pick<
  BackupManifest,
  | 'product'
  | 'install'
  | 'release'
  | 'schema'
  | 'reason'
  | 'items'
  | 'port'
  | 'installId'
  | 'scheduled'
  | 'rows'
  | 'secretsFingerprint'
  | 'secretsKey'
  | 'secretsByItem'
>;

/** How far a backup, a verification or an unpacking is. */
export interface BackupProgress {
  /** Bytes of tar that are done. */
  bytes: number;
  files: number;
  totalBytes?: number;
}

/** Something to be put into a backup. */
export interface BackupSource {
  item: string;
  /** Absolute: a file, a folder or a link. */
  path: string;
  /** Its name below `items/<item>/`; empty: it is `items/<item>` itself. */
  as: string;
  /** Take the content from this file instead, as from a snapshot of a datastore; mode, owner and time are still those of `path`. */
  readFrom?: string;
  /** Leaves out what it says yes to; the path is relative to `path`, with forward slashes. A folder that is skipped is not entered. */
  skip?: (relative: string) => boolean;
  /** Its absence is a failure. */
  required?: boolean;
  /**
   * It changes while it is read, and something else in the backup makes it whole, as the log of a database does. Each file is read
   * once, as long as it was when it was opened; what is cut off meanwhile is left out or zeros.
   */
  moving?: boolean;
  /** An earlier pass took it, and that stays as it is: it is not looked at again. */
  taken?: boolean;
}

/** A finished backup. */
export interface SealedBackup {
  id: string;
  path: string;
  /** Size of the file on disk. */
  bytes: number;
  /** Files and links that a restore brings back. */
  files: number;
  /** Bytes before compression. */
  contentBytes: number;
  /** SHA-256 of the whole file on disk, as `sha256sum` tells it. */
  sha256: string;
  encrypted: boolean;
}
