/** A world in which a person has Leoflow Lite: its releases on a server of ours, its programs in `~/.local/bin`, that folder on PATH. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

/** The descriptor is the bundled one but for the address of the feed and a shorter look at the health. */
export async function makeLeoflowWorld(
  onEnd: (end: () => Promise<void>) => void,
  releases: readonly LeoflowRelease[],
): Promise<LeoflowWorld> {
  const world = await makeWorld(onEnd, { unprivileged: true });
  const server = await serveReleases('neochaotic/leoflow', releases);
  onEnd(async () => server.close());
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
