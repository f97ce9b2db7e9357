/**
 * Builds the disk as it may be after a power cut, from the record of an operation. A cut comes after any change; what was not made durable
 * by then may be there or not:
 * - `ordered`, as journalling file systems do it: folder entries are lost from the end only, and any sync keeps all entries before it; contents
 *   that were not synced may be of any age, cut short, or zeros.
 * - `loose`, as POSIX allows: each entry that its folder's sync does not cover is kept or lost by itself; a rename is one entry.
 * Modes, owners and times count as durable at once.
 */
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Change } from './recorder.ts';

export type Keeping = 'ordered' | 'loose';

/** A disk: what stands at each path. */
export type Disk = Map<string, { kind: 'folder' | 'link' | 'file'; mode: number; node: number; target?: string }>;

interface Content {
  /** Every content that the file had, in time; the first is the durable one at the beginning. */
  versions: { at: number; data: Buffer }[];
  /** When it was made durable: positions in the record. */
  syncs: number[];
}

interface Entry {
  at: number;
  apply: (disk: Disk) => void;
  /** Folders whose sync makes it durable. */
  folders: string[];
  /** Another writer's: durable at once. */
  isDurable: boolean;
}

export interface Course {
  length: number;
  /** The disk after a cut behind `at` changes. `random` decides what was lucky. */
  cut(at: number, keeping: Keeping, random: () => number): { disk: Disk; contents: Map<number, Buffer>; text: string };
}

/** Reads a record over the disk as it was at its beginning. */
export function readCourse(begin: Disk, beginContents: Map<number, Buffer>, changes: readonly Change[]): Course {
  const contents = new Map<number, Content>();
  for (const [node, data] of beginContents) contents.set(node, { versions: [{ at: -1, data }], syncs: [-1] });
  const entries: Entry[] = [];
  const syncs: { at: number; folder: string | null }[] = [];
  const nodes = new Map<number, number>();
  let last = 1_000_000;
  // An inode number is used again after a removal: each file that is made gets a number of its own.
  const nodeOf = (inode: number) => nodes.get(inode) ?? inode;
  for (const [at, change] of changes.entries()) {
    if (change.do === 'make') {
      last += 1;
      const node = last;
      nodes.set(change.inode, node);
      const { path, mode, was = 'file', target } = change;
      if (was === 'file') contents.set(node, { versions: [{ at, data: Buffer.alloc(0) }], syncs: [] });
      entries.push({
        at,
        folders: [dirname(path)],
        isDurable: false,
        apply: (disk) => place(disk, path, { kind: was, mode, node, ...(target !== undefined && { target }) }),
      });
    } else if (change.do === 'content') {
      contents.get(nodeOf(change.inode))?.versions.push({ at, data: Buffer.from(change.data, 'base64') });
    } else if (change.do === 'mode') {
      const { mode } = change;
      const node = nodeOf(change.inode);
      entries.push({ at, folders: [], isDurable: true, apply: (disk) => setMode(disk, node, mode) });
    } else if (change.do === 'rename') {
      const { from, to } = change;
      entries.push({ at, folders: [dirname(from), dirname(to)], isDurable: false, apply: (disk) => move(disk, from, to) });
    } else if (change.do === 'remove') {
      const { path } = change;
      entries.push({ at, folders: [dirname(path)], isDurable: false, apply: (disk) => void disk.delete(path) });
    } else if (change.do === 'sync') {
      if (change.folder) syncs.push({ at, folder: change.path });
      else {
        syncs.push({ at, folder: '' });
        contents.get(nodeOf(change.inode))?.syncs.push(at);
      }
    } else if (change.do === 'sync-all') {
      syncs.push({ at, folder: null });
      for (const content of contents.values()) content.syncs.push(at);
    } else {
      entries.push(foreignEntry(at, change, contents, { nodes, isOld: beginContents.has(change.inode), fresh: (last += 1) }));
    }
  }
  return { length: changes.length, cut: (at, keeping, random) => cutAt({ begin, contents, entries, syncs }, at, keeping, random) };
}

/** A file of another writer, durable as it is. */
function foreignEntry(
  at: number,
  { path, mode, data, inode }: Extract<Change, { do: 'foreign' }>,
  contents: Map<number, Content>,
  known: { nodes: Map<number, number>; isOld: boolean; fresh: number },
): Entry {
  if (data === null) return { at, folders: [], isDurable: true, apply: (disk) => void disk.delete(path) };
  const node = known.nodes.get(inode) ?? (known.isOld ? inode : known.fresh);
  known.nodes.set(inode, node);
  const content = contents.get(node) ?? { versions: [], syncs: [] };
  content.versions.push({ at, data: Buffer.from(data, 'base64') });
  content.syncs.push(at);
  contents.set(node, content);
  const isThere = (disk: Disk) => disk.get(path)?.node === node;
  return {
    at,
    folders: [],
    isDurable: true,
    apply: (disk) => (isThere(disk) ? undefined : placeForeign(disk, path, { kind: 'file', mode, node })),
  };
}

interface Read {
  begin: Disk;
  contents: Map<number, Content>;
  entries: Entry[];
  syncs: { at: number; folder: string | null }[];
}

