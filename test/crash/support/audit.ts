/** Looks at a world after a case and says everything that a promise forbids. An empty list is the only good answer. */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  readSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from 'node:fs';
import { connect } from 'node:net';
import { basename, dirname, join, relative, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { leftProcesses } from '../../support/left-processes.ts';
import { factsOf, type DatastoreContent, type ProductName } from './products.ts';
import { markOf, type World } from './stub-world.ts';

/** What stands in a world: by path below `live`, and what a person owns. */
export interface Model {
  record: { state: string; release: string | null } | null;
  /** Everything live in the home that is the product's or the person's, by path: kind, mode, hash. */
  tree: Record<string, string>;
  /** Hashes of the files that the person made. */
  owned: Record<string, string>;
  rows: string[];
  schema: DatastoreContent['schema'] | null;
  beside: Record<string, string>;
}

/** Without what the product makes and prints by itself, and without databases, which are compared by what is in them. */
function homeOf({ home, product }: Place): Record<string, string> {
  const { isPassing } = factsOf(product);
  return treeOf(home, (path) => isPassing(path) || /\.db(?:-wal|-shm|-journal)?$/.test(path));
}

function datastoreOf({ home, product }: Place): DatastoreContent | null {
  return contentOf(join(home, factsOf(product).datastore), product);
}

export function modelOf(world: World): Model {
  const tree = homeOf(world);
  const owned = Object.fromEntries(Object.entries(tree).filter(([path, state]) => state.startsWith('file') && !path.startsWith('app/')));
  const data = datastoreOf(world);
  return { record: recordOf(world), tree, owned, rows: data?.rows ?? [], schema: data?.schema ?? null, beside: besideOf(world) };
}

/** Nobody's business: what is outside the install, and what stands beside its home. */
export function besideOf(world: Place): Record<string, string> {
  const all = { ...treeOf(world.outside), ...treeOf(join(world.live, 'person')) };
  for (const name of readdirSync(join(world.live, 'homes'))) {
    const path = join(world.live, 'homes', name);
    if (name !== basename(world.home)) all[`homes/${name}`] = lstatSync(path).isSymbolicLink() ? `link ${readlinkSync(path)}` : 'there';
  }
  return all;
}

export function recordOf(world: Place): Model['record'] {
  const path = join(world.home, '.moult', 'install.json');
  if (!existsSync(path)) return null;
  const { state, release } = JSON.parse(readFileSync(path, 'utf8')) as { state: string; release: string | null };
  return { state, release };
}

/** Where things are in a world: all that looking takes. */
export type Place = Pick<World, 'live' | 'home' | 'moultHome' | 'temporary' | 'outside' | 'port' | 'product'>;

export interface Expected {
  /** The home as it must be; null for none at all. */
  model: Model | null;
  /** Which parts of the tree must be exactly as in the model. */
  same: 'all' | 'kept' | 'nothing' | 'left';
  record: Model['record'];
  schema: DatastoreContent['schema'] | null;
  rows: string[];
  running: boolean | null;
  /** Paths below the home that must not be there. */
  gone?: string[];
}

/** Whether the world is as expected in every way that only this end has. */
export async function compare(world: Place, expected: Expected): Promise<string[]> {
  const problems: string[] = [];
  const record = recordOf(world);
  if (JSON.stringify(record) !== JSON.stringify(expected.record))
    problems.push(`the record says ${JSON.stringify(record)}, not ${JSON.stringify(expected.record)}`);
  if (expected.model !== null && expected.same !== 'nothing')
    problems.push(...differences(expected.model.tree, homeOf(world), expected.same));
  const data = datastoreOf(world);
  if ((data?.schema ?? null) !== expected.schema) problems.push(`the datastore has schema ${data?.schema}, not ${expected.schema}`);
  if (data !== null && expected.schema !== null && JSON.stringify(data.rows) !== JSON.stringify(expected.rows))
    problems.push(`the datastore holds ${JSON.stringify(data.rows)}, not ${JSON.stringify(expected.rows)}`);
  for (const path of expected.gone ?? []) if (existsSync(join(world.home, path))) problems.push(`${path} is still there`);
  problems.push(...slotProblems(world, record), ...(await serviceProblems(world, expected)));
  return problems;
}

/** The release that the record names is there to be started. */
function slotProblems(world: Place, record: Model['record']): string[] {
  if (record?.release === null || record === null) return [];
  const { slot } = JSON.parse(readFileSync(join(world.home, '.moult', 'install.json'), 'utf8')) as { slot: string };
  const path = resolve(world.home, slot, 'release.json');
  if (!existsSync(path)) return [`there is no release in ${slot}`];
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
  return version === record.release ? [] : [`${slot} holds ${version}, not ${record.release}`];
}

/** What holds at every end: nothing of a person's is lost, nothing outside changed, nothing is left lying about. */
export async function always(world: Place, before: Model, options: { stuck?: boolean; isLeftForLater?: boolean } = {}): Promise<string[]> {
  const problems: string[] = [];
  const places = hashesBelow(world.home);
  for (const [path, state] of Object.entries(before.owned))
    if (!places.has(hashIn(state))) problems.push(`LOST: ${path} is neither live nor in the trash`);
  const rows = databasesBelow(world.home).flatMap((path) => contentOf(path, world.product)?.rows ?? []);
  for (const row of before.rows) if (!rows.includes(row)) problems.push(`LOST: the row "${row}" is neither live nor in the trash`);
  for (const line of differences(before.beside, besideOf(world), 'all')) problems.push(`OUTSIDE: ${line}`);
  problems.push(...modeProblems(world));
  if (options.stuck !== true)
    problems.push(
      ...leftovers(world).filter(
        (line) =>
          !(options.isLeftForLater === true && line.startsWith('left behind: staging/')) && !(before.record === null && isUnknown(line)),
      ),
    );
  return problems;
}

/** A home that no registry knows yet is tidied by whatever operation comes there next. */
function isUnknown(line: string): boolean {
  return /\.moult-tmp$|lock\.json$|reserve$/.test(line);
}

/** Moult's own things: nobody else may read them. */
function modeProblems(world: Place): string[] {
  const own = [join(world.home, '.moult', 'install.json'), join(world.moultHome, 'moult.db'), join(world.home, '.moult'), world.moultHome];
  return own.flatMap((path) => {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    return stats !== undefined && (stats.mode & 0o077) !== 0 ? [`${path} has the mode ${(stats.mode & 0o7777).toString(8)}`] : [];
  });
}

function leftovers(world: Place): string[] {
  const problems: string[] = [];
  const folder = join(world.home, '.moult');
  for (const path of pathsBelow(world.live)) {
    const name = basename(path);
    const below = relative(folder, path);
    if (/\.moult-tmp$|\.partial$|^\.moult-.+-\d+$|^\.removing-/.test(name) && !below.startsWith('trash/') && !waitsForCopying(path))
      problems.push(`left behind: ${relative(world.live, path)}`);
    // A download is kept, so that the next try goes on where this one stopped; so is what there is of a copy.
    // So is what was unpacked of a backup, until its own note says that it has expired.
    if (below.startsWith('staging/') && !below.startsWith('staging/downloads') && !waitsUnpacked(folder, below))
      problems.push(`left behind: ${below}`);
    if (below.startsWith('journal/')) problems.push(`left behind: ${below}`);
  }
  for (const name of readdirSync(world.temporary))
    if (name !== 'node-compile-cache') problems.push(`left behind in the temporary folder: ${name}`);
  for (const name of ['lock.json', 'reserve']) if (existsSync(join(folder, name))) problems.push(`left behind: ${name}`);
  const open = openOperations(world);
  if (open > 0) problems.push(`${open} operations are told to be running`);
  return problems;
}

/** In a destination, of a backup that is not there yet. */
function waitsForCopying(path: string): boolean {
  const [, backup] = /^\.(.+)\.copy\.partial$/.exec(basename(path)) ?? [];
  const folder = dirname(path);
  return backup !== undefined && existsSync(join(folder, '.moult-destination.json')) && !existsSync(join(folder, backup));
}

function waitsUnpacked(folder: string, below: string): boolean {
  const [, unpacked, key] = below.split('/');
  if (unpacked !== 'unpacked' || key === undefined) return unpacked === 'unpacked';
  const note = join(folder, 'staging', 'unpacked', key, 'unpacked.json');
  if (!existsSync(note)) return false;
  return Date.parse((JSON.parse(readFileSync(note, 'utf8')) as { expires: string }).expires) > Date.now();
}

function openOperations(world: Place): number {
  const path = join(world.moultHome, 'moult.db');
  if (!existsSync(path)) return 0;
  const database = new Database(path, { readonly: true });
  try {
    return (database.prepare('SELECT count(*) AS open FROM operations WHERE ended_at IS NULL').get() as { open: number }).open;
  } finally {
    database.close();
  }
}

async function serviceProblems(world: Place, expected: Expected): Promise<string[]> {
  if (expected.running === null) return [];
  const services = servicesOf(world);
  if (!expected.running)
    return services.length === 0
      ? []
      : [`${services.length} processes of the product run: ${services.map((each) => each.command).join(', ')}`];
  if (services.length !== 1) return [`${services.length} processes of the product run, not 1`];
  return factsOf(world.product).ailments(world, expected.record?.release ?? null);
}

/** Processes of the product that this world started. */
export function servicesOf(world: Place): { pid: number; command: string }[] {
  return leftProcesses(markOf, dirname(world.live)).filter((each) => each.command.includes(factsOf(world.product).serving));
}

/** Processes that are neither the product nor a lab, and no helper that a living lab keeps. */
export function strayProcesses(world: World, labs: readonly (number | null)[]): { pid: number; command: string }[] {
  return leftProcesses(markOf, dirname(world.live)).filter(
    (each) =>
      !each.command.includes(factsOf(world.product).serving) &&
      !each.command.includes('lab-process') &&
      !labs.includes(each.pid) &&
      !labs.includes(each.parent),
  );
}

/** Ends everything of the product, as a power cut does or so that the next case finds a quiet world. */
export async function killServices(world: World): Promise<void> {
  for (const { pid } of servicesOf(world)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself in this moment.
    }
  }
  // A process that is ending has no environment any more some moments before its port is free.
  const isQuiet = async () => servicesOf(world).length === 0 && (await isFree(world.port));
  for (let left = 200; left > 0 && !(await isQuiet()); left -= 1) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const knock = connect({ host: '127.0.0.1', port });
    const end = (free: boolean) => {
      knock.destroy();
      resolve(free);
    };
    knock.once('connect', () => end(false)).once('error', () => end(true));
  });
}

