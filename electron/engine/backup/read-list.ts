/** The list of files, read without trusting it: many lines at a time, because a turn of the event loop for each would take longer than the line. */
import { RunningHash } from '../platform/hashing.ts';
import { EntryRules, isRuleBreach, parseEntries } from './backup-entries.ts';
import { badArchive, badBackup } from './backup-failures.ts';
import type { BackupEntry, BackupManifest } from './backup-format.ts';
import type { ContainerKind, Frame } from './frame-container.ts';
import { frameAt, readFrame } from './read-frames.ts';
import type { StoredBytes } from './stored-bytes.ts';
import { blockBytes } from './tar-member.ts';

const longestLine = 64 * 1024;
/** Of the list that is looked at together, with no more objects than that makes; longer than any line. */
const stretchBytes = 80 * 1024;

/** The outside of a backup whose list is read. */
export interface ListSource {
  path: string;
  file: StoredBytes;
  container: ContainerKind;
  frames: readonly Frame[];
  manifest: BackupManifest;
}

/**
 * The entries, in the tar's order; what counts and what does not. Each is looked at for itself; all of them together unless they `wereChecked` in an
 * earlier look at the same file. Throws `bad-archive` for a list that contradicts itself, `bad-backup` for a damaged one.
 */
export async function* entryBatches(
  source: ListSource,
  signal: AbortSignal | undefined,
  wereChecked = false,
): AsyncGenerator<BackupEntry[]> {
  const { path, manifest } = source;
  const rules = new EntryRules();
  const items = new Set(manifest.items.map(({ item }) => item));
  let lines = 0;
  try {
    for await (const text of wholeLines(source, signal)) {
      const entries = parseEntries(text);
      lines += entries.length;
      for (const entry of entries) {
        if (!wereChecked) rules.add(entry);
        // Nothing of it would ever be restored, and nobody would notice.
        if (!items.has(entry.item)) throw badArchive(path, `its manifest knows no item "${entry.item}", of which it holds ${entry.path}`);
      }
      yield entries;
    }
    rules.end();
  } catch (error) {
    throw isRuleBreach(error) ? badArchive(path, error.message) : error;
  }
  if (lines !== manifest.list.lines) throw badArchive(path, `its list of files has ${lines} lines instead of ${manifest.list.lines}`);
}

/** The lines as they are. After the last, their hash was right; nothing of what they say was looked at. */
export async function* lineBatches(source: ListSource, signal: AbortSignal | undefined): AsyncGenerator<string[]> {
  for await (const text of wholeLines(source, signal)) yield text.slice(0, -1).split('\n');
}

/** The list in stretches that end with a line. */
async function* wholeLines(source: ListSource, signal: AbortSignal | undefined): AsyncGenerator<string> {
  const { path, file, container, frames } = source;
  const { list } = source.manifest;
  const damaged = badBackup(path, 'it was damaged: its list of files cannot be read');
  const first = frameAt(frames, list.offset);
  if (first === null) throw damaged;
  const hash = new RunningHash();
  let skip = blockBytes;
  let left = list.bytes;
  let rest: Buffer = Buffer.alloc(0);
  for (const frame of frames.slice(first)) {
    if (left === 0) break;
    signal?.throwIfAborted();
    const plain = await readFrame(damaged, file, container, frame);
    const content = plain.subarray(skip, skip + left);
    skip = 0;
    left -= content.length;
    hash.add(content);
    const joined = rest.length === 0 ? content : Buffer.concat([rest, content]);
    let at = 0;
    for (let end = lineEnd(joined, at); end > at; end = lineEnd(joined, at)) {
      yield joined.toString('utf8', at, end);
      at = end;
    }
    rest = joined.subarray(at);
    if (rest.length > longestLine) throw badArchive(path, 'its list of files has a line without an end');
  }
  if (left > 0 || rest.length > 0 || hash.end() !== list.sha256) throw damaged;
}

/** Where the last line ends that ends within a stretch from `from`. */
function lineEnd(bytes: Buffer, from: number): number {
  return bytes.lastIndexOf(10, Math.min(bytes.length, from + stretchBytes) - 1) + 1;
}

/** One after the other. */
export async function* each<Value>(batches: AsyncIterable<Value[]>): AsyncGenerator<Value> {
  for await (const batch of batches) for (const value of batch) yield value;
}
