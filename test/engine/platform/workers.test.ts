import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startBackupWorkers } from '../../../electron/engine/backup/backup-workers.ts';
import { startWorkers } from '../../../electron/engine/platform/workers.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

it('ends threads that have hardly begun, and takes no job after that', async () => {
  for (let time = 0; time < 5; time += 1) {
    const pool = startBackupWorkers();
    pool.start();
    await pool.end();
    await expect(pool.run('look', { path: '/' })).rejects.toThrow('the worker threads have ended');
  }
});

it('rejects what still runs when it is closed', async () => {
  const pool = startBackupWorkers();
  const listing = pool.run('list', { folders: [await temporaryFolder('workers')] });
  listing.catch(() => {});
  await pool.end();
  const ended = await listing.then(
    () => 'answered',
    (error: Error) => error.message,
  );
  // It was as quick as the end, or was ended; it is never left without an answer.
  expect(['answered', 'a worker thread ended early (0)']).toContain(ended);
});

it('says what a script cannot do, and closes all the same', async () => {
  const script = join(await temporaryFolder('workers'), 'missing.js');
  const pool = startWorkers<{ any: { input: null; reply: null } }>(new URL(`file://${script}`), 1);
  await expect(pool.run('any', null)).rejects.toThrow(/Cannot find module/);
  await pool.end();
});