function differences(before: Record<string, string>, after: Record<string, string>, same: Expected['same']): string[] {
  const lines: string[] = [];
  for (const [path, state] of Object.entries(before)) {
    if (after[path] === undefined) lines.push(`${path} is gone`);
    else if (after[path] !== state && !(same === 'kept' && state.startsWith('folder')))
      lines.push(`${path} was "${state}" and is "${after[path]}"`);
  }
  if (same === 'all') for (const path of Object.keys(after)) if (before[path] === undefined) lines.push(`${path} is new`);
  return lines;
}

/** By path below the root. Bytes of names that are not UTF-8 are told one by one, as `\xe9`. */
export function treeOf(root: string, skip: (path: string) => boolean = () => false): Record<string, string> {
  const state: Record<string, string> = {};
  if (existsSync(root)) lookInto(Buffer.from(root), '', state, skip);
  return state;
}

function lookInto(folder: Buffer, below: string, state: Record<string, string>, skip: (path: string) => boolean): void {
  for (const bytes of readdirSync(folder, { encoding: 'buffer' })) {
    const path = Buffer.concat([folder, Buffer.from('/'), bytes]);
    const name = below === '' ? nameOfBytes(bytes) : `${below}/${nameOfBytes(bytes)}`;
    const stats = lstatSync(path);
    const mode = (stats.mode & 0o7777).toString(8);
    if (!skip(name)) {
      if (stats.isDirectory()) state[name] = `folder ${mode}`;
      else if (stats.isSymbolicLink()) state[name] = `link ${readlinkSync(path)}`;
      else state[name] = stats.isFile() ? `file ${mode} ${hashOf(path)}` : `special ${mode}`;
    }
    if (stats.isDirectory()) lookInto(path, name, state, skip);
  }
}

