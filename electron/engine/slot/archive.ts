import { join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { decompressed } from '../platform/decompress.ts';
import { startDigest, type DigestName } from '../platform/digest.ts';
import { copyFile, followOrNull, makeFolder, makeLink, openFile, setMode } from '../platform/files.ts';
import { ArchiveTree } from './archive-tree.ts';
import { badArchive, checkTarget, partsOf } from './archive-rules.ts';
import { asFailure } from './disk-failure.ts';
import type { ShippedFile } from './manifest.ts';
import { readTar, type TarMember } from './tar-reader.ts';

export interface UnpackOptions {
  /** An empty folder; everything is written below it. */
  into: string;
  /** How many folders at the top of each path are left away. */
  strip: number;
  /** Bytes that are free on the volume; an archive with more content is refused before it fills the disk. */
  free?: number;
  /** The checksum that the archive must have as it is read, so that what was verified is what is unpacked. */
  expected?: { algorithm: DigestName; allowed: readonly string[] };
  signal?: AbortSignal;
  onProgress?: (progress: { fraction: number; bytes: number; files: number; detail: string }) => void;
}

/** Limits that no release comes near: bytes, members, and how far the content may be compressed. */
const mostBytes = 16 * 1024 ** 3;
const mostMembers = 500_000;
const mostRatio = 200;
const ratioMatters = 64 * 1024 ** 2;

interface Unpacking extends UnpackOptions {
  tree: ArchiveTree;
  files: Map<string, ShippedFile>;
  /** Links are made last, so that nothing can ever be written through one. */
  links: { path: string; target: string }[];
  bytes: number;
}

/**
 * Unpacks .tar, .tar.gz or .tar.zst and returns what it wrote, with hashes. Nothing is ever written outside `into`: a hostile archive is refused
 * with `bad-archive`, which names the member and the reason, and what was unpacked before is left for the caller to remove.
 * Owners and set-user-id bits are dropped, and nobody but the owner may write. Hard links become copies. Not synced.
 */
export async function unpackArchive(archive: string, options: UnpackOptions): Promise<ShippedFile[]> {
  const unpacking: Unpacking = { ...options, tree: new ArchiveTree(), files: new Map(), links: [], bytes: 0 };
  const size = (await followOrNull(archive))?.size ?? 0;
  const hash = options.expected === undefined ? null : startDigest(options.expected.algorithm);
  let read = 0;
  const source = decompressed(archive, {
    ...(options.signal && { signal: options.signal }),
    ...(hash && { hash }),
    onRead: (bytes) => (read = bytes),
  });
  try {
    let members = 0;
    for await (const member of readTar(guarded(source, size))) {
      members += 1;
      if (members > mostMembers) throw badArchive(null, `it has more than ${mostMembers} members`);
      await unpackMember(member, unpacking);
      const { bytes, files } = unpacking;
      options.onProgress?.({ fraction: size === 0 ? 1 : read / size, bytes, files: files.size, detail: member.name });
    }
  } catch (error) {
    throw explain(error, archive);
  }
  const found = hash?.digest('hex');
  if (found !== undefined && !options.expected?.allowed.includes(found)) {
    throw badArchive(null, `its bytes changed after they were verified: ${options.expected?.algorithm} ${found}`);
  }
  for (const { path, target } of unpacking.links) await makeLink(target, join(options.into, path));
  if (![...unpacking.files.values()].some((file) => file.kind !== 'folder')) throw badArchive(null, 'it holds no files');
  return [...unpacking.files.values()];
}

/** Refuses content that is far larger than its compressed form: a bomb. */
async function* guarded(source: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > ratioMatters && bytes > size * mostRatio)
      throw badArchive(null, `its content is more than ${mostRatio} times as large as the archive`);
    yield chunk;
  }
}

