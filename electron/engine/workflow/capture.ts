/**
 * Brings an install's items into a backup: datastores through their driver, everything else as plain files. The first pass may run while
 * the product runs; `finish` is called after it was stopped and tells what must be added.
 */
import { basename, dirname, join } from 'node:path';
import type { Backup } from '../../api/models.ts';
import type { BackupHeader, BackupSource } from '../backup/backup-format.ts';
import { datastoreDriver, type Capture, type CaptureFile } from '../datastore/driver.ts';
import { readConfig, valueAt } from '../install/config-file.ts';
import { secretsFingerprint, skipForeign } from '../install/inventory.ts';
import type { ResolvedItem } from '../install/items.ts';
import { exists, makeFolder, remove } from '../platform/files.ts';
import { keyedHash } from '../platform/keyed-hash.ts';
import { randomId } from '../platform/random.ts';
import type { OpenedInstall, Kit } from './kit.ts';
import { datastoreItems } from './kit.ts';
import { readSchema } from './facts.ts';

export interface InstallCapture {
  sources: BackupSource[];
  /**
   * To be called once all sources were read, while the product still runs: what makes the datastores one moment. `isLast`: no `finish`
   * follows; throws where a datastore can only be taken once the product has stopped.
   */
  complete(isLast: boolean): Promise<BackupSource[]>;
  /** What is to be said of the capture. */
  notes(): string[];
  /** After the product was stopped: all sources again, those of the datastores at their final state. */
  finish(): Promise<BackupSource[]>;
  /** Rows by table of what was captured, by item, where a driver can count them. To be called before `close`. */
  rows(): Promise<Record<string, Record<string, number>>>;
  /** Removes snapshots and lets go of locks. May be called twice. */
  close(): Promise<void>;
}

/** Begins to capture what backups hold of an install. `scratch` takes snapshots and is removed by `close`. */
export async function captureInstall(opened: OpenedInstall, scratch: string, signal?: AbortSignal): Promise<InstallCapture> {
  const stores = new Map(datastoreItems(opened).map((entry) => [entry.item.item.id, entry]));
  const plain: BackupSource[] = [];
  const captures: { item: ResolvedItem; name: string; driver: string; capture: Capture }[] = [];
  let finished = false;
  for (const item of heldItems(opened)) {
    const found = stores.get(item.item.id);
    const folder = join(scratch, item.item.id);
    if (found !== undefined) await makeFolder(folder);
    const capture =
      found === undefined
        ? null
        : await datastoreDriver(found.driver).capture({ ...found.store, scratch: folder, ...(signal && { signal }) });
    if (capture === null || found === undefined) plain.push(...plainSources(opened, item));
    else captures.push({ item, name: item.names[0] ?? basename(item.paths[0] ?? ''), driver: found.driver, capture });
  }
  const base = captures.flatMap(({ item, name, capture }) => capture.base.map((file) => captured(item, name, file)));
  const completed: BackupSource[] = [];
  return {
    sources: [...base, ...plain],
    complete: async (isLast) => {
      for (const { item, name, capture } of captures) {
        if (isLast && capture.needsStop !== undefined) throw capture.needsStop;
        completed.push(...((await capture.complete?.()) ?? []).map((file) => captured(item, name, file)));
      }
      return completed;
    },
    notes: () => captures.flatMap(({ capture }) => capture.notes),
    rows: async () => {
      const rows: Record<string, Record<string, number>> = {};
      for (const { item, driver, capture } of captures) {
        // After the stop the live files are what was captured; before, the copy is.
        const paths = finished ? item.paths : capture.base.map((file) => file.path);
        const counting = capture.rows === undefined ? datastoreDriver(driver).rows?.(paths, signal) : capture.rows();
        const counted = await counting?.catch(() => null);
        signal?.throwIfAborted();
        if (counted !== undefined && counted !== null) rows[item.item.id] = counted;
      }
      return rows;
    },
    finish: async () => {
      finished = true;
      // What was read while it moved stays as it was; what `complete` and `finish` add makes it whole.
      const kept = base.map((source) => (source.moving === true ? { ...source, taken: true } : source));
      const final = new Map([...kept, ...completed].map((source) => [`${source.item}/${source.as}`, source]));
      for (const { item, name, capture } of captures) {
        for (const file of await capture.finish()) {
          const source = captured(item, name, file);
          const key = `${source.item}/${source.as}`;
          if (file.replaces === true) for (const other of final.keys()) if (other.startsWith(`${key}/`)) final.delete(other);
          final.set(key, source);
        }
      }
      return [
        ...final.values(),
        ...heldItems(opened)
          .filter((item) => !captures.some((entry) => entry.item === item))
          .flatMap((item) => plainSources(opened, item)),
      ];
    },
    close: async () => {
      for (const { capture } of captures) await capture.close();
      await remove(scratch);
    },
  };
}

