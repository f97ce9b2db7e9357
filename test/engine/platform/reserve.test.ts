/** Space that is held in advance is really there, and given back whole. */
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { volumeOf } from '../../../electron/engine/platform/files.ts';
import { holdSpace } from '../../../electron/engine/platform/reserve.ts';
import { mayMount, mountOver } from '../../crash/support/small-disk.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test.each([512 * 1024, 9_000_001])('%i bytes have their blocks, for the owner alone', async (bytes) => {
  const path = join(await temporaryFolder('reserve'), 'held');
  await holdSpace(path, bytes);
  const stats = await lstat(path);
  expect(stats.size).toBe(bytes);
  expect(stats.blocks * 512).toBeGreaterThanOrEqual(bytes);
  expect(stats.mode & 0o777).toBe(0o600);
  await expect(holdSpace(path, bytes)).rejects.toMatchObject({ code: 'EEXIST' });
  expect((await lstat(path)).size).toBe(bytes);
});

test('a cancel leaves nothing', async () => {
  const folder = await temporaryFolder('reserve');
  await expect(holdSpace(join(folder, 'held'), 9_000_000, AbortSignal.abort(new Error('cancelled')))).rejects.toThrow('cancelled');
  expect(await readdir(folder)).toEqual([]);
});

const isPossible = mayMount(join(process.env['TMPDIR'] ?? '/tmp', 'mount-try'));

test.skipIf(!isPossible)(
  'a disk without room says so and is as full as before; what was held can be used once it is given back',
  async () => {
    const folder = join(await temporaryFolder('reserve'), 'disk');
    const unmount = mountOver(folder, 16);
    try {
      const { free } = await volumeOf(folder);
      for (const bytes of [free + 8192, free + 1024 * 1024])
        await expect(holdSpace(join(folder, 'too-much'), bytes)).rejects.toMatchObject({ code: 'ENOSPC' });
      expect(await readdir(folder)).toEqual([]);
      expect((await volumeOf(folder)).free).toBe(free);
      await holdSpace(join(folder, 'held'), 8 * 1024 * 1024);
      await expect(holdSpace(join(folder, 'more'), 12 * 1024 * 1024)).rejects.toMatchObject({ code: 'ENOSPC' });
      await rm(join(folder, 'held'));
      await holdSpace(join(folder, 'more'), 12 * 1024 * 1024);
    } finally {
      unmount();
    }
  },
);
