/**
 * The whole engine on a small product, Pot, in one process: a folder with a person's home, Moult's own folder and a feed whose releases a
 * test makes as it likes. Everything that was started is ended with the test.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished, vi } from 'vitest';
import { makeArchive } from '../../../resources/sample/archive.ts';
import type { Engine } from '../../../electron/api/engine.ts';
import type { EngineEvent } from '../../../electron/api/events.ts';
import { Failure, toFailureData, type FailureData } from '../../../electron/api/failure.ts';
import type { MethodInput, OperationName } from '../../../electron/api/methods.ts';
import type { OperationOutcome } from '../../../electron/api/models.ts';
import { createEngine } from '../../../electron/engine/index.ts';
import { openDatabase } from '../../../electron/engine/platform/sqlite.ts';
import { freePort } from '../../support/sprig.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** Whole operations of a whole engine: on a busy machine each takes some seconds. */
vi.setConfig({ testTimeout: 120_000 });

/** How a release behaves: see `pot/serve.mjs`. */
export const modes = ['well', 'dies', 'dies-later', 'hangs', 'spoils', 'ill', 'lies', 'stubborn', 'supervised', 'no-init'] as const;
export type Mode = (typeof modes)[number];

export interface PotRelease {
  version: string;
  schema?: number;
  mode?: Mode;
  /** The releases from which it can be reached, as a range. */
  needs?: string;
  /** Its archive is none, and its checksum says so: the publisher packed it badly. */
  packedBadly?: true;
  /** Further files of the release. */
  files?: Readonly<Record<string, string>>;
}

export interface Workshop {
  folder: string;
  moultHome: string;
  feed: string;
  engine: Engine;
  events: EngineEvent[];
  /** A path for an install. Nothing is made there. */
  home(name?: string): string;
  /** Makes the feed offer these releases and no others. */
  offer(...releases: PotRelease[]): Promise<void>;
  /** Changes the descriptor. */
  describe(change: (text: string) => string): Promise<void>;
  /** Runs an operation to its end; throws when it fails. */
  does<O extends OperationName>(name: O, input: MethodInput<O>): Promise<OperationOutcome>;
  /** Runs an operation that has to fail, at its beginning or later. */
  fails<O extends OperationName>(name: O, input: MethodInput<O>): Promise<FailureData>;
  /** Sets up release 1.0.0 on a free port with two notes; the answer is its home. */
  setUp(more?: Partial<MethodInput<'setUp'>>): Promise<string>;
  /** Closes the engine and opens another, as a new process would. */
  reopen(): Promise<void>;
}

/** The code of every release. */
export const potServer = async (): Promise<string> => readFile(potFile('serve.mjs'), 'utf8');
const potFile = (name: string) => fileURLToPath(new URL(`pot/${name}`, import.meta.url));

/** What the datastore of a Pot holds; null where there is none. */
export function rowsOf(home: string): { schema: number; migrations: string[]; tables: string[] } | null {
  const path = join(home, 'data/pot.db');
  if (!existsSync(path)) return null;
  const database = openDatabase(path, { readonly: true });
  try {
    const names = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all() as { name: string }[];
    const migrations = database.prepare('SELECT schema, version FROM migrations').all() as { schema: number; version: string }[];
    return {
      schema: Number(database.pragma('user_version', { simple: true })),
      migrations: migrations.map((row) => `${row.schema} ${row.version}`),
      tables: names.map((row) => row.name),
    };
  } finally {
    database.close();
  }
}

/** Writes files below a folder. */
export async function write(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
}

