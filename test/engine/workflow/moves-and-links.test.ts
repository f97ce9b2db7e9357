/** A folder that somebody replaces by a link, before or while something is moved into it or out of it. */
import { Worker } from 'node:worker_threads';
import { mkdir, readFile, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { applyMoves, pinned, revertMoves, type Move } from '../../../electron/engine/workflow/moves.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { treeState } from '../../support/tree-state.ts';

interface Place {
  home: string;
  outside: string;
  data: string;
  moves: Move[];
}

/** A home with live data, data that was unpacked beside it, and the moves that exchange them. */
async function makePlace(): Promise<Place> {
  const folder = await temporaryFolder('moves-and-links');
  const [home, outside, data] = [join(folder, 'home'), join(folder, 'outside'), join(folder, 'home', 'data')];
  for (const path of [data, outside, join(home, 'trash'), join(home, 'staging')]) await mkdir(path, { recursive: true });
  await writeFile(join(outside, 'theirs'), 'theirs');
  await writeFile(join(data, 'a.db'), 'live');
  await writeFile(join(home, 'staging', 'a.db'), 'staged');
  const moves: Move[] = [
    { from: join(data, 'a.db'), to: join(home, 'trash', 'op', '0'), away: true },
    { from: join(home, 'staging', 'a.db'), to: join(data, 'a.db') },
  ];
  return { home, outside, data, moves };
}

async function replaceByLink(path: string, target: string): Promise<void> {
  await rename(path, `${path}-moved`);
  await symlink(target, path);
}

test('a folder that leads out of the home is refused before anything is moved', async () => {
  const { home, outside, data, moves } = await makePlace();
  await replaceByLink(data, outside);
  await expect(pinned(moves, home)).rejects.toMatchObject({ code: 'outside-roots', details: { real: outside } });
});

test('a link to elsewhere in the home is followed', async () => {
  const { home, data, moves } = await makePlace();
  await mkdir(join(home, 'disk'));
  await rename(data, join(home, 'disk', 'data'));
  await symlink('disk/data', data);
  await applyMoves(await pinned(moves, home));
  expect(await readFile(join(home, 'disk/data/a.db'), 'utf8')).toBe('staged');
});

for (const name of ['data', 'trash', 'staging'])
  test(`${name} that is replaced after it was decided is written through neither forward nor backward`, async () => {
    const { home, outside, moves } = await makePlace();
    const decided = await pinned(moves, home);
    const before = await treeState(outside);
    await replaceByLink(join(home, name), outside);
    await expect(applyMoves(decided)).rejects.toMatchObject({ code: 'outside-roots' });
    expect(await treeState(outside)).toEqual(before);
    await rm(join(home, name));
    await rename(join(home, `${name}-moved`), join(home, name));
    await applyMoves(decided);
    await replaceByLink(join(home, name), outside);
    // Of what is reached through the link nothing is to be seen, so there may be nothing to take back; what is there comes to no harm.
    await revertMoves(decided).catch((error: unknown) => expect(error).toMatchObject({ code: 'outside-roots' }));
    expect(await treeState(outside)).toEqual(before);
  });

/** Waits for its number of rounds of spinning, then puts the link in the way with two calls. */
const swapper = `
const { parentPort, workerData } = require('node:worker_threads');
const { renameSync, symlinkSync } = require('node:fs');
const go = new Int32Array(workerData);
parentPort.on('message', ({ replaced, outside, micros }) => {
  Atomics.store(go, 0, 1);
  Atomics.notify(go, 0);
  const end = process.hrtime.bigint() + BigInt(micros) * 1000n;
  while (process.hrtime.bigint() < end);
  renameSync(replaced, replaced + '-moved');
  try {
    symlinkSync(outside, replaced);
  } catch {
    // The folder was made anew between the two.
  }
  parentPort.postMessage('swapped');
});
`;

test('a folder replaced in the moment of the move is not written through either', { timeout: 60_000 }, async () => {
  const shared = new SharedArrayBuffer(4);
  const go = new Int32Array(shared);
  const worker = new Worker(swapper, { eval: true, workerData: shared });
  let [refused, done] = [0, 0];
  try {
    for (let round = 0; round < 400; round += 1) {
      const { home, outside, data, moves } = await makePlace();
      const decided = await pinned(moves, home);
      const swapped = new Promise((resolve) => worker.once('message', resolve));
      Atomics.store(go, 0, 0);
      const replaced = round % 2 === 0 ? data : join(home, 'trash');
      worker.postMessage({ replaced, outside, micros: (round * 37) % 9000 });
      Atomics.wait(go, 0, 0, 1000);
      await applyMoves(decided).then(
        () => (done += 1),
        (error: unknown) => {
          refused += 1;
          // Between the two calls of the swap nothing is there at all.
          expect(error).toMatchObject({ code: expect.stringMatching(/^(outside-roots|ENOENT|EEXIST)$/) as string });
        },
      );
      await swapped;
      expect(await readdir(outside), `round ${round}`).toEqual(['theirs']);
      // Nothing is lost, wherever it is now.
      const texts = Object.values(await treeState(home)).filter((line) => line.startsWith('file'));
      expect(texts.length, `round ${round}`).toBe(2);
    }
  } finally {
    await worker.terminate();
  }
  expect(refused).toBeGreaterThan(0);
  expect(done).toBeGreaterThan(0);
});
