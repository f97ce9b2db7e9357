/**
 * What every workflow works with. Rooms do not know each other; they meet here: a workflow opens an install, asks the rooms for facts
 * and connects their answers.
 */
import { basename, dirname, join } from 'node:path';
import { Failure, failureFrom } from '../../api/failure.ts';
import { moultFolderOf, type MoultFolder } from '../install/moult-folder.ts';
import { datastoreDriver, type Store } from '../datastore/driver.ts';
import { readRecord, slotPath, type InstallRecord } from '../install/record.ts';
import { configValue, resolveItems, type ResolvedItem } from '../install/items.ts';
import { findPrograms, programsIn, type Programs } from '../install/programs.ts';
import {
  environmentApart,
  environmentWithout,
  nodeCommand,
  resourcesFolder,
  sampleFolder,
  userHome,
  variable,
} from '../platform/environment.ts';
import { hashText } from '../platform/tree.ts';
import { makeFill, type Fill } from '../product/fill.ts';
import { loadCatalogue, type LoadedProduct } from '../product/load.ts';
import type { Descriptor } from '../product/schema.ts';
import type { Registry } from '../registry/registry.ts';
import type { InstallRow } from '../registry/installs.ts';
import type { ServiceTarget } from '../service/driver.ts';
import { withLearned } from './learned.ts';

export interface Kit {
  moultHome: string;
  registry: Registry;
}

/** A copy of a product on this machine, with its descriptor, at one release. */
export interface OpenedInstall {
  record: InstallRecord;
  descriptor: Descriptor;
  home: string;
  folder: MoultFolder;
  /** The active release's folder; null when there is none. */
  slot: string | null;
  port: number | null;
  fill: Fill;
  items: ResolvedItem[];
  /** The copies of its programs on PATH; null for a product that puts nothing there. */
  programs: Programs | null;
  /** Why the places of the items are not certain: a config file that names them is broken. Null unless it was opened in spite of that. */
  unclear: Failure | null;
  /** Set for a copy that must not reach anything of the person: the folder that is the person's home to it. */
  apart: string | null;
}

/** `brokenConfig`: open it although a config file that names places cannot be read. For looking, stopping and going back only. */
export interface OpenOptions {
  brokenConfig?: boolean;
  /** It is a copy for a drill: see `apart`. */
  apart?: boolean;
}

const productFoldersSetting = 'product-folders';

/** All descriptors: the bundled ones and those of the person's own folders. */
export async function catalogue(kit: Kit, further: readonly string[] = []): Promise<{ products: LoadedProduct[]; problems: Failure[] }> {
  const own = kit.registry.setting<string[]>(productFoldersSetting, []);
  const folders = [
    { folder: join(resourcesFolder(), 'products'), bundled: true },
    ...[...new Set([...own, ...further])].map((folder) => ({ folder, bundled: false })),
  ];
  const { products, problems } = await loadCatalogue(folders);
  const told = products.map((product) => ({ ...product, descriptor: withLearned(kit.registry, product.descriptor) }));
  return { products: told, problems: problems.map(failureFrom) };
}

/** Remembers a folder of descriptors. Every descriptor in it must be whole. */
export async function addProductFolder(kit: Kit, folder: string): Promise<LoadedProduct[]> {
  const { products, problems } = await loadCatalogue([{ folder, bundled: false }]);
  const first = problems[0];
  if (first) throw failureFrom(first);
  if (products.length === 0) {
    throw new Failure('bad-input', `${folder} holds no descriptor: a file that ends in .yaml or .yml`, {
      remedy: { action: 'choose-folder', text: 'Name the folder that holds your descriptor files.' },
    });
  }
  const own = kit.registry.setting<string[]>(productFoldersSetting, []);
  kit.registry.set(productFoldersSetting, [...new Set([...own, folder])]);
  return products;
}

/** The descriptor of a product. `unknown-product` names those there are. */
export async function findProduct(kit: Kit, name: string): Promise<LoadedProduct> {
  const { products, problems } = await catalogue(kit);
  const found = products.find((entry) => entry.descriptor.product === name);
  if (found) return found;
  const broken = problems.find((problem) => problem.message.includes(`${name}.y`));
  if (broken) throw broken;
  throw new Failure(
    'unknown-product',
    `there is no product called "${name}"; known are ${products.map((entry) => entry.descriptor.product).join(', ')}`,
    {
      remedy: {
        action: 'show-help',
        text: 'Choose one of them, or add a folder with your own descriptors.',
        command: 'moult products --from FOLDER',
      },
    },
  );
}