export async function makeWorkshop(): Promise<Workshop> {
  const folder = await temporaryFolder('workshop');
  const [moultHome, feed, products] = [join(folder, 'moult'), join(folder, 'feed'), join(folder, 'products')];
  process.env['MOULT_HOME'] = moultHome;
  process.env['POT_WORKSHOP'] = folder;
  await mkdir(products);
  const events: EngineEvent[] = [];
  const bare = (await readFile(potFile('pot.yaml'), 'utf8')).replace('path: FEED', `path: ${JSON.stringify(feed)}`);
  const workshop: Workshop = {
    folder,
    moultHome,
    feed,
    engine: await createEngine({ moultHome }),
    events,
    home: (name = 'pot') => join(folder, 'homes', name),
    offer: async (...releases) => writeFeed(feed, releases),
    describe: async (change) => writeFile(join(products, 'pot.yaml'), change(bare)),
    does: async (name, input) => {
      const { operation } = await call(workshop.engine, name, input);
      const result = await workshop.engine.wait(operation);
      if (!result.ok)
        throw new Failure(result.error.code, result.error.message, { details: { ...result.error.details, cause: result.error.cause } });
      return result.result;
    },
    fails: async (name, input) => {
      const begun = await call(workshop.engine, name, input).catch((error: unknown) => toFailureData(error));
      if (!('operation' in begun)) return begun;
      const result = await workshop.engine.wait(begun.operation);
      if (result.ok) throw new Error(`${name} was to fail, but ended ${result.result.endState}`);
      return result.error;
    },
    setUp: async (more = {}) => {
      const home = more.home ?? workshop.home();
      await workshop.does('setUp', { product: 'pot', home, release: '1.0.0', port: await freePort(), ...more });
      await write(home, { 'notes/first.md': '# First\n', 'notes/deep/second.md': '# Second\n' });
      return home;
    },
    reopen: async () => {
      await workshop.engine.close();
      workshop.engine = await createEngine({ moultHome });
      workshop.engine.subscribe((event) => void events.push(event));
    },
  };
  workshop.engine.subscribe((event) => void events.push(event));
  await workshop.describe((text) => text);
  await workshop.offer({ version: '1.0.0' }, { version: '1.1.0', schema: 2 });
  await workshop.engine.api.addProducts({ from: products });
  onTestFinished(async () => {
    delete process.env['MOULT_TEST_FAILPOINT'];
    await workshop.engine.close();
    await endProducts(folder);
  });
  return workshop;
}

/** Kills what was started in a workshop: its environment names the folder. Linux only; elsewhere nothing is found. */
async function endProducts(folder: string): Promise<void> {
  for (const name of await readdir('/proc').catch(() => [])) {
    const environment = /^\d+$/.test(name) ? await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '') : '';
    if (Number(name) !== process.pid && environment.split('\0').includes(`POT_WORKSHOP=${folder}`)) process.kill(Number(name), 'SIGKILL');
  }
}

async function call<O extends OperationName>(engine: Engine, name: O, input: MethodInput<O>): Promise<{ operation: string }> {
  return (engine.api[name] as (input: MethodInput<O>) => Promise<{ operation: string }>)(input);
}

/** Writes a folder feed of these releases. */
export async function writeFeed(feed: string, releases: readonly PotRelease[]): Promise<void> {
  const code = await readFile(potFile('serve.mjs'));
  const listed = [];
  await mkdir(feed, { recursive: true });
  for (const { version, schema = 1, mode = 'well', needs, packedBadly, files = {} } of releases) {
    const all = { 'release.json': JSON.stringify({ version, schema, mode }), 'serve.mjs': code, ...files };
    const entries = Object.entries(all).map(([name, content]) => ({
      path: `pot/${name}`,
      type: 'File' as const,
      content: Buffer.from(content),
    }));
    const archive = packedBadly ? Buffer.from('no archive at all') : makeArchive(entries, new Date('2025-01-01'));
    const file = `pot-${version}.tar.gz`;
    await writeFile(join(feed, file), archive);
    listed.push({
      version,
      file,
      bytes: archive.length,
      sha256: createHash('sha256').update(archive).digest('hex'),
      schema: String(schema),
      ...(needs !== undefined && { needs }),
    });
  }
  await writeFile(join(feed, 'releases.json'), JSON.stringify({ format: 1, product: 'pot', releases: listed }));
}
