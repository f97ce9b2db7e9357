/**
 * Compares a backup with what is there: the price of a restore or a roll back, told before consent. It looks; only for rows the datastore
 * of the backup is unpacked aside, below Moult's own folder, and gone afterwards.
 */
import { basename, dirname, join } from 'node:path';
import { toFailureData } from '../../api/failure.ts';
import type { ComparedFile, Comparison, ItemComparison, Tally } from '../../api/models.ts';
import type { BackupEntry, BackupManifest } from '../backup/backup-format.ts';
import { listMembers, readManifest } from '../backup/read-backup.ts';
import { unpackBackup } from '../backup/unpack-backup.ts';
import { datastoreDriver, type TableChange } from '../datastore/driver.ts';
import { skipForeign } from '../install/inventory.ts';
import type { ResolvedItem } from '../install/items.ts';
import { makeFolder, remove } from '../platform/files.ts';
import { nameText } from '../platform/byte-names.ts';
import { ownPid, startOf } from '../platform/processes.ts';
import { randomId } from '../platform/random.ts';
import { hashEntry, hashText, walk, type TreeEntry } from '../platform/tree.ts';
import { keysDiffer, whyTogether } from './alone.ts';
import { placesOfBackup } from './backup-places.ts';
import { readSchema } from './facts.ts';
import { datastoreItems, type OpenedInstall } from './kit.ts';

const mostListed = 10_000;
/** Milliseconds: a restored file has its time to the microsecond. */
const sameTime = 0.01;

export interface CompareOptions {
  search?: string | undefined;
  limit?: number | undefined;
  rows?: boolean | undefined;
  signal?: AbortSignal;
}

/** The whole comparison. Throws as `readManifest` does. */
export async function compareWith(opened: OpenedInstall, path: string, options: CompareOptions): Promise<Comparison> {
  const manifest = await readManifest(path);
  const files: ComparedFile[] = [];
  const limit = options.limit ?? mostListed;
  const search = (options.search ?? '').toLowerCase();
  const tallies = new Map<string, ChangeTally>();
  let matches = 0;
  for await (const file of changedFiles(opened, path, manifest, options.signal)) {
    count(tallies, file);
    if (search !== '' && !file.file.toLowerCase().includes(search)) continue;
    matches += 1;
    if (files.length < limit) files.push(file);
  }
  const items: ItemComparison[] = [];
  const schema = await readSchema(opened);
  for (const { item, title } of manifest.items) {
    const resolved = opened.items.find((entry) => entry.item.id === item);
    const isStore = datastoreItems(opened).some((entry) => entry.item === resolved && entry.driver !== 'files');
    items.push({
      item,
      title: resolved?.item.title ?? title,
      kind: resolved?.kind === 'keys' ? 'keys' : isStore ? 'datastore' : 'files',
      ...(tallies.get(item) ?? noChange()),
      differs: resolved?.kind === 'keys' && (await keysDiffer(opened, manifest, path, item)),
      ...(isStore && options.rows === true ? await tablesOf(opened, path, item, options.signal) : { tables: null, tablesProblem: null }),
      together: await whyTogether(opened, schema, manifest, path, item),
    });
  }
  const { id, created: at, release } = manifest;
  return { install: opened.record.name, backup: { id, path, at, release }, items, files, matches };
}

/** Every file that differs, item by item; those of datastores are told by their rows. */
export async function* changedFiles(
  opened: OpenedInstall,
  path: string,
  manifest: BackupManifest,
  signal?: AbortSignal,
): AsyncGenerator<ComparedFile> {
  const stores = new Set(datastoreItems(opened).flatMap((entry) => (entry.driver === 'files' ? [] : [entry.item.item.id])));
  const then = new Map<string, Map<string, BackupEntry>>();
  for await (const entry of listMembers(path, signal)) {
    if (entry.kind === 'folder' || stores.has(entry.item)) continue;
    const entries = then.get(entry.item) ?? new Map<string, BackupEntry>();
    then.set(entry.item, entries.set(entry.as, entry));
  }
  const since = Date.parse(manifest.created);
  const places = await placesOfBackup(opened, manifest, true).catch(() => []);
  for (const item of opened.items) {
    if (item.kind !== 'files' || !item.item.backup || stores.has(item.item.id)) continue;
    const entries = then.get(item.item.id) ?? new Map<string, BackupEntry>();
    yield* changedLive(opened, item, entries, since, signal);
    for (const { as, bytes } of entries.values()) {
      const place = places.find((one) => one.item === item.item.id && (as === one.as || as.startsWith(`${one.as}/`)));
      const live = place === undefined ? join(opened.home, as) : `${place.live}${as.slice(place.as.length)}`;
      yield { item: item.item.id, file: as, path: live, change: 'removed', bytes: 0, was: bytes };
    }
  }
}

