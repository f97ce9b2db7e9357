/**
 * A world for one lab: a folder that holds a person's home, Moult's own folder, installs of the stub product, a feed, and things beside
 * them that are nobody's business. Its states are built once through the engine and put back before each case, at the same paths.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { create } from 'tar';
import type { ProductName } from './products.ts';

/** The variable that marks every process of a world. */
export const markOf = 'CRASH_WORLD';
export const canary = 'canary-4f1d9c-secret';

export interface World {
  folder: string;
  product: ProductName;
  /** How its states come to be, where they are not those of the stub. */
  recipes?: Recipes;
  /** What is put back before each case. */
  live: string;
  home: string;
  moultHome: string;
  temporary: string;
  outside: string;
  record: string;
  compileCache: string;
  port: number;
  env: Record<string, string>;
  save(state: string): void;
  reset(state: string): void;
  end(): void;
}

/** How each state comes to be: from another one, through the engine itself. */
export type Recipes = Record<
  string,
  { from: string; make: (world: World, call: (method: string, input: object) => Promise<void>) => Promise<void> }
>;

const stub = fileURLToPath(new URL('stub/stub.mjs', import.meta.url));

/** Makes a world with a feed of the stub: 1.0.0 (schema 1), 1.1.0 (schema 2), 1.2.0 (schema 3) on `next`. */
export async function makeWorld(name: string, base?: string): Promise<World> {
  const world = await emptyWorld('stub', name, base);
  await makeFeed(world.folder);
  writeFileSync(join(world.folder, 'products', 'stub.yaml'), descriptorOf(world.folder, world.port));
  world.save('bare');
  return world;
}

/** Nothing but what is nobody's business. Who makes a world of it adds a feed and a descriptor in `products`, and saves it as `bare`. */
export async function emptyWorld(product: ProductName, name: string, base: string = tmpdir()): Promise<World> {
  const folder = realpathSync(mkdtempSync(join(base, `crash-${name}-`)));
  const live = join(folder, 'live');
  const port = await freePort();
  const world: World = {
    folder,
    product,
    live,
    home: join(live, 'homes', product),
    moultHome: join(live, 'moult'),
    temporary: join(live, 'temporary'),
    outside: join(live, 'outside'),
    record: join(folder, 'record.jsonl'),
    compileCache: join(tmpdir(), 'node-compile-cache', 'labs'),
    port,
    env: {},
    save: (state) => {
      rmSync(join(folder, 'states', state), { recursive: true, force: true });
      mkdirSync(join(folder, 'states'), { recursive: true });
      copyState(live, join(folder, 'states', state));
    },
    reset: (state) => {
      rmSync(live, { recursive: true, force: true, maxRetries: 5 });
      copyState(join(folder, 'states', state), live);
    },
    end: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 }),
  };
  world.env = { HOME: join(live, 'person'), TMPDIR: world.temporary, FAULTS_ROOT: live, FAULTS_RECORD: world.record };
  for (const path of [join(live, 'homes'), world.moultHome, world.temporary, world.outside, join(live, 'person'), join(folder, 'products')])
    mkdirSync(path, { recursive: true, mode: 0o700 });
  writeFileSync(join(world.outside, 'somebody-elses.txt'), 'not yours\n');
  symlinkSync(join(world.outside, 'somebody-elses.txt'), join(live, 'homes', 'a-link-beside'));
  return world;
}

async function makeFeed(folder: string): Promise<void> {
  const feed = join(folder, 'feed');
  mkdirSync(feed, { recursive: true });
  const releases = [];
  for (const { version, schema, fault } of [
    { version: '1.0.0', schema: 1 },
    { version: '1.1.0', schema: 2 },
    { version: '1.2.0', schema: 3, fault: 'crash' },
  ] as { version: string; schema: number; fault?: string }[]) {
    const content = join(folder, 'build', `stub-${version}`);
    mkdirSync(join(content, 'lib'), { recursive: true });
    cpSync(stub, join(content, 'stub.mjs'));
    writeFileSync(join(content, 'release.json'), JSON.stringify({ version, schema, ...(fault && { fault }) }));
    writeFileSync(join(content, 'lib', 'a.txt'), `a of ${version}\n`);
    writeFileSync(join(content, 'lib', 'b.txt'), 'b\n'.repeat(2000));
    const file = `stub-${version}.tar.gz`;
    await create({ cwd: join(folder, 'build'), file: join(feed, file), gzip: true, portable: true }, [`stub-${version}`]);
    const bytes = readFileSync(join(feed, file));
    releases.push({
      version,
      file,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      schema: String(schema),
      published: '2026-01-01T00:00:00Z',
    });
  }
  writeFileSync(join(feed, 'releases.json'), JSON.stringify({ format: 1, product: 'stub', releases }));
}

