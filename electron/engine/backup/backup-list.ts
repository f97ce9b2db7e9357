/** `files.jsonl`, made out of what the writer remembers, and the sums that the manifest tells. */
import { RunningHash } from '../platform/hashing.ts';
import { collectGarbage } from '../platform/memory.ts';
import { entryLine } from './backup-entries.ts';
import type { BackupManifest } from './backup-format.ts';
import type { EntryStore } from './entry-store.ts';
import type { PackedUnits } from './packed-units.ts';
import { memberLength } from './tar-member.ts';

/** Less than a frame, so that making the list takes little memory; more than any line of it. */
const pieceBytes = 1024 * 1024;
/** About 10 MB of objects come and go with so many lines. */
const linesBetweenCollections = 10_000;

/** The list in pieces. A piece may be used until the next is asked for. */
function* listPieces(written: EntryStore, units: PackedUnits): Generator<Uint8Array> {
  const piece = Buffer.allocUnsafeSlow(pieceBytes);
  let length = 0;
  for (let row = 0; row < written.length; row += 1) {
    if (row % linesBetweenCollections === 0) collectGarbage();
    const packed = units.hashAt(written.number(row, 'offset'), () => memberLength(written.facts(row)));
    const line = entryLine({ ...written.entry(row), ...(packed !== undefined && { packed }) });
    if (length + Buffer.byteLength(line) > piece.length) {
      yield piece.subarray(0, length);
      length = 0;
    }
    length += piece.write(line, length);
  }
  if (length > 0 || written.length === 0) yield piece.subarray(0, length);
}

/** A content in pieces of the same size. */
export function* piecesOf(content: Buffer): Generator<Uint8Array> {
  for (let at = 0; at < content.length; at += pieceBytes) yield content.subarray(at, at + pieceBytes);
}

/** Length and hash of the list, which have to be known before it is written, and its pieces, which are made a second time instead of being kept. `units` makes what tells of the frames, anew each time. */
export function makeList(written: EntryStore, units: () => PackedUnits): { bytes: number; sha256: string; pieces: Iterable<Uint8Array> } {
  const hash = new RunningHash();
  let bytes = 0;
  for (const piece of listPieces(written, units())) {
    hash.add(piece);
    bytes += piece.length;
  }
  return { bytes, sha256: hash.end(), pieces: listPieces(written, units()) };
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