/** The install that a call is about: by name, or the only one. */
export function findInstall(
  kit: Kit,
  name: string | undefined,
  states: readonly InstallRow['state'][] = ['active', 'uninstalled'],
): InstallRow {
  const rows = kit.registry.installs.all().filter((row) => states.includes(row.state));
  if (name !== undefined) {
    const row = rows.find((entry) => entry.name === name);
    if (row) return row;
    const names = rows.map((entry) => entry.name).join(', ');
    throw new Failure('unknown-install', `there is no install called "${name}"${names === '' ? '' : `; there are ${names}`}`, {
      remedy: { action: 'set-up', text: 'See which installs there are.', command: 'moult list' },
    });
  }
  const only = rows[0];
  if (only !== undefined && rows.length === 1) return only;
  if (only === undefined) {
    throw new Failure('unknown-install', 'there is no install yet', {
      remedy: { action: 'set-up', text: 'Set one up, or adopt one that is there.', command: 'moult set-up sprig' },
    });
  }
  throw new Failure('bad-input', `there are several installs, name one: ${rows.map((entry) => entry.name).join(', ')}`, {
    remedy: { action: 'retry', text: 'Name the install.', command: 'moult list' },
  });
}

/** Purged ones too, as long as their things wait in the trash. */
export const anyState: readonly InstallRow['state'][] = ['active', 'uninstalled', 'purged'];

/** Opens the install that a call is about. */
export async function open(
  kit: Kit,
  install: string | undefined,
  states?: readonly InstallRow['state'][],
  options?: OpenOptions,
): Promise<OpenedInstall> {
  return openInstall(kit, findInstall(kit, install, states), options);
}

/** Opens an install as its record tells. */
export async function openInstall(kit: Kit, row: InstallRow, options?: OpenOptions): Promise<OpenedInstall> {
  const record = await readRecord(row.home);
  if (record === null) {
    throw new Failure('not-an-install', `${row.home} has no .moult/install.json any more: the folder was moved, removed or emptied`, {
      remedy: {
        action: 'set-up',
        text: 'Put the folder back, or adopt what is there.',
        command: `moult adopt ${row.product} --home ${row.home}`,
      },
    });
  }
  const { descriptor } = await findProduct(kit, record.product);
  return openAt(descriptor, row.home, record, options);
}

/** The same install seen through a given record: another release, another slot. */
export async function openAt(
  descriptor: Descriptor,
  home: string,
  record: InstallRecord,
  options: OpenOptions = {},
): Promise<OpenedInstall> {
  const slot = record.slot === null ? null : slotPath(home, record.slot);
  const port = await portOf(descriptor, home, record.port);
  const values = { ...fillValues(home, slot, record.release, port), ...(await programValues(descriptor, slot)) };
  const bare = makeFill(values);
  let unclear: Failure | null = null;
  const onUnclear = (failure: Failure) => (unclear ??= failure);
  const found = await resolveItems(descriptor, { home, slot, fill: bare, ...(options.brokenConfig === true && { onUnclear }) });
  const items = withCompanions(descriptor, found);
  const places = Object.fromEntries(items.map((entry) => [`item:${entry.item.id}`, entry.paths[0] ?? '']));
  const mode = modeOf(descriptor, items);
  const fill = makeFill({ ...values, ...places, ...(mode !== null && { 'datastore-mode': mode }) });
  const programs = await findPrograms(descriptor, home);
  const apart = options.apart === true ? dirname(home) : null;
  return { record, descriptor, home, folder: moultFolderOf(home), slot, port, fill, items, programs, unclear, apart };
}

/** The items with the files that datastores keep beside their own: they belong to them in every walk, move and measure. */
function withCompanions(descriptor: Descriptor, items: readonly ResolvedItem[]): ResolvedItem[] {
  return items.map((item) => {
    const store = descriptor.datastores.find((spec) => keeps(spec, item));
    const companions = store === undefined ? [] : (datastoreDriver(store.driver).companions?.(item.paths) ?? []);
    return { ...item, companions };
  });
}

