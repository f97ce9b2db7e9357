/** A world of the sample, Sprig Lite, as it comes with Moult: its real releases, used by a person through the server and beside it. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildRelease, writeFeed } from '../../../resources/sample/build.ts';
import { releases } from '../../../resources/sample/releases.ts';
import { firstPassword } from '../../support/sprig-install.ts';
import { askSprig, signIn, unpackRelease } from '../../support/sprig.ts';
import { descriptorWithFeed } from '../../support/zoo.ts';
import { buildFolder, sessionOf } from './products.ts';
import { emptyWorld, type Recipes, type World } from './stub-world.ts';

const offered = releases.filter(({ version }) => version.startsWith('1.'));
const byName = { install: 'sprig' };
export const keptBackup = (world: World): string => join(world.live, 'backups', 'kept.tar.zst');

/** With a feed of the releases 1.0.0 (schema 2), 1.1.0 (schema 3) and 1.2.0 (schema 4, another runtime). */
export async function makeSprigWorld(name: string, base?: string): Promise<World> {
  const world = await emptyWorld('sprig', name, base);
  world.recipes = recipes;
  const feed = join(world.folder, 'feed');
  await writeFeed(feed, await Promise.all(offered.map((definition) => buildRelease(definition))));
  for (const { version } of offered) await unpackRelease(feed, version, buildFolder(world));
  writeFileSync(join(world.folder, 'products', 'sprig.yaml'), briskly(await descriptorWithFeed(feed)));
  world.save('bare');
  return world;
}

/** What is judged here is that nothing is in between, not for how long a release stays well: that is the zoo's. */
function briskly(descriptor: string): string {
  const changed = descriptor.replace(/^ {2}settle: .*$/m, '  settle: 100ms\n  every: 50ms');
  if (changed === descriptor) throw new Error('sprig.yaml has no line "settle:"');
  return changed;
}

/** The ledger that a datastore has to have under a release, from the sources of its migrations. */
export function ledgerOf(version: string): string {
  const sources = fileURLToPath(new URL('../../../resources/sample/releases', import.meta.url));
  const layers = releases.find((release) => release.version === version)?.layers ?? [];
  const lines = layers.flatMap((layer) => {
    const folder = join(sources, layer, 'migrations');
    return readdirSync(folder).map((file) => {
      const [, number, name] = /^0*(\d+)_(\w+)\.sql$/.exec(file) ?? [];
      return `${number} ${name} ${createHash('sha256')
        .update(readFileSync(join(folder, file)))
        .digest('hex')}`;
    });
  });
  return lines.sort().join('\n');
}

const recipes: Recipes = {
  products: { from: 'bare', make: async (world, call) => call('addProducts', { from: join(world.folder, 'products') }) },
  one: {
    from: 'products',
    make: async (world, call) => {
      await call('setUp', { product: 'sprig', release: '1.0.0', home: world.home, name: 'sprig', port: world.port });
      writeFileSync(sessionOf(world), await signIn(world.port, await firstPassword(world.home)), { mode: 0o600 });
      await giveThings(world, 'one');
      await settle(call);
      await call('backUp', { ...byName, output: keptBackup(world) });
    },
  },
  changed: {
    from: 'one',
    make: async (world, call) => {
      await call('start', byName);
      await askServer(world, 'DELETE', 'one');
      await giveThings(world, 'changed');
      rmSync(join(world.home, 'notes', 'pictures', 'one.bin'));
      await settle(call);
    },
  },
  upgraded: {
    from: 'one',
    make: async (world, call) => {
      await call('upgrade', { ...byName, to: '1.1.0' });
      await call('start', byName);
      await giveThings(world, 'later');
      await settle(call);
    },
  },
};

/** Sprig takes over at its start what was changed beside it; from then on the index stays as it is. */
async function settle(call: (method: string, input: object) => Promise<void>): Promise<void> {
  await call('restart', byName);
  await call('stop', byName);
}

/** Notes with tags by the server, a note and a picture by other programs, an option by hand. */
async function giveThings(world: World, label: string): Promise<void> {
  await askServer(world, 'PUT', label, { text: `# ${label}\n\nBy the server.\n`, tags: ['all', label] });
  await askServer(world, 'PUT', 'Welcome', { text: `# Welcome\n\nChanged: ${label}.\n`, tags: ['all'] });
  const notes = join(world.home, 'notes');
  mkdirSync(join(notes, 'pictures'), { recursive: true });
  writeFileSync(join(notes, `${label} ünïcode.md`), `# By hand\n\n${label} ${'x'.repeat(5000)}\n`, { mode: 0o640 });
  writeFileSync(join(notes, 'pictures', `${label}.bin`), Buffer.from([0, 255, 10, 13, 0, 128, label.length]));
  const config = join(world.home, 'config.yaml');
  writeFileSync(config, readFileSync(config, 'utf8').replace(/^title: .*$/m, `title: Notes of ${label}`));
}

async function askServer(world: World, method: string, note: string, body?: object): Promise<void> {
  const token = readFileSync(sessionOf(world), 'utf8');
  const { status } = await askSprig(world.port, `/api/notes/${note}`, { token, method, ...(body !== undefined && { body }) });
  if (status !== 200) throw new Error(`${method} of the note ${note} was answered with ${status}`);
}
