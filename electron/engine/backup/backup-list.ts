/** `files.jsonl`, made out of what the writer remembers, and the sums that the manifest tells. */
import { RunningHash } from '../platform/hashing.ts';
import { collectGarbage } from '../platform/memory.ts';
import { frameBytes } from './backup-constants.ts';
import type { BackupManifest } from './backup-format.ts';
import type { EntryStore } from './entry-store.ts';
import type { PackedUnits } from './packed-units.ts';
import type { Room, Rooms } from './rooms.ts';
import { memberLength } from './tar-member.ts';

/** Less than a frame, so that making the list takes little memory; more than any line of it. */
const pieceBytes = 1024 * 1024;
/** About 10 MB of objects come and go with so many lines. */
const linesBetweenCollections = 20_000;
/** Lines are turned into bytes many at a time: as long as text of this length, in characters, at least. */
const textLength = 32 * 1024;
/** The most bytes of UTF-8 that a character takes, counted as JavaScript counts them. */
const bytesOfCharacter = 3;

/** The list in pieces. A piece may be used until the next is asked for. */
function* listPieces(written: EntryStore, units: PackedUnits): Generator<Uint8Array> {
  const piece = Buffer.allocUnsafeSlow(pieceBytes);
  let length = 0;
  let text = '';
  for (let row = 0; row < written.length; row += 1) {
    if (row % linesBetweenCollections === 0) collectGarbage();
    const offset = written.number(row, 'offset');
    const packed = offset === units.nextAt(offset) ? units.hashFrom(offset + memberLength(written.facts(row))) : undefined;
    text += written.line(row, packed);
    if (text.length < textLength && row + 1 < written.length) continue;
    if (length + text.length * bytesOfCharacter > piece.length && length + Buffer.byteLength(text) > piece.length) {
      yield piece.subarray(0, length);
      length = 0;
    }
    length += piece.write(text, length);
    text = '';
  }
  if (length > 0 || written.length === 0) yield piece.subarray(0, length);
}

/** A content in pieces of the same size. */
export function* piecesOf(content: Buffer): Generator<Uint8Array> {
  for (let at = 0; at < content.length; at += pieceBytes) yield content.subarray(at, at + pieceBytes);
}

/** A longer list, of about 60,000 files, is made a second time instead of being kept. */
const roomsToKeep = 4;
const piecesInRoom = frameBytes / pieceBytes;

export interface MadeList {
  bytes: number;
  sha256: string;
  /** May be gone through once. */
  pieces: Iterable<Uint8Array>;
}

/**
 * Length and hash of the list, which have to be known before it is written, and its pieces, which are kept in rooms that nobody needs at
 * that time. `units` makes what tells of the frames, anew each time.
 */
export function makeList(written: EntryStore, units: () => PackedUnits, rooms: Rooms): MadeList {
  const hash = new RunningHash();
  let kept: Uint8Array[] | null = [];
  const taken: Room[] = [];
  let bytes = 0;
  for (const piece of listPieces(written, units())) {
    hash.add(piece);
    bytes += piece.length;
    if (kept === null) continue;
    const at = kept.length % piecesInRoom;
    if (at === 0 && taken.length === roomsToKeep) kept = null;
    else {
      if (at === 0) taken.push(rooms.plain.take());
      const copy = new Uint8Array(taken.at(-1) as Room, at * pieceBytes, piece.length);
      copy.set(piece);
      kept.push(copy);
    }
  }
  const sha256 = hash.end();
  if (kept === null) {
    for (const room of taken) rooms.plain.give(room);
    return { bytes, sha256, pieces: listPieces(written, units()) };
  }
  return { bytes, sha256, pieces: thenFree(kept, () => taken.forEach((room) => rooms.plain.give(room))) };
}

function* thenFree(pieces: readonly Uint8Array[], free: () => void): Generator<Uint8Array> {
  yield* pieces;
  free();
}

/** How many of each kind count, and how many bytes of content they have. */
export function tally(written: EntryStore): Pick<BackupManifest, 'counts' | 'contentBytes'> {
  const counts = { files: 0, folders: 0, links: 0, superseded: 0 };
  let contentBytes = 0;
  for (let row = 0; row < written.length; row += 1) {
    if (written.isSuperseded(row)) {
      counts.superseded += 1;
      continue;
    }
    counts[`${written.kind(row)}s`] += 1;
    contentBytes += written.number(row, 'bytes');
  }
  return { counts, contentBytes };
}
