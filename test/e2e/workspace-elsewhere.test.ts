/** A workspace that the person keeps outside the home folder: it is theirs, it is backed up and brought back, and what is beside it is not touched. */
import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import type { Backup } from '../../electron/api/models.ts';
import { leftovers } from '../support/leftovers.ts';
import { makeWorld, quickly, sampleFeed, type World } from '../support/moult.ts';
import { setUpSprig, type SprigInstall } from '../support/sprig-install.ts';
import { treeState } from '../support/tree-state.ts';

/** An install whose notes are in `~/Documents/notes`, beside other things; reached through a link where that is asked for. */
async function elsewhere(
  onEnd: Parameters<typeof makeWorld>[0],
  linked: boolean,
): Promise<{ world: World; sprig: SprigInstall; documents: string }> {
  const world = await makeWorld(onEnd);
  await world.useSprig(sampleFeed, quickly);
  const sprig = await setUpSprig(world, '1.0.0');
  await sprig.write('Garden', '# Garden\n', ['summer']);
  await world.must(['stop', 'sprig']);
  const documents = join(world.person, 'Documents');
  await mkdir(documents);
  await writeFile(join(documents, 'letter.txt'), 'Dear Ann\n');
  await rename(join(sprig.home, 'notes'), join(documents, 'notes'));
  if (linked) await symlink(documents, join(world.person, 'Papers'));
  const config = join(sprig.home, 'config.yaml');
  const place = join(world.person, linked ? 'Papers' : 'Documents', 'notes');
  await writeFile(config, (await readFile(config, 'utf8')).replace(/^workspace:.*$/m, `workspace: ${place}`));
  await world.must(['start', 'sprig']);
  return { world, sprig, documents };
}

describe.concurrent.each([
  ['named by its path', false],
  ['named through a link', true],
] as const)('%s', (_, linked) => {
  test('upgrade, restore, purge and undo', async ({ onTestFinished, expect }) => {
    const { world, sprig, documents } = await elsewhere(onTestFinished, linked);
    const before = await treeState(world.person);
    const { id } = (await world.must(['backup', 'sprig'])).result as Backup;
    await world.must(['upgrade', 'sprig', '--to', '1.1.0', '--yes']);
    expect(await treeState(world.person)).toEqual(before);
    await sprig.write('Later', '# Later\n');
    await world.must(['restore', 'sprig', '--input', id, '--yes']);
    expect(await treeState(world.person)).toEqual(before);
    expect(Object.keys(await sprig.notes()).sort()).toEqual(['Garden', 'Welcome']);
    expect(await leftovers(world, sprig.home)).toEqual([]);
    await world.must(['uninstall', 'sprig', '--purge', '--yes']);
    expect(await readdir(documents)).toEqual(['letter.txt']);
    await world.must(['undo', 'sprig', '--yes']);
    expect(await treeState(world.person)).toEqual(before);
    expect((await sprig.notes())['Garden']).toEqual({ text: '# Garden\n', tags: ['summer'] });
    await world.must(['stop', 'sprig']);
  });
});
