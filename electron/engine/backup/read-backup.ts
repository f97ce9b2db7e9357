/**
 * Opens a backup file and reads what it says about itself.
 * Promises: a manifest takes a few small reads from the end of the file, however large it is; memory stays flat; nothing that a file
 * says is believed before it was held against the rest of it. Refuses: what is no backup, is not whole, contradicts itself or is newer.
 */
import { Failure } from '../../api/failure.ts';
import { openFile } from '../platform/files.ts';
import { hashOf } from '../platform/hashing.ts';
import { factsOf } from './backup-entries.ts';
import { badArchive, badBackup, explainSystemError, newerFormat, shown } from './backup-failures.ts';
import { backupFormat, frameBytes, largestFrame, memberNames } from './backup-constants.ts';
import { manifestSchema, type BackupEntry, type BackupManifest } from './backup-format.ts';
import * as container from './frame-container.ts';
import { decodeOr, frameAt, readFrame } from './read-frames.ts';
import { each, entryBatches, lineBatches } from './read-list.ts';
import { formatOfMarker, markerBytes, ownMember } from './own-members.ts';
import { blockBytes, encodeHeader, endOfTar, headerLength, memberLength } from './tar-member.ts';
import { openStored, type StoredBytes } from './stored-bytes.ts';
import { firstFrameLength } from './zstd-frame-length.ts';

/** More than any manifest needs; the list of files is not in it. */
const largestManifest = 64 * 1024 * 1024;
/** 128 MiB of index are enough for 64 TiB of tar. */
const largestIndex = 128 * 1024 * 1024;
/** The first read: enough for the marker. */
const headBytes = 4096;

/** A backup whose outside was looked at. The handle is open until `close`. */
export interface OpenedBackup {
  path: string;
  container: container.ContainerKind;
  /** Of the file. */
  bytes: number;
  /** What worker threads open it with, where it is encrypted. */
  seal: StoredBytes['seal'];
  frames: container.Frame[];
  trailer: container.Trailer;
  /** What stands behind the frames. */
  end: Buffer;
  manifest: BackupManifest;
  /** Of the manifest's content, as it was read. */
  manifestBytes: number;
  manifestSha256: string;
  /** The list, line by line, in the tar's order; what counts and what does not. */
  entries(signal?: AbortSignal): AsyncGenerator<BackupEntry>;
  /** The same, many at a time; the names together are not looked at again when they `wereChecked`. */
  entryBatches(signal?: AbortSignal, wereChecked?: boolean): AsyncGenerator<BackupEntry[]>;
  /** The content of one file, out of the frames that hold it; held against its hash. For small files: all of it is in memory. */
  content(entry: BackupEntry): Promise<Buffer>;
  /** The same lines as they are, when their hash is right but nothing of what they say was looked at. */
  lines(signal?: AbortSignal): AsyncGenerator<string>;
  close(): Promise<void>;
}

/**
 * Reads what a backup is of.
 * Throws `unknown-backup` where there is no file, `bad-backup` for what is no whole backup, `bad-archive` for one that contradicts itself,
 * `newer-format`, `io`.
 */
export async function readManifest(path: string, signal?: AbortSignal): Promise<BackupManifest> {
  const backup = await openBackupFile(path, signal);
  await backup.close();
  return backup.manifest;
}

/** The members that a restore brings back, in the tar's order. Throws as `readManifest` does. */
export async function* listMembers(path: string, signal?: AbortSignal): AsyncGenerator<BackupEntry> {
  const backup = await openBackupFile(path, signal);
  try {
    for await (const entry of backup.entries(signal)) if (!entry.superseded) yield entry;
  } finally {
    await backup.close();
  }
}

/** The content of a small file of a backup; null where there is none of that name, or a larger one. Throws as `readManifest` does. */
export async function readSmallFile(path: string, name: string, mostBytes: number): Promise<Buffer | null> {
  const backup = await openBackupFile(path);
  try {
    for await (const entry of backup.entries())
      if (entry.path === name && !entry.superseded)
        return entry.kind === 'file' && entry.bytes <= mostBytes ? await backup.content(entry) : null;
    return null;
  } finally {
    await backup.close();
  }
}

