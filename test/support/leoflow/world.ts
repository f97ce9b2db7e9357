/** A world in which a person has Leoflow Lite: its releases on a server of ours, its programs in `~/.local/bin`, that folder on PATH. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makeWorld, type World } from '../moult.ts';
import { makeOwnFolder } from './install.ts';
import { serveReleases, type LeoflowRelease, type ReleaseServer } from './releases.ts';

const descriptorFile = new URL('../../../resources/products/leoflow.yaml', import.meta.url);

export interface LeoflowWorld extends World {
  /** Where its programs are. */
  bin: string;
  leoflowHome: string;
  workspace: string;
  server: ReleaseServer;
}

/** Its database is a daemon that hides its environment, by which everything else of a world is found and ended. */
async function endPostgres(pgdata: string): Promise<void> {
  const text = await readFile(join(pgdata, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  const [, folder] = text.split('\n');
  if (!(pid > 1) || folder !== pgdata) return;
  for (let tries = 0; tries < 100 && signal(pid, tries === 0 ? 'SIGINT' : 0); tries += 1) await pause(100);
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** The descriptor is the bundled one but for the address of the feed and a shorter look at the health. */
export async function makeLeoflowWorld(
  onEnd: (end: () => Promise<void>) => void,
  releases: readonly LeoflowRelease[],
  options: { group?: number } = {},
): Promise<LeoflowWorld> {
  const world = await makeWorld(onEnd, { unprivileged: true, ...options });
  const server = await serveReleases('neochaotic/leoflow', releases);
  onEnd(async () => {
    for (const name of ['.leoflow', '.dexaflow']) await endPostgres(join(world.person, name, 'pgdata'));
    await server.close();
  });
  const bin = join(world.person, '.local', 'bin');
  await makeOwnFolder(world, bin);
  world.env['PATH'] = `${bin}:/usr/local/bin:/usr/bin:/bin`;
  const products = join(world.folder, 'products');
  await mkdir(products);
  const text = await readFile(descriptorFile, 'utf8');
  const changed = text
    .replace(/^ {2}driver: github$/m, `  driver: github\n  api: ${server.url}`)
    .replace(/^ {2}settle: .*$/m, '  settle: 1s');
  await writeFile(join(products, 'leoflow.yaml'), changed);
  await world.must(['products', '--from', products]);
  return { ...world, bin, leoflowHome: join(world.person, '.leoflow'), workspace: join(world.person, 'leoflow'), server };
}