export function descriptorOf(folder: string, port: number): string {
  return `format: 1
product: stub
title: Stub
summary: A product for tests.
links: { home: "https://stub.example" }
home: { linux: ~/.stub, macos: ~/.stub, windows: "~/.stub" }
port: { default: ${port}, setting: { config: main, key: port } }
recognize: { all: [config.json] }
config:
  - { id: main, path: config.json, format: json }
items:
  - { id: workspace, title: Notes, what: Notes., at: [{ path: notes }], fate: { upgrade: preserve, uninstall: keep, purge: remove }, required: true }
  - { id: datastore, title: Datastore, what: Index., at: [{ path: data/stub.db }], fate: { upgrade: migrate, uninstall: keep, purge: remove } }
  - { id: secret, title: Secret, what: Secret., at: [{ keys: { config: main, keys: [secret] } }], fate: { upgrade: preserve, uninstall: keep, purge: remove }, secret: true }
  - { id: config, title: Configuration, what: Options., at: [{ path: config.json }], fate: { upgrade: preserve, uninstall: keep, purge: remove }, secret: true, required: true }
  - { id: cache, title: Cache, what: Built anew., at: [{ path: cache }], fate: { upgrade: refresh, uninstall: remove, purge: remove }, backup: false }
  - { id: binaries, title: Binaries, what: The program., at: [{ slot: . }], fate: { upgrade: replace, uninstall: remove, purge: remove }, backup: false }
  - { id: logs, title: Logs, what: Prints., at: [{ path: logs }], fate: { upgrade: keep, uninstall: remove, purge: remove }, backup: false }
datastores: [{ driver: sqlite, item: datastore }]
ledger: { driver: pragma, datastore: datastore, known: { file: "{slot}/release.json", pointer: /schema } }
feed: { driver: folder, path: "${folder}/feed" }
channels: { stable: { note: Finished releases } }
defaultChannel: stable
payload: { driver: archive, strip: 1 }
code:
  candidates: ["{home}/app"]
  version: { file: "{slot}/release.json", pointer: /version }
setup:
  command: ["{node}", --disable-warning=ExperimentalWarning, "{slot}/stub.mjs", init, --home, "{home}", --port, "{port}"]
ownBackup:
  driver: tarball
  manifest: { member: MANIFEST.json, format: /format, known: 1, release: /stub }
  parts:
    - { member: config.json, item: config, as: config.json }
    - { member: data/stub.db, item: datastore, as: data/stub.db }
    - { member: notes, item: workspace }
actions:
  - { id: say, title: Say something, what: Says it., command: ["{node}", -p, "1"] }
service:
  driver: process
  command: ["{node}", --disable-warning=ExperimentalWarning, "{slot}/stub.mjs", serve, --home, "{home}"]
  stop: { signal: SIGTERM, grace: 5s }
  log: logs/stub.log
health:
  ready: [{ url: "http://127.0.0.1:{port}/", expect: [{ pointer: /status, equals: ok }] }]
  build: { url: "http://127.0.0.1:{port}/", pointer: /version }
  within: 20s
  every: 50ms
  settle: 100ms
`;
}

/** What the person has: files by their path below the home, and rows of the datastore. */
export function giveThings(world: World, label: string): void {
  mkdirSync(join(world.home, 'notes', 'deep'), { recursive: true });
  writeFileSync(join(world.home, 'notes', `${label}.md`), `# ${label}\n`, { mode: 0o640 });
  writeFileSync(join(world.home, 'notes', 'deep', `${label} ünïcode.md`), `deep ${label}\n${'x'.repeat(5000)}`);
  const config = JSON.parse(readFileSync(join(world.home, 'config.json'), 'utf8')) as Record<string, unknown>;
  writeFileSync(join(world.home, 'config.json'), `${JSON.stringify({ ...config, secret: canary, [label]: true }, null, 2)}\n`);
  const database = new Database(join(world.home, 'data', 'stub.db'));
  database.prepare('INSERT INTO notes (text) VALUES (?)').run(`row of ${label}`);
  database.close();
}

/** Modes and times are kept, links are copied as links. */
export function copyState(from: string, to: string): void {
  const stats = lstatSync(from);
  if (stats.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
  else if (stats.isFile()) copyFileSync(from, to);
  else if (stats.isDirectory()) {
    mkdirSync(to, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(from)) copyState(join(from, name), join(to, name));
  } else return;
  if (stats.isSymbolicLink()) return lutimesSync(to, stats.atime, stats.mtime);
  chmodSync(to, stats.mode & 0o7777);
  utimesSync(to, stats.atime, stats.mtime);
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