function nameOfBytes(bytes: Buffer): string {
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes)
    ? text
    : bytes.toString('latin1').replaceAll(/[^ -~]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
}

function* pathsBelow(root: string): Generator<string> {
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    const path = join(root, entry.name);
    yield path;
    if (entry.isDirectory()) yield* pathsBelow(path);
  }
}

function hashesBelow(root: string): Set<string> {
  const hashes = new Set<string>();
  if (existsSync(root))
    for (const path of pathsBelow(root)) if (lstatSync(path).isFile() && !path.includes('/.moult/slots/')) hashes.add(hashOf(path));
  return hashes;
}

function databasesBelow(root: string): string[] {
  if (!existsSync(root)) return [];
  return [...pathsBelow(root)].filter((path) => lstatSync(path).isFile() && beginsWith(path, 'SQLite format 3\0'));
}

function beginsWith(path: string, text: string): boolean {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(text.length);
    readSync(file, head, 0, head.length, 0);
    return head.toString('latin1') === text;
  } finally {
    closeSync(file);
  }
}

/** Most databases of thousands of worlds are the same, byte for byte. */
const knownContents = new Map<string, DatastoreContent | null>();

/** Rows and schema of a datastore; null where it is none. */
export function contentOf(path: string, product: ProductName = 'stub'): DatastoreContent | null {
  if (!existsSync(path)) return null;
  const wal = `${path}-wal`;
  const bytes = `${product} ${hashOf(path)} ${existsSync(wal) ? hashOf(wal) : ''}`;
  const known = knownContents.get(bytes);
  if (known !== undefined) return known;
  const content = readContent(path, product);
  knownContents.set(bytes, content);
  return content;
}

/** From a copy, so that looking changes nothing. */
function readContent(path: string, product: ProductName): DatastoreContent | null {
  const folder = mkdtempSync(join(process.env['TMPDIR'] ?? '/tmp', 'look-'));
  mkdirSync(folder, { recursive: true });
  try {
    for (const suffix of ['', '-wal']) if (existsSync(path + suffix)) copyFileSync(path + suffix, join(folder, `copy${suffix}`));
    // The log of a datastore in the trash has another name than the datastore.
    const database = new Database(join(folder, 'copy'));
    try {
      return factsOf(product).read(database);
    } catch {
      return null;
    } finally {
      database.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function hashOf(path: string | Buffer): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function hashIn(state: string): string {
  return state.slice(state.lastIndexOf(' ') + 1);
}