/** The port: as the product's own config says, else as the install was set up, else the product's default. */
export async function portOf(descriptor: Descriptor, home: string, recorded: number | null): Promise<number | null> {
  if (descriptor.port === undefined) return null;
  if (descriptor.port.setting !== undefined) {
    const value = await configValue(descriptor, home, descriptor.port.setting).catch(() => undefined);
    const port = Number(value);
    if (Number.isInteger(port) && port > 0 && port < 65536) return port;
  }
  return recorded ?? descriptor.port.default;
}

/** What the service driver needs to start and stop this install. */
export function serviceTarget(opened: OpenedInstall): ServiceTarget {
  const spec = opened.descriptor.service;
  const filled = Object.fromEntries(Object.entries(spec.env).map(([name, value]) => [name, opened.fill(value)]));
  const more = opened.apart === null ? [] : (opened.descriptor.drill?.arguments ?? []);
  const around = opened.apart === null ? environmentWithout([...spec.strip, ...neverPassedOn]) : environmentApart(opened.apart);
  return {
    spec,
    command: [...spec.command, ...more].map((part) => opened.fill(part)),
    folder: opened.fill(spec.folder),
    env: { ...around, ...filled, ...nodeCommand().env },
    log: join(opened.home, spec.log),
    state: opened.folder.service,
    release: opened.record.release ?? 'unknown',
    port: opened.port,
  };
}

/** Variables of Moult and of the npm that may have started it: a product has no business with them. */
export const neverPassedOn: readonly string[] = ['MOULT_*', 'npm_*', 'ELECTRON_*', 'VITEST*', 'NODE_CHANNEL_FD', 'INIT_CWD'];

/** Where backups go when nobody says otherwise: Moult's own folder, never inside an install. */
export function backupsFolder(kit: Kit, install: string): string {
  return join(kit.registry.setting('backups-folder', join(kit.moultHome, 'backups')), install);
}

/** Where drills keep their copies: one folder each, in it the home of the copy. */
export function drillsFolder(kit: Kit): string {
  return join(kit.moultHome, 'drills');
}

/** The item that holds a datastore, as it was resolved. */
export function datastoreItems(opened: OpenedInstall): { driver: string; item: ResolvedItem; store: Store }[] {
  return opened.descriptor.datastores.flatMap((spec) => {
    const item = opened.items.find((entry) => keeps(spec, entry));
    return item === undefined ? [] : [{ driver: spec.driver, item, store: { spec, paths: item.paths, fill: opened.fill } }];
  });
}

/** Whether a driver is the one for where an item is: an item may be in files in one install and in a Docker volume in another. */
function keeps(spec: Descriptor['datastores'][number], item: ResolvedItem): boolean {
  return spec.item === item.item.id && (item.kind === 'volume') === (spec.driver === 'docker-postgres');
}

/** What the product calls the kind of its datastore; null where its descriptor has no word for it. */
function modeOf(descriptor: Descriptor, items: readonly ResolvedItem[]): string | null {
  const used = descriptor.datastores.find((spec) => items.some((item) => keeps(spec, item)));
  return used !== undefined && 'mode' in used ? (used.mode ?? null) : null;
}

/** Folder and name of a path, for messages. */
export function placeName(path: string): string {
  return join(basename(dirname(path)), basename(path));
}

/** The programs of the active release, for `{program:NAME}`. */
async function programValues(descriptor: Descriptor, slot: string | null): Promise<Record<string, string>> {
  if (slot === null) return {};
  const found = Object.entries(await programsIn(descriptor, slot));
  return Object.fromEntries(found.map(([name, path]) => [`program:${name}`, path]));
}

function fillValues(home: string, slot: string | null, release: string | null, port: number | null): Record<string, string> {
  return {
    home,
    'home-parent': dirname(home),
    // As Leoflow names the project of its containers: the path as it is written, links in it not followed.
    'home-hash': hashText(home).slice(0, 12),
    path: variable('PATH') ?? '',
    node: nodeCommand().path,
    npm: 'npm',
    resources: resourcesFolder(),
    sample: sampleFolder(),
    'user-home': userHome(),
    ...(slot !== null && { slot }),
    ...(release !== null && { release }),
    ...(port !== null && { port: String(port) }),
  };
}