function cutAt(read: Read, at: number, keeping: Keeping, random: () => number): ReturnType<Course['cut']> {
  const disk: Disk = new Map(read.begin);
  const done = read.entries.filter((entry) => entry.at < at);
  const syncs = read.syncs.filter((sync) => sync.at < at);
  const lastSync = syncs.at(-1)?.at ?? -1;
  const unsynced = done.filter((entry) => entry.at > lastSync && !entry.isDurable);
  const keptUntil = unsynced[Math.floor(random() * (unsynced.length + 1)) - 1]?.at ?? lastSync;
  for (const entry of done) {
    const isSynced =
      entry.isDurable || syncs.some((sync) => sync.at > entry.at && (sync.folder === null || entry.folders.includes(sync.folder)));
    const isKept = keeping === 'ordered' ? entry.isDurable || entry.at <= keptUntil : isSynced || random() < 0.5;
    if (isKept) entry.apply(disk);
  }
  dropOrphans(disk);
  const contents = new Map<number, Buffer>();
  for (const { kind, node } of disk.values()) if (kind === 'file') contents.set(node, contentAt(read.contents.get(node), at, random));
  const text = [...disk]
    .map(([path, { kind, node, target }]) => `${path} ${kind} ${target ?? ''} ${kind === 'file' ? hashOf(contents.get(node)) : ''}`)
    .sort()
    .join('\n');
  return { disk, contents, text };
}

const hashes = new WeakMap<Buffer, string>();

/** Most contents are the same in thousands of disks. */
function hashOf(content: Buffer = Buffer.alloc(0)): string {
  const known = hashes.get(content) ?? createHash('sha1').update(content).digest('base64');
  hashes.set(content, known);
  return known;
}

function contentAt(content: Content | undefined, at: number, random: () => number): Buffer {
  if (content === undefined) return Buffer.alloc(0);
  const durable = Math.max(-2, ...content.syncs.filter((sync) => sync < at));
  const from = content.versions.findLastIndex((version) => version.at <= durable);
  const to = content.versions.findLastIndex((version) => version.at < at);
  const choices = content.versions.slice(Math.max(0, from), to + 1);
  const chosen = choices[Math.floor(random() * choices.length)]?.data ?? Buffer.alloc(0);
  const isDurable = choices.length <= 1 && from >= 0;
  if (isDurable) return chosen;
  const least = from >= 0 ? (content.versions[from]?.data.length ?? 0) : 0;
  const luck = random();
  if (luck < 0.5 || chosen.length <= least) return chosen;
  const short = chosen.subarray(0, least + Math.floor(random() * (chosen.length - least)));
  return luck < 0.75 ? short : Buffer.concat([short, Buffer.alloc(chosen.length - short.length)]);
}

function place(disk: Disk, path: string, what: NonNullable<ReturnType<Disk['get']>>): void {
  disk.set(path, what);
}

/** What another process makes comes with the folders that it made around it. */
function placeForeign(disk: Disk, path: string, what: NonNullable<ReturnType<Disk['get']>>): void {
  const live = [...disk.keys()].find((each) => each !== '') ?? '/';
  for (let folder = dirname(path); folder.startsWith(live) && !disk.has(folder); folder = dirname(folder))
    place(disk, folder, { kind: 'folder', mode: 0o755, node: 0 });
  place(disk, path, what);
}

function setMode(disk: Disk, node: number, mode: number): void {
  for (const [path, there] of disk) if (there.node === node) disk.set(path, { ...there, mode });
}

function move(disk: Disk, from: string, to: string): void {
  const there = disk.get(from);
  if (there === undefined) return;
  for (const path of [...disk.keys()]) if (path === to || path.startsWith(`${to}/`)) disk.delete(path);
  for (const [path, what] of [...disk]) {
    if (path !== from && !path.startsWith(`${from}/`)) continue;
    disk.delete(path);
    disk.set(to + path.slice(from.length), what);
  }
}

/** What is in a folder that is not there cannot be reached. */
function dropOrphans(disk: Disk): void {
  for (const path of [...disk.keys()].sort()) if (path !== '' && !isReachable(disk, path)) disk.delete(path);
}

function isReachable(disk: Disk, path: string): boolean {
  const parent = dirname(path);
  return parent === path || disk.get(parent)?.kind === 'folder' || disk.get('')?.target === parent;
}

/** Puts a disk where the world was. */
export function writeDisk(live: string, disk: Disk, contents: Map<number, Buffer>): void {
  rmSync(live, { recursive: true, force: true });
  mkdirSync(live, { mode: 0o700 });
  const folders: [string, number][] = [];
  for (const [path, what] of [...disk].sort(([one], [other]) => (one < other ? -1 : 1))) {
    if (path === '' || path === live) continue;
    if (what.kind === 'folder') {
      mkdirSync(path, { mode: 0o700 });
      folders.push([path, what.mode]);
    } else if (what.kind === 'link') symlinkSync(what.target ?? '', path);
    else {
      writeFileSync(path, contents.get(what.node) ?? Buffer.alloc(0));
      chmodSync(path, what.mode);
    }
  }
  for (const [path, mode] of folders.toReversed()) chmodSync(path, mode);
  if (!existsSync(join(live))) throw new Error('no disk');
}
