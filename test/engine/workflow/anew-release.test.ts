/** Which release is fetched for a backup on a machine without the product, and what is said where it is another. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Descriptor } from '../../../electron/engine/product/schema.ts';
import { channelWith, releaseToFetch } from '../../../electron/engine/workflow/anew-release.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { writeFeed, type PotRelease } from './workshop.ts';

async function offering(releases: readonly PotRelease[], more: object = {}): Promise<Descriptor> {
  const path = join(await temporaryFolder('anew'), 'feed');
  await writeFeed(path, releases);
  return { product: 'pot', title: 'Pot', feed: { driver: 'folder', path }, rules: [], ...more } as unknown as Descriptor;
}

const chosen = async (descriptor: Descriptor, release: string | null, schema: string | null) => {
  const { release: found, why } = await releaseToFetch(descriptor, { path: '/b.tar.gz', release, schema });
  return [found.version, why];
};

describe('the release for a backup', () => {
  test('is the one that made it, and then nothing is said', async () => {
    const pot = await offering([{ version: '1.0.0' }, { version: '1.1.0', schema: 2 }]);
    expect(await chosen(pot, '1.0.0', '1')).toEqual(['1.0.0', null]);
  });

  test('is the oldest after it where it is gone, if the way there is one step and its schema is not behind', async () => {
    const rules = [{ to: '>=2.0.0', needs: '>=1.5.0', because: 'settings moved' }];
    const pot = await offering(
      [
        { version: '1.1.0', schema: 1 },
        { version: '1.2.0', schema: 2 },
        { version: '2.0.0', schema: 3 },
      ],
      { rules },
    );
    expect(await chosen(pot, '1.0.0', '2')).toEqual([
      '1.2.0',
      '1.0.0, which made the backup, is not offered any more. 1.2.0 is the oldest release after it; it takes over the data, which are at schema version 2, when it starts.',
    ]);
    const behind = await offering(
      [
        { version: '1.1.0', schema: 1 },
        { version: '2.0.0', schema: 3 },
      ],
      { rules },
    );
    await expect(chosen(behind, '1.0.0', '2')).rejects.toMatchObject({ code: 'unknown-release' });
    await expect(chosen(pot, '3.0.0', '2')).rejects.toMatchObject({ code: 'unknown-release' });
  });

  test('of a backup that names none is the oldest that is known to know its schema, or nobody guesses', async () => {
    const pot = await offering([{ version: '1.0.0' }, { version: '1.1.0', schema: 2 }, { version: '1.2.0', schema: 2 }]);
    expect(await chosen(pot, null, '2')).toEqual([
      '1.1.0',
      'The backup does not tell which release made it. 1.1.0 is the oldest that is known to know its schema version 2.',
    ]);
    await expect(chosen(pot, null, '3')).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('version 3') as string,
    });
    await expect(chosen(pot, null, null)).rejects.toMatchObject({ code: 'unsupported' });
  });

  test('stays on a channel that offers it, so that its updates are seen', async () => {
    const channels = { stable: { prerelease: false }, early: { prerelease: true } };
    const pot = await offering([{ version: '1.0.0-rc.1' }, { version: '1.0.0' }], { channels, defaultChannel: 'stable' });
    const { release: early } = await releaseToFetch(pot, { path: '', release: '1.0.0-rc.1', schema: null });
    const { release: finished } = await releaseToFetch(pot, { path: '', release: '1.0.0', schema: null });
    expect([channelWith(pot, early), channelWith(pot, finished)]).toEqual(['early', 'stable']);
  });
});
