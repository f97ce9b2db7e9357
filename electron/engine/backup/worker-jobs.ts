/** What the main thread and the worker threads of this room say to each other. */
import type { FileFacts } from '../platform/blocking-files.ts';
import { factColumns } from './fact-columns.ts';
import type { Seal } from './age-payload.ts';
import type { ContainerKind } from './frame-container.ts';
import type { Room } from './rooms.ts';
import type { MemberFacts } from './tar-member.ts';

export type Jobs = {
  list: { input: { folders: string[] }; reply: ListReply };
  look: { input: { path: string }; reply: { facts: FileFacts; target: string | null; fresh: boolean } | null };
  pack: { input: PackJob; reply: PackReply };
  check: { input: CheckJob; reply: CheckReply };
  read: { input: ReadJob; reply: ReadReply };
  'make-file': { input: { path: string }; reply: null };
  'hash-file': { input: { path: string }; reply: { sha256: string } };
  'make-folders': { input: { paths: string[] }; reply: null };
  'finish-tree': { input: FinishJob; reply: null };
  'sync-files': { input: { paths: string[] }; reply: null };
};

/** Facts of the entries of folders, packed into numbers: for each name the kind, then `factColumns`. A folder that is gone is null. */
export interface ListReply {
  folders: ({ names: string[]; numbers: Float64Array<ArrayBuffer>; targets: Record<number, string> } | null)[];
}
export const factCount = 1 + factColumns.length;
export const kinds = ['file', 'folder', 'link', 'socket', 'pipe', 'device'] as const satisfies readonly FileFacts['kind'][];

/** Owner, mode and time that count instead of those of the file that is read. */
export type KeptFacts = Pick<MemberFacts, 'mode' | 'uid' | 'gid' | 'mtime'>;

/** Makes one frame. */
export interface PackJob {
  container: ContainerKind;
  level: number;
  parts: PackPart[];
  /** Where the tar bytes are to be put together, and where the frame that is made of them. */
  plainRoom: Room;
  room: Room;
}
export type PackPart =
  | { part: 'member'; facts: MemberFacts }
  /**
   * Files that are expected to fit as a whole: for each the path to read and the name in the tar, joined by NULs (objects for each of them
   * would be most of the memory that a backup takes). `expect`: what they were when they were listed, `factColumns` numbers for each.
   * `kept` by number of the file, where there is one. `moving` ones may change while they are read: they count as grown then, and are not
   * read again.
   */
  | { part: 'files'; names: string; expect: Float64Array; kept: Record<number, KeptFacts> | null; moving: boolean }
  /** A stretch of a large file, which must still be what `expect` says, unless it is `moving`. */
  | {
      part: 'piece';
      from: string;
      moving: boolean;
      header: MemberFacts | null;
      expect: FileFacts;
      position: number;
      length: number;
      padding: number;
    }
  /** Content that is not read from a file: the list, the manifest. It is in `plainRoom` already, behind the room for its header. Alone in its frame. */
  | { part: 'bytes'; header: MemberFacts | null; length: number; padding: number };

export interface PackReply {
  /** How long the frame is, and the tar bytes in it. */
  frameBytes: number;
  plainBytes: number;
  /** One for each part. */
  parts: PackedPart[];
}
/** How a file behaved while it was read: it stood still; it only grew, and all that was there at first was read; anything else. */
export const readOutcomes = ['settled', 'grew', 'changed'] as const;
export type ReadOutcome = (typeof readOutcomes)[number];

export type PackedPart =
  | { state: 'packed'; at: number }
  | { state: 'piece'; at: number; contentAt: number; read: ReadOutcome }
  /** `packedColumns` numbers and a SHA-256 for each file. */
  | { state: 'files'; numbers: Float64Array<ArrayBuffer>; hashes: Uint8Array<ArrayBuffer> };

/** What is told of each file of a part: numbers in this order. `outcome` is that of `packOutcomes`, `read` that of `readOutcomes`. */
export const packedColumns = ['outcome', 'at', 'length', 'read', 'fresh', ...factColumns] as const;
/** It was packed; it is no file any more; it no longer fits: look again. */
export const packOutcomes = ['packed', 'gone', 'too-big'] as const;

/** Reads bytes of a file as they are. */
export interface ReadJob {
  file: string;
  at: number;
  bytes: number;
  /** Where they are to be put. */
  room: Room;
}
export interface ReadReply {
  /** As many as were there. */
  bytes: number;
  sha256: Uint8Array;
}

/** Reads one frame back and compares it with what it should hold. */
export interface CheckJob extends ReadJob {
  container: ContainerKind;
  /** What opens the file, where it is encrypted. */
  seal: Seal | null;
  plainBytes: number;
  parts: CheckParts;
  /** Zero bytes that must follow the parts: the end of the tar. */
  zeros: number;
  /** Where the tar bytes are to be put when they are wanted, for a hash that spans frames. */
  plainRoom: Room | null;
  /** Whether the SHA-256 of the frame as it is on disk is wanted. */
  wantsHash: boolean;
}
/** Stretches of members, in columns for the same reason. */
export interface CheckParts {
  /** The members' names, joined by NULs. */
  names: string;
  /** `checkColumns` numbers for each. */
  numbers: Float64Array<ArrayBuffer>;
  /** The SHA-256 of each whose whole content is in this frame; zeros for others. */
  hashes: Uint8Array<ArrayBuffer>;
  targets: Record<number, string>;
  writes: Record<number, WriteSpec>;
}
/** `header`: 1 when the stretch begins with the header. `hashed`: 1 when there is a hash to compare with. */
export const checkColumns = ['kind', 'bytes', 'mode', 'mtime', 'uid', 'gid', 'header', 'length', 'padding', 'hashed'] as const;
export const hashBytes = 32;

/** Where unpacking puts content: a new file when `position` is null, else a stretch of one that was made before. */
export interface WriteSpec {
  target: string;
  position: number | null;
  facts: { mode: number; mtimeMs: number; owner?: { uid: number; gid: number } };
}
export interface CheckReply {
  /** How much of the frame there was, and its SHA-256 when it is wanted. */
  bytes: number;
  sha256: Uint8Array | null;
  /** Whether the tar bytes are in their room. */
  hasPlain: boolean;
  /** Where the content of each part begins in the tar bytes. */
  contents: number[];
  /** What is wrong, and with which part; -1: the whole frame. */
  problems: { part: number; problem: string }[];
}

/** The last things of unpacking: links, then modes, owners and times of folders, deepest first, and of large files. */
export interface FinishJob {
  links: { path: string; target: string; facts: { mtimeMs: number; owner?: { uid: number; gid: number } } }[];
  folders: { path: string; facts: WriteSpec['facts'] }[];
  files: { path: string; bytes: number; facts: WriteSpec['facts'] }[];
}