/**
 * Opens a backup for reading its contents. Throws as `readManifest` does, and `needs-key` or `wrong-key` for one that is encrypted: its key
 * is the one given, or else one that this process knows.
 */
export async function openBackupFile(path: string, signal?: AbortSignal, fileKey?: Uint8Array | null): Promise<OpenedBackup> {
  signal?.throwIfAborted();
  const handle = await openFile(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw explainSystemError(error, `cannot read the backup ${path}`);
    throw new Failure('unknown-backup', `There is no file ${path}.`, {
      remedy: { action: 'restore-backup', text: 'Name another file, or see which backups there are.', command: 'moult backups' },
    });
  });
  try {
    if (!(await handle.stat()).isFile()) throw badBackup(path, 'it is not a file');
    return await look(path, await openStored(path, handle, fileKey), signal);
  } catch (error) {
    await handle.close();
    throw explainSystemError(error, `cannot read the backup ${path}`);
  }
}

async function look(path: string, file: StoredBytes, signal: AbortSignal | undefined): Promise<OpenedBackup> {
  const head = await file.readAt(0, Math.min(headBytes, file.size));
  const kind = await checkMarker(path, head);
  const frames = kind === 'zstd' ? await readIndex(path, file) : await hopOver(path, file, signal);
  const endAt = (frames.at(-1)?.at ?? 0) + (frames.at(-1)?.bytes ?? 0);
  if (file.size - endAt !== container.endBytes(kind, frames.length))
    throw badBackup(path, 'it ends early, or was damaged: its end is missing');
  const end = await file.readAt(endAt, file.size - endAt);
  const trailer = container.decodeEnd(kind, end, frames);
  if (!trailer) throw badBackup(path, 'it was damaged: its trailer cannot be read');
  if (trailer.format > backupFormat) throw newerFormat(path, trailer.format, backupFormat);
  const isTooLarge = (frame: container.Frame) => frame.plainBytes < 1 || frame.plainBytes > frameBytes || frame.bytes > largestFrame;
  if (frames.some(isTooLarge)) throw badArchive(path, 'a frame of it is larger than 4 MiB');
  const plainBytes = frames.reduce((sum, frame) => sum + frame.plainBytes, 0);
  if (plainBytes !== trailer.plainBytes) throw badBackup(path, 'its index and its trailer contradict each other');
  const read = await readOwnManifest(path, file, kind, frames, trailer);
  const list = { path, file, container: kind, frames, manifest: read.manifest };
  return {
    path,
    container: kind,
    bytes: file.stored,
    seal: file.seal,
    frames,
    trailer,
    end,
    ...read,
    entries: (asked) => each(entryBatches(list, asked)),
    entryBatches: (asked, wereChecked) => entryBatches(list, asked, wereChecked),
    content: (entry) => readContent(path, file, kind, frames, entry),
    lines: (asked) => each(lineBatches(list, asked)),
    close: () => file.close(),
  };
}

async function checkMarker(path: string, head: Buffer): Promise<container.ContainerKind> {
  const kind = container.containerOf(head);
  if (kind === null) throw badBackup(path, head.length === 0 ? 'it is empty' : 'it is neither a .tar.zst nor a .tar.gz');
  const foreign = badBackup(path, 'it was not made by Moult, or its beginning was damaged');
  const length = kind === 'zstd' ? firstFrameLength(head) : (container.gzipMemberLengths(head)?.bytes ?? null);
  if (length === null || length > head.length) throw foreign;
  const format = formatOfMarker(decodeOr(foreign, kind, head.subarray(0, length), markerBytes));
  if (format === null) throw foreign;
  if (format > backupFormat) throw newerFormat(path, format, backupFormat);
  return kind;
}

async function readIndex(path: string, file: StoredBytes): Promise<container.Frame[]> {
  const { size } = file;
  const footer = await file.readAt(Math.max(0, size - container.seekableFooterBytes), Math.min(size, container.seekableFooterBytes));
  const entries = container.indexEntries(footer);
  const broken = badBackup(path, 'it ends early, or was damaged: the index at its end is missing');
  if (entries === null || container.indexBytes(entries) > Math.min(size, largestIndex)) throw broken;
  const bytes = container.indexBytes(entries);
  const frames = container.decodeIndex(await file.readAt(size - bytes, bytes));
  if (!frames || frames.length === 0) throw broken;
  return frames;
}