/** What is there and differs; takes every entry that it has met out of `entries`. */
async function* changedLive(
  opened: OpenedInstall,
  item: ResolvedItem,
  entries: Map<string, BackupEntry>,
  since: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<ComparedFile> {
  for (const [index, root] of item.paths.entries()) {
    const name = item.names[index] ?? '';
    for await (const found of walk(root, skipForeign(root, item, opened.items), signal)) {
      if (found.kind !== 'file' && found.kind !== 'link') continue;
      const below = found.rawPath === undefined ? found.path : nameText(found.rawPath.subarray(Buffer.byteLength(root) + 1));
      const file = below === '' ? name : `${name}/${below}`;
      const entry = entries.get(file);
      entries.delete(file);
      const facts = { item: item.item.id, file, path: join(root, found.path), bytes: found.bytes, was: entry?.bytes ?? 0 };
      if (entry === undefined) yield { ...facts, change: 'added' };
      else if (!(await isSame(root, found, entry, since, signal))) yield { ...facts, change: 'changed' };
    }
  }
}

/** A file whose inode was not touched since the backup began is not read again; every other one is, because times can be set. */
async function isSame(
  root: string,
  found: TreeEntry,
  entry: BackupEntry,
  since: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (found.kind !== entry.kind || (found.kind === 'file' && (found.bytes !== entry.bytes || found.mode !== entry.mode))) return false;
  if (found.kind === 'file' && found.ctimeMs < since && Math.abs(found.mtimeMs - entry.mtime) <= sameTime) return true;
  const content = await hashEntry(root, found, signal).catch(() => null);
  return content === (entry.sha256 ?? hashText(entry.target ?? ''));
}

async function tablesOf(
  opened: OpenedInstall,
  path: string,
  item: string,
  signal: AbortSignal | undefined,
): Promise<Pick<ItemComparison, 'tables' | 'tablesProblem'>> {
  try {
    const tables = await changedRows(opened, path, item, null, signal);
    return { tables: tables?.map(({ file: _file, ...table }) => table) ?? null, tablesProblem: null };
  } catch (error) {
    return { tables: null, tablesProblem: toFailureData(error).message };
  }
}

/** The rows of a datastore that differ, table by table; null where its driver cannot tell. `to`: a new folder for the rows themselves. */
export async function changedRows(
  opened: OpenedInstall,
  path: string,
  item: string,
  to: string | null,
  signal?: AbortSignal,
): Promise<TableChange[] | null> {
  const found = datastoreItems(opened).find((entry) => entry.item.item.id === item);
  const driver = found === undefined ? undefined : datastoreDriver(found.driver);
  if (found === undefined || driver?.compareRows === undefined) return null;
  const name = await scratchName();
  const scratch = join(opened.folder.staging, name);
  underway.add(name);
  try {
    await makeFolder(scratch);
    await unpackBackup(path, {
      ...(signal && { signal }),
      into: (entry) => (entry.item === item && entry.as !== '' ? join(scratch, entry.as) : null),
    });
    const copies = found.item.names.map((name) => join(scratch, dirname(name), basename(name)));
    await driver.prepareRestored?.(copies, signal, found.store);
    if (to !== null) await makeFolder(to);
    return await driver.compareRows(copies, found.store, { to, ...(signal && { signal }) });
  } finally {
    underway.delete(name);
    await remove(scratch);
  }
}

/** The comparisons of this process that have not ended. */
const underway = new Set<string>();

/** Tells who compares, because nobody holds a lock for it: `compare-<pid>-<when that started>-<random>`. */
async function scratchName(): Promise<string> {
  return `compare-${ownPid()}-${markOf(await startOf(ownPid()))}-${randomId(6)}`;
}

/** Whether a name in the staging folder is of a comparison that has ended, whatever kept it from tidying up, or whose process has. */
export async function isDeadComparison(name: string): Promise<boolean> {
  const [, pid, mark] = /^compare-(\d+)-([0-9a-f]+)-[0-9a-f]+$/.exec(name) ?? [];
  if (pid === undefined) return false;
  if (Number(pid) === ownPid()) return !underway.has(name);
  return markOf(await startOf(Number(pid))) !== mark;
}

function markOf(start: string | null): string {
  return hashText(start ?? '').slice(0, 12);
}

type ChangeTally = Record<ComparedFile['change'], Tally>;

function noChange(): ChangeTally {
  return { added: { files: 0, bytes: 0 }, changed: { files: 0, bytes: 0 }, removed: { files: 0, bytes: 0 } };
}

function count(tallies: Map<string, ChangeTally>, { item, change, bytes, was }: ComparedFile): void {
  const tally = tallies.get(item) ?? noChange();
  tallies.set(item, tally);
  tally[change].files += 1;
  tally[change].bytes += change === 'removed' ? was : bytes;
}
