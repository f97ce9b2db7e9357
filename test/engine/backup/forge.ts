/** Makes backup files by hand, right and wrong ones, without the writer: what a hostile or broken program could make. */
import { createHash, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { backupFormat, frameBytes, memberNames } from '../../../electron/engine/backup/backup-constants.ts';
import type { BackupEntry, BackupManifest } from '../../../electron/engine/backup/backup-format.ts';
import { compressFrame, encodeEnd, type ContainerKind, type Frame } from '../../../electron/engine/backup/frame-container.ts';
import { markerContent, ownMember } from '../../../electron/engine/backup/own-members.ts';
import { encodeHeader, endOfTar, paddingOf, type MemberFacts } from '../../../electron/engine/backup/tar-member.ts';
import { header } from './samples.ts';

const sha256 = (content: Uint8Array | string) => createHash('sha256').update(content).digest('hex');

/** What goes into a forged backup: an entry as the list tells it, its content, and what the tar has in its place. */
export interface ForgedEntry {
  path: string;
  kind?: BackupEntry['kind'];
  content?: Buffer | string;
  target?: string;
  /** Changes to the line in the list. */
  line?: Record<string, unknown>;
  /** The line as it is, whatever it is. */
  rawLine?: string;
  /** Changes to the header in the tar. */
  facts?: Partial<MemberFacts>;
}

export interface Forgery {
  container?: ContainerKind;
  entries?: ForgedEntry[];
  marker?: Buffer;
  manifest?: (manifest: BackupManifest) => unknown;
  /** Changes to the frames before the end is made of them. */
  frames?: (frames: Frame[]) => Frame[];
  /** Changes to the compressed bytes of a frame. */
  compressed?: (frame: Buffer, index: number) => Buffer;
  trailer?: { format?: number; manifestAt?: number; plainBytes?: number };
  /** Bytes that stand in the tar behind the entries and in no list. */
  stray?: Buffer;
  end?: Buffer;
}

const created = '2026-01-02T03:04:05.678Z';

/** Writes a backup file; without changes it is a right one. */
export async function forge(path: string, forgery: Forgery = {}): Promise<void> {
  const kind = forgery.container ?? 'zstd';
  const id = randomUUID();
  const frames = new FrameSink(kind, forgery.compressed);
  frames.put(own(memberNames.marker, forgery.marker ?? markerContent(id)));
  const { lines, counts, contentBytes } = putEntries(frames, forgery.entries ?? []);
  if (forgery.stray) frames.put(forgery.stray);
  const list = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const offset = frames.plain;
  frames.put(own(memberNames.files, list));
  const manifest: BackupManifest = {
    format: backupFormat,
    id,
    created,
    moult: '0.0.0',
    platform: 'linux',
    ...header,
    leftOut: [],
    counts,
    contentBytes,
    list: { offset, bytes: list.length, lines: lines.length, sha256: sha256(list) },
  };
  const text = Buffer.from(JSON.stringify(forgery.manifest ? forgery.manifest(manifest) : manifest));
  const manifestAt = frames.plain;
  frames.put(Buffer.concat([own(memberNames.manifest, text), forgery.end ?? Buffer.alloc(endOfTar)]));
  const told = forgery.frames ? forgery.frames(frames.made) : frames.made;
  const { before, after } = encodeEnd(kind, told, { format: backupFormat, manifestAt, plainBytes: frames.plain, ...forgery.trailer });
  const body = Buffer.concat([...frames.pieces, before]);
  await writeFile(path, Buffer.concat([body, createHash('sha256').update(body).update(after).digest(), after]));
}

/** Takes tar and makes frames of it. */
class FrameSink {
  readonly pieces: Buffer[] = [];
  readonly made: Frame[] = [];
  /** Bytes of tar so far. */
  plain = 0;
  readonly #kind: ContainerKind;
  readonly #change: Forgery['compressed'];

  constructor(kind: ContainerKind, change: Forgery['compressed']) {
    this.#kind = kind;
    this.#change = change;
  }

  put(tar: Buffer): void {
    for (let at = 0; at < tar.length; at += frameBytes) {
      const content = tar.subarray(at, at + frameBytes);
      const made = compressFrame(this.#kind, content, 1);
      const frame = this.#change?.(made, this.made.length) ?? made;
      this.made.push({ at: this.made.reduce((sum, { bytes }) => sum + bytes, 0), bytes: frame.length, plainBytes: content.length });
      this.pieces.push(frame);
      this.plain += content.length;
    }
  }
}

function own(name: string, content: Buffer): Buffer {
  return Buffer.concat([encodeHeader(ownMember(name, content.length, created)), content, Buffer.alloc(paddingOf(content.length))]);
}

/** Puts the entries into the tar, and gives what the list and the manifest say of them. */
function putEntries(
  frames: FrameSink,
  entries: readonly ForgedEntry[],
): Pick<BackupManifest, 'counts' | 'contentBytes'> & { lines: string[] } {
  const lines: string[] = [];
  const counts = { files: 0, folders: 0, links: 0, superseded: 0 };
  let contentBytes = 0;
  for (const entry of entries) {
    const content = Buffer.from(entry.content ?? '');
    const kind = entry.kind ?? 'file';
    const facts: MemberFacts = {
      path: entry.path,
      kind,
      bytes: content.length,
      mode: 0o644,
      mtime: 1_700_000_000_000,
      uid: 0,
      gid: 0,
      ...(entry.target !== undefined && { target: entry.target }),
    };
    const line = { ...facts, ...(kind === 'file' && { sha256: sha256(content) }), offset: frames.plain, ...entry.line };
    lines.push(entry.rawLine ?? JSON.stringify(line));
    if ((line as { superseded?: boolean }).superseded) counts.superseded += 1;
    else {
      counts[`${kind}s`] += 1;
      contentBytes += content.length;
    }
    frames.put(Buffer.concat([encodeHeader({ ...facts, ...entry.facts }), content, Buffer.alloc(paddingOf(content.length))]));
  }
  return { lines, counts, contentBytes };
}
