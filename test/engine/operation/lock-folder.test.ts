/** The holder of a lock may remove the folder that it is in, when nothing is left of the install: whoever waits must not hold a ghost. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockHolder, takeLock } from '../../../electron/engine/operation/lock.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('whoever waited for a lock whose folder is gone takes the one of the new folder', async () => {
  const folder = join(await temporaryFolder('lock'), 'home/.moult');
  for (let round = 0; round < 4; round += 1) {
    const first = await takeLock(folder, 'purge');
    const waiting = takeLock(folder, 'set up');
    await rm(folder, { recursive: true });
    await first.release();
    const second = await waiting;
    expect(await lockHolder(folder)).toMatchObject({ operation: 'set up' });
    await expect(takeLock(folder, 'a third')).rejects.toMatchObject({ code: 'locked' });
    await second.release();
    expect(await lockHolder(folder)).toBeNull();
  }
});