/** What the manifest tells about the install. */
export async function describeForBackup(
  kit: Kit,
  opened: OpenedInstall,
  reason: Backup['reason'],
  sources: readonly BackupSource[],
): Promise<BackupHeader> {
  const schema = await readSchema(opened);
  return {
    product: opened.record.product,
    install: opened.record.name,
    installId: opened.record.id,
    ...(reason === 'scheduled' && { scheduled: true }),
    release: opened.record.release,
    schema: { version: schema.version, ledger: opened.descriptor.ledger?.driver ?? null, known: schema.known },
    // The first readers of the format know no other reason for it.
    reason: reason === 'scheduled' ? 'asked' : reason,
    items: opened.items
      .filter((item) => item.item.backup && item.kind !== 'slot')
      .map((item) => ({
        item: item.item.id,
        title: item.item.title,
        fate: item.item.fate.upgrade,
        kind: item.kind === 'keys' ? 'keys' : item.kind === 'volume' ? 'dump' : 'files',
        places: sources
          .filter((source) => source.item === item.item.id && !isInsideAnother(source, sources))
          .map((source) =>
            item.kind === 'volume'
              ? { as: source.as, path: item.paths[0] ?? '', relativeToHome: null }
              : { as: source.as, path: source.path, relativeToHome: insideHome(opened.home, source.path) },
          ),
      })),
    port: opened.port,
    secretsFingerprint: await fingerprint(kit, opened),
    secretsKey: fingerprintKeyId(kit),
    secretsByItem: await fingerprintsByItem(kit, opened),
  };
}

/** A keyed hash of the values of all secret options; null where there are none. The key never leaves this machine's registry. */
export async function fingerprint(kit: Kit, opened: OpenedInstall): Promise<string | null> {
  const values = Object.assign({}, ...(await secretValues(opened)).values()) as Record<string, unknown>;
  return Object.keys(values).length === 0 ? null : secretsFingerprint(values, fingerprintKey(kit));
}

/** The same of each item alone, so that it can be said which of them was changed. */
export async function fingerprintsByItem(kit: Kit, opened: OpenedInstall): Promise<Record<string, string>> {
  const key = fingerprintKey(kit);
  return Object.fromEntries([...(await secretValues(opened))].map(([item, values]) => [item, secretsFingerprint(values, key)]));
}

async function secretValues(opened: OpenedInstall): Promise<Map<string, Record<string, unknown>>> {
  const found = new Map<string, Record<string, unknown>>();
  for (const item of opened.items) {
    if (!item.item.secret || item.keys === undefined) continue;
    const config = await readConfig(item.keys.file, item.keys.format).catch(() => null);
    if (config === null) continue;
    found.set(item.item.id, Object.fromEntries(item.keys.keys.map((key) => [`${item.item.id}.${key}`, valueAt(config, key) ?? null])));
  }
  return found;
}

/** The key under which this machine fingerprints secrets; made once, kept in the registry. */
export function fingerprintKey(kit: Kit): string {
  const known = kit.registry.setting<string | null>('fingerprint-key', null);
  if (known !== null) return known;
  const made = randomId(32);
  kit.registry.set('fingerprint-key', made);
  return made;
}

/** Tells that key from those of other machines, without telling anything of it. */
export function fingerprintKeyId(kit: Kit): string {
  return keyedHash(fingerprintKey(kit), 'which key');
}

/** The items that a backup holds and that are there. */
export function heldItems(opened: OpenedInstall): ResolvedItem[] {
  return opened.items.filter((item) => (item.kind === 'files' || item.kind === 'volume') && item.item.backup && item.exists);
}

/** Every file that makes up an item now, the companions of a datastore among them. */
export async function livePathsOf(opened: OpenedInstall, item: ResolvedItem): Promise<string[]> {
  const store = datastoreItems(opened).find((entry) => entry.item.item.id === item.item.id);
  if (item.kind === 'volume') return store === undefined ? [] : datastoreDriver(store.driver).files(item.paths);
  const paths =
    store === undefined ? item.paths : [...new Set([...item.paths, ...(await datastoreDriver(store.driver).files(item.paths))])];
  const there: string[] = [];
  for (const path of paths) if (await exists(path)) there.push(path);
  return there;
}

function plainSources(opened: OpenedInstall, item: ResolvedItem): BackupSource[] {
  return item.paths.map((path, index) => ({
    item: item.item.id,
    path,
    as: item.names[index] ?? basename(path),
    skip: skipForeign(path, item, opened.items),
  }));
}

function captured(item: ResolvedItem, name: string, file: CaptureFile): BackupSource {
  // A dump is a file of Moult's own, and nothing of the live datastore is one.
  if (item.kind === 'volume') return { item: item.item.id, path: file.path, as: file.as, required: true };
  const folder = name.includes('/') ? `${name.slice(0, name.lastIndexOf('/'))}/` : '';
  const path = join(dirname(item.paths[0] ?? ''), file.as);
  return {
    item: item.item.id,
    path,
    as: `${folder}${file.as}`,
    ...(file.path !== path && { readFrom: file.path }),
    ...(file.moving === true && { moving: true }),
    ...(file.skip && { skip: file.skip }),
  };
}

/** Parts of a folder that come from somewhere else are no places of their own. */
function isInsideAnother(source: BackupSource, sources: readonly BackupSource[]): boolean {
  return sources.some((other) => other.item === source.item && source.as.startsWith(`${other.as}/`));
}

function insideHome(home: string, path: string): string | null {
  return path.startsWith(`${home}/`) ? path.slice(home.length + 1) : null;
}
