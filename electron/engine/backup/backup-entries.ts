/** The lines of `files.jsonl`: written, and read without trusting them. */
import { Failure } from '../../api/failure.ts';
import { memberNames } from './backup-constants.ts';
import type { BackupEntry } from './backup-format.ts';
import type { MemberFacts } from './tar-member.ts';

const largestId = 0xffff_ffff;
/** Linux' limits for a name and a path, in bytes. */
const longestName = 255;
const longestPath = 4096;
const longestTarget = 4096;
/** The furthest time that JavaScript and file systems agree on, in milliseconds from 1970. */
const furthestTime = 8.64e15;

export function factsOf(entry: Omit<BackupEntry, 'item' | 'as'>): MemberFacts {
  const { path, kind, bytes, mode, mtime, uid, gid, target } = entry;
  return target === undefined ? { path, kind, bytes, mode, mtime, uid, gid } : { path, kind, bytes, mode, mtime, uid, gid, target };
}

/** The entries of whole lines; throws a `RangeError` that says what is wrong with one. */
export function parseEntries(lines: string): BackupEntry[] {
  return parseLines(lines).map(entryOf);
}

/** An entry out of a line; throws a `RangeError` that says what is wrong with it. Keys that it does not know are let through. */
export function parseEntry(line: string): BackupEntry {
  return entryOf(parseObject(line));
}

function entryOf(data: Record<string, unknown>): BackupEntry {
  const { path, kind, sha256, target, ctime, inode, packed } = data;
  if (typeof path !== 'string') throw new RangeError('a member without a name');
  const { item, as } = checkPath(path);
  if (kind !== 'file' && kind !== 'folder' && kind !== 'link') throw refusal(path, 'is neither file nor folder nor link');
  const entry: BackupEntry = {
    path,
    item,
    as,
    kind,
    bytes: numberOf(data, 'bytes', 0, kind === 'file' ? Number.MAX_SAFE_INTEGER : 0),
    mode: numberOf(data, 'mode', 0, 0o7777),
    mtime: numberOf(data, 'mtime', -furthestTime, furthestTime, false),
    uid: numberOf(data, 'uid', 0, largestId),
    gid: numberOf(data, 'gid', 0, largestId),
    offset: numberOf(data, 'offset', 0, Number.MAX_SAFE_INTEGER),
  };
  if (kind === 'file') {
    if (!isHash(sha256)) throw refusal(path, 'has no SHA-256');
    entry.sha256 = sha256;
  }
  if (kind === 'link') {
    if (!isTarget(target)) throw refusal(path, 'is a link to nowhere');
    entry.target = target;
  }
  if (data['superseded'] === true) entry.superseded = true;
  if (data['changedWhileRead'] === true) entry.changedWhileRead = true;
  if (typeof ctime === 'number' && typeof inode === 'number') {
    entry.ctime = ctime;
    entry.inode = inode;
  }
  if (isHash(packed)) entry.packed = packed;
  return entry;
}

function numberOf(data: Record<string, unknown>, key: string, least: number, most: number, isWhole = true): number {
  const value = data[key];
  if (typeof value === 'number' && value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
  throw refusal(String(data['path']), `has an impossible ${key}`);
}

function refusal(path: string, what: string): RangeError {
  return new RangeError(`"${path}" ${what}`);
}

function isHash(value: unknown): value is string {
  return typeof value === 'string' && value.length === 64 && /^[0-9a-f]*$/.test(value);
}

/**
 * Looks at all entries together, in the tar's order, before any of them is unpacked: of those that count, no name comes twice, and what
 * contains others is a folder that comes first.
 */
export class EntryRules {
  readonly #kinds = new Map<string, BackupEntry['kind']>();

  /** Throws a `RangeError` when the entry does not go with those before it. */
  add(entry: BackupEntry): void {
    if (entry.superseded) return;
    if (this.#kinds.has(entry.path)) throw new RangeError(`"${entry.path}" is in it twice`);
    this.#kinds.set(entry.path, entry.kind);
  }

  /** To be asked after the last. */
  end(): void {
    let parent = '';
    let kind: BackupEntry['kind'] | undefined;
    for (const path of this.#kinds.keys()) {
      const slash = path.lastIndexOf('/');
      if (slash !== parent.length || !path.startsWith(parent)) {
        parent = path.slice(0, slash);
        kind = this.#kinds.get(parent);
      }
      if (kind !== undefined && kind !== 'folder') throw new RangeError(`"${path}" is inside of "${parent}", which is a ${kind}`);
    }
  }
}

/** What nearly all names are like: printable ASCII, nothing that climbs, nothing too long. */
const simplePath = /^items\/([a-z][a-z0-9-]{0,62})(?:\/((?!\.{1,2}(?:\/|$))[ -.0-~]{1,255}(?:\/(?!\.{1,2}(?:\/|$))[ -.0-~]{1,255})*))?$/;

/** Item and rest of a member's name; throws a `RangeError` when it is not a name that a backup can have. */
export function checkPath(path: string): { item: string; as: string } {
  const simple = path.length <= longestPath ? simplePath.exec(path) : null;
  if (simple !== null) return { item: simple[1] as string, as: simple[2] ?? '' };
  const [items, item = '', ...rest] = path.split('/');
  const refuse = (what: string) => {
    throw new RangeError(`"${path}" ${what}`);
  };
  if (items !== 'items' || !path.startsWith(memberNames.items)) refuse('does not belong into a backup');
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(item)) refuse('names no item');
  for (const name of rest) {
    if (name === '' || name === '.' || name === '..') refuse('climbs or repeats slashes');
    if (byteLength(name) > longestName) refuse('has a name longer than 255 bytes');
  }
  if (path.includes('\0')) refuse('has a NUL in its name');
  if (byteLength(path) > longestPath + memberNames.items.length + item.length) refuse('is longer than any path can be');
  if (!isDecodable(path)) refuse('has a name that stands for no bytes');
  return { item, as: rest.join('/') };
}

function isTarget(target: unknown): target is string {
  return (
    typeof target === 'string' && target !== '' && !target.includes('\0') && byteLength(target) <= longestTarget && isDecodable(target)
  );
}

/** Lone surrogates other than those that stand for a byte have no encoding. */
function isDecodable(text: string): boolean {
  return text.isWellFormed() || text.replaceAll(/[\udc80-\udcff]/gu, '').isWellFormed();
}

/** In UTF-8, where each lone surrogate stands for one byte but is counted as three: never less than the truth. */
function byteLength(text: string): number {
  return text.isWellFormed() ? Buffer.byteLength(text) : Buffer.byteLength(text.replaceAll(/[\udc80-\udcff]/gu, '?'));
}

/** The objects of whole lines, parsed together, which takes half the time; where that fails, one by one, to say what is wrong. */
function parseLines(lines: string): Record<string, unknown>[] {
  const text = lines.slice(0, -1);
  try {
    const all: unknown = JSON.parse(`[${text.replaceAll('\n', ',')}]`);
    if (Array.isArray(all) && all.every(isObject)) return all;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return text.split('\n').map(parseObject);
}

function isObject(data: unknown): data is Record<string, unknown> {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

function parseObject(line: string): Record<string, unknown> {
  try {
    const data: unknown = JSON.parse(line);
    if (isObject(data)) return data;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new RangeError('a line of the list of files is not an object of JSON');
}

/** Whether `error` is one that this file throws. */
export function isRuleBreach(error: unknown): error is RangeError {
  return error instanceof RangeError && !(error instanceof Failure);
}
