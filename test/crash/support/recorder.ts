/**
 * Writes down what happens to a disk: one line of JSON for each change, in the order in which they took effect. Contents are taken up as
 * they are after each write. The files of other writers (SQLite, the product) are taken up as they are found, as if they were durable at
 * once: SQLite's own durability is not what is tested here.
 */
import fs from 'node:fs';
import { join, resolve } from 'node:path';

/** A change as it stands in the record. Files are known by their inode number; a new file of a known number is announced by `make`. */
export type Change =
  | { do: 'make'; path: string; inode: number; mode: number; was?: 'folder' | 'link'; target?: string }
  | { do: 'content'; inode: number; data: string; path: string }
  | { do: 'mode'; path: string; inode: number; mode: number }
  | { do: 'rename'; from: string; to: string }
  | { do: 'remove'; path: string }
  | { do: 'sync'; inode: number; path: string; folder: boolean }
  | { do: 'sync-all' }
  | { do: 'foreign'; path: string; inode: number; mode: number; data: string | null };

export interface Recorder {
  /** To be called before the call; the answer is called after it. */
  change(call: string, args: unknown[]): () => void;
  content(fd: number, path: string): void;
  sync(fd: number, path: string): void;
  syncAll(): void;
}

/** The originals: this file is loaded before anything stands in front of them. */
const { openSync, writeSync, readSync, fstatSync, lstatSync, statSync, readdirSync, readFileSync } = fs;

/** What others than the engine write: databases with their logs, and what a product prints. */
const isForeign = (path: string) => /\.db(?:-wal|-shm|-journal)?$|\/logs\/[^/]*$/.test(path);

export function recorder(root: string, file: string): Recorder {
  let fd = -1;
  const foreign = new Map<string, string>();
  const write = (change: Change) => {
    if (fd < 0) fd = openSync(file, 'a', 0o600);
    writeSync(fd, `${JSON.stringify(change)}\n`);
  };
  const tell = (change: Change) => {
    if (change.do === 'rename') follow(foreign, change);
    if (change.do === 'remove') foreign.delete(change.path);
    write(change);
  };
  const lookAround = () => lookForForeign(root, foreign, write);
  const contentOf = (path: string) => {
    const stats = look(path);
    if (stats?.isFile()) tell({ do: 'content', inode: stats.ino, data: readFileSync(path).toString('base64'), path });
  };
  return {
    change: (call, args) => {
      lookAround();
      return changeOf(
        call,
        args.map((arg) => (typeof arg === 'string' || Buffer.isBuffer(arg) ? String(arg) : arg)),
        tell,
        contentOf,
      );
    },
    content: (open, path) => {
      lookAround();
      const stats = fstatSync(open);
      tell({ do: 'mode', inode: stats.ino, path, mode: stats.mode & 0o7777 });
      if (!stats.isFile()) return;
      tell({ do: 'content', inode: stats.ino, data: readOpen(open, stats.size, path).toString('base64'), path });
    },
    sync: (open, path) => {
      lookAround();
      const stats = fstatSync(open);
      tell({ do: 'sync', inode: stats.ino, path: resolve(path), folder: stats.isDirectory() });
    },
    syncAll: () => tell({ do: 'sync-all' }),
  };
}

function changeOf(call: string, args: unknown[], tell: (change: Change) => void, contentOf: (path: string) => void): () => void {
  const path = resolve(String(args[0]));
  if (call === 'open') {
    const before = look(path);
    return () => {
      const stats = look(path);
      if (before === null && stats !== null) tell({ do: 'make', path, inode: stats.ino, mode: stats.mode & 0o7777 });
      else if (stats !== null && before !== null && stats.size !== before.size) contentOf(path);
    };
  }
  if (call === 'mkdir') {
    const missing: string[] = [];
    for (let folder = path; look(folder) === null; folder = resolve(folder, '..')) missing.unshift(folder);
    return () => {
      for (const folder of missing) {
        const stats = look(folder);
        if (stats !== null) tell({ do: 'make', path: folder, inode: stats.ino, mode: stats.mode & 0o7777, was: 'folder' });
      }
    };
  }
  if (call === 'rename') return () => tell({ do: 'rename', from: path, to: resolve(String(args[1])) });
  if (call === 'rm' || call === 'unlink' || call === 'rmdir') {
    const going = below(path);
    return () => {
      for (const each of going) if (look(each) === null) tell({ do: 'remove', path: each });
    };
  }
  if (call === 'symlink') {
    const link = resolve(String(args[1]));
    return () => tell({ do: 'make', path: link, inode: lstatSync(link).ino, mode: 0o777, was: 'link', target: String(args[0]) });
  }
  if (call === 'copyFile' || call === 'writeFile' || call === 'appendFile') {
    const to = call === 'copyFile' ? resolve(String(args[1])) : path;
    const before = look(to);
    return () => {
      const stats = lstatSync(to);
      if (before === null) tell({ do: 'make', path: to, inode: stats.ino, mode: stats.mode & 0o7777 });
      contentOf(to);
    };
  }
  if (call === 'chmod') return () => tell({ do: 'mode', path, inode: statSync(path).ino, mode: statSync(path).mode & 0o7777 });
  if (['lchown', 'chown', 'lutimes', 'utimes'].includes(call)) return () => undefined;
  throw new Error(`the recorder does not know ${call}`);
}

/** Everything below a path and the path itself, the innermost first. */
function below(path: string): string[] {
  const stats = look(path);
  if (stats === null) return [];
  if (!stats.isDirectory()) return [path];
  return [...readdirSync(path).flatMap((name) => below(join(path, name))), path];
}

function look(path: string): fs.Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}

function readOpen(open: number, size: number, path: string): Buffer {
  const buffer = Buffer.alloc(size);
  try {
    readSync(open, buffer, 0, size, 0);
    return buffer;
  } catch {
    // It was opened for writing only: its name still leads to it, because nothing renames an open file here before it is closed.
    return readFileSync(path);
  }
}

/** The engine moved what another wrote: it stays the same file, and the move is as lasting as any of the engine's own. */
function follow(known: Map<string, string>, { from, to }: { from: string; to: string }): void {
  for (const [path, state] of [...known]) {
    if (path !== from && !path.startsWith(`${from}/`)) continue;
    known.delete(path);
    known.set(to + path.slice(from.length), state);
  }
  for (const path of below(to)) if (isForeign(path) && !known.has(path)) known.set(path, stateOf(path) ?? '');
}

function lookForForeign(root: string, known: Map<string, string>, write: (change: Change) => void): void {
  const seen = new Set<string>();
  for (const path of below(root)) {
    if (!isForeign(path)) continue;
    const state = stateOf(path);
    const stats = look(path);
    if (state === null || stats === null) continue;
    seen.add(path);
    if (known.get(path) === state) continue;
    known.set(path, state);
    write({
      do: 'foreign',
      path,
      inode: stats.ino,
      mode: stats.mode & 0o7777,
      data: readFileSync(path).toString('base64'),
    });
  }
  for (const path of known.keys()) {
    // One that was put into the trash has another name there, and is the engine's own from then on.
    if (seen.has(path) || look(path) !== null) continue;
    known.delete(path);
    write({ do: 'foreign', path, inode: 0, mode: 0, data: null });
  }
}

/** Two equal states are of the same file with the same content; null where there is no file. */
function stateOf(path: string): string | null {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stats?.isFile() === true ? `${stats.ino} ${stats.size} ${stats.mtimeNs}` : null;
}