/** Gzip members tell their lengths: hops from one to the next until the trailer. */
async function hopOver(path: string, file: StoredBytes, signal: AbortSignal | undefined): Promise<container.Frame[]> {
  const { size } = file;
  const frames: container.Frame[] = [];
  for (let at = 0; at < size;) {
    signal?.throwIfAborted();
    const lengths = container.gzipMemberLengths(await file.readAt(at, Math.min(32, size - at)));
    if (!lengths) break;
    if (lengths.bytes < 32 || lengths.plainBytes === 0) throw badBackup(path, `it was damaged at byte ${at}`);
    frames.push({ at, ...lengths });
    at += lengths.bytes;
  }
  return frames;
}

async function readOwnManifest(
  path: string,
  file: StoredBytes,
  kind: container.ContainerKind,
  frames: readonly container.Frame[],
  trailer: container.Trailer,
): Promise<Pick<OpenedBackup, 'manifest' | 'manifestBytes' | 'manifestSha256'>> {
  const damaged = badBackup(path, 'it was damaged: its manifest cannot be read');
  const first = frameAt(frames, trailer.manifestAt);
  const room = trailer.plainBytes - trailer.manifestAt;
  if (first === null || room < endOfTar + 2 * blockBytes) throw damaged;
  if (room > largestManifest) throw badArchive(path, 'its manifest is larger than 64 MiB');
  const pieces: Buffer[] = [];
  for (const frame of frames.slice(first)) pieces.push(await readFrame(damaged, file, kind, frame));
  const tar = Buffer.concat(pieces);
  const bytes = Number.parseInt(tar.toString('latin1', 124, 135), 8);
  if (!(bytes > 0 && blockBytes + bytes <= tar.length)) throw damaged;
  const content = tar.subarray(blockBytes, blockBytes + bytes);
  const manifest = parseManifest(path, content);
  const facts = ownMember(memberNames.manifest, bytes, manifest.created);
  const isOurs = encodeHeader(facts).equals(tar.subarray(0, blockBytes)) && memberLength(facts) + endOfTar === room;
  if (
    !isOurs ||
    trailer.manifestAt !== manifest.list.offset + memberLength(ownMember(memberNames.files, manifest.list.bytes, manifest.created))
  ) {
    throw badArchive(path, 'its manifest is not where it says');
  }
  return { manifest, manifestBytes: bytes, manifestSha256: hashOf(content) };
}

function parseManifest(path: string, content: Buffer): BackupManifest {
  let data: unknown;
  try {
    data = JSON.parse(content.toString('utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw badArchive(path, 'its manifest is not JSON');
  }
  const format = (data as { format?: unknown } | null)?.format;
  if (typeof format === 'number' && format > backupFormat) throw newerFormat(path, format, backupFormat);
  const parsed = manifestSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw badArchive(path, `its manifest is wrong at ${issue?.path.join('.') ?? '?'}: ${issue?.message ?? '?'}`);
}

async function readContent(
  path: string,
  file: StoredBytes,
  kind: container.ContainerKind,
  frames: readonly container.Frame[],
  entry: BackupEntry,
): Promise<Buffer> {
  const damaged = badBackup(path, `it was damaged: ${shown(entry.path)} cannot be read`);
  const from = entry.offset + headerLength(factsOf(entry));
  const pieces: Buffer[] = [];
  let at = 0;
  for (const frame of frames) {
    const [begin, end] = [Math.max(from, at), Math.min(from + entry.bytes, at + frame.plainBytes)];
    if (begin < end) pieces.push((await readFrame(damaged, file, kind, frame)).subarray(begin - at, end - at));
    at += frame.plainBytes;
  }
  const content = Buffer.concat(pieces);
  if (hashOf(content) !== entry.sha256) throw damaged;
  return content;
}