async function unpackMember(member: TarMember, unpacking: Unpacking): Promise<void> {
  const parts = partsOf(member.name);
  const inside = parts.slice(unpacking.strip);
  if (inside.length === 0) {
    if (member.type === 'folder') return;
    throw badArchive(
      member.name,
      parts.length === 0 ? 'it takes the place of the root' : `it stands outside the ${unpacking.strip} folders that are left away`,
    );
  }
  const path = inside.join('/');
  if (member.type === 'link') checkTarget(member.name, inside.slice(0, -1), member.target);
  const original = member.type === 'hard-link' ? originalOf(member, unpacking) : null;
  claimSize(member, original?.bytes ?? member.size, unpacking);
  for (const folder of unpacking.tree.claim(inside, member.type === 'hard-link' ? 'file' : member.type)) await newFolder(folder, unpacking);
  if (member.type === 'file') await newFile(member, path, unpacking);
  if (original !== null) await newCopy(original, path, unpacking);
  if (member.type === 'link') {
    unpacking.links.push({ path, target: member.target });
    unpacking.files.set(path, { path, kind: 'link', bytes: 0, mode: 0o777, sha256: null, target: member.target });
  }
}

/** A hard link may only name a file that came before it in the same archive. */
function originalOf(member: TarMember, unpacking: Unpacking): ShippedFile {
  const path = partsOf(member.target).slice(unpacking.strip).join('/');
  const original = unpacking.tree.kindOf(path) === 'file' ? unpacking.files.get(path) : undefined;
  if (original === undefined)
    throw badArchive(member.name, `it is a hard link to "${member.target}", which is no earlier file of the archive`);
  return original;
}

function claimSize(member: TarMember, size: number, unpacking: Unpacking): void {
  unpacking.bytes += size;
  if (unpacking.bytes > mostBytes)
    throw badArchive(member.name, `its ${size} bytes make the content larger than the ${mostBytes} that a release may have`);
  if (unpacking.bytes <= (unpacking.free ?? Infinity)) return;
  throw new Failure('no-space', `there are ${unpacking.free} bytes free for the release, and its content has more than that`, {
    remedy: { action: 'free-space', text: 'Free some space and try again. The live release was not touched.' },
    details: { free: unpacking.free, member: member.name },
  });
}

async function newFolder(path: string, unpacking: Unpacking): Promise<void> {
  await makeFolder(join(unpacking.into, path), 0o755);
  unpacking.files.set(path, { path, kind: 'folder', bytes: 0, mode: 0o755, sha256: null });
}

async function newFile(member: TarMember, path: string, unpacking: Unpacking): Promise<void> {
  const mode = safeMode(member.mode);
  const hash = startDigest('sha256');
  // `wx` never opens what is there already, and never follows a link.
  const handle = await openFile(join(unpacking.into, path), 'wx', mode);
  try {
    for await (const piece of member.body) {
      hash.update(piece);
      await handle.writeFile(piece);
    }
    await handle.chmod(mode);
    if (member.modified !== null) await handle.utimes(member.modified, member.modified);
  } finally {
    await handle.close();
  }
  unpacking.files.set(path, { path, kind: 'file', bytes: member.size, mode, sha256: hash.digest('hex') });
}

async function newCopy(original: ShippedFile, path: string, unpacking: Unpacking): Promise<void> {
  await copyFile(join(unpacking.into, original.path), join(unpacking.into, path));
  await setMode(join(unpacking.into, path), original.mode);
  unpacking.files.set(path, { ...original, path });
}

/** What may be run stays so; the owner can always read and write, nobody else can write, and no bit gives away the owner's rights. */
function safeMode(mode: number): number {
  return (mode & 0o111) === 0 ? 0o644 : 0o755;
}

function explain(error: unknown, archive: string): unknown {
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'TRUNCATED') return badArchive(null, 'it is truncated: its compressed data ends too early');
  if (code === 'TRAILING') return badArchive(null, `something follows its compressed data: ${message}`);
  if (/^(?:Z_|ZSTD_)/.test(code)) return badArchive(null, `its compressed data is damaged (${message})`);
  if (code === 'ENAMETOOLONG') return badArchive(null, 'a path in it is too long for this file system');
  return asFailure(error, `unpack ${archive}`);
}
